# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA's cards through NVML, where nvidia-ml-py is importable.

No process is started. Every single answer may be missing: drivers and cards differ in what they know.
"""

from __future__ import annotations

import ctypes
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Health,
    Memory,
    Mig,
    MigInstance,
    Process,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.query_report import (
    Report,
    mark_shared,
    used_by,
)

try:
    import pynvml
except ImportError:
    pynvml = None

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
_FABRIC_STATES: t.Mapping[int, str] = {1: "not_started", 2: "in_progress", 3: "completed"}
_RECOVERY_ACTIONS: t.Mapping[int, str] = {
    1: "reset",
    2: "reboot",
    3: "drain_p2p",
    4: "drain_and_reset",
    5: "recover_imex_domain",
    6: "bus_reset",
    7: "system_reboot",
}
# nvmlDeviceGetTopologyCommonAncestor: what lies between two cards, in the words of topo -m.
_ANCESTORS: t.Mapping[int, str] = {0: "PIX", 10: "PIX", 20: "PXB", 30: "PHB", 40: "NODE", 50: "SYS"}
_MAX_LINKS = 36
_NVSWITCH = 2


@dataclass(frozen=True)
class Answer:
    """``pairs`` are ``(a, b, class)`` as of the topology matrix."""

    report: Report
    pairs: t.Tuple[t.Tuple[int, int, str], ...] = ()


def read(include_processes: bool = True, include_topology: bool = True) -> t.Optional[Answer]:
    """What NVML knows; None where it cannot start, which nvidia-smi explains better."""
    if pynvml is None:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    handles = [_ask("nvmlDeviceGetHandleByIndex", index) for index in range(_ask("nvmlDeviceGetCount") or 0)]
    devices = tuple(_device(handle, index, include_processes) for index, handle in enumerate(handles))
    cuda = _ask("nvmlSystemGetCudaDriverVersion_v2")
    report = Report(
        devices=devices,
        driver=values.version(_word(_ask("nvmlSystemGetDriverVersion"))),
        cuda="%d.%d" % (cuda // 1000, cuda % 1000 // 10) if cuda else None,
        attached=len(handles),
    )
    pairs = _pairs(handles) if include_topology and len(handles) > 1 else ()
    return Answer(report, tuple(pairs))


def _ask(name: str, *arguments: t.Any) -> t.Any:
    """One answer; None where this binding, driver or card does not give it."""
    function = getattr(pynvml, name, None)
    if function is None or None in arguments:
        return None
    try:
        return function(*arguments)
    except (pynvml.NVMLError, TypeError, ValueError):
        return None


def _word(answer: t.Any) -> t.Optional[str]:
    return values.text(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


def _device(handle: t.Any, index: int, include_processes: bool) -> Device:
    if handle is None:
        return Device(vendor="nvidia", source=SOURCE, index=index, state="device_lost")
    pci = _ask("nvmlDeviceGetPciInfo", handle)
    capability = _ask("nvmlDeviceGetCudaComputeCapability", handle)
    ecc = _ask("nvmlDeviceGetEccMode", handle)
    power = _ask("nvmlDeviceGetEnforcedPowerLimit", handle)
    action = _recovery_action(handle)
    memory = _memory(handle)
    processes = _processes(handle) if include_processes else None
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=index,
        uuid=_word(_ask("nvmlDeviceGetUUID", handle)),
        pci_bus_id=values.pci_address(_word(pci.busId)) if pci else None,
        pci_id=values.pci_id("%08x" % pci.pciDeviceId) if pci else None,
        name=_word(_ask("nvmlDeviceGetName", handle)),
        architecture=_ARCHITECTURES.get(_ask("nvmlDeviceGetArchitecture", handle)),
        compute_capability="%d.%d" % tuple(capability) if capability else None,
        memory_total_bytes=memory.total,
        memory_reserved_bytes=memory.reserved,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        mig=_mig(handle),
        vgpu=_vgpu(handle),
        ecc=bool(ecc[0]) if ecc else None,
        health=_health(handle, action),
        processes_bytes=used_by(processes),
        processes=processes or (),
        power_limit_w=power / 1000.0 if power else None,
        addressing_mode=_ADDRESSING.get(_ask("nvmlDeviceGetAddressingMode", handle)),
        fabric_state=_fabric_state(handle),
        recovery_action=action,
    )


def _memory(handle: t.Any) -> Memory:
    """Version 2 tells reserved from used; with version 1 both are in used."""
    second = _ask("nvmlDeviceGetMemoryInfo", handle, getattr(pynvml, "nvmlMemory_v2", None))
    info = second or _ask("nvmlDeviceGetMemoryInfo", handle)
    if info is None:
        return Memory.of(None, None, None, None)
    return Memory.of(info.total, getattr(info, "reserved", None), info.used, info.free)


def _mig(handle: t.Any) -> Mig:
    modes = _ask("nvmlDeviceGetMigMode", handle)
    if not modes:
        return Mig()
    if not modes[0]:
        return Mig("disabled")
    slots = range(_ask("nvmlDeviceGetMaxMigDeviceCount", handle) or 0)
    parts = ((slot, _ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, slot)) for slot in slots)
    return Mig(
        "enabled", mark_shared([_mig_instance(part, slot) for slot, part in parts if part is not None])
    )


def _mig_instance(part: t.Any, slot: int) -> MigInstance:
    memory = _memory(part)
    name = _word(_ask("nvmlDeviceGetName", part)) or ""
    return MigInstance(
        uuid=_word(_ask("nvmlDeviceGetUUID", part)),
        index=slot,
        profile=name.partition(" MIG ")[2] or None,
        gpu_instance_id=_ask("nvmlDeviceGetGpuInstanceId", part),
        compute_instance_id=_ask("nvmlDeviceGetComputeInstanceId", part),
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
    )


def _vgpu(handle: t.Any) -> t.Optional[t.Dict[str, t.Optional[str]]]:
    mode = _VIRTUALIZATION.get(_ask("nvmlDeviceGetVirtualizationMode", handle))
    return {"mode": mode, "licence": None} if mode else None


def _recovery_action(handle: t.Any) -> t.Optional[str]:
    field = getattr(pynvml, "NVML_FI_DEV_GET_GPU_RECOVERY_ACTION", None)
    answers = _ask("nvmlDeviceGetFieldValues", handle, None if field is None else [field])
    if not answers or answers[0].nvmlReturn:
        return None
    return _RECOVERY_ACTIONS.get(answers[0].value.uiVal)


def _fabric_state(handle: t.Any) -> t.Optional[str]:
    structure = getattr(pynvml, "c_nvmlGpuFabricInfo_t", None)
    if structure is None:
        return None
    info = structure()
    done = _ask("nvmlDeviceGetGpuFabricInfo", handle, ctypes.byref(info))
    return None if done is None else _FABRIC_STATES.get(info.state)


def _health(handle: t.Any, recovery_action: t.Optional[str]) -> Health:
    if recovery_action is not None:
        return Health("unhealthy", "the driver asks for recovery: %s" % recovery_action)
    rows = _ask("nvmlDeviceGetRemappedRows", handle)
    if rows is None:
        return Health()
    if rows[3]:
        return Health("unhealthy", "a memory row could not be remapped: the card needs service")
    if rows[2]:
        return Health("ok", "memory repairs take effect at the next reset of the card")
    return Health("ok")


def _processes(handle: t.Any) -> t.Optional[t.Tuple[Process, ...]]:
    """Compute and graphics processes, each once."""
    lists = [_ask("nvmlDeviceGet%sRunningProcesses" % kind, handle) for kind in ("Compute", "Graphics")]
    if None in lists:
        return None
    used = {info.pid: info.usedGpuMemory for listed in lists for info in listed}
    return tuple(
        Process(pid, _word(_ask("nvmlSystemGetProcessName", pid)), amount)
        for pid, amount in sorted(used.items())
    )


def _pairs(handles: t.Sequence[t.Any]) -> t.Iterator[t.Tuple[int, int, str]]:
    peers = [_nvlink_peers(handle) for handle in handles]
    addresses = [_address(_ask("nvmlDeviceGetPciInfo", handle)) for handle in handles]
    for a, first in enumerate(handles):
        for b in range(a + 1, len(handles)):
            through_switch = min(peers[a].count("switch"), peers[b].count("switch"))
            bonded = through_switch or peers[a].count(addresses[b] or "none")
            ancestor = _ask("nvmlDeviceGetTopologyCommonAncestor", first, handles[b])
            word = "NV%d" % bonded if bonded else _ANCESTORS.get(ancestor)
            if word is not None:
                yield a, b, word


def _nvlink_peers(handle: t.Any) -> t.List[str]:
    """For each active NVLink what it leads to: a PCI address, or ``switch``."""
    peers = []
    for number in range(_MAX_LINKS):
        if not _ask("nvmlDeviceGetNvLinkState", handle, number):
            continue
        kind = _ask("nvmlDeviceGetNvLinkRemoteDeviceType", handle, number)
        remote = _address(_ask("nvmlDeviceGetNvLinkRemotePciInfo", handle, number))
        peers.append("switch" if kind == _NVSWITCH else remote or "unknown")
    return peers


def _address(pci: t.Any) -> t.Optional[str]:
    return values.pci_address(_word(pci.busId)) if pci else None
