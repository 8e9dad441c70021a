# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of cards that are not there, to plan for them.

A shape is ``COUNTxCARD``, several joined by ``+``: ``8xH100-80GB-SXM``, ``2xL40S+1xRTX4090``. The cards
are those of the table in cards.py, all memory free.
"""

from __future__ import annotations

import difflib
import re
import typing as t
import uuid

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import json_value
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import bare
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import cards
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.cards import Card
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    SCHEMA,
    Device,
    Fact,
    Health,
    Link,
    Mig,
    Notice,
)

SOURCE = "simulated"

_PART = re.compile(r"^(\d{1,2})\s*[x*]\s*(.+)$", re.IGNORECASE)
_MOST_CARDS = 64
_IDENTITY = uuid.UUID("3c0f2f39-6b9c-4f0e-8c43-9d3a0c1e7b52")
# GB/s of one NVLink, both directions together; NVLink 1 to 3 and 4 count the same.
_NVLINK_GBPS: t.Mapping[str, float] = {"blackwell": 100.0, "pascal": 40.0}
_NVLINK_GBPS_OTHERS = 50.0
_OPTIONAL_LINKS = (None, "bridge", "c2c")


def is_file(wish: str) -> bool:
    """Whether ``wish`` names a saved fact and not a shape."""
    return "/" in wish or wish.endswith(".json")


def simulated(machine: Machine, wish: str) -> Fact:
    """The facts of a named shape on this machine, or those of a saved file as they are.

    :raises InvalidInput: for a shape or file that cannot be read.
    """
    if is_file(wish):
        return read_saved(wish, machine.read(wish))
    fact = bare(machine)
    return filled(fact, wish, fact["host"]["name"])


def filled(fact: Fact, shape: str, host_name: str) -> Fact:
    """``fact`` of a host without cards, with those of ``shape``. Indexes count through all vendors.

    ``host_name`` makes the cards' identities: two hosts that are simulated on one machine have other cards.

    :raises InvalidInput: for a shape that cannot be read, or a card that the table does not have.
    """
    found = parse_shape(shape)
    notice = Notice(
        "simulated",
        None,
        "These cards are simulated (%s): nothing was read from the host" % shape,
        "Leave out simulate to read the real ones.",
    )
    return dict(
        fact,
        devices=[_device(card, index, host_name).as_fact() for index, card in enumerate(found)],
        topology={"links": [dict(link.as_fact(), vendor=found[link.a].vendor) for link in _links(found)]},
        warnings=[notice.as_fact()],
    )


def parse_shape(shape: str) -> t.List[Card]:
    """The cards of ``shape``, in index order."""
    found: t.List[Card] = []
    for part in shape.split("+"):
        words = _PART.match(part.strip())
        if words is None:
            raise InvalidInput(
                "Cannot read %r of the shape %r" % (part, shape),
                hint="Write COUNTxCARD, for example 8xH100-80GB-SXM or 2xL40S+1xRTX4090.",
            )
        found += [_card(words.group(2).strip())] * int(words.group(1))
    if not 0 < len(found) <= _MOST_CARDS:
        raise InvalidInput("The shape %r has %d cards" % (shape, len(found)), hint="1 to 64 are possible.")
    return found


def in_full(name: str) -> str:
    """The first card of the table that a short name may mean: H100-80GB-SXM for H100; else ``name`` itself."""
    if cards.by_name(name) is not None:
        return name
    wanted = cards.normal(name)
    return next((card.key for card in cards.CARDS if cards.normal(card.key.split("-")[0]) == wanted), name)


def read_saved(path: str, text: t.Optional[str]) -> Fact:
    """A fact that was saved as JSON, bare or as the module returned it; ``text`` is the file's.

    :raises InvalidInput: where there is none of this schema in the file.
    """
    if text is None:
        raise InvalidInput("Cannot read the saved facts %s on this host" % path, hint="Copy the file there.")
    try:
        fact = json_value(text)
    except ValueError as exc:
        raise InvalidInput("%s %s" % (path, exc), hint="Give a file that holds JSON.") from exc
    for wrapper in ("ansible_facts", "autoconfig_gpu"):
        if isinstance(fact, dict):
            fact = fact.get(wrapper, fact)
    if (
        not isinstance(fact, dict)
        or fact.get("schema") != SCHEMA
        or not isinstance(fact.get("devices"), list)
    ):
        raise InvalidInput(
            "%s holds no facts of this module, schema %d" % (path, SCHEMA),
            hint="Save ansible_facts.autoconfig_gpu with the filter to_json.",
        )
    return fact


def _card(name: str) -> Card:
    card = cards.by_name(name)
    if card is None:
        known = {cards.normal(card.key): card.key for card in cards.CARDS}
        wanted = cards.normal(name)
        longer = [each for each in known if wanted and wanted in each]
        near = longer[:4] or difflib.get_close_matches(wanted, known, n=4, cutoff=0.4)
        raise InvalidInput(
            "The table of cards has no %r" % name,
            hint="Near: %s." % ", ".join(known[each] for each in near) if near else None,
            known=sorted(known.values()),
        )
    return card


def _device(card: Card, index: int, host_name: str) -> Device:
    nvidia, amd, ascend = (card.vendor == vendor for vendor in ("nvidia", "amd", "ascend"))
    total = card.usable_mib * 1024**2
    identity = str(uuid.uuid5(_IDENTITY, "%s/%d" % (host_name, index)))
    return Device(
        vendor=card.vendor,
        source=SOURCE,
        index=index,
        uuid="GPU-" + identity,
        pci_bus_id="0000:%02x:00.0" % (0x10 + index),
        pci_id=card.pci_id,
        name=card.product,
        architecture=card.architecture,
        compute_capability=card.level if nvidia else None,
        gfx=card.level if amd else None,
        soc=card.level if ascend else None,
        memory_total_bytes=total,
        memory_used_bytes=0,
        memory_free_bytes=total,
        unified_memory=card.unified_memory,
        mig=Mig("disabled") if nvidia and card.level in ("8.0", "9.0", "10.0", "10.3") else Mig(),
        health=Health("ok"),
        processes_bytes=0,
        power_limit_w=card.power_w,
        specs=card.specs,
        sources=dict({"memory_total_bytes": "nominal size"} if card.memory_is_nominal else {}, specs="table"),
    )


def _links(found: t.Sequence[Card]) -> t.Iterator[Link]:
    """Equal cards of a vendor's fabric all to all; others of a vendor by PCIe, of which nothing more is assumed."""
    for b, second in enumerate(found):
        for a, first in enumerate(found[:b]):
            if first.vendor != second.vendor:
                continue
            if first == second and first.link not in _OPTIONAL_LINKS:
                yield Link(a, b, str(first.link), _grade(first), first.link_gbps)
            else:
                yield Link(a, b, "pcie", "SYS")


def _grade(card: Card) -> str:
    if card.link != "nvlink" or card.link_gbps is None:
        return str(card.link).upper()
    each = _NVLINK_GBPS.get(card.architecture or "", _NVLINK_GBPS_OTHERS)
    return "NV%d" % (card.link_gbps / each)
