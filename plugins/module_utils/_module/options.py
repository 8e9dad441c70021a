# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs that several modules share, and what they become.

Each spec has its twin in plugins/doc_fragments.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shared_options import (
    http_options,
)

__all__ = ["GPUSTACK", "HTTP", "HUB", "Spec", "http_options"]

Spec = t.Dict[str, t.Dict[str, t.Any]]


def _from_environment(*names: str) -> t.Tuple[t.Callable[..., t.Any], t.List[str]]:
    return env_fallback, list(names)


HTTP: Spec = {
    "timeout_s": {"type": "float", "default": 30.0},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

GPUSTACK: Spec = {
    "gpustack_url": {"type": "str", "fallback": _from_environment("GPUSTACK_URL")},
    "gpustack_api_key": {
        "type": "str",
        "no_log": True,
        "fallback": _from_environment("GPUSTACK_API_KEY"),
    },
    "gpustack_organization_id": {"type": "int"},
}

HUB: Spec = {
    "hf_endpoint": {
        "type": "str",
        "default": "https://huggingface.co",
        "fallback": _from_environment("HF_ENDPOINT"),
    },
    "hf_token": {"type": "str", "no_log": True, "fallback": _from_environment("HF_TOKEN")},
    "modelscope_endpoint": {
        "type": "str",
        "default": "https://modelscope.cn",
        "fallback": _from_environment("MODELSCOPE_ENDPOINT", "MODELSCOPE_DOMAIN"),
    },
    "modelscope_token": {
        "type": "str",
        "no_log": True,
        "fallback": _from_environment("MODELSCOPE_API_TOKEN"),
    },
    "models_dev_url": {
        "type": "str",
        "default": "https://models.dev",
        "fallback": _from_environment("MODELS_DEV_URL"),
    },
    "catalogs": {"type": "list", "elements": "str", "default": []},
    "cache_dir": {
        "type": "path",
        "default": "~/.cache/modelscan-autoconfig",
        "fallback": _from_environment("MODELSCAN_AUTOCONFIG_CACHE"),
    },
    "cache_max_age_s": {"type": "float", "default": 86400.0},
    "offline": {"type": "bool", "default": False},
    "refresh": {"type": "bool", "default": False},
}
