# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one route in a router's file be as wanted, or be gone."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MADE_BY,
    OWNERSHIP,
    Change,
    Fields,
    Format,
    Outcome,
    Policy,
    Route,
    taken_away,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Document
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.shared_file import SharedFile

# The first line of a file that is made here and goes with its last route.
_FILE_MADE = "# file %s\n" % MADE_BY


@dataclass(frozen=True)
class _Step:
    """The text to write, None when the file is as wanted."""

    text: t.Optional[str]
    differences: t.Sequence[Difference]
    route: t.Optional[Fields]
    after: Document


class Registry:
    """The routes in one file of one format."""

    def __init__(self, file: SharedFile, form: Format, policy: Policy) -> None:
        self._file, self._form, self._policy = file, form, policy

    def register(self, route: Route) -> Outcome:
        """Let exactly one entry stand for the route; raises Conflict when somebody else wrote it."""
        return self._carry_out(
            route, lambda text: self._registering(text, route), self._policy.proof.ask_backend
        )

    def remove(self, route: Route) -> Outcome:
        """Let no entry stand for the route; raises Conflict when several could be meant."""
        return self._carry_out(route, lambda text: self._removing(text, route))

    def _carry_out(
        self,
        route: Route,
        decide: t.Callable[[t.Optional[str]], _Step],
        prove: t.Optional[t.Callable[[], None]] = None,
    ) -> Outcome:
        seen = self._file.read()
        if not self._policy.dry_run:
            self._file.clear_away()
        step = decide(seen)
        if step.text is None or self._policy.dry_run:
            return self._outcome(step, route, "file" if step.text is None else None)
        if prove is not None:
            prove()
        with self._file.locked():
            # Another writer may have been faster: what counts is read under the lock.
            before = self._file.read()
            step = step if before == seen else decide(before)
            if step.text is None:
                return self._outcome(step, route, "file")
            wants_copy = self._policy.backup and before is not None
            backup = self._file.back_up() if wants_copy else None
            is_ours = step.text.strip() == _FILE_MADE.strip()
            if self._policy.validate and not is_ours:
                self._file.check(step.text, self._policy.validate)
            if is_ours:
                self._file.remove()
            else:
                self._file.write(step.text)
            if self._file.read() != (None if is_ours else step.text):
                raise UnexpectedReply(
                    "%s does not hold what was written to it a moment ago" % self._file.path,
                    hint="Look for another program that writes this file.",
                )
        return self._outcome(step, route, "file", backup)

    def _outcome(
        self, step: _Step, route: Route, verified: t.Optional[str], backup: t.Optional[str] = None
    ) -> Outcome:
        form = self._form
        shares, remarks = form.shares(step.after, route), form.remarks(step.after, route)
        return Outcome(step.differences, step.route, verified, backup, shares, remarks)

    def _registering(self, text: t.Optional[str], route: Route) -> _Step:
        if text is None and not self._policy.create:
            raise NotFound(
                "%s does not exist and create is false" % self._file.path,
                hint="Check path, or let create be true.",
            )
        old = self._parsed(text or "")
        index = self._index(old, route)
        entry = None if index is None else old.entries[index]
        wanted = self._form.wanted(route, entry)
        found = {} if entry is None else self._form.found(entry, route)
        rows = differences(self._form.fields, wanted, found)
        if entry is not None and not self._policy.adopt and not self._form.is_ours(entry):
            rows = [row for row in rows if row.spec.name not in OWNERSHIP]
            if rows:
                raise self._foreign(route, entry.line, rows)
        names = {row.spec.name for row in rows}
        self._form.check(old, route, Change(entry, frozenset(names)))
        if not rows:
            return _Step(None, (), None if entry is None else self._form.described(entry), old)
        data = self._form.merged(entry, wanted)
        base = self._parsed(_FILE_MADE) if text is None else old
        new = base.appended(data) if index is None else base.replaced(index, data)
        parsed = self._parsed(new)
        index = self._place(parsed, route) if index is None else index
        for other, content in self._form.companions(parsed, route, index, names).items():
            new = parsed.replaced(other, content)
            parsed = self._parsed(new)
        return _Step(new, rows, self._form.described(parsed.entries[index]), parsed)

    def _removing(self, text: t.Optional[str], route: Route) -> _Step:
        old = self._parsed(text or "")
        index = self._index(old, route)
        if index is None:
            self._form.check(old, route, None)
            return _Step(None, (), None, old)
        entry = old.entries[index]
        found = self._form.found(entry, route)
        rows = taken_away(self._form.fields, found)
        if not self._policy.adopt and not self._form.is_ours(entry):
            raise self._foreign(route, entry.line, rows)
        new = old.removed(index)
        return _Step(new, rows, self._form.described(entry), self._parsed(new))

    def _place(self, parsed: Document, route: Route) -> int:
        """Where the entry is that was added a moment ago."""
        return [at for at, entry in enumerate(parsed.entries) if self._form.is_route(entry, route)][-1]

    def _parsed(self, text: str) -> Document:
        parsed = self._form.opened(text, self._file.path)
        problem = self._form.problem(parsed.entries)
        if problem is not None:
            raise InvalidInput(
                "%s: %s; nothing was written" % (self._file.path, problem),
                hint="Correct the file, then run again.",
            )
        return parsed

    def _index(self, parsed: Document, route: Route) -> t.Optional[int]:
        found = [index for index, entry in enumerate(parsed.entries) if self._form.is_route(entry, route)]
        # What somebody else added for the same backend is theirs to remove.
        found = [index for index in found if self._form.is_ours(parsed.entries[index])] or found
        if len(found) > 1:
            lines = ", ".join(str(parsed.entries[index].line) for index in found)
            raise Conflict(
                "%s: %d entries stand for the route %s (lines %s)"
                % (self._file.path, len(found), route.name, lines),
                hint="Give base_url and model of the one that is meant, or remove the others by hand.",
            )
        return found[0] if found else None

    def _foreign(self, route: Route, line: int, rows: t.Sequence[Difference]) -> Conflict:
        names = ", ".join(sorted(row.spec.name for row in rows))
        return Conflict(
            "%s, line %d: the route %s was not written by this collection and differs (%s)"
            % (self._file.path, line, route.name, names),
            hint="Set adopt to true to take it over, or choose another name.",
        )
