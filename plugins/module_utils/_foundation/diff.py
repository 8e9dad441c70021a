# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One table of fields decides comparison, ``changed`` and the diff."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


def as_is(value: t.Any) -> t.Any:
    """The value itself."""
    return value


def empty_is_none(value: t.Any) -> t.Any:
    """None for an empty list, map or text: servers store either."""
    return None if value in ([], {}, "") else value


@dataclass(frozen=True)
class FieldSpec:
    """How one managed field is compared and shown.

    ``normal`` maps a value to what is compared. ``secret`` fields show ``(set)`` or ``(changed)``.
    ``live`` fields take effect without a restart of what runs.
    """

    name: str
    normal: t.Callable[[t.Any], t.Any] = as_is
    secret: bool = False
    live: bool = False


@dataclass(frozen=True)
class Difference:
    """One field that is not as wanted; ``found`` is None where nothing exists yet."""

    spec: FieldSpec
    wanted: t.Any
    found: t.Any

    @property
    def before(self) -> t.Any:
        if self.spec.secret:
            return None if self.found is None else "(set)"
        return self.found

    @property
    def after(self) -> t.Any:
        if not self.spec.secret:
            return self.wanted
        if self.wanted is None:
            return None
        return "(set)" if self.found is None else "(changed)"


def differences(
    table: t.Sequence[FieldSpec],
    wanted: t.Mapping[str, t.Any],
    found: t.Mapping[str, t.Any],
) -> t.List[Difference]:
    """The fields of ``wanted`` that ``found`` does not have so. Fields not in ``wanted`` are unmanaged."""
    return [
        Difference(spec, wanted[spec.name], found.get(spec.name))
        for spec in table
        if spec.name in wanted and spec.normal(wanted[spec.name]) != spec.normal(found.get(spec.name))
    ]


def diff_of(rows: t.Sequence[Difference], header: str) -> t.Dict[str, t.Any]:
    """Ansible's diff of managed fields only, sorted, without secrets."""
    ordered = sorted(rows, key=lambda row: row.spec.name)
    return {
        "before_header": header,
        "after_header": header,
        "before": {row.spec.name: row.before for row in ordered if row.before is not None},
        "after": {row.spec.name: row.after for row in ordered if row.after is not None},
    }
