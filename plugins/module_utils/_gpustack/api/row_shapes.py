# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of GPUStack's API (2.0 to 2.3) have to look like.

Only the fields that are read here are named; the others are kept as they came. A field that a version of
the server lacks is optional.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import digits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    Broken,
    Shape,
    anything,
    flag,
    items,
    maybe,
    number,
    record,
    table,
    text,
    whole,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
)

MAX_BYTES = 2**60

_ID = whole()
_NAME = text(512, empty=False)
_WORD = text(4096)
_WORDS = text(1 << 16)
_TEXTS = items(_WORDS, 10_000)
_BYTES = whole(0, MAX_BYTES)
_OBJECT = table(anything)


def _instances_and_digest(value: t.Any) -> None:
    """A pair of Mark.former: the highest id of an instance, and a digest."""
    items(anything, 2)(value)
    if len(value) != 2:
        raise Broken("is a list of %d where a pair belongs" % len(value))
    whole()(value[0])
    text(200)(value[1])


def _bytes_by_index(value: t.Any) -> None:
    """Sizes by the index of a GPU, which is written as a text."""
    table(_BYTES, 1024)(value)
    for index in value:
        if digits(index) is None:
            raise Broken("has a field whose name is no index")


_MARK = record(
    {},
    {
        "managed_by": _WORD,
        "plan_id": _WORD,
        "choice": _OBJECT,
        "pinned": _TEXTS,
        "engine": _WORD,
        "former": items(_instances_and_digest, 10_000),
        "secrets": _TEXTS,
        "serial": whole(),
        "filled": _TEXTS,
        "surge_from": whole(),
        "known_as": _WORD,
        "written_at": _WORD,
        "regrouped": whole(),
    },
)


def _mark_or_foreign(value: t.Any) -> None:
    """What is no object is no mark of ours."""
    if isinstance(value, dict):
        _MARK(value)


