# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All probes, one host, one fact."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import pci
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import TIMEOUT
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.host import host_facts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.pci import PciCard
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    GATHER_DEFAULT,
    Probe,
    Scene,
    Tools,
    bus_device,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import TimedOut
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    SCHEMA,
    Device,
    Fact,
    Findings,
    Notice,
)


class _Vendor(t.NamedTuple):
    """``load`` imports the probe; ``signs`` are files that show a driver besides cards and tools.

    ``shared`` are tools under another vendor's name, which show nothing by themselves.
    """

    load: t.Callable[[], Probe]
    tools: t.Sequence[str]
    signs: t.Sequence[str] = ()
    shared: t.Sequence[str] = ()


# A host compiles what it imports anew each time: only the probes of its own vendors.
def _nvidia() -> Probe:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import probe as nvidia

    return nvidia.probe


def _amd() -> Probe:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import probe as amd

    return amd.probe


def _intel() -> Probe:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.intel import probe as intel

    return intel.probe


def _hygon() -> Probe:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import hygon

    return hygon.probe


def _gaudi() -> Probe:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.gaudi import probe as gaudi

    return gaudi.probe


def _ascend() -> Probe:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.ascend import probe as ascend

    return ascend.probe


def _table_of(vendor: str, *tools: str) -> _Vendor:
    """A vendor of whose tool only the table is read; the first tool alone shows that the vendor is there."""

    def load() -> Probe:
        from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.others import probe as others

        return others.probe_of(vendor, tools)

    return _Vendor(load, tools[:1], shared=tools[1:])


_NVIDIA_SIGNS = (
    "/dev/nvidiactl",
    "/sys/module/nvidia",
    # Jetsons, whose GPU is on no bus.
    "/etc/nv_tegra_release",
    "/sys/module/nvgpu",
)
# Vendors whose tools we read; a card of another vendor is known by the bus alone.
PROBES: t.Mapping[str, _Vendor] = {
    "nvidia": _Vendor(_nvidia, ("nvidia-smi",), _NVIDIA_SIGNS),
    "amd": _Vendor(_amd, ("amd-smi", "rocm-smi")),
    "intel": _Vendor(_intel, ("xpu-smi",)),
    "gaudi": _Vendor(_gaudi, ("hl-smi",)),
    "ascend": _Vendor(_ascend, ("npu-smi",)),
    "hygon": _Vendor(_hygon, ("hy-smi", "rocm-smi")),
    "metax": _table_of("metax", "mx-smi"),
    "mthreads": _table_of("mthreads", "mthreads-gmi"),
    "cambricon": _table_of("cambricon", "cnmon"),
    "iluvatar": _table_of("iluvatar", "ixsmi"),
    "thead": _table_of("thead", "ppu-smi"),
    "kunlun": _table_of("kunlun", "xpu_smi", "xpu-smi"),
    "biren": _table_of("biren", "brsmi"),
    "aws": _table_of("aws", "neuron-ls"),
}
VENDORS: t.Sequence[str] = tuple(pci.VENDORS.values()) + (pci.OTHER,)


class Wishes(t.NamedTuple):
    """What the caller wants to know."""

    vendors: t.Sequence[str] = VENDORS
    include_processes: bool = True
    gather: t.Sequence[str] = GATHER_DEFAULT


def collect(machine: Machine, tools: Tools, wishes: Wishes) -> Fact:
    """The value of ``ansible_facts.autoconfig_gpu``. Raises nothing for whatever the host is like."""
    host = host_facts(machine)
    cards = pci.scan(machine)
    present = [vendor for vendor in wishes.vendors if _is_present(vendor, machine, cards, tools)]
    slow = sum(vendor in PROBES for vendor in present)
    found: t.Dict[str, Findings] = {}
    for vendor in present:
        scene = Scene(
            machine=machine,
            tools=tools.share(max(1, slow)),
            cards=tuple(card for card in cards if card.vendor == vendor),
            container=host["container"],
            include_processes=wishes.include_processes,
            gather=frozenset(wishes.gather),
        )
        found[vendor] = _probe(vendor, scene)
        slow -= vendor in PROBES
    if not any(findings.devices or findings.notices for findings in found.values()):
        found[""] = Findings(notices=(_no_gpu(wishes.vendors),))
    return _fact(machine, host, found)


def bare(machine: Machine) -> Fact:
    """The facts of the host alone, as of one without any accelerator, to be filled in."""
    return _fact(machine, host_facts(machine), {})


