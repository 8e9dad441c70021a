# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one table of a deployment's managed fields.

It decides comparison, diff, request and whether running instances must be restarted. Pure: no IO.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    FieldSpec,
    as_is,
    empty_is_none,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import is_secret_name

Json = t.Dict[str, t.Any]

ENV_PREFIX = "env."
CLAIM_VARIABLE = "GPUSTACK_MODEL_VRAM_CLAIM"

# The repository and the file inside it, by source.
SOURCE_KEYS: t.Mapping[str, t.Tuple[str, t.Optional[str]]] = {
    "huggingface": ("huggingface_repo_id", "huggingface_filename"),
    "model_scope": ("model_scope_model_id", "model_scope_file_path"),
    "local_path": ("local_path", None),
}


def sounds_secret(variable: str) -> bool:
    """Whether a variable's name says that its value should not be shown."""
    return is_secret_name(variable)


def sorted_or_none(value: t.Any) -> t.Any:
    return sorted(value) if value else None


def _without_defaults(**defaults: t.Any) -> t.Callable[[t.Any], t.Any]:
    """Servers complete an object with nulls and defaults; what is left is what was asked for."""

    def normal(value: t.Any) -> t.Any:
        rest = {
            key: item for key, item in (value or {}).items() if item is not None and item != defaults.get(key)
        }
        return rest or None

    return normal


# What servers put into the objects of a definition that did not say it.
_NESTED_DEFAULTS: t.Mapping[str, t.Tuple[t.Any, ...]] = {
    "enabled": (False,),
    "paused": (False,),
    "source": ("huggingface",),
    "readiness": ("any_per_role",),
    "kv_load_failure_policy": ("fail",),
    "mode": ("local",),
    "ram_ratio": (1.2,),
    "count": (1,),
    "accelerator_sliced_memory_percentage": (0,),
    "accelerator_sliced_cores_percentage": (0, 100),
}
# What servers write into the adapters of a deployment while it runs.
_RUN_TIME = frozenset(("path", "model_file_id"))


def nested(value: t.Any) -> t.Any:
    """An object or a list of them, without what a server completes it with."""
    if isinstance(value, dict):
        rest = {
            key: nested(item)
            for key, item in value.items()
            if key not in _RUN_TIME and not _is_completion(key, item)
        }
        return {key: item for key, item in rest.items() if item is not None} or None
    if isinstance(value, list):
        return [nested(item) for item in value] or None
    return empty_is_none(value)


def as_option(value: t.Any) -> t.Any:
    """A server's object as an option takes it: without nulls and what is written into it at run time."""
    if isinstance(value, dict):
        return {
            key: as_option(item) for key, item in value.items() if item is not None and key not in _RUN_TIME
        }
    return [as_option(item) for item in value] if isinstance(value, list) else value


def _is_completion(key: str, item: t.Any) -> bool:
    return any(item == each and type(item) is type(each) for each in _NESTED_DEFAULTS.get(key, ()))


def _adapters(value: t.Any) -> t.Any:
    """Adapters in any order."""
    return sorted(nested(value) or [], key=str) or None


def _or_default(default: t.Any) -> t.Callable[[t.Any], t.Any]:
    """None for the value that a server gives to an unset field."""

    def normal(value: t.Any) -> t.Any:
        return None if value == default else value

    return normal


@dataclass(frozen=True)
class ServerField:
    """A field that is one key of GPUStack's model object.

    ``cleared`` is what GPUStack takes to clear it, ``empty`` what the module's option takes. A field that is
    ``defaulted`` is set by the server where the body of a PUT does not name it.
    """

    name: str
    key: str
    normal: t.Callable[[t.Any], t.Any] = empty_is_none
    live: bool = False
    cleared: t.Any = None
    empty: t.Any = ""
    defaulted: bool = False

    secret: bool = False

    @property
    def spec(self) -> FieldSpec:
        return FieldSpec(self.name, normal=self.normal, live=self.live, secret=self.secret)


def _same_name(name: str, **more: t.Any) -> ServerField:
    return ServerField(name, name, **more)


