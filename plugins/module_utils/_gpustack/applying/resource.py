# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings one object of a server to what is wanted: look, compare, write once, compare what was stored."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    diff_of,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Conflict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.resources import (
    Kind,
    masked,
    post_body,
    put_body,
)


class Store(t.Protocol):
    """Where objects of one kind are. ``write`` creates where the id is None."""

    def find(self, name: str) -> t.Optional[Json]: ...

    def write(self, row_id: t.Optional[int], body: Json) -> Json: ...


@dataclass
class Resource:
    """One object by its ``name``. ``wanted`` has the fields that are managed, None for an object that is to go.

    ``remove`` deletes by id, where the kind can be deleted.
    """

    kind: Kind
    store: Store
    name: str
    wanted: t.Optional[Json]
    check_mode: bool
    remove: t.Optional[t.Callable[[int], None]] = None
    warnings: t.List[str] = field(default_factory=list)

    def bring(self, found: t.Optional[Json]) -> Json:
        """What the module returns. ``found`` is what ``store.find`` said.

        :raises Conflict: somebody else changed it since, or stored something else in the end.
        """
        rows = self._rows(found)
        changed = bool(rows) or (self.wanted is None) is not (found is None)
        after = self._predicted(found)
        if changed and not self.check_mode:
            self._check_unchanged(found)
            after = self._written(found, rows)
        return {
            "changed": changed,
            "predicted": self.check_mode,
            "actions": [self._action(found)] if changed else [],
            "before": found and self._shown(found),
            "after": after and self._shown(after),
            "warnings": self.warnings,
            "diff": self._diff(rows),
        }

    def _rows(self, found: t.Optional[Json]) -> t.List[Difference]:
        table = [each.spec for each in self.kind.fields]
        there = self.kind.values(found) if found else {}
        if self.wanted is None:
            return [
                Difference(spec, None, there[spec.name])
                for spec in table
                if spec.normal(there.get(spec.name))
            ]
        return differences(table, self.wanted, there)

    def _predicted(self, found: t.Optional[Json]) -> t.Optional[Json]:
        if self.wanted is None:
            return None
        if found is None:
            return post_body(self.kind, self.name, self.wanted)
        return dict(found, **put_body(self.kind, found, self.wanted))

    def _check_unchanged(self, found: t.Optional[Json]) -> None:
        now = self.store.find(self.name)
        if (now and self.kind.values(now)) != (found and self.kind.values(found)):
            raise self._contested("it is not as it was a moment ago")

    def _written(self, found: t.Optional[Json], rows: t.Sequence[Difference]) -> t.Optional[Json]:
        if self.wanted is None:
            if self.remove is not None and found is not None:
                self.remove(found["id"])
            return None
        body = self._predicted(found) if found is None else put_body(self.kind, found, self.wanted)
        self.store.write(found["id"] if found else None, t.cast(Json, body))
        stored = self.store.find(self.name)
        if stored is None:
            raise self._contested("it was removed")
        missed = sorted(row.spec.name for row in self._rows(stored))
        if missed:
            raise self._contested("GPUStack has not stored %s as sent" % ", ".join(missed))
        self._compare_rest(found, stored, {row.spec.name for row in rows})
        return stored

    def _compare_rest(self, found: t.Optional[Json], stored: Json, named: t.Set[str]) -> None:
        if found is None:
            return
        table = [each.spec for each in self.kind.fields if each.spec.name not in named]
        moved = differences(table, self.kind.values(found), self.kind.values(stored))
        if moved:
            self.warnings.append(
                "GPUStack changed more than was asked for: %s." % ", ".join(row.spec.name for row in moved)
            )

    def _action(self, found: t.Optional[Json]) -> str:
        if self.wanted is None:
            return "deleted"
        return "updated" if found else "created"

    def _shown(self, row: Json) -> Json:
        values = {
            each.name: masked(
                each.normal(row.get(each.key)) if each.name == "versions" else row.get(each.key)
            )
            for each in self.kind.fields
        }
        return dict(values, name=row[self.kind.key], id=row.get("id"))

    def _diff(self, rows: t.Sequence[Difference]) -> Json:
        shown = []
        for row in rows:
            before, after = masked(row.spec.normal(row.found)), masked(row.spec.normal(row.wanted))
            shown.append(Difference(row.spec, "(changed)" if before == after else after, before))
        return diff_of(shown, "%s %s" % (self.kind.noun, self.name))

    def _contested(self, words: str) -> Conflict:
        return Conflict(
            "The %s %s was changed by somebody else while this task ran, or the server did not take the change: %s"
            % (self.kind.noun, self.name, words),
            hint="Look at it in GPUStack and run again: it is then compared with what is wanted.",
        )
