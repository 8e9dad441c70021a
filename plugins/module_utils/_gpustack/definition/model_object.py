# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between GPUStack's model objects and the fields of the table.

``fields_of`` reads the managed fields from a model, ``request_body`` writes them into one.
Pure: no IO.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    differences,
    empty_is_none,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    BY_NAME,
    COMPARED_KEYS,
    DEFAULTED,
    ENV_PREFIX,
    FIELDS,
    GPUS_PER_REPLICA,
    SERVER_FIELDS,
    SERVER_FILLED,
    SOURCE_KEYS,
    Json,
    engine_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    Mark,
    model_value,
)


def fields_of(model: Json) -> Json:
    """The managed fields of a model object; environment variables as ``env.NAME``."""
    repository_key, file_key = SOURCE_KEYS.get(model.get("source") or "", ("local_path", None))
    mark = Mark.of(model)
    fields = {row.name: model.get(row.key) for row in SERVER_FIELDS}
    fields.update(
        source=model.get("source"),
        repository=model.get(repository_key),
        file=model.get(file_key) if file_key else None,
        gpu_ids=(model.get("gpu_selector") or {}).get("gpu_ids"),
        gpus_per_replica=(model.get("gpu_selector") or {}).get(GPUS_PER_REPLICA),
        plan_id=mark.plan_id,
        managed_by=mark.managed_by,
    )
    fields.update({ENV_PREFIX + key: value for key, value in (model.get("env") or {}).items()})
    return fields


def identity(name: str, fields: Json) -> Json:
    """What every PUT must name, changed or not.

    :raises UnexpectedReply: the deployment comes from a source that this collection does not know.
    """
    if fields["source"] not in SOURCE_KEYS:
        raise UnexpectedReply(
            "The deployment %s comes from the source %s" % (name, fields["source"]),
            hint="This collection knows %s." % ", ".join(SOURCE_KEYS),
        )
    return {
        "name": name,
        "source": fields["source"],
        SOURCE_KEYS[fields["source"]][0]: fields["repository"],
    }


def request_body(name: str, changes: Json, found: t.Optional[Json]) -> Json:
    """The body of a POST (``found`` is None) or of a PUT: identity and what changes.

    A PUT refuses a body without name, source and repository. See ``completed`` for what it resets.
    """
    merged = dict(fields_of(found) if found else {}, **changes)
    source, own = merged["source"], identity(name, merged)
    file_key = SOURCE_KEYS[source][1]
    body: Json = {}
    if found is not None and found.get("source") != source:
        body.update({key: None for pair in SOURCE_KEYS.values() for key in pair if key})
    body.update(own)
    if file_key and ("file" in changes or "source" in changes):
        body[file_key] = merged.get("file") or None
    for key in changes:
        if key in BY_NAME:
            body[BY_NAME[key].key] = _cleared(key, changes[key])
    if any(key.startswith(ENV_PREFIX) for key in changes):
        body["env"] = _environment(merged) or None
    if {"gpu_ids", GPUS_PER_REPLICA, "backend_parameters"} & set(changes):
        selector = _gpu_selector(changes, merged, Mark.of(found or {}))
        if selector or "gpu_ids" in changes or GPUS_PER_REPLICA in changes:
            body["gpu_selector"] = selector
    if body.get("gpu_selector") and found is not None:
        # Servers before 2.3 check the ids in the cluster that the body names.
        body["cluster_id"] = found.get("cluster_id")
    return body


def _gpu_selector(changes: Json, merged: Json, mark: Mark) -> t.Optional[Json]:
    """The server counts the GPUs of a replica itself, but only while their number is unset."""
    selector: Json = {"gpu_ids": merged["gpu_ids"]} if merged.get("gpu_ids") else {}
    chosen = mark.engine is not None and GPUS_PER_REPLICA not in mark.filled
    if merged.get(GPUS_PER_REPLICA) and (chosen or GPUS_PER_REPLICA in changes):
        selector[GPUS_PER_REPLICA] = merged[GPUS_PER_REPLICA]
    return selector or None


def completed(body: Json, model: Json) -> Json:
    """The body of a PUT with every field that the server would set to its default, as ``model`` has it.

    What was left to the server and depends on an engine that changes is left to it again. While the server's own
    schedule moves the number of replicas, it refuses a body that names another one.
    """
    filled, schedule = Mark.of(model).filled, model.get("scaling_schedule") or {}
    left = {key for key in filled if key != "backend"} if "backend" in body else set()
    if schedule.get("enabled"):
        left.add("replicas")
    kept = {key: model[key] for key in DEFAULTED if model.get(key) is not None and key not in left}
    return dict(kept, **body)


def _cleared(name: str, value: t.Any) -> t.Any:
    return BY_NAME[name].cleared if empty_is_none(value) is None else value


def _environment(fields: Json) -> t.Dict[str, str]:
    return {
        key[len(ENV_PREFIX) :]: value
        for key, value in fields.items()
        if key.startswith(ENV_PREFIX) and value is not None
    }


def same_definition(body: Json, model: Json) -> bool:
    """Whether a model is what a POST of ``body`` would make, in all fields that the body gives."""
    given = {name: value for name, value in fields_of(body).items() if value is not None}
    same_env = (body.get("env") or {}) == (model.get("env") or {})
    return same_env and not differences(FIELDS, given, fields_of(model))


def same_engine(made_from: Json, stored: Json) -> bool:
    """Whether an instance made from one definition is what another definition asks for."""
    same_env = (made_from.get("env") or {}) == (stored.get("env") or {})
    return same_env and all(
        engine_value(made_from, key) == engine_value(stored, key)
        for key in COMPARED_KEYS
        if not (key in SERVER_FILLED and model_value(made_from, key) is None)
    )
