# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cards of one host in lines for people: the worst first, then as the bus has them. Pure."""

from __future__ import annotations

import typing as t

_GIB = 1024**3
_WORDS: t.Mapping[str, str] = {
    "device_lost": "LOST",
    "unhealthy": "UNHEALTHY",
    "ok": "ok",
}

Fact = t.Mapping[str, t.Any]


def lines(fact: Fact) -> t.List[str]:
    """A line for the host, one for each card, and the warnings that concern no single card."""
    devices = sorted(fact.get("devices") or (), key=_badness)
    warnings = fact.get("warnings") or ()
    shown = [_host(fact, devices)] + [_card(device, warnings) for device in devices]
    cards = {device.get("pci_bus_id") or device.get("uuid") for device in devices}
    return shown + [
        "%s: %s. %s" % (warning["severity"], warning["message"], warning["hint"])
        for warning in warnings
        if warning.get("device") not in cards and warning["severity"] != "note"
    ]


def raised(fact: Fact) -> t.List[str]:
    """The warnings that Ansible raises: notes are left out, and what holds for several cards is said once."""
    said: t.Dict[t.Tuple[str, str], t.List[str]] = {}
    for warning in fact.get("warnings") or ():
        if warning.get("severity") == "note":
            continue
        card, _colon, rest = warning["message"].partition(": ")
        alone = warning.get("device") is None or card != warning["device"]
        key = (warning["message"] if alone else rest, warning.get("hint") or "")
        said.setdefault(key, []).extend([] if alone else [card])
    found = []
    for (message, hint), cards in said.items():
        who = "%s: " % ", ".join(cards) if cards else ""
        found.append(("%s%s. %s" % (who, message.rstrip("."), hint)).rstrip())
    return found


def count_by_name(devices: t.Iterable[Fact]) -> str:
    """``8 x NVIDIA H100 80GB HBM3 + 1 x NVIDIA L4``."""
    counts: t.Dict[str, int] = {}
    for device in devices:
        name = str(device.get("name") or device.get("pci_id") or device.get("vendor"))
        counts[name] = counts.get(name, 0) + 1
    return " + ".join("%d x %s" % (count, name) for name, count in counts.items())


def gib(amount: t.Optional[float]) -> str:
    return "?" if amount is None else "%.1f" % (amount / _GIB)


def total(devices: t.Iterable[Fact], name: str) -> t.Optional[int]:
    """Bytes of all devices together; None where none of them tells."""
    known = [device[name] for device in devices if device.get(name) is not None]
    return sum(known) if known else None


def _badness(device: Fact) -> t.Tuple[int, str, int]:
    state = device.get("state")
    sick = (device.get("health") or {}).get("state") == "unhealthy" or state != "ok"
    rank = 0 if state == "device_lost" else 1 if sick else 2 if _said(device) else 3
    return rank, str(device.get("pci_bus_id") or "~"), device.get("index") or 0


def _said(device: Fact) -> t.List[str]:
    return [each["detail"] for each in (device.get("health") or {}).get("conditions") or ()]


def _host(fact: Fact, devices: t.Sequence[Fact]) -> str:
    name = (fact.get("host") or {}).get("name")
    if not devices:
        return "%s: no accelerator" % name
    usable = [device for device in devices if device.get("schedulable")]
    parts = ["%s: %s" % (name, count_by_name(devices))]
    if len(usable) < len(devices):
        parts.append("%d usable" % len(usable))
    free, whole = total(usable, "memory_free_bytes"), total(usable, "memory_total_bytes")
    parts.append("%s of %s GiB free" % (gib(free), gib(whole)))
    versions = ["%s %s" % pair for pair in (fact.get("driver") or {}).items()]
    versions += ["%s %s" % (name.upper(), version) for name, version in (fact.get("runtime") or {}).items()]
    return ", ".join(parts + versions)


def _card(device: Fact, warnings: t.Sequence[Fact]) -> str:
    state = str(device.get("state"))
    index = "-" if device.get("index") is None else device["index"]
    where = device.get("pci_bus_id") or device.get("uuid") or ""
    name = device.get("name") or device.get("pci_id") or device.get("vendor")
    parts = ["GPU %s  %s  %s  %s" % (index, where, name, _WORDS.get(state, state.replace("_", " ")))]
    if state != "device_lost":
        amounts = gib(device.get("memory_free_bytes")), gib(device.get("memory_total_bytes"))
        parts.append("%s of %s GiB free" % amounts)
    mig = device.get("mig") or {}
    if mig.get("mode") == "enabled":
        parts.append("MIG: %s" % count_by_name({"name": each["profile"]} for each in mig["instances"]))
    load = device.get("load") or {}
    measured = (("temperature_c", "%.0f C"), ("power_draw_w", "%.0f W"), ("gpu_percent", "%.0f %% busy"))
    parts += [form % load[name] for name, form in measured if load.get(name) is not None]
    parts += _said(device)
    hint = next((each["hint"] for each in warnings if where and each.get("device") == where), None)
    return ", ".join(parts) + (". %s" % hint if hint and not device.get("schedulable") else "")
