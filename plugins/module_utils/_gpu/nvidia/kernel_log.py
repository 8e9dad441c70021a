# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's log says about NVIDIA cards. Pure: text in, values out.

The log is read without a process and only where this user may. Formats: /dev/kmsg, dmesg, journalctl.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine

PATH = "/dev/kmsg"
_RECORDS = 20000
_NVRM = "NVRM: "

# Xids that name a fault of hardware or driver; the others are a program's (NVIDIA's catalog of Xids).
FATAL_XIDS: t.Mapping[int, str] = {
    48: "a memory error that could not be corrected",
    62: "the card's microcontroller halted",
    64: "a memory row could not be remapped",
    74: "an NVLink error",
    79: "the card has fallen off the bus",
    92: "many memory errors that were corrected",
    94: "a memory error, contained",
    95: "a memory error, uncontained",
    119: "the card's system processor timed out",
    120: "the card's system processor failed",
    140: "a memory error that could not be corrected",
    143: "the card could not be initialised",
    144: "an NVLink error",
    145: "an NVLink error",
    154: "the driver asks for recovery",
}

_ADDRESS = r"((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-9a-f])?)"
_XID = re.compile(r"NVRM: Xid \(PCI:%s\): (\d{1,4})" % _ADDRESS, re.IGNORECASE)
_OFF_BUS = re.compile(
    r"NVRM: (?:The NVIDIA )?GPU (?:at )?(?:PCI:)?%s.{0,200}?fallen off the bus" % _ADDRESS,
    re.IGNORECASE | re.DOTALL,
)
_INIT_FAILED = re.compile(
    r"NVRM: GPU %s: (?:RmInitAdapter|rm_init_adapter) failed[^\n]{0,60}" % _ADDRESS, re.IGNORECASE
)


@dataclass(frozen=True)
class LogEntry:
    """``kind`` is xid, off_bus or init_failed; ``xid`` is set for the first."""

    address: str
    kind: str
    text: str
    xid: t.Optional[int] = None


def read(machine: Machine) -> t.List[LogEntry]:
    """Entries of the kernel's ring buffer; empty where this user may not read it."""
    records = machine.log_records(PATH, _RECORDS)
    return parse("\n".join(record for record in records if _NVRM in record))


def parse(text: str) -> t.List[LogEntry]:
    """Each complaint once per card, the faults of programs left out."""
    found: t.Dict[t.Tuple[str, str, t.Optional[int]], LogEntry] = {}
    for entry in _entries(text):
        found.setdefault((entry.address, entry.kind, entry.xid), entry)
    return list(found.values())


def _entries(text: str) -> t.Iterator[LogEntry]:
    for match in _XID.finditer(text):
        number = int(match.group(2))
        if number in FATAL_XIDS:
            yield LogEntry(
                _address(match.group(1)), "xid", "Xid %d, %s" % (number, FATAL_XIDS[number]), number
            )
    for match in _OFF_BUS.finditer(text):
        yield LogEntry(_address(match.group(1)), "off_bus", "the card has fallen off the bus")
    for match in _INIT_FAILED.finditer(text):
        words = " ".join(match.group(0).split(": ", 2)[-1].split())
        yield LogEntry(_address(match.group(1)), "init_failed", "the driver could not start it: " + words)


def _address(text: str) -> str:
    """A log names the card, sometimes without its function 0."""
    with_function = text if "." in text else text + ".0"
    return values.pci_address(with_function) or with_function.lower()
