# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the facts of a host have to look like before a plan believes them.

They come from another machine, or from a cache of an earlier run: the fields that planning reads are
checked, once and whole. The names and units are those of gpu_facts.
"""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
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

MAX_DEVICES = 1024
MAX_LINKS = 20_000
MAX_BYTES = 2**50

_WORD = text(200)
_WORDS = text(8192)
_INDEX = whole(0, MAX_DEVICES - 1)
_BYTES = whole(0, MAX_BYTES)
_MEMORY = {
    "memory_total_bytes": _BYTES,
    "memory_reserved_bytes": _BYTES,
    "memory_used_bytes": _BYTES,
    "memory_free_bytes": _BYTES,
    "uuid": _WORD,
    "profile": _WORD,
}

_CONDITION = record({"detail": _WORDS})
_SLICE = record({}, dict(_MEMORY, gpu_instance_id=whole(0, 1 << 16), shares_memory=flag))
_DEVICE = record(
    {"vendor": text(40, empty=False), "index": maybe(_INDEX)},
    dict(
        _MEMORY,
        name=_WORD,
        pci_bus_id=_WORD,
        compute_capability=_WORD,
        gfx=_WORD,
        soc=_WORD,
        state=_WORD,
        source=_WORD,
        schedulable=flag,
        unified_memory=flag,
        power_limit_w=number(0, 1e6),
        mig=record({}, {"mode": _WORD, "instances": items(_SLICE, 64)}),
        health=record({}, {"state": _WORD, "detail": _WORDS, "conditions": items(_CONDITION, 1000)}),
        processes=items(record({}, {"pid": whole(0, 1 << 32), "name": _WORDS, "used_bytes": _BYTES}), 10_000),
    ),
)
_LINK = record({"a": _INDEX, "b": _INDEX, "kind": text(40)})

FACTS = record(
    {},
    {
        "devices": items(_DEVICE, MAX_DEVICES),
        "topology": record({}, {"links": items(_LINK, MAX_LINKS)}),
        "runtime": table(maybe(_WORD), 100),
        "driver": table(maybe(_WORD), 100),
        "host": record(
            {},
            {
                "name": _WORD,
                "machine_id": _WORD,
                "addresses": items(_WORD, 1000),
                "memory": record({}, {"total_bytes": maybe(_BYTES), "available_bytes": maybe(_BYTES)}),
            },
        ),
        "warnings": items(
            record(
                {"message": _WORDS}, {"code": _WORD, "severity": _WORD, "hint": _WORDS, "device": anything}
            ),
            1000,
        ),
    },
)
