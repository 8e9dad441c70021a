# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks for, from its options and its plan. Pure: no IO."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.deployment_names import (
    checked_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import is_hidden
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    CLAIM_VARIABLE,
    ENV_PREFIX,
    FIELDS,
    OPTION_FIELDS,
    SOURCE_KEYS,
    Json,
    env_field,
    sounds_secret,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    choice_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.plan_shape import PLAN

PLAN_SCHEMA = 1
_AS_IT_IS = "Pass the key plan of the result of modelscan.autoconfig.model_plan as it is."
PRESENT, STOPPED, ABSENT, CACHED, UNCACHED = "present", "stopped", "absent", "cached", "uncached"
RESTARTED, ALL = "restarted", "all"
RECREATE, ROLLING, BLUE_GREEN, STORE_ONLY = "recreate", "rolling", "blue_green", "none"
MIN_SECRET_LENGTH = 8
# What keeps engines and their libraries from calling hubs and telemetry once the files are there.
OFFLINE_VARIABLES: t.Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_NO_USAGE_STATS": "1",
}
_SWITCHES = ("speculative_config", "extended_kv_cache", "scaling_schedule")
# Objects of which nothing is left but what was given.
_OBJECTS = ("gpu_type_selector", "disaggregation", "gather", "lora_list", "roles")
_ROLE_KEYS = frozenset(
    (
        "name",
        "replicas",
        "backend",
        "backend_version",
        "image_name",
        "run_command",
        "backend_parameters",
        "env",
        "gpu_selector",
        "worker_selector",
        "gpu_type_selector",
        "extended_kv_cache",
        "speculative_config",
        "lora_list",
        "dependencies",
        "resources",
    )
)
# Of a model that is split over files, and what is no plain letter in a pattern for them.
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf\Z")
_SPECIAL = re.compile(r"([\[*?])")
_PLAN_KEYS = ("plan_id", "name", "variant", "backend", "placement", "replicas")


@dataclass(frozen=True)
class Wanted:
    """One deployment as asked for. ``fields`` hold the managed fields only, see ``spec``.

    ``pins`` is the plan's placement, still to be translated to the server's GPU ids; None where
    the GPUs are named otherwise or left to the server. ``pinned`` says that ``gpu_ids`` came from it.
    ``restart`` says which instances are replaced although they are as wanted: all, or those that failed.
    With ``owns_env`` the deployment has no other environment variables than those in ``fields``.
    ``restore_env`` names variables whose values a revision on the server has.
    """

    name: str
    state: str
    fields: Json
    secret_variables: t.FrozenSet[str] = frozenset()
    plan: t.Optional[Json] = None
    pins: t.Optional[t.Sequence[Json]] = None
    pinned: bool = False
    cluster: t.Optional[str] = None
    adopt: bool = False
    apply: str = RECREATE
    owns_env: bool = False
    restart: t.Optional[str] = None
    prefetch: bool = False
    overcommit: bool = False
    restore_env: t.Optional[Json] = None

    @property
    def choice(self) -> t.Optional[Json]:
        return None if self.plan is None else choice_of(self.plan)

    @property
    def table(self) -> t.List[FieldSpec]:
        """The comparison table, with one row for each environment variable that is managed."""
        names = [key[len(ENV_PREFIX) :] for key in self.fields if key.startswith(ENV_PREFIX)]
        return list(FIELDS) + [env_field(name, name in self.secret_variables) for name in names]


