# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes and roundings that every part of the planner shares."""

from __future__ import annotations

MIB = 2**20
GIB = 2**30

# Where a number comes from, best first.
MEASURED = "measured"
DERIVED = "derived"
ESTIMATED = "estimated"
ASSUMED = "assumed"


def ceil_div(value: int, divisor: int) -> int:
    """The smallest whole number not below value / divisor."""
    return -(-value // divisor)


def round_up(value: int, step: int) -> int:
    """The smallest multiple of ``step`` not below ``value``."""
    return ceil_div(value, step) * step


def round_down(value: int, step: int) -> int:
    """The largest multiple of ``step`` not above ``value``."""
    return value // step * step


def gib(size_bytes: int) -> str:
    """A size for people: ``44.9 GiB``."""
    return "%.1f GiB" % (size_bytes / GIB)