_META = record({}, {META_KEY: _mark_or_foreign})
_CLAIM = record({}, {"vram": _bytes_by_index})
_SHARE = {
    "worker_id": _ID,
    "gpu_indexes": items(whole(0, 1023), 1024),
    "computed_resource_claim": _CLAIM,
}
_DEFINITION: t.Mapping[str, Shape] = {
    "source": _WORD,
    "huggingface_repo_id": _WORD,
    "huggingface_filename": _WORD,
    "model_scope_model_id": _WORD,
    "model_scope_file_path": _WORD,
    "local_path": _WORD,
    "description": _WORDS,
    "meta": _META,
    "replicas": whole(0, 1_000_000),
    "categories": _TEXTS,
    "placement_strategy": _WORD,
    "worker_selector": table(maybe(_WORD)),
    "gpu_selector": record({}, {"gpu_ids": _TEXTS, "gpus_per_replica": whole()}),
    "gpu_type_selector": _OBJECT,
    "roles": items(record({}, {"env": table(maybe(_WORDS))}), 1000),
    "disaggregation": _OBJECT,
    "gather": _OBJECT,
    "native_anthropic_api": flag,
    "generic_proxy": flag,
    "backend": _WORD,
    "backend_version": _WORD,
    "backend_parameters": _TEXTS,
    "image_name": _WORD,
    "run_command": _WORDS,
    "env": table(maybe(_WORDS)),
    "restart_on_error": flag,
    "cpu_offloading": flag,
    "distributed_inference_across_workers": flag,
    "speculative_config": _OBJECT,
    "extended_kv_cache": _OBJECT,
    "scaling_schedule": record({}, {"enabled": flag}),
    "lora_list": items(record({}, {"lora_name": _WORD}), 10_000),
    "access_policy": _WORD,
    "cluster_id": _ID,
}
MODEL = record(
    {"id": _ID, "name": _NAME, "cluster_id": maybe(_ID)},
    dict(
        _DEFINITION,
        ready_replicas=whole(0, 1_000_000),
        owner_principal_id=_ID,
        state=_WORD,
        state_message=_WORDS,
        created_at=_WORD,
        updated_at=_WORD,
    ),
)
INSTANCE = record(
    {"id": _ID, "name": _NAME, "state": _WORD, "model_id": _ID},
    dict(
        _SHARE,
        state_message=_WORDS,
        restart_count=whole(),
        worker_name=_WORD,
        worker_ip=_WORD,
        distributed_servers=record({}, {"subordinate_workers": items(record({}, _SHARE), 10_000)}),
        download_progress=number(0, 1e6),
        backend_version=_WORD,
        api_detected_backend_version=_WORD,
        created_at=_WORD,
        last_restart_time=_WORD,
    ),
)
_DEVICE = record(
    {"index": whole(0, 1023), "type": _NAME},
    {
        "uuid": _WORD,
        "name": _WORD,
        "driver_version": _WORD,
        "runtime_version": _WORD,
        "memory": record({}, {"total": _BYTES, "used": _BYTES, "allocated": _BYTES}),
    },
)
WORKER = record(
    {"id": _ID, "name": _NAME},
    {
        "hostname": _WORD,
        "ip": _WORD,
        "advertise_address": _WORD,
        "state": _WORD,
        "state_message": _WORDS,
        "worker_version": _WORD,
        "cluster_id": _ID,
        "labels": table(maybe(_WORD)),
        "maintenance": record({}, {"enabled": flag, "message": _WORDS}),
        "status": record(
            {},
            {
                "gpu_devices": items(_DEVICE, 1024),
                "filesystem": items(record({}, {"available": _BYTES}), 10_000),
            },
        ),
    },
)
CLUSTER = record({"id": _ID, "name": _NAME})
ROUTE = record(
    {"id": _ID, "name": _NAME},
    {
        "meta": _META,
        "categories": _TEXTS,
        "created_model_id": _ID,
        "owner_principal_id": _ID,
        "ready_targets": whole(),
        "access_policy": _WORD,
    },
)
TARGET = record(
    {"id": _ID},
    {
        "route_id": _ID,
        "route_name": _NAME,
        "model_id": _ID,
        "weight": whole(),
        "state": _WORD,
        "fallback_status_codes": _TEXTS,
    },
)
MODEL_FILE = record(
    {"id": _ID},
    {
        "worker_id": _ID,
        "source": _WORD,
        "state": _WORD,
        "state_message": _WORDS,
        "download_progress": number(0, 1e6),
        "size": _BYTES,
        "resolved_paths": _TEXTS,
    },
)
REVISION = record({"revision": whole(), "created_at": _WORD})
STORED_REVISION = record({"spec": record({}, _DEFINITION)})
BACKEND = record(
    {},
    {
        "backend_name": _WORD,
        "enabled": flag,
        "is_built_in": flag,
        "versions": items(record({}, {"version": _WORD, "is_deprecated": flag}), 10_000),
    },
)
BACKEND_ROW = record(
    {"id": _ID, "backend_name": _NAME},
    {
        "version_configs": table(record({}, {"env": table(maybe(_WORDS)), "built_in_frameworks": _TEXTS})),
        "default_env": table(maybe(_WORDS)),
        "default_backend_param": _TEXTS,
        "common_parameters": _TEXTS,
        "backend_source": _WORD,
        "owner_principal_id": _ID,
        "enabled": flag,
    },
)
_EVALUATION = record(
    {},
    {
        "compatible": flag,
        "error": flag,
        "error_message": _WORDS,
        "scheduling_messages": _TEXTS,
        "compatibility_messages": _TEXTS,
        "resource_claim": record({}, {"vram": _BYTES}),
    },
)
EVALUATIONS = record({"results": items(_EVALUATION, 1000)})
REHEARSALS = record(
    {}, {"entries": items(record({}, {"index": whole(0, 100_000), "errors": _TEXTS}), 100_000)}
)
VERSION = record({}, {"version": text(100)})
PAGE = record(
    {"items": items(anything)}, {"pagination": record({}, {"total": whole(), "totalPage": whole()})}
)
EVENT = record({"type": whole(0, 100)}, {"id": _ID, "data": _OBJECT})
