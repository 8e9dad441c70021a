# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what has to be done to a deployment. Decides, does nothing.

The same decision serves check mode, diff mode and the real run. Pure: no IO.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._diff import (
    Difference,
    FieldSpec,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    Conflict,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import (
    ENV_PREFIX,
    FIELDS,
    OWNER,
    Json,
    Mark,
    fields_of,
    request_body,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wanted import Wanted

NOTHING, CREATE, UPDATE, DELETE = "nothing", "create", "update", "delete"

INSTANCES = FieldSpec("instances")
# What an option takes to clear the field; null would leave it unmanaged.
_EMPTY: t.Mapping[str, t.Any] = {
    "backend_parameters": [],
    "gpu_ids": [],
    "worker_selector": {},
    "categories": [],
}
_NOT_OPTIONS = frozenset(("plan_id", "managed_by", "instances"))


@dataclass(frozen=True)
class Found:
    """A deployment on the server. ``stale`` are ids of instances of an older definition."""

    model: Json
    instances: t.Tuple[Json, ...] = ()
    stale: t.FrozenSet[int] = frozenset()


@dataclass(frozen=True)
class Step:
    """One decision. ``body`` is of the POST or PUT, ``restart`` the instances to replace."""

    kind: str
    changes: t.Tuple[Difference, ...] = ()
    body: t.Optional[Json] = None
    restart: t.Tuple[Json, ...] = ()
    actions: t.Tuple[str, ...] = ()
    restart_required: bool = False
    rollback: t.Optional[Json] = None

    @property
    def changed(self) -> bool:
        return self.kind != NOTHING

    @property
    def engine_changed(self) -> bool:
        """Whether what instances are made from changes, or comes into being."""
        return self.kind == CREATE or any(
            not change.spec.live for change in self.changes if change.spec is not INSTANCES
        )


def decide(wanted: Wanted, found: t.Optional[Found]) -> Step:
    """The step from what is found to what is wanted.

    :raises Conflict: the deployment belongs to somebody else and ``adopt`` is not set.
    :raises InvalidInput: it has to be created and its definition is incomplete.
    :raises NotFound: it is to be stopped, does not exist, and no definition is given.
    """
    if found is None:
        return Step(NOTHING) if wanted.state == "absent" else _creation(wanted)
    if Mark.of(found.model).managed_by != OWNER and not wanted.adopt:
        raise Conflict(
            "The deployment %s exists and was not made by this collection" % wanted.name,
            hint="Choose another name, or take it over with adopt: true.",
        )
    return _deletion(found) if wanted.state == "absent" else _update(wanted, found)


def _creation(wanted: Wanted) -> Step:
    fields = dict({"replicas": 1}, **wanted.fields)
    fields["managed_by"] = OWNER
    if not fields.get("repository"):
        if wanted.state == "stopped":
            raise NotFound(
                "There is no deployment %s to stop" % wanted.name,
                hint="Check name, gpustack_url and gpustack_organization_id.",
            )
        raise InvalidInput(
            "The deployment %s does not exist and its definition is incomplete" % wanted.name,
            hint="Give a plan, or source and repository.",
        )
    mark = Mark(OWNER, fields.get("plan_id"), wanted.choice)
    body = request_body(wanted.name, fields, None, mark)
    body["enable_model_route"] = True
    return Step(
        CREATE,
        changes=tuple(differences(wanted.table, fields, {})),
        body=body,
        actions=("created",),
        rollback={"name": wanted.name, "state": "absent"},
    )


def _deletion(found: Found) -> Step:
    fields = fields_of(found.model)
    changes = [Difference(spec, None, fields[spec.name]) for spec in FIELDS if fields[spec.name]]
    return Step(DELETE, changes=tuple(changes), actions=("deleted",), rollback=_rollback(found, changes))


def _update(wanted: Wanted, found: Found) -> Step:
    fields = _completed(wanted, found)
    changes = differences(wanted.table, fields, fields_of(found.model))
    engine_changed = any(not change.spec.live for change in changes)
    if engine_changed and wanted.plan is None and Mark.of(found.model).plan_id:
        # What runs is no longer what that plan chose.
        fields["plan_id"] = None
        changes = differences(wanted.table, fields, fields_of(found.model))
    outdated = _outdated(found, engine_changed, fields.get("replicas"))
    restart = outdated if wanted.restart else ()
    rows = list(changes)
    if restart:
        names = [instance["name"] for instance in restart]
        rows.append(Difference(INSTANCES, "replaced by instances of the stored definition", names))
    return Step(
        UPDATE if rows else NOTHING,
        changes=tuple(rows),
        body=_put_body(wanted, found, changes, engine_changed) if changes else None,
        restart=restart,
        actions=_actions(changes, bool(restart)),
        restart_required=bool(outdated) and not restart,
        rollback=_rollback(found, rows) if rows else None,
    )


def _completed(wanted: Wanted, found: Found) -> Json:
    fields, model = dict(wanted.fields, managed_by=OWNER), found.model
    if wanted.state == "present" and not model.get("replicas"):
        fields.setdefault("replicas", 1)
    if (model.get("scaling_schedule") or {}).get("enabled") and wanted.state == "present":
        # The server's own schedule moves this number.
        fields.pop("replicas", None)
    if fields.get("backend") and model.get("backend") not in (None, fields["backend"]):
        # Version and parameters of one engine mean nothing to another.
        fields.setdefault("backend_version", None)
        fields.setdefault("backend_parameters", None)
    return fields


def _outdated(found: Found, engine_changed: bool, replicas: t.Optional[int]) -> t.Tuple[Json, ...]:
    if replicas == 0:
        return ()
    if engine_changed:
        return found.instances
    return tuple(instance for instance in found.instances if instance["id"] in found.stale)


def _put_body(wanted: Wanted, found: Found, changes: t.Sequence[Difference], engine_changed: bool) -> Json:
    old = Mark.of(found.model)
    values = {change.spec.name: change.wanted for change in changes}
    superseded = old.superseded
    if engine_changed:
        superseded = max([superseded] + [instance["id"] for instance in found.instances])
    plan_id = values.get("plan_id", old.plan_id)
    choice = wanted.choice or (old.choice if plan_id else None)
    return request_body(wanted.name, values, found.model, Mark(OWNER, plan_id, choice, superseded))


def _actions(changes: t.Sequence[Difference], restarts: bool) -> t.Tuple[str, ...]:
    by_name = {change.spec.name: change for change in changes}
    actions = []
    if "managed_by" in by_name:
        actions.append("adopted")
    if set(by_name) - {"managed_by", "replicas"}:
        actions.append("updated")
    if "replicas" in by_name:
        actions.append("scaled" if by_name["replicas"].wanted else "stopped")
    return tuple(actions + ["restarted"] if restarts else actions)


def _rollback(found: Found, changes: t.Sequence[Difference]) -> Json:
    """Options that bring back what was there, but for secrets, which are known to the caller only."""
    options: Json = {"name": found.model["name"]}
    options["state"] = "present" if found.model.get("replicas") else "stopped"
    choice = Mark.of(found.model).choice
    if choice:
        options["plan"] = choice
    env: Json = {}
    for change in changes:
        name = change.spec.name
        if name.startswith(ENV_PREFIX) and not change.spec.secret:
            env[name[len(ENV_PREFIX) :]] = change.found
        elif not name.startswith(ENV_PREFIX) and name not in _NOT_OPTIONS:
            options[name] = _EMPTY.get(name, "") if change.found is None else change.found
    if options["state"] == "stopped":
        options.pop("replicas", None)
    return dict(options, env=env) if env else options
