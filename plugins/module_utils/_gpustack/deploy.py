# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: one deployment of a task, from looking over writing to waiting."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._diff import diff_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack import preflight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.drift import (
    is_before,
    origins_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.files import FileCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.mark import OWNER, Mark
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.reconcile import (
    CREATE,
    DELETE,
    INSTANCES,
    NOTHING,
    UPDATE,
    Found,
    Step,
    contested,
    decide,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.rolling import Rolling
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import fields_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.state import (
    Goal,
    Sight,
    deployment_record,
    judge,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wanted import (
    CACHED,
    ROLLING,
    Wanted,
)

LOOKS = 3
Value = t.TypeVar("Value")


def check_budget(restarts: t.Sequence[Json], max_restarts: t.Optional[int]) -> None:
    """InvalidInput when more running instances would be replaced than a task allows."""
    if max_restarts is not None and len(restarts) > max_restarts:
        raise InvalidInput(
            "This would restart %d instances, and max_restarts is %d: %s"
            % (len(restarts), max_restarts, ", ".join(instance["name"] for instance in restarts)),
            hint="Raise max_restarts, or store the change only, with apply: none. Nothing was changed.",
        )


class _Overtaken(Exception):
    """Somebody else wrote between the look and the write."""


@dataclass
class Deployment:
    """Brings one deployment to what is wanted: ``prepare``, ``write``, ``settle``, ``result``.

    ``waiter`` is None where nobody waits. Nothing is written before ``write``, and in check mode
    never. Every error after a write carries the rollback.
    """

    view: View
    wanted: Wanted
    check_mode: bool
    waiter: t.Optional[Waiter]
    warnings: t.List[str] = field(default_factory=list)
    found: t.Optional[Found] = None
    step: Step = Step(NOTHING)
    _routes: t.Sequence[Json] = ()
    _sight: t.Optional[Sight] = None
    _goal: t.Optional[Goal] = None
    _waited_s: float = 0.0
    _touched: bool = False
    _roll: t.Optional[Rolling] = None
    _cache: t.Optional[FileCache] = None

    @property
    def restarts(self) -> t.Sequence[Json]:
        """The running instances that ``write`` and ``settle`` replace."""
        return self.step.restart

    @property
    def touched(self) -> bool:
        """Whether the server was changed, or may have been."""
        return self._touched

    def run(self, max_restarts: t.Optional[int] = None) -> Json:
        """The whole way of a single deployment."""
        self.prepare()
        check_budget(self.restarts, max_restarts)
        self.write()
        self.settle()
        return self.result()

    def prepare(self) -> None:
        """Look at the server, decide, and check all that can be checked."""
        self.found = self._observe()
        self._routes = self.view.routes(self.wanted.name) if self.found else ()
        self.wanted = self._pinned()
        self.step = self._checked(decide(self.wanted, self.found))
        self._cache = self._prefetch()
        if self._cache is not None and self._cache.changes:
            self.step = replace(self.step, actions=(self._cache.action, *self.step.actions))

    def write(self) -> None:
        """Send what has to be sent, if nobody else has come first."""
        if self.check_mode:
            return
        with self._telling_what_was_done():
            if self._cache is not None:
                self._cache.write()
                self._cache.settle()
            for look in range(LOOKS):
                try:
                    self._carry_out()
                    return
                except _Overtaken:
                    self._look_again(last=look == LOOKS - 1)

    def settle(self) -> None:
        """Wait for what was written, and for what was on its way before."""
        if self.check_mode or self._goal is None or self._sight is None:
            return
        with self._telling_what_was_done():
            self._sight = self._latest(self._sight)
            if self.waiter is not None and not (self._roll is None and judge(self._sight, self._goal).done):
                self._sight, self._waited_s = self._awaited(self.waiter, self._sight.model, self._goal)

    def _latest(self, sight: Sight) -> Sight:
        """How it is now, unless somebody is about to wait and look anyway."""
        if not self.step.changed or (self.waiter is not None and not self.view.reads_all):
            return sight
        if not self.view.reads_all:
            model = self.view.client.model(sight.model["id"])
        else:
            model = self.view.model(self.wanted.name) or sight.model
        return Sight(model, self.view.instances(model))

    def result(self) -> Json:
        """What the module returns."""
        step, before = self.step, None
        if self.found is not None:
            before = self._record(self.found.model, self.found.instances)
        return {
            "changed": step.changed,
            "predicted": self.check_mode,
            "deployment": self._after(),
            "before": before,
            "actions": list(step.actions),
            "restart_required": step.restart_required,
            "rollback": step.rollback,
            "waited_s": self._waited_s,
            "warnings": list(dict.fromkeys(self.warnings)),
            "diff": diff_of(step.changes, "deployment %s" % self.wanted.name),
        }

    def _observe(self) -> t.Optional[Found]:
        model = self.view.model(self.wanted.name)
        if model is None:
            return None
        instances = self.view.instances(model)
        matters = self.wanted.state == "present" and instances
        origins = origins_of(self.view.client, model, instances) if matters else {}
        return Found(model, tuple(instances), origins)

    def _pinned(self) -> Wanted:
        wanted = self.wanted
        if wanted.pins is None or wanted.state != "present":
            return wanted
        known = self._pins_that_hold()
        if known:
            return replace(wanted, fields=dict(wanted.fields, gpu_ids=known), pins=None, pinned=True)
        workers = self.view.workers()
        return wanted if self.check_mode and not workers else preflight.pinned(wanted, workers)

    def _pins_that_hold(self) -> t.Optional[t.Sequence[str]]:
        """The GPU ids of the same placement, as long as what they were found for runs."""
        if self.found is None or not self.found.instances or self.wanted.plan is None:
            return None
        mark = Mark.of(self.found.model)
        same = (mark.choice or {}).get("placement") == self.wanted.plan["placement"]
        runs = all(instance["state"] == "running" for instance in self.found.instances)
        return mark.pinned if same and runs else None

    def _checked(self, step: Step) -> Step:
        """The step after all checks that need the server; nothing is changed yet."""
        wanted, found = self.wanted, self.found
        if wanted.apply == ROLLING and step.restart and self.waiter is None and not self.check_mode:
            raise InvalidInput(
                "apply: rolling cannot go on to the next instance without waiting",
                hint="Set wait: true, or use apply: recreate.",
            )
        if found is not None and wanted.state != "absent":
            preflight.check_cluster(self.view, wanted, found.model)
        if wanted.state != "present" or not step.engine_changed:
            return step if step.kind != CREATE else self._in_cluster(step)
        ready = self._workers_ready()
        if step.kind == CREATE:
            step = self._in_cluster(step)
            self.warnings += preflight.crowded(wanted, self.view.workers())
        definition = dict(found.model if found else {}, **(step.body or {}))
        if ready and definition["replicas"]:
            self.warnings += preflight.second_opinion(
                self.view.client, wanted, definition, in_use=found is not None
            )
        return step

    def _prefetch(self) -> t.Optional[FileCache]:
        """The download to finish before anything is switched, where another source comes."""
        moved = any(row.spec.name in ("source", "repository", "file") for row in self.step.changes)
        if not (self.wanted.prefetch and moved) or self.wanted.state == "absent":
            return None
        if self.waiter is None and not self.check_mode:
            raise InvalidInput("prefetch cannot go on without waiting", hint="Set wait: true.")
        cache = FileCache(self.view, replace(self.wanted, state=CACHED), self.check_mode, self.waiter)
        cache.prepare()
        return cache

    def _in_cluster(self, step: Step) -> Step:
        cluster = preflight.cluster_id(self.view.clusters(), self.wanted.cluster)
        return replace(step, body=dict(step.body or {}, cluster_id=cluster))

    def _workers_ready(self) -> bool:
        try:
            preflight.check_workers(self.view.workers())
        except Unavailable as exc:
            if not self.check_mode:
                raise
            self.warnings.append("%s; without check mode this is an error." % exc.message)
            return False
        return True

    @contextlib.contextmanager
    def _telling_what_was_done(self) -> t.Iterator[None]:
        try:
            yield
        except AutoconfigError as exc:
            exc.changed = self._touched
            if self._touched:
                exc.details.update(rollback=self.step.rollback, actions=list(self.step.actions))
            raise

    def _carry_out(self) -> None:
        step, found = self.step, self.found
        if step.kind == CREATE:
            model = self._create(step.body or {})
            self._expect(Sight(model, ()), Goal(model["replicas"]))
        elif found is not None and step.kind == DELETE:
            self._written(self.view.client.delete_model, found.model["id"])
        elif found is not None and step.kind == UPDATE:
            self._update(found)
        elif found is not None:
            self._expect(Sight(found.model, found.instances), Goal(found.model["replicas"]))

    def _expect(self, sight: Sight, goal: Goal) -> None:
        self._sight, self._goal = sight, goal

    def _written(self, call: t.Callable[..., Value], *arguments: t.Any) -> Value:
        """A writing call. Refused, it changed nothing; unanswered, it may have."""
        try:
            answer = call(*arguments)
        except Unavailable:
            self._touched = True
            raise
        self._touched = True
        return answer

    def _create(self, body: Json) -> Json:
        try:
            model = self._written(self.view.client.create_model, body)
        except Conflict as exc:
            there = self.view.client.find_model(body["name"])
            if there is None:
                raise _invisible(exc) from exc
            if not (exc.details.get("repeated") and Mark.of(there).managed_by == OWNER):
                raise _Overtaken from exc
            # The first POST was carried out, and only its answer was lost.
            self._touched, model = True, there
        self._compare_answer(model)
        return model

    def _update(self, found: Found) -> None:
        client, step = self.view.client, self.step
        try:
            model = client.model(found.model["id"])
        except NotFound as exc:
            raise _Overtaken from exc
        if (fields_of(model), Mark.of(model)) != (fields_of(found.model), Mark.of(found.model)):
            raise _Overtaken
        rolling = self._roll = self._rolling(found)
        body = rolling.first_body() if rolling else step.body
        if body is not None:
            model = self._written(client.update_model, model["id"], body)
            self._compare_answer(model if rolling is None else dict(model, replicas=rolling.replicas))
        replaced = () if rolling else self._replaced(model, found)
        for instance in replaced:
            self._written(client.delete_instance, instance["id"])
        goal = Goal(model["replicas"], frozenset(instance["id"] for instance in replaced))
        self._expect(Sight(model, found.instances), goal)

    def _replaced(self, model: Json, found: Found) -> t.Sequence[Json]:
        """The instances to restart, with those that came into being since the look."""
        if not (self.step.restart and self.step.engine_changed):
            return self.step.restart
        seen = {instance["id"] for instance in found.instances}
        late = [
            instance
            for instance in self.view.client.instances(model["id"])
            if instance["id"] not in seen and is_before(instance["created_at"], model["updated_at"])
        ]
        return (*self.step.restart, *late)

    def _rolling(self, found: Found) -> t.Optional[Rolling]:
        if self.wanted.apply != ROLLING or not self.step.restart:
            return None
        definition = dict(found.model, **(self.step.body or {}))
        return Rolling(
            body=self.step.body,
            mark_body=self.step.mark_body or {},
            outdated=self.step.restart,
            replicas=definition["replicas"],
            surges=preflight.has_room(self.view.client, definition),
        )

    def _awaited(self, waiter: Waiter, model: Json, goal: Goal) -> t.Tuple[Sight, float]:
        if self._roll is None:
            return waiter.wait(model["id"], goal)
        return self._roll.replace_one_by_one(self.view.client, waiter, model["id"])

    def _look_again(self, last: bool) -> None:
        """Decide once more on what somebody else left; Conflict when both want different things."""
        before = self.found
        self.view.forget()
        self.prepare()
        fields = contested(self.wanted, before, self.found)
        if fields or last:
            raise Conflict(
                "The deployment %s was changed by somebody else while this task ran: %s"
                % (self.wanted.name, ", ".join(fields) or "again and again"),
                hint="Agree on one definition and run again: it is then compared with what is wanted.",
            )

    def _compare_answer(self, answer: Json) -> None:
        """GPUStack drops what it does not know without a word; say what it did not take."""
        stored = fields_of(answer)
        dropped = sorted(
            change.spec.name
            for change in self.step.changes
            if change.spec is not INSTANCES
            if change.spec.normal(stored.get(change.spec.name)) != change.spec.normal(change.wanted)
        )
        if dropped:
            self.warnings.append(
                "GPUStack accepted the request and did not store %s as sent; its version may not know it."
                % ", ".join(dropped)
            )

    def _after(self) -> t.Optional[Json]:
        if self.check_mode:
            model, instances = _predicted(self.step, self.found)
            return self._record(model, instances) if model else None
        if self._sight is None:
            return None
        if self.step.changed:
            self._routes = self.view.routes(self.wanted.name)
        return self._record(self._sight.model, self._sight.instances)

    def _record(self, model: Json, instances: t.Sequence[Json]) -> Json:
        return deployment_record(model, instances, self.view.known_workers(), self._routes)


def _invisible(refusal: Conflict) -> Conflict:
    return Conflict(
        "%s. Yet the list of deployments shows none of this name" % refusal.message,
        hint="The key cannot see it: it is in another organization (set "
        "gpustack_organization_id), or the key is older than GPUStack 2.2 (make a new one).",
    )


def _predicted(step: Step, found: t.Optional[Found]) -> t.Tuple[t.Optional[Json], t.Sequence[Json]]:
    """The model and instances as they will first be, for check mode."""
    if step.kind == CREATE:
        return step.body, ()
    if step.kind == DELETE or found is None:
        return None, ()
    model = dict(found.model, **(step.body or {}))
    return model, found.instances if model["replicas"] else ()