def wanted_of(params: t.Mapping[str, t.Any]) -> Wanted:
    """The request in one value; InvalidInput names the option that is wrong."""
    plan = _checked_plan(params["plan"])
    fields = _plan_fields(plan) if plan else {}
    if params["plan"] == {}:
        fields["plan_id"] = None
    fields.update({key: params[key] for key in OPTION_FIELDS if params[key] is not None})
    fields.update({key: _switched_on(fields[key]) for key in _SWITCHES if key in fields})
    fields.update({key: _given(fields[key]) for key in _OBJECTS if key in fields})
    fields.update(_environment(params, plan))
    if params["state"] == "stopped":
        fields["replicas"] = 0
    _check_fields(fields)
    pinned = plan is not None and params["placement"] == "plan" and "gpu_ids" not in fields
    # GPUStack takes the GPUs of several distributed replicas for those of one, and starts one only.
    if plan is not None and _is_distributed(plan) and fields["replicas"] > 1:
        pinned = False
    if plan is not None and not _names_gpus(plan):
        pinned = False
    return Wanted(
        name=checked_name(params["name"] or (plan or {}).get("name")),
        state=PRESENT if params["state"] == RESTARTED else params["state"],
        restart=params["restart"] if params["state"] == RESTARTED else None,
        fields=fields,
        secret_variables=frozenset(params["env_secrets"] or {}),
        plan=plan,
        pins=plan["placement"] if plan and pinned and _names_gpus(plan) else None,
        cluster=params["cluster"],
        adopt=params["adopt"],
        apply=params["apply"],
        owns_env=params["env_mode"] == "replace",
        prefetch=params["prefetch"],
        overcommit=params["overcommit"],
        restore_env=params["restore_env"],
    )


def _is_distributed(plan: Json) -> bool:
    return int((plan.get("parallelism") or {}).get("hosts") or 1) > 1


def _names_gpus(plan: Json) -> bool:
    """Not where a host's processor computes."""
    return any(place["gpus"] for place in plan["placement"])


def _checked_plan(plan: t.Optional[Json]) -> t.Optional[Json]:
    if not plan:
        return None
    missing = [key for key in _PLAN_KEYS if key not in plan]
    if plan.get("schema") != PLAN_SCHEMA or missing:
        raise InvalidInput(
            "plan is not a plan of schema %d%s"
            % (PLAN_SCHEMA, ": it has no %s" % ", ".join(missing) if missing else ""),
            hint=_AS_IT_IS,
        )
    problem = problem_of(PLAN, plan)
    if problem is not None:
        raise InvalidInput("plan is broken: in it, %s" % problem, hint=_AS_IT_IS)
    return plan


