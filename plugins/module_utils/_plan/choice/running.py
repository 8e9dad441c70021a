# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is deployed already, as far as a plan cares.

A running deployment sits in the memory that its own plan needs: what it holds is credited.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Gpu,
    Host,
    Slot,
    own_uuid,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import Fit, account
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Record


def claims(
    records: t.Iterable[Record], names: t.Container[str], reserved: t.Optional[t.Mapping[str, int]] = None
) -> Claims:
    """Bytes claimed on each GPU by the deployments called ``names``, and by others.

    One that is not ours but has the name counts as own: a plan is carried out by adopting it, or not.
    ``reserved`` is what plans before this one take.
    """
    own: t.Dict[str, int] = {}
    others: t.Dict[str, int] = {}
    for record in records:
        held = own if record.get("name") in names else others
        for instance in record.get("instances") or ():
            for gpu in instance.get("gpus") or ():
                uuid = gpu.get("uuid")
                if uuid:
                    held[uuid] = held.get(uuid, 0) + int(gpu.get("claimed_bytes") or 0)
    return Claims(own, others, dict(reserved or {}))


def record_of(records: t.Iterable[Record], name: str, site: str) -> t.Optional[Record]:
    """Our deployment of this name on a site, if there is one. A record without a site is of any."""
    for record in records:
        if record.get("name") == name and record.get("site") in (None, site) and record.get("managed"):
            return record
    return None


def rebuilt(
    stored: Record,
    candidates: t.Callable[[Record, Layout, Gpu], t.Optional[Candidate]],
    hosts: t.Sequence[Host],
    held: Claims,
) -> t.Optional[Choice]:
    """The stored choice on today's memory, or None where a GPU or a repository of it is not known today.

    ``candidates`` rebuilds a candidate from the stored choice, its layout and a GPU.
    """
    places = _places(stored, hosts, held)
    if not places:
        return None
    each = candidates(stored, _layout(stored.get("parallelism") or {}), places[0].gpus[0])
    if each is None:
        return None
    tightest = min(places, key=lambda slot: slot.room.usable_bytes)
    context, permille = int(stored["context_tokens"]), int(round(float(stored["utilization"]) * 1000))
    budget = each.budget(tightest.room, 0.0)
    return Choice(
        each,
        tuple(places),
        Fit(context, permille, account(each.load, tightest.room, budget, permille, context)),
    )


def still_fits(choice: Choice, policy: Policy) -> bool:
    """Whether a choice would start with what its GPUs have free now."""
    each, usable = choice.candidate, min(slot.room.usable_bytes for slot in choice.slots)
    return each.load.needs(choice.fit.context, 1, choice.fit.context) <= usable


def _layout(parallel: Record) -> Layout:
    return Layout(
        int(parallel.get("tensor") or 1),
        int(parallel.get("pipeline") or 1),
        int(parallel.get("data") or 1),
        attention_data=bool(parallel.get("attention_data")),
        expert=bool(parallel.get("expert")),
        hosts=int(parallel.get("hosts") or 1),
    )


def _places(stored: Record, hosts: t.Sequence[Host], held: Claims) -> t.List[Slot]:
    """The stored placement with today's GPUs; empty where one of them is gone."""
    known = {gpu.uuid: (host.name, gpu) for host in hosts for gpu in host.gpus}
    found: t.List[Slot] = []
    for entry in stored.get("placement") or ():
        host = str(entry.get("host"))
        uuids = [gpu.get("uuid") or own_uuid(host, int(gpu["index"])) for gpu in entry.get("gpus") or ()]
        if not uuids or any(uuid not in known or known[uuid][0] != entry.get("host") for uuid in uuids):
            return []
        gpus = tuple(known[uuid][1] for uuid in uuids)
        tightest = min((room_of(gpu, held) for gpu in gpus), key=lambda room: room.usable_bytes)
        found.append(Slot(str(entry["host"]), gpus, tightest, int(entry.get("replica") or 0)))
    return found
