# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reconciling of running routers, against one in memory whose time passes only by sleeping."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    ProbeFailed,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MANAGED_BY,
    Policy,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.secret import fingerprint
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.reconcile import (
    LOST_S,
    SETTLE_S,
    Found,
    LiveRegistry,
    PlainRouter,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.workers import worker_url

from tests.unit.wire import FakeClock

ROUTE = Route("r1", "http://192.0.2.10/v1", "r1", weight=5)


@dataclass
class Memory(PlainRouter):
    """A router of one backend. ``slow`` is how many looks a write takes to show; ``log`` says what it did."""

    rows: list[dict[str, t.Any]] = field(default_factory=list)
    slow: int = 0
    deaf: bool = False
    busy: int | None = None
    log: list[str] = field(default_factory=list)
    lost: AutoconfigError | None = None
    name: str = "the router"
    fields: tuple[FieldSpec, ...] = (
        FieldSpec("managed_by"),
        FieldSpec("weight"),
        FieldSpec("key", secret=True),
    )
    _waiting: list[dict[str, t.Any]] | None = None

    def wanted(self, route: Route) -> dict[str, t.Any]:
        wanted = {"managed_by": MANAGED_BY, "weight": route.weight, "key": route.api_key}
        return {name: value for name, value in wanted.items() if value is not None}

    def find(self, route: Route) -> list[Found]:
        if self._waiting is not None:
            self.slow -= 1
            if self.slow < 0:
                self.rows, self._waiting = self._waiting, None
        return [
            Found(dict(row), {"id": id(row), "model": "r1", "endpoint": "e", **row}, "managed_by" in row, row)
            for row in self.rows
        ]

    def check_new(self, route: Route, is_predicted: bool) -> None:
        self.log.append("check %s" % is_predicted)

    def create(self, route: Route) -> None:
        self._write("create", [*self.rows, self.wanted(route)])

    def update(self, found: Found, route: Route, changed: dict[str, t.Any]) -> None:
        self._write("update %s" % sorted(changed.items()), [{**row, **changed} for row in self.rows])

    def delete(self, found: Found) -> None:
        self._write("delete", [row for row in self.rows if row is not found.raw])

    def in_flight(self, found: Found) -> int | None:
        if self.busy:
            self.busy -= 1
        return self.busy

    def _write(self, what: str, rows: list[dict[str, t.Any]]) -> None:
        self.log.append(what)
        if not self.deaf:
            self._waiting = rows
        if self.lost is not None:
            raise self.lost


@dataclass
class Doubt:
    """A proof that fails where it is told to."""

    fails: str = ""
    asked: list[str] = field(default_factory=list)

    def ask_backend(self) -> None:
        self._ask("backend")

    def ask_router(self) -> Answer:
        self._ask("router")
        return Answer("ready", "r1", None, 1.0)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what == self.fails:
            raise ProbeFailed("no answer", hint="Look there.")


def registry(router: Memory, **policy: t.Any) -> tuple[LiveRegistry, FakeClock]:
    clock = FakeClock()
    return LiveRegistry(router, Policy(clock=clock, **policy)), clock


def ours(**more: t.Any) -> dict[str, t.Any]:
    return {"managed_by": MANAGED_BY, "weight": 5, **more}


def test_a_backend_is_added_once_and_proved_twice() -> None:
    router, proof = Memory(slow=3), Doubt()
    register, clock = registry(router, proof=proof)

    outcome = register.register(ROUTE)

    assert outcome.changed
    assert outcome.verified == "completion"
    assert proof.asked == ["backend", "router"]
    assert router.log == ["check False", "create"]
    assert len(clock.slept) == 3
    again = register.register(ROUTE)
    assert not again.changed
    assert proof.asked == ["backend", "router"]


def test_nothing_is_written_when_the_backend_does_not_answer() -> None:
    router = Memory()

    with pytest.raises(ProbeFailed):
        registry(router, proof=Doubt("backend"))[0].register(ROUTE)

    assert router.log == ["check False"]


def test_a_new_backend_is_withdrawn_when_the_router_does_not_answer() -> None:
    router = Memory()

    with pytest.raises(ProbeFailed) as caught:
        registry(router, proof=Doubt("router"))[0].register(ROUTE)

    assert caught.value.hint == "The route was withdrawn again. Look there."
    assert router.log == ["check False", "create", "delete"]


def test_a_change_is_put_back_as_far_as_it_is_known() -> None:
    router = Memory([ours(key="old")])

    with pytest.raises(ProbeFailed) as caught:
        registry(router, proof=Doubt("router"))[0].register(replace(ROUTE, weight=7, api_key="new"))

    assert "The former settings were put back, except key." in (caught.value.hint or "")
    assert router.log[-1] == "update [('weight', 5)]"


def test_a_write_that_never_shows_is_an_error() -> None:
    register, clock = registry(Memory(deaf=True))

    with pytest.raises(UnexpectedReply, match="does not show it as asked after 30 s"):
        register.register(ROUTE)

    assert clock.monotonic() >= SETTLE_S


def test_a_removal_that_never_happens_is_an_error() -> None:
    with pytest.raises(UnexpectedReply, match="still has it after 30 s"):
        registry(Memory([ours()], deaf=True))[0].remove(ROUTE)


@pytest.mark.parametrize(("busy", "waited"), [(None, 10.0), (0, 0.5), (3, 1.5)])
def test_a_removal_waits_for_the_requests_under_way(busy: int | None, waited: float) -> None:
    router = Memory([ours()], busy=busy)
    register, clock = registry(router, drain_s=10.0)

    assert register.remove(ROUTE).changed

    assert router.log == ["delete"]
    assert clock.monotonic() == waited


def test_check_mode_only_reads() -> None:
    router, proof = Memory([ours()]), Doubt()
    register, _clock = registry(router, dry_run=True, proof=proof)

    assert register.register(replace(ROUTE, weight=6)).verified is None
    assert register.remove(ROUTE).changed
    assert registry(Memory(), dry_run=True)[0].register(ROUTE).route == {
        "id": None,
        "name": "r1",
        "model": "r1",
        "endpoint": "http://192.0.2.10/v1",
        "weight": 5,
    }
    assert router.log == []
    assert proof.asked == []


def test_what_others_made_is_left_alone_unless_adopted() -> None:
    router = Memory([{"weight": 5}])

    assert not registry(router)[0].register(ROUTE).changed
    with pytest.raises(Conflict, match="not made by this collection"):
        registry(router)[0].register(replace(ROUTE, weight=6))
    with pytest.raises(Conflict, match="not made by this collection"):
        registry(router)[0].remove(ROUTE)
    assert registry(router, adopt=True)[0].register(ROUTE).changed
    assert router.log == ["update [('managed_by', 'modelscan.autoconfig')]"]


def test_several_backends_are_told_apart_or_refused() -> None:
    with pytest.raises(Conflict, match="2 backends stand for the route r1"):
        registry(Memory([ours(), ours()]))[0].remove(ROUTE)
    assert registry(Memory([ours(), {"weight": 1}]))[0].remove(ROUTE).changed


def test_a_failure_to_take_back_is_said() -> None:
    class Stubborn(Memory):
        def delete(self, found: Found) -> None:
            raise Unavailable("the router is gone")

    with pytest.raises(ProbeFailed) as caught:
        registry(Stubborn(), proof=Doubt("router"))[0].register(ROUTE)

    assert "could not be taken back (the router is gone)" in (caught.value.hint or "")


def test_a_fingerprint_needs_the_routers_key() -> None:
    assert fingerprint("key", "router") == fingerprint("key", "router")
    assert len({fingerprint(key, router) for key in "ab" for router in "cd"}) == 4
    assert len(fingerprint("key", "")) == 16


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://a/v1", "http://a"),
        ("http://a:1", "http://a:1"),
        ("http://a/x/v1", "http://a/x"),
        (None, None),
    ],
)
def test_a_worker_is_known_without_the_path_of_the_api(given: str | None, url: str | None) -> None:
    assert worker_url(given) == url


