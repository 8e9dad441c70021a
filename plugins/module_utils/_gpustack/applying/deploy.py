# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deployment of a task, from looking over writing to waiting."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import diff_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.dry_run import Rehearsal
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.blue_green import (
    Handover,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.inspection import (
    Findings,
    Inspection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.writing import (
    Begun,
    Overtaken,
    Writer,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    CREATE,
    DELETE,
    FAILED,
    NOTHING,
    Found,
    Step,
    contested,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import Wanted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Snapshot,
    deployment_record,
    judge,
)

LOOKS = 3


def check_budget(restarts: t.Sequence[Json], max_restarts: t.Optional[int]) -> None:
    """InvalidInput when more running instances would be replaced than a task allows."""
    if max_restarts is not None and len(restarts) > max_restarts:
        raise InvalidInput(
            "This would restart %d instances, and max_restarts is %d: %s"
            % (len(restarts), max_restarts, ", ".join(instance["name"] for instance in restarts)),
            hint="Raise max_restarts, or store the change only, with apply: none. Nothing was changed.",
        )


@dataclass
class Deployment:
    """Brings one deployment to what is wanted: ``prepare``, ``write``, ``settle``, ``result``.

    ``waiter`` is None where nobody waits. Nothing is written before ``write``, and in check mode
    never. Every error after a write carries the rollback. ``rehearsal`` is what the server is still to
    be asked about, where several deployments are prepared together.
    """

    view: View
    wanted: Wanted
    check_mode: bool
    waiter: t.Optional[Waiter]
    handover: Handover = Handover()
    warnings: t.List[str] = field(default_factory=list)
    rehearsal: t.Optional[Rehearsal] = None
    _findings: t.Optional[Findings] = None
    _begun: t.Optional[Begun] = None
    _begun_at: float = 0.0
    _snapshot: t.Optional[Snapshot] = None
    _waited_s: float = 0.0
    _writes: int = 0

    def __post_init__(self) -> None:
        self._writer = Writer(self.view.client, self.handover, warnings=self.warnings)

    @property
    def restarts(self) -> t.Sequence[Json]:
        """The running instances that ``write`` and ``settle`` replace."""
        return [each for each in self._step.restart if each["state"] not in FAILED]

    @property
    def removes(self) -> bool:
        """Whether ``write`` removes the deployment."""
        return self._step.kind == DELETE

    @property
    def touched(self) -> bool:
        """Whether the server was changed, or may have been, and still is."""
        rollout = self._begun.rollout if self._begun else None
        return self._writes > 0 and not (rollout and rollout.undone)

    @property
    def _step(self) -> Step:
        return self._findings.step if self._findings else Step(NOTHING)

    def run(self, max_restarts: t.Optional[int] = None) -> Json:
        """The whole way of a single deployment."""
        self.prepare()
        check_budget(self.restarts, max_restarts)
        self.write()
        self.settle()
        return self.result()

    def prepare(self) -> None:
        """Look at the server, decide, and check all that can be checked."""
        inspection = Inspection(self.view, self.wanted, self.check_mode, self.waiter, self.warnings)
        self._findings, self.rehearsal = inspection.findings(), inspection.rehearsal

    def write(self) -> None:
        """Send what has to be sent, if nobody else has come first."""
        findings = self._findings
        if self.check_mode or findings is None:
            return
        with self._telling_what_was_done():
            if findings.cache is not None:
                findings.cache.write()
                findings.cache.settle()
            for look in range(LOOKS):
                self._announce(findings.step)
                try:
                    self._begun = self._writer.carry_out(findings)
                    self._begun_at = self.view.client.clock.monotonic()
                    return
                except Overtaken:
                    findings = self._look_again(findings, last=look == LOOKS - 1)

    def settle(self) -> None:
        """Wait for what was written, and for what was on its way before."""
        if self._begun is None:
            return
        with self._telling_what_was_done():
            self._snapshot = self._latest(self._begun.snapshot)
            reached = self._begun.rollout is None and judge(self._snapshot, self._begun.goal).done
            if self.waiter is not None and not reached:
                self._snapshot, self._waited_s = self._begun.finish(self.waiter, self._begun_at)
            elif self._snapshot is self._begun.snapshot and self._step.changed:
                # The answer to the own write says nothing of one that came after it.
                self._snapshot = replace(self._snapshot, model=self._again(self._snapshot.model))
            self._check_stored(self._begun.snapshot.model, self._snapshot.model)
            if self._findings and self._findings.found and self._step.successor:
                self._writer.open_route(self._step, self._findings.found)

    def _check_stored(self, written: Json, now: Json) -> None:
        """Conflict when somebody else has stored something else in the end."""
        wanted = self._findings.wanted if self._findings else self.wanted
        fields = contested(wanted, Found(written), Found(now)) if self._step.changed else []
        if fields:
            raise self._contested(", ".join(fields))

    def _again(self, model: Json) -> Json:
        try:
            return self.view.again(model)
        except NotFound as exc:
            raise self._contested("it was deleted") from exc

    def _contested(self, how: str) -> Conflict:
        return Conflict(
            "The deployment %s was changed by somebody else while this task ran: %s"
            % (self.wanted.name, how),
            hint="Agree on one definition and run again: it is then compared with what is wanted.",
        )

    def result(self) -> Json:
        """What the module returns."""
        step = self._step
        with self._telling_what_was_done():
            deployment = self._after()
        return {
            "changed": step.changed,
            "predicted": self.check_mode,
            "before": self._before(),
            "deployment": deployment,
            "actions": list(step.actions),
            "restarts": [instance["name"] for instance in step.restart],
            "restart_required": step.restart_required,
            "rollback": step.rollback,
            "waited_s": self._waited_s,
            "waiting": list(self.waiter.told) if self.waiter else [],
            "warnings": list(dict.fromkeys(self.warnings)),
            "diff": diff_of(step.changes, "deployment %s" % self.wanted.name),
        }

    def _announce(self, step: Step) -> None:
        if self.waiter is not None and step.restart:
            names = ", ".join(instance["name"] for instance in step.restart)
            self.waiter.progress("replaces running instances: %s" % names)

    def _look_again(self, former: Findings, last: bool) -> Findings:
        """Decide once more on what somebody else left; Conflict when both want different things."""
        # Not what was read for all of a task: others write at the same time, and still look at it.
        self.view = View(self.view.client)
        self.prepare()
        findings = t.cast(Findings, self._findings)
        fields = contested(findings.wanted, former.found, findings.found)
        if fields or last:
            raise self._contested(", ".join(fields) or "again and again")
        return findings

    @contextlib.contextmanager
    def _telling_what_was_done(self) -> t.Iterator[None]:
        try:
            with self._counting_writes():
                yield
        except AutoconfigError as exc:
            exc.changed = self.touched
            if self.touched:
                exc.details.update(self._done())
            raise

    def _done(self) -> Json:
        """What a failure after a change tells, as a result does; without another question to the server."""
        last = self._snapshot or (self._begun.snapshot if self._begun else None)
        return {
            "rollback": self._step.rollback,
            "actions": list(self._step.actions),
            "diff": diff_of(self._step.changes, "deployment %s" % self.wanted.name),
            "before": self._before(),
            "deployment": self._record(last.model, last.instances) if last else None,
        }

    @contextlib.contextmanager
    def _counting_writes(self) -> t.Iterator[None]:
        before = self.view.client.writes
        try:
            yield
        finally:
            self._writes += self.view.client.writes - before

    def _latest(self, snapshot: Snapshot) -> Snapshot:
        """How it is now, unless somebody is about to wait and look anyway."""
        if not self._step.changed or (self.waiter is not None and not self.view.reads_all):
            return snapshot
        model = self.view.again(snapshot.model)
        return Snapshot(model, self.view.instances(model))

    def _before(self) -> t.Optional[Json]:
        found = self._findings.found if self._findings else None
        return self._record(found.model, found.instances) if found else None

    def _after(self) -> t.Optional[Json]:
        if self.check_mode:
            model, instances = _predicted(self._step, self._findings.found if self._findings else None)
            return self._record(model, instances) if model else None
        if self._snapshot is None:
            return None
        routes = self.view.routes(self.wanted.name) if self._step.changed else None
        return self._record(self._snapshot.model, self._snapshot.instances, routes)

    def _record(
        self, model: Json, instances: t.Sequence[Json], routes: t.Optional[t.Sequence[Json]] = None
    ) -> Json:
        if routes is None:
            routes = self._findings.routes if self._findings else ()
        return deployment_record(model, instances, self.view.known_workers(), routes)


def _predicted(step: Step, found: t.Optional[Found]) -> t.Tuple[t.Optional[Json], t.Sequence[Json]]:
    """The model and instances as they will first be, for check mode."""
    if step.kind == CREATE:
        return step.body, ()
    if step.kind == DELETE or found is None:
        return None, ()
    if step.successor is not None:
        return step.successor.begun or step.successor.body, ()
    model = dict(found.model, **(step.body or {}))
    staying = tuple(each for each in found.instances if each not in step.restart)
    if step.restart:
        model["ready_replicas"] = sum(each["state"] == "running" for each in staying)
    return model, staying if model["replicas"] else ()
