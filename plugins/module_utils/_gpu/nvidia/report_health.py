# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the long report of nvidia-smi says about a card's health, slot, fabric and load. Pure.

Element names differ between the XML and the plain report, and between drivers: they are compared
without case and underscores, and without the words that the XML puts before them.
"""

from __future__ import annotations

import re
import typing as t
from xml.etree import ElementTree

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Fact, Health

Found = t.Iterator[t.Tuple[str, str]]

_LOST = re.compile(r"gpu is lost|fallen off the bus", re.IGNORECASE)
_UNKNOWN = re.compile(r"unknown error", re.IGNORECASE)
_RESET = re.compile(r"gpu requires reset", re.IGNORECASE)
_REASON = re.compile(r"^clocks(event|throttle)reasons?")
# Slow because something is wrong, not because of a limit that was set or of idleness.
_SLOWED = ("hwslowdown", "hwthermalslowdown", "hwpowerbrakeslowdown")
_READABLE = {
    "hwslowdown": "hardware slowdown",
    "hwthermalslowdown": "thermal slowdown",
    "hwpowerbrakeslowdown": "power brake",
    "swthermalslowdown": "software thermal slowdown",
    "swpowercap": "power cap",
    "gpuidle": "idle",
    "syncboost": "sync boost",
    "applicationsclockssetting": "application clocks",
}
# Parts of the fabric's health, and what they say where nothing is wrong.
_FABRIC_HEALTHY: t.Mapping[str, t.Tuple[str, ...]] = {
    "bandwidth": ("full",),
    "routerecovery": ("false", "no"),
    "routeunhealthy": ("false", "no"),
    "accesstimeoutrecovery": ("false", "no"),
    "incorrectconfiguration": (),
    "summary": ("healthy",),
}
# The card's table of retired pages has no more places.
MOST_RETIRED_PAGES = 64
_FABRIC_GOOD = ("completed", "not_supported", None)


class Part:
    """An element whose children are found whatever their spelling."""

    def __init__(self, element: ElementTree.Element) -> None:
        self.element = element

    def at(self, path: str) -> t.Optional[Part]:
        """The first element at ``a/b``; each step one of ``x|y``."""
        here: t.Optional[ElementTree.Element] = self.element
        for step in path.split("/"):
            names = [_plain(name) for name in step.split("|")]
            here = next((child for child in here or () if _plain(child.tag) in names), None)
            if here is None:
                return None
        return None if here is None else Part(here)

    def text(self, *paths: str) -> t.Optional[str]:
        found = (self.at(path) for path in paths)
        cells = (values.text(part.element.text) for part in found if part is not None)
        return next((cell for cell in cells if cell is not None), None)

    def anywhere(self, name: str) -> t.Optional[str]:
        """The cell of this name, wherever a driver's report has it."""
        wanted = _plain(name)
        cells = (each.text for each in self.element.iter() if _plain(each.tag) == wanted)
        return next((text for text in map(values.text, cells) if text is not None), None)

    def says(self, pattern: t.Pattern[str]) -> bool:
        return any(pattern.search(each.text or "") for each in self.element.iter())


def _plain(tag: str) -> str:
    return tag.lower().replace("_", "")


def health(gpu: ElementTree.Element, corrupted_inforom: bool) -> Health:
    """The card's conditions. Health is known where the report has any of the counters that tell it."""
    part = Part(gpu)
    found = found_in(part)
    if corrupted_inforom:
        found.append(("inforom_corrupted", "its infoROM is corrupted"))
    counters = ("remapped_rows", "retired_pages", "gpu_recovery_action", "gpu_reset_status", "ecc_errors")
    known = any(_tells(part, name) for name in counters)
    return conditions.health(found, known)


def found_in(part: Part) -> t.List[t.Tuple[str, str]]:
    """The conditions that a report's element for a card tells."""
    return list(_answers(part)) or [
        *_memory(part),
        *_recovery(part),
        *_fabric(part),
        *_modes(part),
    ]


def of_cells(cells: t.Mapping[str, t.Optional[str]]) -> ElementTree.Element:
    """The element of a card of which ``path/in/the/report`` -> cell are known."""
    root = ElementTree.Element("gpu")
    for path, cell in cells.items():
        here = root
        for step in path.split("/"):
            before = here.find(step)
            here = ElementTree.SubElement(here, step) if before is None else before
        here.text = cell
    return root


def _tells(part: Part, name: str) -> bool:
    """Whether an element has a value that is not one of the words for nothing; None is an action."""
    found = part.at(name)
    cells = [] if found is None else [(each.text or "").strip() for each in found.element.iter()]
    return any(cell == "None" or (cell and values.text(cell) is not None) for cell in cells)


