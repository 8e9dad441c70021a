# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: a deployment's managed fields, in the words of the module's options.

``fields_of`` reads them from GPUStack's model object, ``request_body`` writes them into one; the
table between decides comparison, diff and whether running instances must be restarted.
Pure: no IO.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._diff import FieldSpec, empty_is_none

Json = t.Dict[str, t.Any]

META_KEY = "modelscan_autoconfig"
OWNER = "modelscan.autoconfig"
ENV_PREFIX = "env."
CLAIM_VARIABLE = "GPUSTACK_MODEL_VRAM_CLAIM"
SECRET_WORDS = ("TOKEN", "KEY", "SECRET", "PASSWORD")

# The repository and the file inside it, by source.
SOURCE_KEYS: t.Mapping[str, t.Tuple[str, t.Optional[str]]] = {
    "huggingface": ("huggingface_repo_id", "huggingface_filename"),
    "model_scope": ("model_scope_model_id", "model_scope_file_path"),
    "local_path": ("local_path", None),
}
# Fields that bear the same name in GPUStack.
_SAME_NAME = (
    "backend",
    "backend_version",
    "backend_parameters",
    "replicas",
    "worker_selector",
    "categories",
    "description",
)
# What an instance is made from, in GPUStack's words; a change of the rest needs no restart.
_ENGINE_KEYS = (
    "source",
    "huggingface_repo_id",
    "huggingface_filename",
    "model_scope_model_id",
    "model_scope_file_path",
    "local_path",
    "backend",
    "backend_version",
    "backend_parameters",
    "image_name",
    "run_command",
    "env",
    "placement_strategy",
    "worker_selector",
    "gpu_selector",
    "gpu_type_selector",
    "cpu_offloading",
    "extended_kv_cache",
    "speculative_config",
)
_SERVER_FILLED = frozenset(("backend", "backend_version"))


def _sorted_or_none(value: t.Any) -> t.Any:
    return sorted(value) if value else None


FIELDS: t.Tuple[FieldSpec, ...] = (
    FieldSpec("source"),
    FieldSpec("repository"),
    FieldSpec("file", normal=empty_is_none),
    FieldSpec("backend", normal=empty_is_none),
    FieldSpec("backend_version", normal=empty_is_none),
    FieldSpec("backend_parameters", normal=empty_is_none),
    FieldSpec("gpu_ids", normal=_sorted_or_none),
    FieldSpec("worker_selector", normal=empty_is_none),
    FieldSpec("replicas", live=True),
    FieldSpec("categories", normal=_sorted_or_none, live=True),
    FieldSpec("description", normal=empty_is_none, live=True),
    FieldSpec("plan_id", live=True),
    FieldSpec("managed_by", live=True),
)


def env_field(variable: str, secret: bool) -> FieldSpec:
    """The field of one environment variable; the others of the deployment stay as they are."""
    return FieldSpec(ENV_PREFIX + variable, secret=secret or sounds_secret(variable))


def sounds_secret(variable: str) -> bool:
    """Whether a variable's name says that its value should not be shown."""
    return any(word in variable.upper() for word in SECRET_WORDS)


@dataclass(frozen=True)
class Mark:
    """What this collection stores in a model's ``meta``.

    ``choice`` is the plan without its momentary parts. Instances whose id is not above
    ``superseded`` were made before the last change of the engine's fields.
    """

    managed_by: t.Optional[str] = None
    plan_id: t.Optional[str] = None
    choice: t.Optional[Json] = None
    superseded: int = 0

    @classmethod
    def of(cls, model: Json) -> Mark:
        stored = (model.get("meta") or {}).get(META_KEY)
        if not isinstance(stored, dict):
            return cls()
        return cls(
            stored.get("managed_by"),
            stored.get("plan_id"),
            stored.get("choice"),
            int(stored.get("superseded") or 0),
        )

    def as_meta(self) -> Json:
        return {
            "managed_by": self.managed_by,
            "plan_id": self.plan_id,
            "choice": self.choice,
            "superseded": self.superseded,
        }


def choice_of(plan: Json) -> Json:
    """The part of a plan that is stored: all but what holds at the moment of planning only."""
    return {key: value for key, value in plan.items() if key not in ("memory", "evidence")}


def fields_of(model: Json) -> Json:
    """The managed fields of a model object; environment variables as ``env.NAME``."""
    repository_key, file_key = SOURCE_KEYS.get(model.get("source") or "", ("local_path", None))
    mark = Mark.of(model)
    fields = {key: model.get(key) for key in _SAME_NAME}
    fields.update(
        source=model.get("source"),
        repository=model.get(repository_key),
        file=model.get(file_key) if file_key else None,
        gpu_ids=(model.get("gpu_selector") or {}).get("gpu_ids"),
        plan_id=mark.plan_id,
        managed_by=mark.managed_by,
    )
    fields.update({ENV_PREFIX + key: value for key, value in (model.get("env") or {}).items()})
    return fields


def request_body(name: str, changes: Json, found: t.Optional[Json], mark: Mark) -> Json:
    """The body of a POST (``found`` is None) or of a PUT: identity and what changes, no more.

    A PUT keeps what it does not name, but refuses a body without name, source and repository.
    """
    merged = dict(fields_of(found) if found else {}, **changes)
    source = merged["source"]
    repository_key, file_key = SOURCE_KEYS[source]
    body: Json = {"name": name, "source": source}
    if found is not None and found.get("source") != source:
        body.update({key: None for pair in SOURCE_KEYS.values() for key in pair if key})
    body[repository_key] = merged["repository"]
    if file_key and ("file" in changes or "source" in changes):
        body[file_key] = merged.get("file") or None
    body.update({key: _cleared(key, changes[key]) for key in _SAME_NAME if key in changes})
    if any(key.startswith(ENV_PREFIX) for key in changes):
        body["env"] = _environment(merged) or None
    # The server computes gpus_per_replica from the parameters, but only while it is unset.
    if "gpu_ids" in changes or ("backend_parameters" in changes and merged.get("gpu_ids")):
        body["gpu_selector"] = {"gpu_ids": merged["gpu_ids"]} if merged.get("gpu_ids") else None
    body["meta"] = dict((found or {}).get("meta") or {}, **{META_KEY: mark.as_meta()})
    return body


def _cleared(key: str, value: t.Any) -> t.Any:
    return value if key in ("replicas", "categories", "worker_selector") else empty_is_none(value)


def _environment(fields: Json) -> t.Dict[str, str]:
    return {
        key[len(ENV_PREFIX) :]: value
        for key, value in fields.items()
        if key.startswith(ENV_PREFIX) and value is not None
    }


def same_engine(made_from: Json, stored: Json) -> bool:
    """Whether an instance made from one definition is what another definition asks for."""
    return all(
        _engine_value(made_from, key) == _engine_value(stored, key)
        for key in _ENGINE_KEYS
        if not (key in _SERVER_FILLED and made_from.get(key) is None)
    )


def _engine_value(model: Json, key: str) -> t.Any:
    value = model.get(key)
    if key == "gpu_selector":
        return _sorted_or_none((value or {}).get("gpu_ids"))
    return empty_is_none(value)