def _fact(machine: Machine, host: Fact, found: t.Mapping[str, Findings]) -> Fact:
    devices = _named([device for findings in found.values() for device in findings.devices], machine)
    devices = _with_specs(devices) if devices else []
    return {
        "schema": SCHEMA,
        "collected_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(machine.now())),
        "host": host,
        "driver": {vendor: findings.driver for vendor, findings in found.items() if findings.driver},
        "runtime": {name: value for findings in found.values() for name, value in findings.runtime.items()},
        "driver_details": {
            vendor: dict(findings.details) for vendor, findings in found.items() if findings.details
        },
        "devices": [device.as_fact() for device in sorted(devices, key=_order)],
        "topology": {
            "links": [
                dict(link.as_fact(), vendor=vendor)
                for vendor, findings in found.items()
                for link in findings.links
            ]
        },
        "warnings": [notice.as_fact() for notice in _notices(found)],
    }


_SEVERITIES = ("error", "warning", "note")


def _notices(found: t.Mapping[str, Findings]) -> t.List[Notice]:
    """Each once, the worst first."""
    listed = dict.fromkeys(notice for findings in found.values() for notice in findings.notices)
    return sorted(listed, key=lambda notice: _SEVERITIES.index(notice.severity))


def _named(devices: t.Sequence[Device], machine: Machine) -> t.List[Device]:
    """Devices that nothing else names get the name of the table of PCI identities: ours, or the host's."""
    unnamed = {device.pci_id for device in devices if device.pci_id and not device.name}
    if not unnamed:
        return list(devices)
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import pci_names

    names = {pci_id: name for pci_id, name in pci_names.NAMES.items() if pci_id in unnamed}
    names.update(pci.names(machine, unnamed - set(names)))
    return [
        device if device.name else device.told_by("pci.ids", name=names.get(device.pci_id or ""))
        for device in devices
    ]


def _with_specs(devices: t.Sequence[Device]) -> t.List[Device]:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import cards

    found = []
    for device in devices:
        card = cards.matching(device.vendor, device.name, device.pci_id, device.memory_total_bytes)
        found.append(device.told_by("table", specs=card.specs) if card else device)
    return found


def _is_present(vendor: str, machine: Machine, cards: t.Sequence[PciCard], tools: Tools) -> bool:
    """Whether anything of this vendor shows: in a container the bus may be hidden, or the tool missing.

    A tool of a name that two vendors use shows nothing where the bus has cards of the other.
    """
    on_bus = {card.vendor for card in cards}
    known = PROBES.get(vendor)
    if vendor in on_bus or known is None:
        return vendor in on_bus
    others = [(*PROBES[each].tools, *PROBES[each].shared) for each in on_bus if each in PROBES]
    own = [tool for tool in known.tools if not any(tool in taken for taken in others)]
    return any(tools.find(tool) for tool in own) or any(machine.exists(sign) for sign in known.signs)


def _probe(vendor: str, scene: Scene) -> Findings:
    try:
        with scene.tools.limited() as tools:
            scene = scene._replace(tools=tools)
            return PROBES[vendor].load()(scene) if vendor in PROBES else _bus_only(scene)
    except TimedOut:
        notice = TIMEOUT.notice(vendor, "Reading the %s cards took all the time for it" % vendor)
        return _bus_only(scene, "timeout")._replace(notices=(notice,))
    except Exception as exc:  # one vendor's surprise must not hide another vendor's cards
        notice = Notice(
            "probe_failed",
            vendor,
            "Reading the %s cards failed: %s: %s" % (vendor, type(exc).__name__, exc),
            "This is a defect of the collection: please report it with the tool's output.",
        )
        return _bus_only(scene, "probe_failed")._replace(notices=(notice,))


def _bus_only(scene: Scene, state: str = "unsupported_vendor") -> Findings:
    devices = tuple(bus_device(card, state) for card in scene.cards)
    notices = tuple(
        Notice(
            device.state,
            device.vendor,
            "%s: a card of %s, of which only the PCI bus is read"
            % (
                device.pci_bus_id,
                "a vendor that is not known" if device.vendor == pci.OTHER else device.vendor,
            ),
            "Its memory is not known, so that no plan uses it.",
            device.pci_bus_id,
        )
        for device in devices
    )
    return Findings(devices=devices, notices=notices)


def _no_gpu(vendors: t.Sequence[str]) -> Notice:
    return Notice(
        "no_gpu",
        None,
        "Neither the PCI bus nor a tool shows an accelerator of these vendors: %s" % ", ".join(vendors),
        "If there should be one, look at lspci on the host, or at what this container is given.",
        severity="note",
    )


def _order(device: Device) -> t.Tuple[str, int]:
    return device.pci_bus_id or "~", -1 if device.index is None else device.index