def _answers(part: Part) -> Found:
    """Cells say in place of values that the card is lost or waits for a reset."""
    identity = ("product_name", "uuid|gpu_uuid", "fb_memory_usage/total")
    cells = [found.element.text or "" for found in map(part.at, identity) if found is not None]
    if part.says(_RESET):
        yield "reset_required", "the driver says that the card requires a reset"
    elif part.says(_LOST) or any(_UNKNOWN.search(cell) for cell in cells):
        yield "device_lost", "the card does not answer"


def _memory(part: Part) -> Found:
    rows, retired = "remapped_rows/", "retired_pages/"
    if values.switch(part.text(rows + "remapped_row_failure|remapping_failure_occurred")):
        yield "row_remap_failed", "a memory row could not be remapped: the card needs service"
    if values.switch(part.anywhere("sram_threshold_exceeded")):
        yield "sram_threshold", "the threshold of SRAM errors is exceeded: the card needs service"
    if values.switch(part.anywhere("unrepairable_memory")):
        yield "memory_unrepairable", "a part of its memory cannot be repaired: the card needs service"
    pages = retired_pages(part)
    if pages >= MOST_RETIRED_PAGES:
        yield "retired_pages", "%d memory pages are retired: the card needs service" % pages
    errors = uncorrected(part, "volatile")
    if errors:
        text = "%d memory errors that could not be corrected since the driver was loaded" % errors
        yield "uncorrected_errors", text
    waiting = (
        part.text(rows + "remapped_row_pending|pending"),
        part.text(retired + "pending_retirement|pending_page_blacklist|pending_blacklist"),
        part.anywhere("channel_repair_pending"),
        part.anywhere("tpc_repair_pending"),
    )
    if any(values.switch(cell) for cell in waiting):
        yield "reset_pending", "memory repairs take effect at the next reset of the card"


def retired_pages(part: Part) -> int:
    """Pages of memory that are out of use, whatever the reason."""
    single, double = "retired_pages/single_bit_ecc", "retired_pages/double_bit_ecc"
    cells = (
        part.text(single, "retired_pages/multiple_single_bit_retirement/retired_count"),
        part.text(double, "retired_pages/double_bit_retirement/retired_count"),
    )
    return sum(values.integer(cell) or 0 for cell in cells)


def uncorrected(part: Part, period: str) -> t.Optional[int]:
    """Errors of ``volatile`` or ``aggregate`` that ECC could not correct; None where none are counted."""
    counters = part.at("ecc_errors/" + period)
    if counters is None:
        return None
    old = values.integer(counters.text("double_bit/total"))
    cells = [each.text for each in counters.element if "uncorrectable" in _plain(each.tag)]
    counts = [old] + [values.integer(values.text(cell)) for cell in cells]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _recovery(part: Part) -> Found:
    action = part.text("gpu_recovery_action")
    if action is not None:
        yield "recovery_action", "the driver asks for recovery: %s" % action
    status = part.at("gpu_reset_status")
    if status is not None and values.switch(status.text("reset_required")):
        yield "reset_required", "the driver says that a reset is required"
    if status is not None and values.switch(status.text("drain_and_reset_recommended")):
        yield "reset_recommended", "the driver recommends to drain and reset the card"


def _fabric(part: Part) -> Found:
    found = fabric(part)
    if found is not None:
        yield from fabric_conditions(found)


def fabric(part: Part) -> t.Optional[Fact]:
    """The card's place in NVSwitch's fabric; None where it has none."""
    state, status = word(part.text("fabric/state")), word(part.text("fabric/status"))
    if state == "not_supported" or (state is None and status in (None, "not_supported")):
        return None
    told = part.at("fabric/health")
    faults = []
    for each in told.element if told is not None else ():
        name, cell = _plain(each.tag), values.text(each.text)
        known = next((good for start, good in _FABRIC_HEALTHY.items() if name.startswith(start)), None)
        if cell is not None and known is not None and cell.lower() not in known:
            faults.append("%s: %s" % (name, cell))
    return {
        "state": state,
        "status": status,
        "cluster_uuid": _identity(part.text("fabric/clusteruuid")),
        "clique_id": values.integer(part.text("fabric/cliqueid")),
        "faults": faults,
    }


def _identity(text: t.Optional[str]) -> t.Optional[str]:
    return text if text and text.strip("0-") else None


