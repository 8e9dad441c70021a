# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hardware that a catalog's entry is meant for (``gpu_filters``)."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Gpu

Filter = t.Mapping[str, t.Any]

_CLAUSE = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d+)(?:\.(\d+))?$")
_COMPARISONS: t.Mapping[str, t.Callable[[t.Tuple[int, int], t.Tuple[int, int]], bool]] = {
    ">=": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
    "==": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    ">": lambda have, want: have > want,
    "<": lambda have, want: have < want,
}

_VARIANT_NAMES = {"a3": "910_93"}


def admits(filters: t.Sequence[Filter], gpu: Gpu) -> bool:
    """Whether one of a catalog's entries is meant for ``gpu``; no entries restrict nothing."""
    return not filters or any(_admits(each, gpu) for each in filters)


def _admits(wanted: Filter, gpu: Gpu) -> bool:
    vendors = vendors_of(wanted)
    if vendors and gpu.vendor not in vendors:
        return False
    variants = _listed(wanted.get("vendor_variant"))
    if variants and gpu.target and not any(_is_variant(gpu.target, each) for each in variants):
        return False
    clauses = str(wanted.get("compute_capability") or "")
    return all(_holds(clause.strip(), gpu) for clause in clauses.split(",") if clause.strip())


def _holds(clause: str, gpu: Gpu) -> bool:
    """An unreadable clause and an unknown capability are no reason to leave a card out."""
    match = _CLAUSE.match(clause)
    if match is None or gpu.capability is None:
        return True
    return _COMPARISONS[match.group(1)](gpu.capability, (int(match.group(2)), int(match.group(3) or 0)))


def vendors_of(wanted: Filter) -> t.Sequence[str]:
    """The vendors that an entry is meant for; empty for any."""
    return _listed(wanted.get("vendor"))


def _listed(value: t.Any) -> t.Sequence[str]:
    if not value:
        return ()
    return [value] if isinstance(value, str) else value


def _is_variant(target: str, variant: str) -> bool:
    """``910b`` and ``310p`` are in the name of the chip; the A3 boards carry the Ascend910_93."""
    return _VARIANT_NAMES.get(variant.lower(), variant.lower()) in target.lower()
