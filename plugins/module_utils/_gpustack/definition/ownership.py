# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it stores in a model's ``meta``, and what that proves.

GPUStack leaves instances as they are when their model is edited, and no field says so. The mark
remembers from which definition the instances were made, as digests, so that a run that was killed
between an edit and the restart is completed by the next one, on any version of the server.
Pure: no IO.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    COMPARED_KEYS,
    GPUS_PER_REPLICA,
    SERVER_FILLED,
    Json,
    engine_value,
    sounds_secret,
)

META_KEY = "modelscan_autoconfig"
OWNER = "modelscan.autoconfig"
UNKNOWN = ""
_DIGEST_LENGTH = 16
# Of what a successor has behind the name that it is known as.
SUFFIX_LENGTH = 8
# Of a plan's memory, what its engine takes; the rest is what was free when it was planned.
_LASTING_MEMORY = (
    "total_bytes",
    "weights_bytes",
    "activation_bytes",
    "runtime_bytes",
    "cuda_graphs_bytes",
    "kv_cache_bytes",
    "kv_bytes_per_token",
    "kv_cache_tokens",
)


@dataclass(frozen=True)
class Mark:
    """The object under META_KEY.

    ``choice`` is the plan without its momentary parts, ``pinned`` the GPU ids that its placement
    was translated to. ``engine`` is the digest of the definition that new instances are made from.
    ``former`` tells the digests of those that were there when it was written: pairs of the highest
    instance id and the digest, ascending, UNKNOWN where somebody else edited. ``surge_from`` is the
    number of replicas wanted while a rolling restart runs one more.

    Values of secrets are in no digest: ``secrets`` names them, ``serial`` counts their changes.
    ``filled`` are fields that were left to the server, which writes what it chose into them.
    ``regrouped`` counts how often the server's own number of GPUs of a replica was counted anew.
    ``written_at`` is when the mark was written, UTC in ISO 8601 by the clock of the server.
    ``known_as`` is the name that clients and tasks use; the name of the model object may be another.
    """

    managed_by: t.Optional[str] = None
    plan_id: t.Optional[str] = None
    choice: t.Optional[Json] = None
    pinned: t.Optional[t.Sequence[str]] = None
    engine: t.Optional[str] = None
    former: t.Sequence[t.Sequence[t.Any]] = ()
    secrets: t.Sequence[str] = ()
    serial: int = 0
    filled: t.Sequence[str] = ()
    surge_from: t.Optional[int] = None
    known_as: t.Optional[str] = None
    written_at: t.Optional[str] = None
    regrouped: int = 0

    @classmethod
    def of(cls, model: Json) -> Mark:
        stored = (model.get("meta") or {}).get(META_KEY)
        if not isinstance(stored, dict):
            return cls()
        return cls(**{key: stored[key] for key in cls.__dataclass_fields__ if key in stored})

    def as_meta(self) -> Json:
        """Without what is empty; ``of`` is its inverse."""
        values = {key: getattr(self, key) for key in self.__dataclass_fields__}
        kept = ("managed_by", "plan_id", "choice")
        return {key: value for key, value in values.items() if value or key in kept}

    def digest_of(self, model: Json) -> str:
        """Of all that an instance is made from, under this mark's view of secrets."""
        facts = {
            key: engine_value(model, key)
            for key in COMPARED_KEYS
            if key not in self.filled and engine_value(model, key) is not None
        }
        if self.regrouped:
            facts["regrouped"] = self.regrouped
        facts["env"] = {
            name: self.serial if name in self.secrets or sounds_secret(name) else value
            for name, value in (model.get("env") or {}).items()
        }
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:_DIGEST_LENGTH]

    def recorded_origin(self, instance_id: int) -> t.Optional[str]:
        """The digest that an instance was made from; None for those younger than the record."""
        for highest, digest in self.former:
            if instance_id <= highest:
                return str(digest)
        return None


def public_name(model: Json) -> str:
    """The name under which clients and tasks know a deployment."""
    mark = Mark.of(model)
    return mark.known_as if mark.known_as and mark.managed_by == OWNER else str(model["name"])


def is_own_name(server_name: str, name: str) -> bool:
    """Whether a model object known as ``name`` has a name that this collection gives to such."""
    return re.match(re.escape(name) + r"(-[0-9a-f]{%d})?$" % SUFFIX_LENGTH, server_name) is not None


def left_to_server(model: Json) -> t.Tuple[str, ...]:
    """The fields of a definition that the server will fill in."""
    return tuple(sorted(key for key in SERVER_FILLED if model_value(model, key) is None))


def model_value(model: Json, key: str) -> t.Any:
    """A field that the server fills, as it is stored."""
    if key == GPUS_PER_REPLICA:
        return (model.get("gpu_selector") or {}).get(key)
    return model.get(key)


def former_of(origins: t.Mapping[int, str], engine: str) -> t.Tuple[t.Tuple[int, str], ...]:
    """``Mark.former`` for instances whose origins are known; empty when all are made from ``engine``."""
    if all(origin == engine for origin in origins.values()):
        return ()
    rows: t.List[t.Tuple[int, str]] = []
    for number in sorted(origins):
        if rows and rows[-1][1] == origins[number]:
            rows.pop()
        rows.append((number, origins[number]))
    return tuple(rows)


def choice_of(plan: Json) -> Json:
    """The part of a plan that is stored: all but what holds at the moment of planning only."""
    choice = {key: value for key, value in plan.items() if key != "evidence"}
    memory = choice.pop("memory", None)
    if isinstance(memory, dict):
        choice["memory"] = {key: memory[key] for key in _LASTING_MEMORY if key in memory}
    return choice
