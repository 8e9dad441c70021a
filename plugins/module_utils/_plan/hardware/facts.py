# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the facts of gpu_facts to hosts and GPUs, and what cannot be used."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import digits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fact_shape import FACTS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    FAST_LINKS,
    NVIDIA,
    Gpu,
    Host,
    own_uuid,
)

# NVML before version 2 reports no reserved memory; drivers hold about this share of the card.
ASSUMED_RESERVED_SHARE = 0.01

# GPUStack 2.3 has images of engines for these, and for others that gpu_facts cannot read.
_PLANNED = (NVIDIA, AMD, ASCEND)
_TARGETS: t.Mapping[str, t.Tuple[str, str]] = {AMD: ("gfx", "gfx target"), ASCEND: ("soc", "chip")}

Facts = t.Mapping[str, t.Any]

# Of the hosts with the same complaint, so many are named.
NAMED_HOSTS = 5

# Slices are joined to nothing, so that one island stands for all.
SLICED = -1


def read_host(name: str, site: str, facts: t.Optional[Facts], domain: str = "") -> t.Tuple[Host, t.List[str]]:
    """A host from ``ansible_facts.autoconfig_gpu``, and what about it cannot be used.

    Facts that are broken anywhere are not believed elsewhere: then the host has no GPUs.
    """
    if facts is None or facts == {}:
        return Host(name, site, (), domain), [
            "%s: no GPU facts; run modelscan.autoconfig.gpu_facts first" % name
        ]
    problem = problem_of(FACTS, facts)
    if problem is not None:
        said = "%s: it is left out, because its GPU facts are broken: %s; run modelscan.autoconfig.gpu_facts again"
        return Host(name, site, (), domain), [said % (name, problem)]
    told = (each for each in facts.get("warnings") or () if each.get("severity") != "note")
    warnings = ["%s: %s" % (name, warning["message"]) for warning in told]
    islands, cuda = _islands(facts), _version((facts.get("runtime") or {}).get("cuda"))
    gpus: t.List[Gpu] = []
    for device in facts.get("devices") or ():
        left_out = "%s: GPU %s is left out: " % (name, device.get("index"))
        obstacle = _obstacle(device)
        if obstacle is not None:
            warnings.append(left_out + obstacle)
        elif _is_sliced(device):
            slices, complaints = _slices(device, cuda)
            gpus += slices
            warnings += [left_out + each for each in complaints]
        else:
            gpus.append(_gpu(name, device, device, _island(device, islands), cuda))
    if not facts.get("devices"):
        warnings.append("%s: no GPU was found" % name)
    memory = (facts.get("host") or {}).get("memory") or {}
    sizes = (memory.get("available_bytes") or 0, memory.get("total_bytes") or 0)
    return Host(name, site, tuple(gpus), domain, *sizes), warnings


def in_short(complaints: t.Iterable[t.Tuple[str, str]]) -> t.List[str]:
    """What ``read_host`` has to say of many hosts, by their names: what holds for several, once."""
    hosts: t.Dict[str, t.List[str]] = {}
    for host, complaint in complaints:
        hosts.setdefault(complaint[len(host) :], []).append(host)
    return ["%s%s" % (_names(named), words) for words, named in hosts.items()]


def _names(hosts: t.Sequence[str]) -> str:
    """Hosts in words: a few by name, and how many more there are."""
    more = len(hosts) - NAMED_HOSTS
    return "%s%s" % (", ".join(hosts[:NAMED_HOSTS]), " and %d more" % more if more > 0 else "")


def _obstacle(device: Facts) -> t.Optional[str]:
    vendor = device.get("vendor")
    if vendor == "apple":
        return "GPUStack runs engines in containers, which do not reach the GPU of a Mac"
    if vendor not in _PLANNED:
        return "GPUStack has no engine for cards of vendor %s that could be planned" % vendor
    if (device.get("health") or {}).get("state") == "unhealthy":
        return "it is unhealthy"
    if device.get("index") is None:
        return "its index is unknown"
    if vendor in _TARGETS and not device.get(_TARGETS[vendor][0]):
        return "its %s is unknown" % _TARGETS[vendor][1]
    if device.get("compute_capability") and _version(device["compute_capability"]) is None:
        return "its compute capability is no version"
    if _is_sliced(device):
        return None
    if not device.get("schedulable", False):
        return "it is %s" % (device.get("state") or "not schedulable")
    return _memory_obstacle(device)


