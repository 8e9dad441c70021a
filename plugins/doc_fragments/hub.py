# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where model metadata is read; the twin of C(options.HUB) in module_utils."""

    DOCUMENTATION = r"""
options:
  hf_endpoint:
    description:
      - Base URL of the Hugging Face Hub or of a mirror.
      - If not set, the environment variable E(HF_ENDPOINT) is used.
    type: str
    default: https://huggingface.co
  hf_token:
    description:
      - Token for gated and private repositories on Hugging Face.
      - It is sent to O(hf_endpoint) only, never to a host that it redirects to.
      - If not set, the environment variable E(HF_TOKEN) is used.
    type: str
  modelscope_endpoint:
    description:
      - Base URL of ModelScope or of a mirror.
      - If not set, the environment variables E(MODELSCOPE_ENDPOINT) and E(MODELSCOPE_DOMAIN) are used.
    type: str
    default: https://modelscope.cn
  modelscope_token:
    description:
      - Token for gated and private repositories on ModelScope.
      - If not set, the environment variable E(MODELSCOPE_API_TOKEN) is used.
    type: str
  models_dev_url:
    description:
      - Base URL of models.dev or of a mirror.
      - A path of a folder on the machine where this runs is read instead, be it a checkout of models.dev with
        its TOML files or a folder with its generated C(catalog.json), or C(models.json) and C(api.json).
      - If not set, the environment variable E(MODELS_DEV_URL) is used.
    type: str
    default: https://models.dev
  catalogs:
    description:
      - Further catalogs, each as the URL or the path of a JSON, YAML or TOML file.
      - A file with C(model_sets) is read as a catalog of GPUStack, that is its C(model-catalog.yaml) for Hugging Face
        or C(model-catalog-modelscope.yaml) for ModelScope.
      - Any other file is a catalog of your own in the form of models.dev's C(catalog.json). The key C(models) maps
        each id to its facts, where C(repository) names the repository on Hugging Face. What it says about an id
        goes before all other catalogs.
    type: list
    elements: str
    default: []
  cache_dir:
    description:
      - Folder in which answers of catalogs and hubs are kept. It holds no credentials.
      - If not set, the environment variable E(MODELSCAN_AUTOCONFIG_CACHE) is used.
    type: path
    default: ~/.cache/modelscan-autoconfig
  cache_max_age_s:
    description:
      - Answers younger than this many seconds are used without asking again.
      - Older ones are used only when the source cannot be reached. Their age is always returned.
    type: float
    default: 86400.0
  offline:
    description:
      - Use cached and bundled data only and send nothing to catalogs and hubs.
    type: bool
    default: false
  refresh:
    description:
      - Ask catalogs and hubs even if a young answer is cached.
    type: bool
    default: false
"""
