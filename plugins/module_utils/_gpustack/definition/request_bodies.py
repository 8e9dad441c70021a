# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies of POST and PUT, with the mark that they leave. Pure: no IO."""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import Difference
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    GPUS_PER_REPLICA,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    fields_of,
    identity,
    request_body,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
    OWNER,
    SUFFIX_LENGTH,
    Mark,
    former_of,
    left_to_server,
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import Wanted

# What the server says of a deployment, or gives to it.
SERVER_OWNED = frozenset(
    (
        "id",
        "created_at",
        "updated_at",
        "deleted_at",
        "state",
        "state_message",
        "ready_replicas",
        "role_status",
        "stale",
        "degradations",
        "restarting_since",
        "has_stale_lora_instances",
        "owner_principal_id",
    )
)


def creation_body(wanted: Wanted, fields: Json) -> Json:
    """The body of the POST, but for the cluster."""
    body = request_body(wanted.name, fields, None)
    mark = Mark(
        managed_by=OWNER,
        plan_id=fields.get("plan_id"),
        choice=wanted.choice,
        pinned=fields["gpu_ids"] if wanted.pinned else None,
        secrets=sorted(wanted.secret_variables),
        filled=left_to_server(body),
        known_as=wanted.name,
    )
    body["meta"] = {META_KEY: replace(mark, engine=mark.digest_of(body)).as_meta()}
    body["enable_model_route"] = True
    return body


def update_body(
    wanted: Wanted, model: Json, origins: t.Mapping[int, str], changes: t.Sequence[Difference]
) -> t.Tuple[Json, Mark]:
    """The body of the PUT, and the mark in it, which tells from what today's instances are made."""
    old = Mark.of(model)
    values = {change.spec.name: change.wanted for change in changes}
    name = model["name"]
    body = request_body(name, values, model) if values else identity(name, fields_of(model))
    stored = dict(model, **body)
    view = replace(
        old,
        secrets=sorted(wanted.secret_variables | set(old.secrets)),
        filled=left_to_server(stored) if old.engine is None else _still_open(wanted, old, body),
    )
    if view.digest_of(model) != old.digest_of(model):
        origins = _translated(origins, old.digest_of(model), view.digest_of(model))
    plan_id = values.get("plan_id", old.plan_id)
    mark = replace(
        view,
        managed_by=OWNER,
        plan_id=plan_id,
        choice=wanted.choice or (old.choice if plan_id else None),
        pinned=_pinned(wanted, old, values),
        serial=old.serial + any(change.spec.secret for change in changes),
        regrouped=old.regrouped + (GPUS_PER_REPLICA in values and GPUS_PER_REPLICA in old.filled),
        surge_from=None,
        known_as=wanted.name,
    )
    engine = mark.digest_of(stored)
    mark = replace(mark, engine=engine, former=former_of(origins, engine))
    body["meta"] = dict(model.get("meta") or {}, **{META_KEY: mark.as_meta()})
    return body, mark


def successor_body(model: Json, body: Json) -> Json:
    """The body of the POST for a new deployment beside ``model``, defined as the PUT of ``body`` would.

    Its name follows from both, so that a run that was killed is continued with the same one.
    """
    mark = Mark.of(body)
    known_as = public_name(model)
    told = {
        key: value
        for key, value in dict(model, **body).items()
        if key not in SERVER_OWNED and key not in mark.filled and value is not None
    }
    if told.get("gpu_selector"):
        counted = GPUS_PER_REPLICA in mark.filled
        told["gpu_selector"] = {
            key: value
            for key, value in told["gpu_selector"].items()
            if value is not None and not (counted and key == GPUS_PER_REPLICA)
        }
    text = "%s %s" % (mark.engine, model["id"])
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:SUFFIX_LENGTH]
    meta = dict(body["meta"], **{META_KEY: replace(mark, former=(), known_as=known_as).as_meta()})
    return dict(told, name="%s-%s" % (known_as, digest), meta=meta, enable_model_route=True)


def stamped(body: Json, moment: str) -> Json:
    """The body with the time of its writing in the mark."""
    meta = body.get("meta") or {}
    if META_KEY not in meta:
        return body
    return dict(body, meta=dict(meta, **{META_KEY: dict(meta[META_KEY], written_at=moment)}))


def _still_open(wanted: Wanted, old: Mark, body: Json) -> t.Tuple[str, ...]:
    """The fields that the server still chooses, or chooses again."""
    count = wanted.fields.get(GPUS_PER_REPLICA)
    still = {key for key in old.filled if key != GPUS_PER_REPLICA and body.get(key) is None}
    if not count and (GPUS_PER_REPLICA in old.filled or GPUS_PER_REPLICA in wanted.fields):
        still.add(GPUS_PER_REPLICA)
    return tuple(sorted(still))


def _translated(origins: t.Mapping[int, str], old: str, new: str) -> t.Dict[int, str]:
    return {number: new if origin == old else origin for number, origin in origins.items()}


def _pinned(wanted: Wanted, old: Mark, values: Json) -> t.Optional[t.Sequence[str]]:
    if wanted.pinned:
        return t.cast("t.Sequence[str]", wanted.fields["gpu_ids"])
    return None if "gpu_ids" in values else old.pinned
