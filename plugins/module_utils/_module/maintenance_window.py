# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a server may be changed: hours of the week, in a time zone. Pure: no IO."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta, timezone, tzinfo

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK_MINUTES = 7 * 24 * 60
_WINDOW = re.compile(
    r"(?:(?P<days>[a-z]{3}(?:[-,][a-z]{3})*) )?(?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)", re.IGNORECASE
)


class Window(t.NamedTuple):
    """From so many minutes of a week, which begins on Monday, for so many minutes."""

    begin: int
    length: int


def windows_of(texts: t.Iterable[str]) -> t.List[Window]:
    """What ``Sat,Sun 00:00-24:00`` or ``Mon-Fri 22:00-05:00`` or ``22:00-05:00`` say, one for each day.

    One that ends before it begins ends on the next day.

    :raises InvalidInput: one of them says nothing of the kind.
    """
    found = []
    for text in texts:
        match = _WINDOW.fullmatch(str(text).strip())
        begin = _minutes(match.group("from")) if match else None
        end = _minutes(match.group("to")) if match else None
        days = _days((match.group("days") if match else None) or "mon-sun")
        if begin is None or end is None or days is None or begin == end:
            raise InvalidInput(
                "%r is no maintenance window" % str(text),
                hint="Write it as 'Sat,Sun 00:00-24:00', 'Mon-Fri 22:00-05:00' or '22:00-05:00'.",
            )
        length = (end - begin) % (24 * 60) or 24 * 60
        found += [Window(day * 24 * 60 + begin, length) for day in days]
    return found


def _minutes(text: str) -> t.Optional[int]:
    hours, minutes = int(text[:2]), int(text[3:])
    return hours * 60 + minutes if minutes < 60 and hours * 60 + minutes <= 24 * 60 else None


def _days(text: str) -> t.Optional[t.List[int]]:
    found: t.List[int] = []
    for part in text.lower().split(","):
        ends = part.split("-")
        if len(ends) > 2 or any(each not in DAYS for each in ends):
            return None
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        found += [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]
    return found


def zone_of(name: str) -> tzinfo:
    """:raises InvalidInput: there is no time zone of this name here."""
    if not name or name.upper() == "UTC":
        return timezone.utc
    try:
        from zoneinfo import ZoneInfo  # Python 3.9

        return ZoneInfo(name)
    except (ImportError, ValueError, OSError, KeyError) as exc:
        raise InvalidInput(
            "There is no time zone %r on the controller" % name, hint="Take one like Europe/Berlin, or UTC."
        ) from exc


def opens(windows: t.Sequence[Window], moment: datetime) -> t.Optional[datetime]:
    """None where one of the windows is open at ``moment``, else when the next one opens."""
    now = moment.weekday() * 24 * 60 + moment.hour * 60 + moment.minute
    if any((now - window.begin) % _WEEK_MINUTES < window.length for window in windows):
        return None
    wait = min((window.begin - now) % _WEEK_MINUTES for window in windows)
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=wait)
