# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far downloads are, and how fast. Pure: no IO."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

MIB = 1 << 20
STALLED_S = 60.0


@dataclass
class _Point:
    """The last news of one download."""

    begin_s: float
    moment_s: float
    share: float
    size: int
    bytes_per_s: t.Optional[float] = None


@dataclass
class Progress:
    """Downloads by a number of the caller's. Sizes in bytes, times in seconds of the caller's clock."""

    _points: t.Dict[int, _Point] = field(default_factory=dict)

    def words(self, number: int, share: t.Optional[float], size: t.Optional[int], now_s: float) -> str:
        """For people: the share in percent, the size where it is known, the speed since the last news and what
        it leaves to wait.
        """
        if not share:
            return ""
        point = self._points.setdefault(number, _Point(now_s, now_s, share, size or 0))
        if share > point.share and now_s > point.moment_s:
            if size:
                point.bytes_per_s = (share - point.share) / 100 * size / (now_s - point.moment_s)
            point.moment_s, point.share, point.size = now_s, share, size or 0
        said = " %d %%" % share
        if size:
            said += " of %d MiB" % (size / MIB)
        still_s = now_s - point.moment_s
        if still_s >= STALLED_S:
            return said + ", nothing new for %d min" % (still_s / 60)
        if point.bytes_per_s is None:
            return said
        return "%s, %.0f MiB/s%s" % (said, point.bytes_per_s / MIB, _left(point))


def _left(point: _Point) -> str:
    """How long the rest takes at this speed, in words."""
    if not point.bytes_per_s:
        return ""
    seconds = (100 - point.share) / 100 * point.size / point.bytes_per_s
    return ", %.0f s left" % seconds if seconds < 90 else ", %.0f min left" % (seconds / 60)