def _memory_obstacle(device: Facts) -> t.Optional[str]:
    total, free = device.get("memory_total_bytes"), device.get("memory_free_bytes")
    if not total or free is None:
        return "its memory is unknown"
    parts = (free, device.get("memory_reserved_bytes"), device.get("memory_used_bytes"))
    return (
        "parts of its memory are larger than the whole" if max(part or 0 for part in parts) > total else None
    )


def _is_sliced(device: Facts) -> bool:
    return (device.get("mig") or {}).get("mode") == "enabled"


def _slices(device: Facts, cuda: t.Optional[t.Tuple[int, int]]) -> t.Tuple[t.List[Gpu], t.List[str]]:
    """Each slice is a device with memory of its own; of those that share it, the first."""
    found: t.List[Gpu] = []
    complaints: t.List[str] = []
    owners: t.Set[t.Any] = set()
    for instance in device["mig"].get("instances") or ():
        owner = instance.get("gpu_instance_id")
        what = "the slice %s (%s) " % (instance.get("uuid"), instance.get("profile"))
        if _memory_obstacle(instance) is not None or not instance.get("uuid"):
            complaints.append(what + "has no uuid, or its memory is unknown")
        elif instance.get("shares_memory") and owner in owners:
            complaints.append(what + "shares its memory with a slice that is planned")
        else:
            owners.add(owner)
            found.append(_gpu("", device, instance, SLICED, cuda))
    if not found and not complaints:
        complaints.append("MIG is on, and it has no slices")
    return found, complaints


def _islands(facts: Facts) -> t.Dict[int, int]:
    """The island of each GPU that has fast links: the lowest index that it reaches over them."""
    islands: t.Dict[int, int] = {}
    for link in (facts.get("topology") or {}).get("links") or ():
        if link["kind"] in FAST_LINKS:
            first, second = (islands.setdefault(link[end], link[end]) for end in ("a", "b"))
            if first != second:
                joined = min(first, second)
                islands = {gpu: joined if own in (first, second) else own for gpu, own in islands.items()}
    return islands


def _island(device: Facts, islands: t.Mapping[int, int]) -> int:
    """Cards without fast links are an island each."""
    return islands.get(device["index"], device["index"])


def _gpu(host: str, device: Facts, memory: Facts, island: int, cuda: t.Optional[t.Tuple[int, int]]) -> Gpu:
    """A card, or with the ``memory`` of a slice that slice of it."""
    vendor, profile = str(device["vendor"]), memory.get("profile") or ""
    name = device.get("name") or "a card without a name"
    total, free = memory["memory_total_bytes"], memory["memory_free_bytes"]
    reserved, used = memory.get("memory_reserved_bytes"), memory.get("memory_used_bytes")
    unified = bool(device.get("unified_memory"))
    if reserved is None:
        # Other drivers, slices and memory that is the host's count their reserve as used.
        whole = vendor == NVIDIA and not unified and not profile
        reserved = int(total * ASSUMED_RESERVED_SHARE) if whole else 0
        free = min(free, total - reserved)
    return Gpu(
        index=device["index"],
        uuid=memory.get("uuid") or own_uuid(host, device["index"]),
        nameless=not memory.get("uuid"),
        pci_bus_id=device.get("pci_bus_id") or "",
        name="%s MIG %s" % (name, profile) if profile else name,
        capability=_version(device.get("compute_capability")),
        total_bytes=total,
        reserved_bytes=reserved,
        used_bytes=total - free if used is None else used,
        free_bytes=free,
        island=island,
        cuda=cuda if vendor == NVIDIA else None,
        vendor=vendor,
        target=device.get(_TARGETS[vendor][0]) or "" if vendor in _TARGETS else "",
        unified=unified,
        profile=profile,
        power_w=device.get("power_limit_w"),
        simulated=device.get("source") == "simulated",
        processes=() if profile else tuple(_processes(device)),
    )


def _processes(device: Facts) -> t.Iterator[t.Tuple[str, int]]:
    for each in device.get("processes") or ():
        if each.get("used_bytes"):
            name = str(each.get("name") or "").rsplit("/", 1)[-1]
            yield (
                "process %s(pid %s)" % (name + " " if name else "", each.get("pid")),
                int(each["used_bytes"]),
            )


def _version(text: t.Optional[str]) -> t.Optional[t.Tuple[int, int]]:
    major, _dot, minor = (text or "").partition(".")
    parts = digits(major), digits(minor or "0")
    return None if parts[0] is None or parts[1] is None else (parts[0], parts[1])