def fabric_conditions(found: Fact) -> Found:
    """``fabric`` as conditions; both NVML and the report speak these words."""
    state, status = found["state"], found["status"]
    recovering = [each for each in found["faults"] if each.startswith("routerecovery")]
    degraded = [each for each in found["faults"] if each.startswith(("bandwidth", "summary: Limited"))]
    others = [each for each in found["faults"] if each not in recovering + degraded]
    if state not in _FABRIC_GOOD or recovering:
        yield (
            "fabric_not_ready",
            "NVSwitch's fabric is %s: programs end with CUDA error 802" % (recovering or [state])[0],
        )
    elif status not in (None, "success"):
        yield "fabric_failed", "its registration with NVSwitch's fabric failed: %s" % status
    if others:
        yield "fabric_failed", "NVSwitch's fabric is unhealthy: %s" % ", ".join(others)
    if degraded:
        yield "fabric_degraded", "NVSwitch's fabric is degraded: %s" % ", ".join(degraded)


def _modes(part: Part) -> Found:
    yield from mode_conditions(
        word(part.text("compute_mode")), slowed(part), values.switch(part.text("persistence_mode"))
    )


def mode_conditions(
    compute_mode: t.Optional[str], reasons: t.Sequence[str], persistence: t.Optional[bool]
) -> Found:
    if compute_mode == "prohibited":
        yield "compute_prohibited", "its compute mode is Prohibited: no program can use it"
    elif compute_mode in ("exclusive_process", "exclusive_thread"):
        yield "exclusive_process", "its compute mode is %s" % compute_mode
    slow = [_READABLE[name] for name in _SLOWED if name in reasons]
    if slow:
        yield "throttled", "slowed down by the hardware: %s" % ", ".join(slow)
    if persistence is False:
        yield "persistence_off", "persistence mode is off"


def slowed(part: Part) -> t.List[str]:
    """The active reasons for the clocks, as plain words."""
    reasons = part.at("clocks_event_reasons|clocks_throttle_reasons")
    if reasons is None:
        return []
    active = (each for each in reasons.element.iter() if (each.text or "").strip() == "Active")
    return sorted({_REASON.sub("", _plain(each.tag)) for each in active})


def pcie(part: Part) -> t.Optional[Fact]:
    """Generation and lanes, now and at most."""
    generation = "pci/pci_gpu_link_info|gpu_link_info/pcie_gen|pcie_generation/"
    lanes = "pci/pci_gpu_link_info|gpu_link_info/link_widths|link_width/"
    found = {
        "generation": values.integer(part.text(generation + "current_link_gen|current")),
        "generation_max": values.integer(part.text(generation + "max_link_gen|max")),
        "width": _lanes(part.text(lanes + "current_link_width|current")),
        "width_max": _lanes(part.text(lanes + "max_link_width|max")),
    }
    return found if any(found.values()) else None


def _lanes(cell: t.Optional[str]) -> t.Optional[int]:
    return values.integer((cell or "").rstrip("xX"))


def memory_errors(part: Part) -> t.Optional[Fact]:
    """Counts of what error correction met and of what it repaired."""
    rows = "remapped_rows/remapped_row_%s|%s"
    found = {
        "uncorrected_volatile": uncorrected(part, "volatile"),
        "uncorrected_aggregate": uncorrected(part, "aggregate"),
        "remapped_corrected": values.integer(part.text(rows % ("corr", "correctable_error"))),
        "remapped_uncorrected": values.integer(part.text(rows % ("unc", "uncorrectable_error"))),
    }
    return found if any(count is not None for count in found.values()) else None


def load(part: Part) -> Fact:
    """What the card does at this moment."""
    power = "gpu_power_readings|power_readings/"
    return {
        "temperature_c": values.celsius(part.text("temperature/gpu_temp|gpu_current_temp")),
        "power_draw_w": values.watts(
            part.text(power + "instant_power_draw|instantaneous_power_draw|power_draw|average_power_draw")
        ),
        "gpu_percent": values.percent(part.text("utilization/gpu_util|gpu")),
        "memory_percent": values.percent(part.text("utilization/memory_util|memory")),
        "sm_clock_mhz": values.megahertz(part.text("clocks/sm_clock|sm")),
        "sm_clock_max_mhz": values.megahertz(part.text("max_clocks/sm_clock|sm")),
        "memory_clock_mhz": values.megahertz(part.text("clocks/mem_clock|memory")),
        "reasons": [readable(name) for name in slowed(part)],
    }


def readable(reason: str) -> str:
    """A reason for the clocks in words that people use."""
    return _READABLE.get(reason, reason)


def word(text: t.Optional[str]) -> t.Optional[str]:
    """``in_progress`` of ``In Progress``."""
    return text.lower().replace(" ", "_") if text else None