def _plan_fields(plan: Json) -> Json:
    variant = plan["variant"]
    fields = {
        "source": variant["source"],
        "repository": _with_file(variant),
        "file": _file(variant),
        "backend": backend_of(plan),
        "backend_version": plan.get("backend_version"),
        "backend_parameters": plan.get("backend_parameters"),
        "categories": plan.get("categories"),
        # A plan without a draft means one without, whatever the deployment has.
        "speculative_config": (plan["speculative_config"] or {}) if "speculative_config" in plan else None,
        "replicas": plan["replicas"],
        "plan_id": plan["plan_id"],
        "distributed_inference": True if _is_distributed(plan) else None,
        "cpu_offloading": True if plan.get("cpu_offloading") else None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def backend_of(plan: Json) -> str:
    """What GPUStack calls the engine of a plan: one that it does not bring has a name of its own there."""
    return str((plan.get("backend_definition") or {}).get("name") or plan["backend"])


def _file(variant: Json) -> t.Optional[str]:
    """The file to download, or a pattern for all parts of a split one: GPUStack takes those that match."""
    gguf = variant.get("gguf")
    if not gguf or SOURCE_KEYS[variant["source"]][1] is None:
        return None
    return _PART.sub(r"-*-of-\2.gguf", _SPECIAL.sub(r"[\1]", gguf["file"]))


def _with_file(variant: Json) -> str:
    """The repository, or the path of the model's first file in a folder."""
    gguf, name = variant.get("gguf"), str(variant["repository"])
    if not gguf or SOURCE_KEYS[variant["source"]][1] is not None:
        return name
    return "%s/%s" % (name.rstrip("/"), gguf["file"])


def _environment(params: t.Mapping[str, t.Any], plan: t.Optional[Json]) -> Json:
    """Managed variables: the plan's, the task's, the claim, the secrets; None removes one."""
    variables: Json = dict((plan or {}).get("env") or {})
    if params["offline"] is not None:
        variables.update(OFFLINE_VARIABLES if params["offline"] else dict.fromkeys(OFFLINE_VARIABLES))
    variables.update(params["env"] or {})
    if params["vram_claim"] is not None and not (params["vram_claim"] == "plan" and _stays(plan)):
        variables[CLAIM_VARIABLE] = (_claim_bytes(plan) or None) if params["vram_claim"] == "plan" else None
    for name, value in (params["env_secrets"] or {}).items():
        if len(str(value)) < MIN_SECRET_LENGTH:
            raise InvalidInput(
                "The value of env_secrets.%s is shorter than %d characters" % (name, MIN_SECRET_LENGTH),
                hint="So short a value cannot be kept out of the output; move it to env if it is no secret.",
            )
        variables[name] = value
    return {ENV_PREFIX + key: _text(value) for key, value in variables.items()}


def _stays(plan: t.Optional[Json]) -> bool:
    """Whether it is the plan of what runs, whose memory nobody knows today: its claim stays as it is."""
    return plan is not None and "memory" in plan and not plan["memory"]


def _switched_on(config: Json) -> Json:
    """A configuration that is given is meant to be used; an empty one clears."""
    given = t.cast(Json, _given(config))
    return dict({"enabled": True}, **given) if given else {}


def _given(value: t.Any) -> t.Any:
    """Without the suboptions that are not set."""
    if isinstance(value, dict):
        return {key: _given(item) for key, item in value.items() if item is not None}
    return [_given(item) for item in value] if isinstance(value, list) else value


def _text(value: t.Any) -> t.Optional[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _claim_bytes(plan: t.Optional[Json]) -> int:
    """Bytes that the engine takes on all GPUs of one replica: its share of each GPU's memory."""
    try:
        placement, memory = (plan or {})["placement"], (plan or {})["memory"]
        share = int(memory["total_bytes"] * (plan or {})["utilization"])
        first = placement[0]
        parts = [place for place in placement if place is first or place.get("replica") == 0]
        return share * sum(len(place["gpus"]) for place in parts)
    except (KeyError, IndexError, TypeError):
        raise InvalidInput(
            "vram_claim: plan needs a plan with memory, utilization and placement",
            hint="Pass the plan of modelscan.autoconfig.model_plan as it is.",
        ) from None


def _check_fields(fields: Json) -> None:
    for name, value in fields.items():
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and is_hidden(text) for text in texts):
            raise InvalidInput(
                "%s has a place where a secret was hidden" % name,
                hint="Give the value itself: what results show is not what was there.",
            )
    source, repository = fields.get("source"), fields.get("repository")
    if (source is None) != (repository is None):
        raise InvalidInput(
            "source and repository belong together and one of them is missing",
            hint="Give both, or a plan.",
        )
    if fields.get("file") and source is not None and SOURCE_KEYS[source][1] is None:
        raise InvalidInput("file cannot be used with source %s" % source, hint="Name it in repository.")
    for number, role in enumerate(fields.get("roles") or ()):
        _check_role(number, role)
    if (fields.get("gpus_per_replica") or 0) < 0:
        raise InvalidInput("gpus_per_replica is %d" % fields["gpus_per_replica"], hint="Give 0 or more.")
    if fields.get("replicas", 0) < 0:
        raise InvalidInput("replicas is %d" % fields["replicas"], hint="Give 0 or more.")


def _check_role(number: int, role: Json) -> None:
    unknown = sorted(set(role) - _ROLE_KEYS)
    if unknown or not role.get("name"):
        raise InvalidInput(
            "roles[%d] %s"
            % (number, "has the unknown %s" % ", ".join(unknown) if unknown else "has no name"),
            hint="A role has a name and may have %s." % ", ".join(sorted(_ROLE_KEYS - {"name"})),
        )
    secret = sorted(name for name in role.get("env") or {} if sounds_secret(str(name)))
    if secret:
        raise InvalidInput(
            "roles[%d].env.%s looks like a secret, which would be visible" % (number, secret[0]),
            hint="Give it in env_secrets of the deployment: all roles get it.",
        )
