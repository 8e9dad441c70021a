# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one backend of a route be as wanted, or be gone, in a running router."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    FieldSpec,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    OWNERSHIP,
    Fields,
    Outcome,
    Policy,
    Route,
    taken_away,
)

SETTLE_S = 30.0
# How long a write may take to show whose answer was lost.
LOST_S = 5.0
# Who answered through the router.
BACKEND, OTHER, UNKNOWN = "backend", "other", "unknown"
_SETTLE_INTERVAL_S = 0.25
_DRAIN_INTERVAL_S = 0.5
# A request may be on its way from the router when the backend is asked for the first time.
_IDLE_LOOKS = 2

Got = t.TypeVar("Got")


@dataclass(frozen=True)
class Found:
    """A backend of a name as the router has it.

    ``fields`` are compared, ``described`` is shown, ``raw`` is the router's own object. One that
    ``is_leaving`` gets no new request and is gone soon.
    """

    fields: Fields
    described: Fields
    is_ours: bool
    raw: t.Any
    is_leaving: bool = False


@dataclass(frozen=True)
class Companion:
    """Another backend of the name, by its id in the router, and the weight that it needs."""

    id: str
    weight: int


class LiveRouter(t.Protocol):
    """One router's management API. Every call may raise an AutoconfigError."""

    name: str
    fields: t.Tuple[FieldSpec, ...]

    def wanted(self, route: Route) -> Fields:
        """The managed fields, without those that the route leaves open."""

    def find(self, route: Route) -> t.List[Found]:
        """The backends that the route may stand for."""

    def check_new(self, route: Route, is_predicted: bool) -> None:
        """Raise when the backend cannot be added; when only predicting, it may not exist yet."""

    def create(self, route: Route) -> None:
        """Add the backend."""

    def update(self, found: Found, route: Route, changed: Fields) -> None:
        """Give the route's backend these fields; None clears one where the router can.

        Secrets are the route's. The other fields may be former ones, which are put back.
        """

    def delete(self, found: Found) -> None:
        """Take the backend away: no new request goes there. What is gone already is no error."""

    def in_flight(self, found: Found) -> t.Optional[int]:
        """Requests under way at the backend, None where nobody counts them."""

    def replacement(self, route: Route, changed: Fields) -> t.Optional[Route]:
        """What to add once the former backend is gone, where the router cannot change one; else None."""

    def tally(self, found: Found) -> t.Optional[int]:
        """How many requests the backend says to have answered, None where it does not."""

    def reached(self, found: Found, route: Route, answer: Answer, tally: t.Optional[int]) -> str:
        """Who gave this answer: BACKEND, OTHER or UNKNOWN; ``tally`` is from before it.

        Raises ProbeFailed when it is nobody of this name.
        """

    def companions(self, route: Route, found: t.Optional[Found], names: t.Set[str]) -> t.List[Companion]:
        """Weights that other backends need before these fields of the route are written.

        Raises Conflict where the requests would be shared otherwise than the weights say.
        """

    def give_weight(self, companion: Companion) -> None:
        """Give another backend of the name its weight."""

    def shares(self, route: Route) -> t.List[Fields]:
        """What part of the requests each backend of the name gets; empty where nobody knows."""

    def remarks(self, route: Route) -> t.List[str]:
        """What the user should know about the route in this router."""


class PlainRouter:
    """A router in which no backend depends on another one, and which changes backends and tells nothing."""

    def replacement(self, route: Route, changed: Fields) -> t.Optional[Route]:
        return None

    def tally(self, found: Found) -> t.Optional[int]:
        return None

    def reached(self, found: Found, route: Route, answer: Answer, tally: t.Optional[int]) -> str:
        return UNKNOWN

    def companions(self, route: Route, found: t.Optional[Found], names: t.Set[str]) -> t.List[Companion]:
        return []

    def give_weight(self, companion: Companion) -> None:
        """There is none."""

    def shares(self, route: Route) -> t.List[Fields]:
        return []

    def remarks(self, route: Route) -> t.List[str]:
        return []


