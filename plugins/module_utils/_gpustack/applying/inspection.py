# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking a deployment over before anything is changed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.dry_run import (
    Rehearsal,
    rehearse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import public_route
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import (
    Family,
    View,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.model_files import (
    FileCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding import preflight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.backend_check import (
    is_lacking,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.contradictions import (
    Contradiction,
    check_absence,
    check_workers_shown,
    checked_instances,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    CREATE,
    Found,
    Step,
    Successor,
    decide,
    scheduled_warning,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.secret_values import (
    keeping_secrets,
    restored,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.surge_room import (
    check_heritage,
    room_for_both,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    Mark,
    is_own_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    BLUE_GREEN,
    CACHED,
    ROLLING,
    Wanted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.stale_instances import (
    origins_of,
)

LOOKS = 3
# GPUStack counts ready instances, and adds routes to its list, a moment after they come and go.
MOMENT_S = 1.0


@dataclass(frozen=True)
class Findings:
    """What a look at the server led to. ``cache`` is a download to finish before anything is switched."""

    wanted: Wanted
    found: t.Optional[Found]
    step: Step
    routes: t.Sequence[Json] = ()
    cache: t.Optional[FileCache] = None


@dataclass
class Inspection:
    """Looks at one deployment, decides, and checks all that can be checked. Writes nothing.

    ``waiter`` is None where nobody waits. Where all deployments were read at once, the ``rehearsal``
    is left to the caller.
    """

    view: View
    wanted: Wanted
    check_mode: bool
    waiter: t.Optional[Waiter]
    warnings: t.List[str] = field(default_factory=list)
    rehearsal: t.Optional[Rehearsal] = None

    def findings(self) -> Findings:
        """What is to be done, from readings that agree.

        What somebody else writes between two readings makes them disagree: all are taken again, and
        the server is accused only where they still disagree.

        :raises AutoconfigError: what is wanted cannot or must not be done.
        """
        warnings = list(self.warnings)
        for _look in range(LOOKS - 1):
            try:
                return self._look()
            except Contradiction:
                self.warnings[:] = warnings
                self.view.client.clock.sleep(MOMENT_S)
                self.view.refresh()
        return self._look()

    def _look(self) -> Findings:
        self.rehearsal = None
        family, routes = self.view.family(self.wanted.name), self.view.routes(self.wanted.name)
        if family is None:
            check_absence(self.view, self.wanted.name, routes)
        found = self._observed(family, routes) if family else None
        wanted = restored(self.view.client, self._pinned(found), found)
        step = decide(wanted, found)
        self.warnings += scheduled_warning(wanted, found)
        if found is not None and not is_own_name(found.model["name"], self.wanted.name):
            self.warnings.append(
                "The deployment %s was renamed to %s in GPUStack; it is still managed as %s."
                % (self.wanted.name, found.model["name"], self.wanted.name)
            )
        self._check_waiting(wanted, step)
        self._check_rolling(wanted, found, step)
        if found is not None and step.successor is not None:
            self._check_switch(wanted, found, step, routes)
        else:
            step = self._checked(wanted, found, step, routes)
        step = keeping_secrets(self.view.client, found, step)
        cache = self._prefetch(wanted, step)
        if cache is not None and cache.changes:
            step = replace(step, actions=(cache.action, *step.actions))
        return Findings(wanted, found, step, routes, cache)

    def _observed(self, family: Family, routes: t.Sequence[Json]) -> Found:
        model, instances = family.serving, checked_instances(self.view, family.serving)
        matters = self.wanted.state == "present" and instances
        origins = origins_of(self.view.client, model, instances) if matters else {}
        return Found(model, tuple(instances), origins, family.others, public_route(model, routes))

    def _pinned(self, found: t.Optional[Found]) -> Wanted:
        """What is wanted, with the GPUs of its plan as the server names them."""
        wanted = self.wanted
        if wanted.pins is None or wanted.state != "present":
            return wanted
        known = _pins_that_hold(wanted, found)
        if known:
            return replace(wanted, fields=dict(wanted.fields, gpu_ids=known), pins=None, pinned=True)
        workers = self.view.workers()
        return wanted if self.check_mode and not workers else preflight.pinned(wanted, workers)

    def _checked(
        self, wanted: Wanted, found: t.Optional[Found], step: Step, routes: t.Sequence[Json]
    ) -> Step:
        """The step after all checks that need the server."""
        if found is not None and wanted.state != "absent":
            preflight.check_cluster(self.view, wanted, found.model)
        if step.kind == CREATE:
            preflight.check_route(wanted.name, routes)
            step = self._in_cluster(wanted, step)
        for_instances = wanted.state == "present" and step.engine_changed
        definition = dict(found.model if found else {}, **(step.body or {}))
        if for_instances and self._awaits_backend(wanted, definition):
            return step
        if for_instances:
            self._check_engine(wanted, found.instances if found else (), definition)
        if step.kind == CREATE:
            self._rehearse(Rehearsal(definition))
        elif for_instances or (step.body and _is_scheduled_anew(step)):
            self._rehearse(_rehearsal_of(definition))
        return step

    def _awaits_backend(self, wanted: Wanted, definition: Json) -> bool:
        """Whether check mode cannot ask the server, because the task before it would have made the backend."""
        planned = preflight.planned_backend(wanted)
        if not (self.check_mode and is_lacking(self.view, definition, planned)):
            return False
        self.warnings.append(
            "GPUStack has no backend %s with the version %s yet; without check mode it has to be there, and the "
            "server is then asked about %s."
            % (definition["backend"], definition["backend_version"], wanted.name)
        )
        return True

    def _rehearse(self, rehearsal: Rehearsal) -> None:
        """Now, or with the others of the task in one request."""
        if self.view.reads_all:
            self.rehearsal = rehearsal
        else:
            self.warnings += rehearse(self.view.client, [rehearsal])[0]

    def _check_engine(self, wanted: Wanted, instances: t.Sequence[Json], definition: Json) -> None:
        """Whether new instances of a definition would run, when those that there are make room."""
        ready = self._workers_ready()
        check_workers_shown(instances, self.view.workers())
        if not ready:
            return
        self.warnings += preflight.check_definition(self.view, wanted, definition, instances)
        if definition["replicas"]:
            self.warnings += preflight.second_opinion(self.view, wanted, definition, instances)

    def _check_rolling(self, wanted: Wanted, found: t.Optional[Found], step: Step) -> None:
        """GPUStack adds no member to a group of roles whose definition has changed since."""
        definition = dict(found.model if found else {}, **(step.body or {}))
        if wanted.apply == ROLLING and step.restart and not step.repairs and definition.get("roles"):
            raise InvalidInput(
                "apply: rolling cannot replace the members of roles one by one: GPUStack replaces them all at once",
                hint="Use apply: recreate, or apply: blue_green where there is room for both.",
            )

    def _check_waiting(self, wanted: Wanted, step: Step) -> None:
        if (
            wanted.apply in (ROLLING, BLUE_GREEN)
            and step.restart
            and not step.repairs
            and not (self.waiter or self.check_mode)
        ):
            raise InvalidInput(
                "apply: %s cannot go on to what comes next without waiting" % wanted.apply,
                hint="Set wait: true, or use apply: recreate.",
            )

    def _check_switch(self, wanted: Wanted, found: Found, step: Step, routes: t.Sequence[Json]) -> None:
        """Whether a new deployment can run beside the one that is there, and take its route over."""
        new = t.cast(Successor, step.successor)
        preflight.check_cluster(self.view, wanted, found.model)
        check_heritage(found.model, new, routes, self.view)
        if new.begun is None and self._workers_ready():
            self.warnings += room_for_both(self.view, wanted, new.body)
            self._rehearse(_rehearsal_of(new.body))

    def _in_cluster(self, wanted: Wanted, step: Step) -> Step:
        cluster = preflight.cluster_id(self.view.clusters(), wanted.cluster)
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

    def _prefetch(self, wanted: Wanted, step: Step) -> t.Optional[FileCache]:
        """The download to finish before anything is switched, where another source comes."""
        moved = any(row.spec.name in ("source", "repository", "file") for row in step.changes)
        if not (wanted.prefetch and moved) or wanted.state == "absent":
            return None
        if self.waiter is None and not self.check_mode:
            raise InvalidInput("prefetch cannot go on without waiting", hint="Set wait: true.")
        cache = FileCache(self.view, replace(wanted, state=CACHED), self.check_mode, self.waiter)
        cache.prepare()
        return cache


def _is_scheduled_anew(step: Step) -> bool:
    return any(row.spec.name == "scaling_schedule" for row in step.changes)


def _rehearsal_of(definition: Json) -> Rehearsal:
    """Of one that is there, all that the server may refuse: what is evaluated, and its own schedule."""
    schedule = definition.get("scaling_schedule")
    more = {} if schedule is None else {"scaling_schedule": schedule}
    return Rehearsal(dict(preflight.evaluated(definition), **more), exists=True)


def _pins_that_hold(wanted: Wanted, found: t.Optional[Found]) -> t.Optional[t.Sequence[str]]:
    """The GPU ids of the same placement, as long as what they were found for runs."""
    if found is None or not found.instances or wanted.plan is None:
        return None
    mark = Mark.of(found.model)
    same = (mark.choice or {}).get("placement") == wanted.plan["placement"]
    runs = all(instance["state"] == "running" for instance in found.instances)
    return mark.pinned if same and runs else None
