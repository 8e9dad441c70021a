# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an NVIDIA card can be cut, and which of its NVLinks work: tables of nvidia-smi that few people ask for."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device, Fact

_PROFILE = re.compile(
    r"^\|\s+(\d{1,3})\s+MIG\s+(\d\S{0,30})\s+(\d{1,4})\s+(\d{1,3})\s*/\s*(\d{1,3})\s+(\d{1,4}(?:\.\d{1,3})?)\s"
)
_CARD = re.compile(r"^GPU (\d{1,3}):")
_LINK = re.compile(
    r"^\s+Link (\d{1,3}): (?:(\d{1,4}(?:\.\d{1,4})?) GB/s|<?inactive>?|<?(?:disabled|down)>?)\s*$", re.I
)


def parse_profiles(text: str) -> t.Dict[int, t.List[Fact]]:
    """What ``mig -lgip`` lists for each card: profiles, and how many instances of each are free and possible."""
    found: t.Dict[int, t.List[Fact]] = {}
    for line in values.lines(text):
        row = _PROFILE.match(line)
        if row is not None:
            card, name, number, free, total, gib = row.groups()
            memory = int(float(gib) * 1024**3)
            found.setdefault(int(card), []).append(profile(name, int(number), int(free), int(total), memory))
    return found


def profile(
    name: t.Optional[str], number: int, free: t.Optional[int], total: int, memory: t.Optional[int]
) -> Fact:
    """One profile of the facts; ``free`` are the instances that have room now."""
    return {"name": name, "id": number, "free": free, "total": total, "memory_bytes": memory}


def parse_links(text: str) -> t.Dict[int, Fact]:
    """What ``nvlink -s`` tells of each card: the numbers of links that work, of those that do not, and GB/s a direction."""
    found: t.Dict[int, Fact] = {}
    card: t.Optional[int] = None
    for line in values.lines(text):
        header, row = _CARD.match(line), _LINK.match(line)
        if header is not None:
            card = int(header.group(1))
        elif row is not None and card is not None:
            links = found.setdefault(card, {"active": [], "inactive": [], "gbps_each": None})
            links["active" if row.group(2) else "inactive"].append(int(row.group(1)))
            if row.group(2):
                links["gbps_each"] = float(row.group(2))
    return found


def divided(devices: t.Iterable[Device], ask: t.Callable[..., str]) -> t.Tuple[Device, ...]:
    """``devices`` with their NVLinks, and with the profiles of those whose MIG mode is on. ``ask`` asks nvidia-smi."""
    known = list(devices)
    links = parse_links(ask("nvlink", "-s")) if known else {}
    cut = any(device.mig.mode == "enabled" for device in known)
    profiles = parse_profiles(ask("mig", "-lgip")) if cut else {}
    return tuple(
        device._replace(
            nvlinks=links.get(-1 if device.index is None else device.index),
            mig=device.mig._replace(
                profiles=tuple(profiles.get(-1 if device.index is None else device.index, ()))
            ),
        )
        for device in known
    )
