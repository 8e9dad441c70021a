# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plans have to look like that come back: from a file, a variable, or a server that has kept one."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import is_number
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    Broken,
    Shape,
    anything,
    described,
    flag,
    items,
    maybe,
    number,
    record,
    table,
    text,
    whole,
)

SOURCES = ("huggingface", "model_scope", "local_path")
MAX_GPUS = 4096

_WORD = text(4096)
_WORDS = text(1 << 16)
_NAME = text(4096, empty=False)
_BYTES = whole(0, 2**60)
_COUNT = whole(0, 2**40)
_RANKS = whole(0, MAX_GPUS)


def _source(value: t.Any) -> None:
    if not isinstance(value, str) or value not in SOURCES:
        raise Broken("is %s where one of %s belongs" % (described(value), ", ".join(SOURCES)))


def _scalar(value: t.Any) -> None:
    """A value of an environment variable, or a figure."""
    if not (value is None or isinstance(value, (str, bool)) or is_number(value)):
        raise Broken("is %s where a text or a number belongs" % described(value))


_GPU = record({"index": whole(0, 1023)}, {"uuid": _WORD, "pci_bus_id": _WORD})
_PLACE = record({"host": _NAME, "gpus": items(_GPU, 1024)}, {"replica": _COUNT})
_MEMORY = record(
    {},
    {
        name: _BYTES
        for name in (
            "total_bytes",
            "free_bytes",
            "credited_bytes",
            "weights_bytes",
            "activation_bytes",
            "runtime_bytes",
            "cuda_graphs_bytes",
            "kv_cache_bytes",
            "kv_cache_tokens",
        )
    },
)
_PARTS: t.Mapping[str, Shape] = {
    "backend_version": _WORD,
    "backend_parameters": items(_WORD, 10_000),
    "categories": items(_WORD, 1000),
    "env": table(_scalar, 1000),
    "memory": _MEMORY,
    "utilization": number(0, 1),
    "context_tokens": _COUNT,
    "concurrency": _COUNT,
    "speculative_config": table(anything, 1000),
    "parallelism": record(
        {},
        {
            **dict.fromkeys(("tensor", "pipeline", "data", "hosts"), _RANKS),
            "attention_data": flag,
            "expert": flag,
        },
    ),
}

PLAN = record(
    {
        "plan_id": _NAME,
        "name": maybe(_WORD),
        "variant": record(
            {"source": _source, "repository": _NAME}, {"weights_bytes": _BYTES, "revision": _WORD}
        ),
        "backend": _NAME,
        "placement": items(_PLACE, MAX_GPUS),
        "replicas": whole(0, 100_000),
    },
    _PARTS,
)

_FILED = record(
    {
        "site": _WORD,
        "model": record({"id": maybe(_WORD)}),
        "variant": record({}, {"quantization": _WORD}),
        "parallelism": record(dict.fromkeys(("tensor", "pipeline", "data"), _RANKS)),
        "context_tokens": _COUNT,
        "concurrency": _COUNT,
        "gpu": _WORD,
        "wishes": table(anything, 1000),
        "backend_parameters": items(_WORD, 10_000),
    }
)

# What a plan needs that was stored with its deployment to be told and applied again.
STORED = record(
    {
        "schema": _COUNT,
        "plan_id": _NAME,
        "name": _NAME,
        "hosts": items(_NAME, 100_000),
        "wishes": table(anything, 1000),
        "model": record({"id": _WORD, "name": _WORD, "rule": _WORD}),
        "variant": record(
            {"source": _source, "repository": _NAME, "quantization": _WORD, "weights_bytes": _BYTES}
        ),
        "backend": _NAME,
        "gpu": _WORD,
        "parallelism": record(
            {
                **dict.fromkeys(("tensor", "pipeline", "data", "hosts"), _RANKS),
                "attention_data": flag,
                "expert": flag,
            }
        ),
        "context_tokens": _COUNT,
        "concurrency": _COUNT,
        "utilization": number(0, 1),
        "replicas": whole(0, 100_000),
        "placement": items(_PLACE, MAX_GPUS),
        "backend_parameters": items(_WORD, 10_000),
    }
)


def filed_plan(value: t.Any) -> None:
    """A plan that is told to people and applied out of a file: nothing of it may be absent."""
    PLAN(value)
    _FILED(value)


_HELD = record({}, {"uuid": _WORD, "claimed_bytes": _BYTES})
_INSTANCE = record({}, {"gpus": items(_HELD, MAX_GPUS), "state": _WORD, "state_message": _WORDS})
# What of a plan is stored with its deployment; an older release may have stored less.
_CHOICE = record(
    {},
    dict(
        _PARTS,
        placement=items(_PLACE, MAX_GPUS),
        hosts=items(_WORD, 100_000),
        wishes=table(anything, 1000),
        replicas=whole(0, 100_000),
        backend=_WORD,
        gpu=_WORD,
    ),
)
DEPLOYED = record(
    {"name": _NAME},
    {
        "plan_id": _WORD,
        "state": _WORD,
        "site": _WORD,
        "managed": flag,
        "replicas": whole(0, 1_000_000),
        "backend_parameters": items(_WORD, 10_000),
        "state_message": _WORDS,
        "choice": _CHOICE,
        "instances": items(_INSTANCE, 100_000),
    },
)
