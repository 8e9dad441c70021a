# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vendors' tools write into one cell, as Python values.

Unreadable is None, never 0. Pure: text in, values out.
"""

from __future__ import annotations

import re
import typing as t

MIB = 1024 * 1024

# No card comes near this; a larger number is a misread cell.
MEMORY_LIMIT_BYTES = 16 * 1024**4

# Compiled when they are first used: a host without cards needs none of them.
_NOTHING = (
    r"(?i)^\[?\s*(n/?a|not supported|not found|none|unknown( error)?|insufficient permissions|err!"
    r"|gpu is lost|gpu requires reset|requested functionality has been deprecated|gpu-|mig-"
    r"|no devices were found|driver error|permission denied)?\s*\]?$"
)
_NUMBER = r"(?i)^([0-9]{1,15}(?:\.[0-9]{1,9})?)(?:\s*([a-z%]+))?$"
_VERSION = r"^v?([0-9]{1,6}(?:\.[0-9]{1,6}){1,3})(?:\s|$)"
_PCI_ADDRESS = r"(?i)^(?:([0-9a-f]{1,8}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-9a-f])$"
_SIZES = {"": MIB, "b": 1, "bytes": 1, "kb": 1024, "kib": 1024, "mb": MIB, "mib": MIB, "gib": 1024**3}
_ANSI = r"\x1b\[[0-9;]*m"
# No tool writes longer lines; patterns with gaps stay fast on what is not a tool's output.
_LINE_LIMIT = 2000
# A report on 16 cards with all their processes has a tenth of it.
_LINES_LIMIT = 40000


def lines(output: str) -> t.List[str]:
    """Lines without colours and trailing space; of what no tool prints, the beginning."""
    found: t.List[str] = []
    for line in output.splitlines():
        if len(found) == _LINES_LIMIT:
            break
        found.append(re.sub(_ANSI, "", line[:_LINE_LIMIT]).rstrip())
    return found


def text(cell: t.Optional[str]) -> t.Optional[str]:
    """The cell, or None for the many ways in which tools say that they do not know."""
    if cell is None:
        return None
    plain = " ".join("".join(char for char in cell if char.isprintable() or char.isspace()).split())
    return None if re.match(_NOTHING, plain) else plain


def size(cell: t.Optional[str]) -> t.Optional[int]:
    """Bytes of ``143771 MiB``; a bare number counts MiB, and tools that write MB mean MiB."""
    number, unit = _quantity(cell)
    factor = _SIZES.get(unit.lower())
    if number is None or factor is None:
        return None
    amount = int(number * factor)
    return amount if amount <= MEMORY_LIMIT_BYTES else None


def watts(cell: t.Optional[str]) -> t.Optional[float]:
    """Watts of ``700.00 W``."""
    number, unit = _quantity(cell)
    return number if unit.upper() in ("", "W") else None


def percent(cell: t.Optional[str]) -> t.Optional[float]:
    """Percent of ``37 %``."""
    number, unit = _quantity(cell)
    return number if unit in ("", "%") else None


def celsius(cell: t.Optional[str]) -> t.Optional[float]:
    """Degrees of ``31 C``."""
    number, unit = _quantity(cell)
    return number if unit.upper() in ("", "C") else None


def megahertz(cell: t.Optional[str]) -> t.Optional[int]:
    """MHz of ``1980 MHz``."""
    number, unit = _quantity(cell)
    return int(number) if number is not None and unit.lower() in ("", "mhz") else None


def integer(cell: t.Optional[str]) -> t.Optional[int]:
    """A plain whole number."""
    number, unit = _quantity(cell)
    return int(number) if number is not None and not unit and number == int(number) else None


def switch(cell: t.Optional[str]) -> t.Optional[bool]:
    """True for Enabled or Yes, False for Disabled or No."""
    return {"enabled": True, "yes": True, "disabled": False, "no": False}.get((cell or "").strip().lower())


def version(cell: t.Optional[str]) -> t.Optional[str]:
    """``610.62`` of ``610.62 [Deprecated; ...]``; None for a sentence."""
    found = re.match(_VERSION, (cell or "").strip())
    return found.group(1) if found else None


def pci_address(cell: t.Optional[str]) -> t.Optional[str]:
    """``0000:83:00.0`` of ``00000000:83:00.0``; a domain over 16 bits keeps its 8 digits."""
    found = re.match(_PCI_ADDRESS, (cell or "").strip())
    if found is None:
        return None
    domain = int(found.group(1) or "0", 16)
    width = "%04x" if domain <= 0xFFFF else "%08x"
    return (width % domain) + (":%s:%s.%s" % found.group(2, 3, 4)).lower()


def pci_id(cell: t.Optional[str]) -> t.Optional[str]:
    """``10de:2335`` of ``0x233510DE``, where NVIDIA puts the vendor last."""
    found = re.match(r"^(?:0x)?([0-9a-f]{4})([0-9a-f]{4})$", (cell or "").strip(), re.IGNORECASE)
    return ("%s:%s" % found.group(2, 1)).lower() if found else None


def _quantity(cell: t.Optional[str]) -> t.Tuple[t.Optional[float], str]:
    found = re.match(_NUMBER, (cell or "").strip())
    return (float(found.group(1)), found.group(2) or "") if found else (None, "")
