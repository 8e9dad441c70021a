# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out one decision on the server, if nobody else came first."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    FieldSpec,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import (
    Routing,
    made_by_deployment,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.blue_green import (
    BlueGreenSwitch,
    Handover,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.inspection import (
    Findings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.rolling import Rolling
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding import preflight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    CREATE,
    DELETE,
    INSTANCES,
    LEFTOVERS,
    UPDATE,
    Found,
    Step,
    Successor,
    scheduled,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    ENV_PREFIX,
    FIELDS,
    SERVER_FIELDS,
    SERVER_FILLED,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    completed,
    fields_of,
    same_definition,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    OWNER,
    Mark,
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.request_bodies import (
    stamped,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    ROLLING,
    Wanted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.stale_instances import (
    is_before,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    Snapshot,
)

CREATE_TRIES = 2


class Overtaken(Exception):
    """Somebody else wrote between the look and the write."""


class Rollout(t.Protocol):
    """What follows the first write, step by step."""

    @property
    def undone(self) -> bool:
        """Whether it failed and left all as it was before."""

    def finish(self, waiter: Waiter) -> t.Tuple[Snapshot, float]:
        """The last snapshot, and the seconds spent waiting."""


@dataclass(frozen=True)
class Begun:
    """What was begun and is to be waited for. Without a ``rollout`` the server does the rest."""

    snapshot: Snapshot
    goal: Goal
    rollout: t.Optional[Rollout] = None

    def finish(self, waiter: Waiter, since: float) -> t.Tuple[Snapshot, float]:
        """The last snapshot, and the seconds spent waiting; ``since`` is when the server was told."""
        if self.rollout is None:
            return waiter.wait(self.snapshot.model["id"], self.goal, since)
        return self.rollout.finish(waiter)


@dataclass
class Writer:
    """Carries a decision out. ``warnings``: what the server did not store."""

    client: GpustackClient
    handover: Handover = Handover()
    warnings: t.List[str] = field(default_factory=list)
    # Whether the answer to the last write shows the mark of nobody else.
    _is_own: bool = True

    def carry_out(self, findings: Findings) -> t.Optional[Begun]:
        """None where nothing is left to wait for.

        :raises Overtaken: the deployment is not as it was found.
        """
        step, found = findings.step, findings.found
        if step.kind == CREATE:
            model = self._create(step, step.body or {})
            return Begun(Snapshot(model, ()), Goal(model["replicas"]))
        if found is None:
            return None
        if step.leftovers:
            self._clear(findings.wanted.name, step.leftovers)
        if step.kind == DELETE:
            self._delete(self._unchanged(found), findings)
            return None
        if step.successor is not None:
            return self._succeed(findings.wanted, step, found, step.successor)
        if step.kind == UPDATE:
            begun = self._update(findings.wanted, step, found)
            self.open_route(step, found)
            return begun
        return Begun(Snapshot(found.model, found.instances), Goal(found.model["replicas"]))

    def open_route(self, step: Step, found: Found) -> None:
        """Let the wanted ones use the route: once there is one, the deployment's own field says nothing."""
        policies = [change.wanted for change in step.changes if change.spec.name == "access_policy"]
        if not policies or found.route is None or found.route.get("access_policy") is None:
            return
        try:
            self.client.set_route_access(found.route["id"], policies[0])
        except (InvalidInput, NotFound) as exc:
            self.warnings.append("Who may use the route %s stays: %s" % (found.route["name"], exc.message))

    def _create(self, step: Step, body: Json, tries: int = CREATE_TRIES) -> Json:
        try:
            model = self.client.create_model(stamped(body, self.client.server_time()))
        except Unavailable as exc:
            model = self._behind(exc, body)
        except Conflict as exc:
            there = self.client.find_model(body["name"])
            if there is None and tries > 1:
                # Whoever had the name may have given it up between the two requests.
                return self._create(step, body, tries - 1)
            if there is None:
                raise _invisible(exc) from exc
            if not (exc.details.get("repeated") and Mark.of(there).managed_by == OWNER):
                raise Overtaken from exc
            # The first POST was carried out, and only its answer was lost.
            model = there
        self._compare_answer(step, model)
        return model

    def _behind(self, silence: Unavailable, body: Json) -> Json:
        """What a POST has made although nobody answered it; else its error."""
        try:
            there = self.client.find_model(body["name"])
        except AutoconfigError:
            raise silence from None
        if there is None or Mark.of(there).managed_by != OWNER or not same_definition(body, there):
            raise silence
        return there

    def _clear(self, name: str, leftovers: t.Sequence[Json]) -> None:
        """Remove what a switch that did not end has left; one of them may have served a moment ago."""
        routing = Routing(self.client, name)
        for each in leftovers:
            routing.lead_away_from(each)
        if any(each.get("ready_replicas") for each in leftovers):
            self.handover.drain()
        for each in leftovers:
            self.client.delete_model(each["id"])

    def _delete(self, model: Json, findings: Findings) -> None:
        if findings.step.leftovers or not all(made_by_deployment(route) for route in findings.routes):
            # A route that was led elsewhere once counts as made by nobody: the server would leave it.
            Routing(self.client, public_name(model)).remove(model)
        self.client.delete_model(model["id"])

    def _succeed(self, wanted: Wanted, step: Step, found: Found, successor: Successor) -> Begun:
        old = self._unchanged(found)
        new = successor.begun or self._create(step, successor.body)
        rollout = BlueGreenSwitch(self.client, wanted.name, old, new, self.handover)
        return Begun(Snapshot(new, ()), Goal(new["replicas"]), rollout)

    def _update(self, wanted: Wanted, step: Step, found: Found) -> Begun:
        model = self._unchanged(found)
        rolling = self._rolling(wanted, step, found)
        body = rolling.first_body() if rolling else step.body
        if body is not None:
            model = self._put(model, body)
            self._check_own(step, model)
            self._compare_answer(step, model if rolling is None else dict(model, replicas=rolling.replicas))
            self._compare_rest(step, found.model, model)
        if rolling:
            rolling = replace(rolling, model=model)
        replaced = () if rolling else self._replaced(step, model, found)
        goal = Goal(model["replicas"], frozenset(instance["id"] for instance in replaced))
        return Begun(Snapshot(model, found.instances), goal, rolling)

    def _put(self, model: Json, body: Json) -> Json:
        """A PUT of all that the server would set to a default of its own."""
        sent = stamped(completed(body, model), self.client.server_time())
        answer = self.client.update_model(model["id"], sent)
        known = [Mark.of(each).written_at for each in (sent, model)]
        self._is_own = Mark.of(answer).written_at in (None, *known)
        return answer

    def _unchanged(self, found: Found) -> Json:
        """The deployment as it is now; Overtaken when that is not what was found."""
        try:
            model = self.client.model(found.model["id"])
        except NotFound as exc:
            raise Overtaken from exc
        if (fields_of(model), Mark.of(model)) != (fields_of(found.model), Mark.of(found.model)):
            raise Overtaken
        return model

    def _replaced(self, step: Step, model: Json, found: Found) -> t.Sequence[Json]:
        """The instances that were restarted, with those that came into being since the look."""
        all_of_them = step.restart and len(step.restart) == len(found.instances)
        if all_of_them and self.client.restart_model(model["id"]):
            return step.restart
        late = self._late(model, found) if step.restart and step.engine_changed else ()
        replaced = (*step.restart, *late)
        for instance in replaced:
            self.client.delete_instance(instance["id"])
        return replaced

    def _late(self, model: Json, found: Found) -> t.List[Json]:
        """The instances that were made between the look and the change."""
        seen = {instance["id"] for instance in found.instances}
        return [
            instance
            for instance in self.client.instances(model["id"])
            if instance["id"] not in seen and is_before(instance["created_at"], model["updated_at"])
        ]

    def _rolling(self, wanted: Wanted, step: Step, found: Found) -> t.Optional[Rolling]:
        if wanted.apply != ROLLING or not step.restart or step.repairs:
            return None
        definition = dict(found.model, **(step.body or {}))
        return Rolling(
            client=self.client,
            model=found.model,
            body=step.body,
            mark_body=step.mark_body or {},
            outdated=step.restart,
            replicas=definition["replicas"],
            surges=not scheduled(definition) and preflight.has_room(self.client, definition),
        )

    def _compare_rest(self, step: Step, before: Json, answer: Json) -> None:
        moved = _others_moved(step, before, answer)
        if moved:
            self.warnings.append(
                "GPUStack changed more than was asked for, or somebody else did at the same moment: %s."
                % ", ".join(moved)
            )

    def _check_own(self, step: Step, answer: Json) -> None:
        """Conflict where the answer to the own write shows another one, which came right after it."""
        missed = _missed(step, answer)
        if missed and not self._is_own:
            raise Conflict(
                "The deployment %s was changed by somebody else while this task ran: %s"
                % (public_name(answer), ", ".join(missed)),
                hint="Agree on one definition and run again: it is then compared with what is wanted.",
            )

    def _compare_answer(self, step: Step, answer: Json) -> None:
        """GPUStack drops what it does not know without a word; say what it did not take."""
        dropped = _missed(step, answer)
        if dropped:
            self.warnings.append(
                "GPUStack accepted the request and did not store %s as sent; its version may not know it."
                % ", ".join(dropped)
            )


def _missed(step: Step, answer: Json) -> t.List[str]:
    """The fields that a PUT named, and that have another value in its answer."""
    stored = fields_of(answer)
    return sorted(
        change.spec.name
        for change in step.changes
        if change.spec not in (INSTANCES, LEFTOVERS)
        if change.spec.normal(stored.get(change.spec.name)) != change.spec.normal(change.wanted)
    )


def _others_moved(step: Step, before: Json, answer: Json) -> t.List[str]:
    """Managed fields that a PUT did not name, and that are not as before all the same."""
    named = {change.spec.name for change in step.changes}
    # The server counts GPUs of a replica by itself wherever nobody sets their number.
    free = {"managed_by", "plan_id", "replicas", "categories", "gpus_per_replica"}
    if "backend" in named:
        free |= {row.name for row in SERVER_FIELDS if row.key in SERVER_FILLED}
    was, now = fields_of(before), fields_of(answer)
    return sorted(
        row.spec.name
        for row in differences(
            [*FIELDS, *(FieldSpec(key) for key in was if key.startswith(ENV_PREFIX))], was, now
        )
        if row.spec.name not in named | free
    )


def _invisible(refusal: Conflict) -> Conflict:
    return Conflict(
        "%s. Yet the list of deployments shows none of this name" % refusal.message,
        hint="The key cannot see it: it is in another organization (set "
        "gpustack_organization_id), or the key is older than GPUStack 2.2 (make a new one).",
    )
