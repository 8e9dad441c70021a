# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA's cards through NVML, where nvidia-ml-py is importable.

No process is started. Every single answer may be missing: drivers and cards differ in what they know.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Fact,
    Memory,
    Mig,
    MigInstance,
    Process,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    divisions,
    nvml_binding,
    nvml_health,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.nvml_binding import (
    Answerless,
    Card,
    ask,
    needed,
    word,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.query_report import (
    Report,
    mark_shared,
    used_by,
)

SOURCE = "nvml"

_ARCHITECTURES: t.Mapping[int, str] = {
    2: "kepler",
    3: "maxwell",
    4: "pascal",
    5: "volta",
    6: "turing",
    7: "ampere",
    8: "ada",
    9: "hopper",
    10: "blackwell",
    13: "rubin",
}
_VIRTUALIZATION: t.Mapping[int, str] = {2: "vgpu", 3: "host_vgpu", 4: "host_vsga"}
_ADDRESSING: t.Mapping[int, str] = {1: "HMM", 2: "ATS"}
# nvmlDeviceGetTopologyCommonAncestor: what lies between two cards, in the words of topo -m.
_ANCESTORS: t.Mapping[int, str] = {0: "PIX", 10: "PIX", 20: "PXB", 30: "PHB", 40: "NODE", 50: "SYS"}
_MAX_LINKS = 36
# No host has more; a larger count is a misread one.
_MOST_CARDS = 64
_NVSWITCH = 2


class Answer(t.NamedTuple):
    """``pairs`` are ``(a, b, class)`` as of the topology matrix."""

    report: Report
    pairs: t.Tuple[t.Tuple[int, int, str], ...] = ()
    confidential: t.Optional[bool] = None
    refusal: t.Optional[str] = None


def read(gather: t.AbstractSet[str], include_processes: bool = True) -> Answer:
    """What NVML knows; a refusal where it cannot start or count."""
    try:
        needed("nvmlInit", answer=False)
        count = needed("nvmlDeviceGetCount")
    except Answerless as exc:
        return Answer(Report(), refusal=str(exc))
    cards = [Card(index) for index in range(min(count, _MOST_CARDS))]
    cuda = ask("nvmlSystemGetCudaDriverVersion_v2")
    report = Report(
        devices=tuple(_device(card, gather, include_processes) for card in cards),
        driver=values.version(word(ask("nvmlSystemGetDriverVersion"))),
        cuda="%d.%d" % (cuda // 1000, cuda % 1000 // 10) if cuda else None,
        attached=len(cards),
    )
    if confidential() and ask("nvmlSystemGetConfComputeGpusReadyState") == 0:
        waiting = [("confidential_not_ready", "confidential computing is on, and its ready state is not set")]
        report = report._replace(
            devices=tuple(
                each._replace(health=conditions.with_more(each.health, waiting)) for each in report.devices
            ),
        )
    pairs = _pairs(cards) if "links" in gather and len(cards) > 1 else ()
    return Answer(report, tuple(pairs), confidential())


def confidential() -> t.Optional[bool]:
    """Whether confidential computing is on; None where NVML does not tell."""
    state = ask("nvmlSystemGetConfComputeState")
    return None if state is None else bool(getattr(state, "ccFeature", 0))


def _device(card: Card, gather: t.AbstractSet[str], include_processes: bool) -> Device:
    pci = card.ask("nvmlDeviceGetPciInfo")
    capability = card.ask("nvmlDeviceGetCudaComputeCapability")
    ecc = card.ask("nvmlDeviceGetEccMode")
    power = card.ask("nvmlDeviceGetEnforcedPowerLimit")
    memory = _memory(card, card.handle)
    processes = _processes(card) if include_processes else None
    fabric = nvml_health.fabric(card)
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=card.index,
        uuid=word(card.ask("nvmlDeviceGetUUID")),
        pci_bus_id=_address(pci),
        pci_id=values.pci_id("%08x" % pci.pciDeviceId) if pci else None,
        name=word(card.ask("nvmlDeviceGetName")),
        architecture=_ARCHITECTURES.get(card.ask("nvmlDeviceGetArchitecture")),
        compute_capability="%d.%d" % tuple(capability) if capability else None,
        memory_total_bytes=memory.total,
        memory_reserved_bytes=memory.reserved,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        mig=_mig(card, "details" in gather),
        nvlinks=_nvlinks(card) if "details" in gather else None,
        vgpu=_vgpu(card),
        ecc=bool(ecc[0]) if ecc else None,
        processes_bytes=used_by(processes),
        processes=processes or (),
        power_limit_w=power / 1000.0 if power else None,
        addressing_mode=_ADDRESSING.get(card.ask("nvmlDeviceGetAddressingMode")),
        fabric=fabric,
        fabric_state=fabric["state"] if fabric else None,
        recovery_action=nvml_health.recovery_action(card),
        compute_mode=nvml_health.compute_mode(card),
        persistence=nvml_health.persistence_mode(card),
        pcie=nvml_health.pcie(card) if "links" in gather else None,
        memory_errors=nvml_health.memory_errors(card) if "health" in gather else None,
        load=nvml_health.load(card) if "load" in gather and card.handle is not None else None,
        # Last: it judges also what the card refused to say above.
        health=nvml_health.health(card, fabric),
    )


def _memory(card: Card, handle: t.Any) -> Memory:
    """Version 2 tells reserved from used; with version 1 both are in used."""
    info = None
    if handle is not None and handle is card.handle:
        second = nvml_binding.constant("nvmlMemory_v2")
        info = card.ask("nvmlDeviceGetMemoryInfo", second) or card.ask("nvmlDeviceGetMemoryInfo")
    elif handle is not None:
        second = nvml_binding.constant("nvmlMemory_v2")
        info = ask("nvmlDeviceGetMemoryInfo", handle, second) or ask("nvmlDeviceGetMemoryInfo", handle)
    if info is None:
        return Memory.of(None, None, None, None)
    return Memory.of(info.total, getattr(info, "reserved", None), info.used, info.free)


def _mig(card: Card, with_profiles: bool) -> Mig:
    modes = card.ask("nvmlDeviceGetMigMode")
    if not modes:
        return Mig()
    if not modes[0]:
        return Mig("disabled")
    slots = range(ask("nvmlDeviceGetMaxMigDeviceCount", card.handle) or 0)
    parts = ((slot, ask("nvmlDeviceGetMigDeviceHandleByIndex", card.handle, slot)) for slot in slots)
    return Mig(
        "enabled",
        mark_shared([_mig_instance(card, part, slot) for slot, part in parts if part is not None]),
        tuple(_profiles(card)) if with_profiles else (),
    )


def _profiles(card: Card) -> t.Iterator[Fact]:
    """The ways to cut the card; of older bindings, which tell no names, without them."""
    for kind in range(nvml_binding.constant("NVML_GPU_INSTANCE_PROFILE_COUNT") or 0):
        info = ask("nvmlDeviceGetGpuInstanceProfileInfo", card.handle, kind, 2) or ask(
            "nvmlDeviceGetGpuInstanceProfileInfo", card.handle, kind
        )
        if info is None:
            continue
        name = (word(getattr(info, "name", None)) or "").rpartition("MIG ")[2] or None
        free = ask("nvmlDeviceGetGpuInstanceRemainingCapacity", card.handle, info.id)
        yield divisions.profile(name, info.id, free, info.instanceCount, info.memorySizeMB * values.MIB)


def _nvlinks(card: Card) -> t.Optional[Fact]:
    states = [(number, ask("nvmlDeviceGetNvLinkState", card.handle, number)) for number in range(_MAX_LINKS)]
    known = [(number, state) for number, state in states if state is not None]
    if not known:
        return None
    active = [number for number, state in known if state]
    return {"active": active, "inactive": [number for number, state in known if not state], "gbps_each": None}


def _mig_instance(card: Card, part: t.Any, slot: int) -> MigInstance:
    memory = _memory(card, part)
    name = word(ask("nvmlDeviceGetName", part)) or ""
    return MigInstance(
        uuid=word(ask("nvmlDeviceGetUUID", part)),
        index=slot,
        profile=name.partition(" MIG ")[2] or None,
        gpu_instance_id=ask("nvmlDeviceGetGpuInstanceId", part),
        compute_instance_id=ask("nvmlDeviceGetComputeInstanceId", part),
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
    )


def _vgpu(card: Card) -> t.Optional[t.Dict[str, t.Optional[str]]]:
    mode = _VIRTUALIZATION.get(card.ask("nvmlDeviceGetVirtualizationMode"))
    return {"mode": mode, "licence": None} if mode else None


def _processes(card: Card) -> t.Optional[t.Tuple[Process, ...]]:
    """Compute and graphics processes, each once."""
    lists = [card.ask("nvmlDeviceGet%sRunningProcesses" % kind) for kind in ("Compute", "Graphics")]
    if None in lists:
        return None
    used = {info.pid: info.usedGpuMemory for listed in lists for info in listed}
    return tuple(
        Process(pid, word(ask("nvmlSystemGetProcessName", pid)), amount)
        for pid, amount in sorted(used.items())
    )


def _pairs(cards: t.Sequence[Card]) -> t.Iterator[t.Tuple[int, int, str]]:
    peers = [_nvlink_peers(card) for card in cards]
    addresses = [_address(card.ask("nvmlDeviceGetPciInfo")) for card in cards]
    for a, first in enumerate(cards):
        for b in range(a + 1, len(cards)):
            through_switch = min(peers[a].count("switch"), peers[b].count("switch"))
            bonded = through_switch or peers[a].count(addresses[b] or "none")
            ancestor = first.ask("nvmlDeviceGetTopologyCommonAncestor", cards[b].handle)
            found = "NV%d" % bonded if bonded else _ANCESTORS.get(ancestor)
            if found is not None:
                yield a, b, found


def _nvlink_peers(card: Card) -> t.List[str]:
    """For each active NVLink what it leads to: a PCI address, or ``switch``."""
    peers = []
    for number in range(_MAX_LINKS):
        if not card.ask("nvmlDeviceGetNvLinkState", number):
            continue
        kind = card.ask("nvmlDeviceGetNvLinkRemoteDeviceType", number)
        remote = _address(card.ask("nvmlDeviceGetNvLinkRemotePciInfo", number))
        peers.append("switch" if kind == _NVSWITCH else remote or "unknown")
    return peers


def _address(pci: t.Any) -> t.Optional[str]:
    return values.pci_address(word(pci.busId)) if pci else None