class LiveRegistry:
    """The routes of one running router."""

    def __init__(self, router: LiveRouter, policy: Policy) -> None:
        self._router, self._policy = router, policy

    def register(self, route: Route) -> Outcome:
        """Let exactly one backend stand for the route, proved before and after.

        A write after which the router does not answer is taken back. Raises Conflict when somebody
        else added the backend.
        """
        found, wanted = self._one(route), self._router.wanted(route)
        rows = differences(self._router.fields, wanted, {} if found is None else found.fields)
        if found is None:
            self._router.check_new(route, self._policy.dry_run)
        else:
            rows = self._allowed(found, route, rows)
        if not rows:
            return self._outcome(route, (), None if found is None else found.described, "api")
        companions = self._router.companions(route, found, {row.spec.name for row in rows})
        if self._policy.dry_run:
            return self._outcome(route, rows, self._predicted(route, found, rows), None)
        self._policy.proof.ask_backend()
        for companion in companions:
            self._router.give_weight(companion)
        if found is None:
            self._create(route)
            now = self._shown(route, wanted)
        else:
            self._change(found, route, {row.spec.name: row.wanted for row in rows})
            now = self._settled(route, wanted)
        reached = self._answered(route, found, now, rows)
        return self._outcome(route, rows, now.described, "completion" if reached else "api", reached)

    def _outcome(
        self,
        route: Route,
        rows: t.Sequence[Difference],
        described: t.Optional[Fields],
        verified: t.Optional[str],
        reached: t.Optional[str] = None,
    ) -> Outcome:
        shares, remarks = self._router.shares(route), self._router.remarks(route)
        return Outcome(rows, described, verified, shares=shares, remarks=remarks, reached=reached)

    def remove(self, route: Route) -> Outcome:
        """Let no backend stand for the route, and return when the requests under way have ended."""
        found = self._one(route)
        if found is None:
            return Outcome((), None, "api")
        rows = taken_away(self._router.fields, found.fields)
        self._allowed(found, route, rows)
        if self._policy.dry_run:
            return Outcome(rows, found.described, None)
        self._router.delete(found)
        self._until(lambda: self._is_gone(found, route) or None, self._still_there(route))
        self._drain(found)
        return Outcome(rows, found.described, "api")

    def _create(self, route: Route) -> None:
        """Add the backend; one that is there in spite of an error, or by somebody faster, is gone on with."""
        self._until(
            lambda: all(not each.is_leaving for each in self._router.find(route)) or None,
            self._still_there(route),
        )
        try:
            self._router.create(route)
        except AutoconfigError as failure:
            found = self._left_by(failure, route)
            if found is None:
                raise
            wanted = self._router.wanted(route)
            rows = self._allowed(found, route, differences(self._router.fields, wanted, found.fields))
            if rows:
                self._change(found, route, {row.spec.name: row.wanted for row in rows})

    def _left_by(self, failure: AutoconfigError, route: Route) -> t.Optional[Found]:
        """What a failed write left in the router: its answer may be all that was lost."""
        status = failure.details.get("status")
        may_come = status is None or status >= 500
        deadline = self._policy.clock.monotonic() + (LOST_S if may_come else 0)
        while True:
            try:
                found = self._one(route)
            except AutoconfigError as exc:
                failure.hint = (
                    "Whether the route was added is not known (%s). Remove it with state absent, or run again"
                    " and ask it." % exc.message
                )
                raise failure from exc
            if found is not None or self._policy.clock.monotonic() >= deadline:
                return found
            self._policy.clock.sleep(_SETTLE_INTERVAL_S)

    def _predicted(self, route: Route, found: t.Optional[Found], rows: t.Sequence[Difference]) -> Fields:
        """The route as it will be shown; the router alone gives ids to what is added."""
        known: Fields = (
            {"id": None, "endpoint": None, "weight": None} if found is None else dict(found.described)
        )
        given = {"name": route.name, "model": route.model, "endpoint": route.base_url, "weight": route.weight}
        known.update({name: value for name, value in given.items() if value is not None})
        if self._router.replacement(route, {row.spec.name: row.wanted for row in rows}) is not None:
            known["id"] = None
        return known

    def _change(self, found: Found, route: Route, changed: Fields) -> None:
        new = self._router.replacement(route, changed)
        if new is None:
            self._router.update(found, route, changed)
            return
        self._router.delete(found)
        self._until(
            lambda: (
                all(each.described["id"] != found.described["id"] for each in self._router.find(route))
                or None
            ),
            self._still_there(route),
        )
        self._create(new)

    def _shown(self, route: Route, wanted: Fields) -> Found:
        """A new backend once the router has it as asked; one that it does not show so is withdrawn."""
        try:
            return self._settled(route, wanted)
        except UnexpectedReply as failure:
            for each in self._router.find(route):
                if each.is_ours:
                    self._router.delete(each)
                    failure.hint = "The route was withdrawn again. %s" % (failure.hint or "")
            raise

    def _one(self, route: Route) -> t.Optional[Found]:
        found = [each for each in self._router.find(route) if not each.is_leaving]
        # What somebody else added for the same backend is theirs to remove.
        found = [each for each in found if each.is_ours] or found
        if len(found) > 1:
            names = ", ".join(
                "%s at %s" % (each.described["model"], each.described["endpoint"]) for each in found
            )
            raise Conflict(
                "%s: %d backends stand for the route %s (%s)"
                % (self._router.name, len(found), route.name, names),
                hint="Give base_url and model of the one that is meant.",
            )
        return found[0] if found else None

    def _allowed(self, found: Found, route: Route, rows: t.Sequence[Difference]) -> t.List[Difference]:
        """The differences that may be acted on; none of them is a mark that only adopt sets."""
        if found.is_ours or self._policy.adopt:
            return list(rows)
        rest = [row for row in rows if row.spec.name not in OWNERSHIP]
        if rest:
            raise Conflict(
                "%s: the route %s was not made by this collection and differs (%s)"
                % (self._router.name, route.name, ", ".join(sorted(row.spec.name for row in rest))),
                hint="Set adopt to true to take it over, or choose another name.",
            )
        return []

    def _settled(self, route: Route, wanted: Fields) -> Found:
        """What the router has, once it says what was asked for: some answer before they have done it."""

        def as_wanted() -> t.Optional[Found]:
            for each in self._router.find(route):
                if not each.is_leaving and not differences(self._router.fields, wanted, each.fields):
                    return each
            return None

        return self._until(
            as_wanted,
            UnexpectedReply(
                "%s took the route %s and does not show it as asked after %g s"
                % (self._router.name, route.name, SETTLE_S),
                hint="Look at the router's log: it may refuse the backend, or another writer changes it.",
            ),
        )

    def _answered(
        self, route: Route, before: t.Optional[Found], now: Found, rows: t.Sequence[Difference]
    ) -> t.Optional[str]:
        """Who answered through the router; None where it was not asked."""
        try:
            tally = self._router.tally(now)
            answer = self._policy.proof.ask_router()
            return None if answer is None else self._router.reached(now, route, answer, tally)
        except AutoconfigError as failure:
            failure.hint = "%s %s" % (self._taken_back(route, before, now, rows), failure.hint or "")
            raise

    def _taken_back(
        self, route: Route, before: t.Optional[Found], now: Found, rows: t.Sequence[Difference]
    ) -> str:
        """Undo the write; says what was done."""
        try:
            if before is None:
                self._router.delete(now)
                return "The route was withdrawn again."
            former = {row.spec.name: row.found for row in rows if not row.spec.secret}
            self._change(now, route, former)
            with contextlib.suppress(UnexpectedReply):
                self._settled(route, {name: value for name, value in former.items() if value is not None})
            found = next(iter(self._router.find(route)), now)
        except AutoconfigError as exc:
            return "The write could not be taken back (%s)." % exc.message
        kept = [row.spec.name for row in rows if found.fields.get(row.spec.name) != row.found]
        if kept:
            return "The former settings were put back, except %s." % ", ".join(kept)
        return "The former settings were put back."

    def _is_gone(self, found: Found, route: Route) -> bool:
        return all(
            each.is_leaving or each.described["id"] != found.described["id"]
            for each in self._router.find(route)
        )

    def _drain(self, found: Found) -> None:
        clock = self._policy.clock
        deadline = clock.monotonic() + self._policy.drain_s
        idle = 0
        while True:
            left = deadline - clock.monotonic()
            if left <= 0:
                return
            idle = idle + 1 if self._router.in_flight(found) == 0 else 0
            if idle == _IDLE_LOOKS:
                return
            clock.sleep(min(_DRAIN_INTERVAL_S, left))

    def _until(self, ready: t.Callable[[], t.Optional[Got]], late: AutoconfigError) -> Got:
        clock = self._policy.clock
        deadline = clock.monotonic() + SETTLE_S
        while True:
            got = ready()
            if got is not None:
                return got
            if clock.monotonic() >= deadline:
                raise late
            clock.sleep(_SETTLE_INTERVAL_S)

    def _still_there(self, route: Route) -> UnexpectedReply:
        return UnexpectedReply(
            "%s accepted the removal of the route %s and still has it after %g s"
            % (self._router.name, route.name, SETTLE_S),
            hint="Look at the router's log, and for another program that registers the route.",
        )