LOST = [
    Unavailable("the answer did not come"),
    Unavailable("Failed to add model to db", status=500),
    UnexpectedReply("it is there already", status=409),
]


@pytest.mark.parametrize("lost", LOST, ids=["lost", "500", "409"])
@pytest.mark.parametrize("slow", [0, 3])
def test_an_addition_that_happened_in_spite_of_an_error_is_proved(lost: AutoconfigError, slow: int) -> None:
    if lost.details.get("status") == 409:
        slow = 0
    router, proof = Memory(slow=slow, lost=lost), Doubt()
    register, _clock = registry(router, proof=proof)

    outcome = register.register(ROUTE)

    assert outcome.verified == "completion"
    assert proof.asked == ["backend", "router"]
    assert router.log == ["check False", "create"]


def test_an_addition_whose_answer_was_lost_is_withdrawn_when_it_does_not_answer() -> None:
    router = Memory(lost=LOST[0])
    register, _clock = registry(router, proof=Doubt("router"))

    with pytest.raises(ProbeFailed):
        register.register(ROUTE)

    assert router.log[:3] == ["check False", "create", "delete"]


def test_an_addition_that_did_not_happen_fails_with_its_own_words() -> None:
    register, clock = registry(Memory(deaf=True, lost=LOST[0]))

    with pytest.raises(Unavailable, match="the answer did not come"):
        register.register(ROUTE)

    assert clock.monotonic() <= LOST_S


@dataclass
class Cut(Memory):
    """A router that nobody reaches after the write."""

    def find(self, route: Route) -> list[Found]:
        if "create" in self.log:
            raise Unavailable("no connection")
        return super().find(route)


def test_what_became_of_an_addition_is_not_known_when_nobody_can_look() -> None:
    register, _clock = registry(Cut(lost=LOST[0]))

    with pytest.raises(Unavailable, match="the answer did not come") as caught:
        register.register(ROUTE)

    assert "Whether the route was added is not known" in (caught.value.hint or "")


@dataclass
class Stubborn(Memory):
    """A router that gives a new backend a weight of its own."""

    def create(self, route: Route) -> None:
        self._write("create", [{**self.wanted(route), "weight": 99}])


def test_an_addition_that_the_router_never_shows_as_asked_is_withdrawn() -> None:
    router = Stubborn()
    register, _clock = registry(router)

    with pytest.raises(UnexpectedReply) as caught:
        register.register(ROUTE)

    assert "withdrawn again" in (caught.value.hint or "")
    assert router.log[-1] == "delete"
