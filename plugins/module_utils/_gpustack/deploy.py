# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: one task against one deployment, from looking to waiting."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._diff import diff_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack import preflight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.drift import stale_instances
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.reconcile import (
    CREATE,
    DELETE,
    INSTANCES,
    UPDATE,
    Found,
    Step,
    decide,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import (
    Json,
    Mark,
    fields_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.state import (
    Goal,
    Sight,
    deployment_record,
    judge,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wanted import Wanted

Value = t.TypeVar("Value")


@dataclass
class Deployer:
    """Brings one deployment to what is wanted. ``waiter`` is None where nobody waits."""

    client: GpustackClient
    check_mode: bool
    waiter: t.Optional[Waiter]
    warnings: t.List[str] = field(default_factory=list)
    _touched: bool = False

    def run(self, wanted: Wanted) -> Json:
        """The module's result; every error of a changed deployment carries its rollback."""
        found = self._observe(wanted)
        workers = self.client.workers() if found or wanted.state != "absent" else []
        routes = self.client.routes(wanted.name) if found else []
        wanted = self._pinned(wanted, workers)
        step = decide(wanted, found)
        step = self._prepared(wanted, found, step, workers)
        before = deployment_record(found.model, found.instances, workers, routes) if found else None
        result = self._result(wanted, step, before)
        if self.check_mode:
            model, instances = _predicted(step, found)
            result["deployment"] = deployment_record(model, instances, workers, routes) if model else None
            return result
        try:
            sight, result["waited_s"] = self._carry_out(step, found)
        except AutoconfigError as exc:
            exc.changed = self._touched
            if self._touched:
                exc.details.update(rollback=step.rollback, actions=list(step.actions))
            raise
        if sight is not None:
            routes = self.client.routes(wanted.name) if step.changed else routes
            result["deployment"] = deployment_record(sight.model, sight.instances, workers, routes)
        return result

    def _observe(self, wanted: Wanted) -> t.Optional[Found]:
        model = self.client.find_model(wanted.name)
        if model is None:
            return None
        instances = self.client.instances(model["id"])
        matters = wanted.state == "present" and instances
        stale = stale_instances(self.client, model, instances) if matters else frozenset()
        return Found(model, tuple(instances), stale)

    def _pinned(self, wanted: Wanted, workers: t.Sequence[Json]) -> Wanted:
        if self.check_mode and not workers:
            return wanted
        return preflight.pinned(wanted, workers)

    def _prepared(
        self, wanted: Wanted, found: t.Optional[Found], step: Step, workers: t.Sequence[Json]
    ) -> Step:
        """The step after all checks that need the server; nothing is changed yet."""
        if found is not None and wanted.cluster is not None and wanted.state != "absent":
            self._check_cluster(wanted, found)
        placeable = wanted.state == "present" and step.engine_changed and self._workers_ready(workers)
        if step.kind != CREATE:
            return step
        body = dict(step.body or {}, cluster_id=preflight.cluster_id(self.client, wanted.cluster))
        if placeable and body["replicas"]:
            self.warnings += preflight.second_opinion(self.client, wanted, body)
        return replace(step, body=body)

    def _workers_ready(self, workers: t.Sequence[Json]) -> bool:
        try:
            preflight.check_workers(workers)
        except Unavailable as exc:
            if not self.check_mode:
                raise
            self.warnings.append("%s; without check mode this is an error." % exc.message)
            return False
        return True

    def _check_cluster(self, wanted: Wanted, found: Found) -> None:
        is_in = found.model.get("cluster_id")
        if preflight.cluster_id(self.client, wanted.cluster) != is_in:
            raise InvalidInput(
                "The deployment %s is in the cluster with the id %s, not in %s"
                % (wanted.name, is_in, wanted.cluster),
                hint="A deployment cannot move: remove it first, or choose another name.",
            )

    def _carry_out(self, step: Step, found: t.Optional[Found]) -> t.Tuple[t.Optional[Sight], float]:
        """The deployment as it is in the end, None when it is gone, and the seconds waited."""
        if step.kind == CREATE:
            return self._settled(self._create(step), Goal(t.cast(Json, step.body)["replicas"]))
        if found is None:
            return None, 0.0
        if step.kind == DELETE:
            self._write(self.client.delete_model, found.model["id"])
            return None, 0.0
        if step.kind == UPDATE:
            model = self._update(step, found)
            replaced = frozenset(instance["id"] for instance in step.restart)
            return self._settled(model, Goal(model["replicas"], replaced))
        sight, goal = Sight(found.model, found.instances), Goal(found.model["replicas"])
        if self.waiter is None or judge(sight, goal).done:
            return sight, 0.0
        return self._settled(found.model, goal)

    def _settled(self, model: Json, goal: Goal) -> t.Tuple[Sight, float]:
        if self.waiter is not None:
            return self.waiter.wait(model["id"], goal)
        return Sight(self.client.model(model["id"]), self.client.instances(model["id"])), 0.0

    def _write(self, call: t.Callable[..., Value], *arguments: t.Any) -> Value:
        """A writing call. Refused, it changed nothing; unanswered, it may have."""
        try:
            answer = call(*arguments)
        except Unavailable:
            self._touched = True
            raise
        self._touched = True
        return answer

    def _create(self, step: Step) -> Json:
        body = step.body or {}
        try:
            model = self._write(self.client.create_model, body)
        except Conflict as exc:
            raise self._name_taken(body["name"], exc) from exc
        self._compare_answer(step, model)
        return model

    def _name_taken(self, name: str, refusal: Conflict) -> Conflict:
        if self.client.find_model(name) is not None:
            return Conflict(
                "The deployment %s was created by somebody else while this task ran" % name,
                hint="Run again: it is then compared with what is wanted.",
            )
        return Conflict(
            "%s. Yet the list of deployments shows none of this name" % refusal.message,
            hint="The key cannot see it: it is in another organization (set "
            "gpustack_organization_id), or the key is older than GPUStack 2.2 (make a new one).",
        )

    def _update(self, step: Step, found: Found) -> Json:
        model = self.client.model(found.model["id"])
        if _managed(model) != _managed(found.model):
            raise Conflict(
                "The deployment %s was changed by somebody else while this task ran" % model["name"],
                hint="Run again: it is then compared with what is wanted.",
            )
        if step.body is not None:
            model = self._write(self.client.update_model, model["id"], step.body)
            self._compare_answer(step, model)
        for instance in step.restart:
            self._write(self.client.delete_instance, instance["id"])
        return model

    def _compare_answer(self, step: Step, answer: Json) -> None:
        """GPUStack drops what it does not know without a word; say what it did not take."""
        stored = fields_of(answer)
        dropped = sorted(
            change.spec.name
            for change in step.changes
            if change.spec is not INSTANCES
            if change.spec.normal(stored.get(change.spec.name)) != change.spec.normal(change.wanted)
        )
        if dropped:
            self.warnings.append(
                "GPUStack accepted the request and did not store %s as sent; its version may not know it."
                % ", ".join(dropped)
            )

    def _result(self, wanted: Wanted, step: Step, before: t.Optional[Json]) -> Json:
        return {
            "changed": step.changed,
            "predicted": self.check_mode,
            "deployment": None,
            "before": before,
            "actions": list(step.actions),
            "restart_required": step.restart_required,
            "rollback": step.rollback,
            "waited_s": 0.0,
            "warnings": self.warnings,
            "diff": diff_of(step.changes, "deployment %s" % wanted.name),
        }


def _managed(model: Json) -> t.Tuple[Json, Mark]:
    return fields_of(model), Mark.of(model)


def _predicted(step: Step, found: t.Optional[Found]) -> t.Tuple[t.Optional[Json], t.Sequence[Json]]:
    """The model and instances as they will first be, for check mode."""
    if step.kind == CREATE:
        return step.body, ()
    if step.kind == DELETE or found is None:
        return None, ()
    model = dict(found.model, **(step.body or {}))
    return model, found.instances if model["replicas"] else ()
