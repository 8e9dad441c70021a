# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backend of a LiteLLM entry, in whichever of its spellings it is written."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import endpoint_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Entry

FROM_ENVIRONMENT = "os.environ/"
# LiteLLM's names for any OpenAI-compatible server, in front of the name that the server knows.
_PROVIDERS = frozenset(
    (
        "openai",
        "hosted_vllm",
        "vllm",
        "custom_openai",
        "openai_like",
        "text-completion-openai",
        "litellm_proxy",
        "llamafile",
        "lm_studio",
        "xinference",
        "docker_model_runner",
        "lemonade",
        "nvidia_nim",
        "infinity",
        "huggingface",
    )
)


def parameters_of_entry(entry: Entry) -> t.Mapping[str, t.Any]:
    found = entry.data.get("litellm_params")
    return found if isinstance(found, dict) else {}


def served(entry: Entry) -> t.Optional[str]:
    """The name that an OpenAI-compatible backend serves; None for a backend of another kind."""
    parameters = parameters_of_entry(entry)
    model = resolved(parameters.get("model"), entry)
    if not isinstance(model, str):
        return None
    if parameters.get("custom_llm_provider") in _PROVIDERS:
        provider = "%s/" % parameters["custom_llm_provider"]
        return model[len(provider) :] if model.startswith(provider) else model
    provider, slash, name = model.partition("/")
    return name if slash and provider in _PROVIDERS else None


def address(entry: Entry) -> t.Any:
    """The URL of the backend, as far as the file tells it."""
    parameters = parameters_of_entry(entry)
    return resolved(parameters.get("api_base") or parameters.get("base_url"), entry)


def is_at(entry: Entry, url: t.Optional[str]) -> bool:
    """Whether the backend has this host and port."""
    found = address(entry)
    return not is_unknown(found) and endpoint_of(found) == endpoint_of(url)


def is_unknown(value: t.Any) -> bool:
    """Whether only the router's own environment tells what it is."""
    return isinstance(value, str) and value.startswith(FROM_ENVIRONMENT)


def resolved(value: t.Any, entry: Entry) -> t.Any:
    """A value, or what the file sets for the variable that it names."""
    if not is_unknown(value):
        return value
    known = entry.environment.get(value[len(FROM_ENVIRONMENT) :])
    return value if known is None else known
