# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's log says about NVIDIA cards and their switches. Pure: text in, values out.

The log is read without a process and only where this user may. Formats: /dev/kmsg, dmesg, journalctl.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine

PATH = "/dev/kmsg"
_OURS = re.compile(rb"NVRM: |SXid|fallen off the bus")

# Xids that name a fault of hardware or driver; the others are a program's (NVIDIA's catalog of Xids).
FATAL_XIDS: t.Mapping[int, str] = {
    46: "the card stopped processing",
    48: "a memory error that could not be corrected",
    54: "the card's extra power is not connected",
    61: "the card's microcontroller halted",
    62: "the card's microcontroller halted",
    64: "a memory row could not be remapped",
    74: "an NVLink error",
    79: "the card has fallen off the bus",
    92: "many memory errors that were corrected",
    94: "a memory error, contained",
    95: "a memory error, uncontained",
    109: "a context switch timed out",
    110: "a security fault of the card",
    119: "the card's system processor timed out",
    120: "the card's system processor failed",
    123: "the power controller does not answer",
    136: "the training of a link failed",
    140: "a memory error that could not be corrected",
    143: "the card could not be initialised",
    144: "an NVLink error (SAW)",
    145: "an NVLink error (RLW)",
    146: "an NVLink error (TLW)",
    147: "an NVLink error (TREX)",
    148: "an NVLink error (NVLPW_CTRL)",
    149: "an NVLink error (NETIR)",
    150: "an NVLink error (MSE)",
    151: "a key could not be rotated",
    154: "the driver asks for recovery",
    155: "an NVLink error, found by software",
    156: "a part of the card was retired",
    157: "a part of the card could not be retired",
    158: "the card timed out for good",
    161: "a part of memory could not be retired",
    167: "PCIe timed out for good",
    168: "the card has less memory than it should",
    169: "the card's security processor halted",
    171: "a DRAM error that could not be corrected",
    172: "an SRAM error that could not be corrected",
    173: "a C2C link failed",
}

_ADDRESS = r"((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-9a-f])?)"
# MIG names the instance behind the address.
_XID = re.compile(r"NVRM: Xid \((?:PCI:)?%s[^)\n]{0,60}\): (\d{1,4})([^\n]{0,200})" % _ADDRESS, re.IGNORECASE)
_NO_RECOVERY = re.compile(r"\bto 0x0\b")
_SXID = re.compile(
    r"nvidia-nvswitch\d{1,3}: SXid \((?:PCI:)?%s[^)\n]{0,60}\): (\d{1,6}), Fatal([^\n]{0,200})" % _ADDRESS,
    re.IGNORECASE,
)
_OFF_BUS = re.compile(
    r"NVRM: (?:The NVIDIA )?GPU (?:at )?(?:PCI:)?%s(?:(?!NVRM: (?:The NVIDIA |GPU|Xid)).){0,200}?fallen off the bus"
    % _ADDRESS,
    re.IGNORECASE | re.DOTALL,
)
_INIT_FAILED = re.compile(
    r"NVRM: GPU %s: (?:RmInitAdapter|rm_init_adapter) failed[^\n]{0,60}" % _ADDRESS, re.IGNORECASE
)
# /dev/kmsg has microseconds since boot, dmesg seconds.
_KMSG_TIME = re.compile(r"^\d{1,3},\d{1,20},(\d{1,20}),")
_DMESG_TIME = re.compile(r"^(?:<\d+>)?\[\s*(\d{1,12}\.\d{1,6})\]")


class LogEntry(t.NamedTuple):
    """``kind`` is xid, sxid, off_bus or init_failed; ``xid`` is the number of the first two.

    ``count`` says how often it stands there, ``last_s`` when it did last, in seconds since boot.
    """

    address: str
    kind: str
    text: str
    xid: t.Optional[int] = None
    count: int = 1  # type: ignore[assignment]
    last_s: t.Optional[float] = None


def read(machine: Machine) -> t.Optional[t.List[LogEntry]]:
    """Entries of the kernel's ring buffer; None where this user may not read it."""
    records = machine.log_records(PATH, _OURS)
    return None if records is None else parse("\n".join(records))


def uptime_s(machine: Machine) -> t.Optional[float]:
    found = re.match(r"(\d{1,12}(?:\.\d+)?) ", (machine.read("/proc/uptime") or "") + " ")
    return float(found.group(1)) if found else None


def parse(text: str) -> t.List[LogEntry]:
    """Each complaint once per card with its count, the faults of programs left out."""
    found: t.Dict[t.Tuple[str, str, t.Optional[int]], LogEntry] = {}
    for entry in _entries(text):
        key = (entry.address, entry.kind, entry.xid)
        before = found.get(key)
        if before is not None:
            entry = entry._replace(count=before.count + 1, last_s=entry.last_s or before.last_s)
        found[key] = entry
    return list(found.values())


def _entries(text: str) -> t.Iterator[LogEntry]:
    for match in _XID.finditer(text):
        number = int(match.group(2))
        if number in FATAL_XIDS and not (number == 154 and _NO_RECOVERY.search(match.group(3))):
            what = "Xid %d, %s" % (number, FATAL_XIDS[number]) + _recovery(number, match.group(3))
            yield LogEntry(_address(match.group(1)), "xid", what, number, 1, _time(text, match.start()))
    for match in _SXID.finditer(text):
        what = "SXid %s, fatal%s" % (match.group(2), match.group(3).rstrip())
        yield LogEntry(
            _address(match.group(1)), "sxid", what, int(match.group(2)), 1, _time(text, match.start())
        )
    for match in _OFF_BUS.finditer(text):
        when = _time(text, match.start())
        yield LogEntry(_address(match.group(1)), "off_bus", "the card has fallen off the bus", last_s=when)
    for match in _INIT_FAILED.finditer(text):
        words = " ".join(match.group(0).split(": ", 2)[-1].split())
        what = "the driver could not start it: " + words
        yield LogEntry(_address(match.group(1)), "init_failed", what, last_s=_time(text, match.start()))


def _recovery(number: int, rest: str) -> str:
    """What Xid 154 asks for: the last brackets of ``changed from 0x0 (None) to 0x2 (Node Reboot Required)``."""
    asked = re.findall(r"\(([A-Z][^()]{2,60})\)", rest) if number == 154 else []
    return ": %s" % asked[-1] if asked else ""


def _time(text: str, place: int) -> t.Optional[float]:
    """Seconds since boot of the line around ``place``."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    kernel, dmesg = _KMSG_TIME.match(line), _DMESG_TIME.match(line)
    if kernel is not None:
        return int(kernel.group(1)) / 1e6
    return float(dmesg.group(1)) if dmesg is not None else None


def _address(text: str) -> str:
    """A log names the card, sometimes without its function 0."""
    with_function = text if "." in text else text + ".0"
    return values.pci_address(with_function) or with_function.lower()