SERVER_FIELDS: t.Tuple[ServerField, ...] = (
    _same_name("backend"),
    _same_name("backend_version"),
    _same_name("backend_parameters", empty=[]),
    _same_name("image_name"),
    _same_name("run_command"),
    _same_name("worker_selector", cleared={}, empty={}, defaulted=True),
    _same_name(
        "placement_strategy", normal=_or_default("spread"), cleared="spread", empty="spread", defaulted=True
    ),
    ServerField(
        "distributed_inference",
        "distributed_inference_across_workers",
        normal=as_is,
        empty=None,
        defaulted=True,
    ),
    _same_name("cpu_offloading", normal=_or_default(False), empty=False),
    _same_name("speculative_config", normal=_without_defaults(enabled=False), empty={}),
    _same_name(
        "extended_kv_cache",
        normal=_without_defaults(enabled=False, mode="local", ram_ratio=1.2),
        empty={},
    ),
    _same_name("gpu_type_selector", normal=nested, empty={}),
    # A running engine keeps the adapters that it was started with.
    _same_name("lora_list", normal=_adapters, empty=[]),
    # Their env may hold secrets, written by somebody else.
    _same_name("roles", normal=nested, empty=[], secret=True),
    _same_name("disaggregation", normal=nested, empty={}),
    _same_name("gather", normal=nested, empty={}),
    _same_name(
        "restart_on_error", normal=_or_default(True), live=True, cleared=True, empty=True, defaulted=True
    ),
    _same_name("replicas", normal=as_is, live=True, defaulted=True),
    _same_name("scaling_schedule", normal=nested, live=True, empty={}),
    _same_name("categories", normal=sorted_or_none, live=True, cleared=[], empty=[], defaulted=True),
    _same_name("description", live=True),
    _same_name(
        "access_policy",
        normal=_or_default("authed"),
        live=True,
        cleared="authed",
        empty="authed",
        defaulted=True,
    ),
    # How its gateway treats requests; the engine is the same.
    _same_name(
        "native_anthropic_api",
        normal=_or_default(False),
        live=True,
        cleared=False,
        empty=False,
        defaulted=True,
    ),
    _same_name(
        "generic_proxy", normal=_or_default(False), live=True, cleared=False, empty=False, defaulted=True
    ),
)
BY_NAME: t.Mapping[str, ServerField] = {row.name: row for row in SERVER_FIELDS}

# A part of gpu_selector, as gpu_ids is.
GPUS_PER_REPLICA = "gpus_per_replica"

# In the words of the module's options; environment variables come on top, see env_field.
FIELDS: t.Tuple[FieldSpec, ...] = (
    FieldSpec("source"),
    FieldSpec("repository"),
    FieldSpec("file", normal=empty_is_none),
    FieldSpec("gpu_ids", normal=sorted_or_none),
    FieldSpec(GPUS_PER_REPLICA),
    *(row.spec for row in SERVER_FIELDS),
    FieldSpec("plan_id", live=True),
    FieldSpec("managed_by", live=True),
)
OPTION_FIELDS: t.Tuple[str, ...] = tuple(
    spec.name for spec in FIELDS if spec.name not in ("plan_id", "managed_by")
)

# What an instance is made from, in GPUStack's words; env is compared variable by variable.
ENGINE_KEYS: t.Tuple[str, ...] = (
    "source",
    *(key for pair in SOURCE_KEYS.values() for key in pair if key),
    "gpu_selector",
    *(row.key for row in SERVER_FIELDS if not row.live),
)
# The same, with the part of gpu_selector that the server may choose.
COMPARED_KEYS: t.Tuple[str, ...] = (*ENGINE_KEYS, GPUS_PER_REPLICA)
# Unset, the server chooses; 2.0 selects workers by their operating system.
SERVER_FILLED = frozenset(
    (
        "backend",
        "backend_version",
        "distributed_inference_across_workers",
        "worker_selector",
        GPUS_PER_REPLICA,
    )
)
# Fields of GPUStack's model object that nobody manages: its own facts, and what no instance is made from.
UNMANAGED: t.Mapping[str, str] = {
    "id": "identity",
    "name": "identity",
    "cluster_id": "identity",
    "owner_principal_id": "identity",
    "meta": "holds the mark",
    "enable_model_route": "creation only",
    "revision_history_limit": "how many revisions are kept",
    "distributable": "deprecated, written by the scheduler",
    "created_at": "status",
    "updated_at": "status",
    "deleted_at": "status",
    "ready_replicas": "status",
    "state": "status",
    "state_message": "status",
    "role_status": "status",
    "stale": "status",
    "degradations": "status",
    "restarting_since": "status",
    "has_stale_lora_instances": "status",
}
# Nobody manages it, and yet a PUT that does not name it may reset it.
DEFAULTED: t.Tuple[str, ...] = (
    *(row.key for row in SERVER_FIELDS if row.defaulted),
    "revision_history_limit",
)
_NORMAL: t.Mapping[str, t.Callable[[t.Any], t.Any]] = {row.key: row.normal for row in SERVER_FIELDS}


def engine_value(model: Json, key: str) -> t.Any:
    """One of COMPARED_KEYS as it is compared; None where it is unset or the server's default."""
    value = model.get(key)
    if key == GPUS_PER_REPLICA:
        return (model.get("gpu_selector") or {}).get(key)
    if key == "gpu_selector":
        return sorted_or_none((value or {}).get("gpu_ids"))
    return empty_is_none(_NORMAL.get(key, empty_is_none)(value))


def env_field(variable: str, secret: bool) -> FieldSpec:
    """The field of one environment variable; the others of the deployment stay as they are."""
    return FieldSpec(ENV_PREFIX + variable, secret=secret or sounds_secret(variable))
