# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be done to a deployment. Decides, does nothing.

The same decision serves check mode, diff mode and the real run. Pure: no IO.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    FieldSpec,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.replica_share import (
    regrouped,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    BY_NAME,
    ENV_PREFIX,
    GPUS_PER_REPLICA,
    Json,
    as_option,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    fields_of,
    identity,
    same_definition,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    OWNER,
    UNKNOWN,
    Mark,
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.request_bodies import (
    creation_body,
    successor_body,
    update_body,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    ALL,
    BLUE_GREEN,
    STORE_ONLY,
    Wanted,
)

NOTHING, CREATE, UPDATE, DELETE = "nothing", "create", "update", "delete"

INSTANCES, LEFTOVERS = FieldSpec("instances"), FieldSpec("leftovers")
# States that an instance does not leave by itself, or not soon.
FAILED = frozenset(("error", "unreachable"))
_EMPTY: t.Mapping[str, t.Any] = {"gpu_ids": [], "gpus_per_replica": 0}
_NOT_OPTIONS = frozenset(("plan_id", "managed_by", "instances", "leftovers"))


@dataclass(frozen=True)
class Found:
    """A deployment on the server. ``origins``: what each instance was made from, see ``drift``.

    ``others`` are known under the same name and do not serve, or not alone: a switch to another
    deployment did not end. ``route`` is the one of its public name.
    """

    model: Json
    instances: t.Tuple[Json, ...] = ()
    origins: t.Mapping[int, str] = field(default_factory=dict)
    others: t.Tuple[Json, ...] = ()
    route: t.Optional[Json] = None

    @property
    def fields(self) -> Json:
        """The managed fields; who may use the deployment is said by its route once it has one."""
        fields = fields_of(self.model)
        policy = (self.route or {}).get("access_policy")
        return dict(fields, access_policy=policy) if policy else fields


@dataclass(frozen=True)
class Successor:
    """A new deployment to switch to, by the ``body`` of its POST.

    ``begun`` is the same as a run that did not end has left it.
    """

    body: Json
    begun: t.Optional[Json] = None


@dataclass(frozen=True)
class Step:
    """One decision. ``body`` is of the POST or PUT, ``restart`` the instances to replace.

    ``mark_body`` is of a PUT that confirms the result and changes nothing else.

    It ``repairs`` where all of them have failed. ``engine_changed``: what instances are made from changes, or comes into being. With a
    ``successor`` the deployment itself stays as it is until it is removed. ``leftovers`` go first.
    """

    kind: str
    changes: t.Tuple[Difference, ...] = ()
    body: t.Optional[Json] = None
    mark_body: t.Optional[Json] = None
    restart: t.Tuple[Json, ...] = ()
    actions: t.Tuple[str, ...] = ()
    restart_required: bool = False
    engine_changed: bool = False
    repairs: bool = False
    rollback: t.Optional[Json] = None
    successor: t.Optional[Successor] = None
    leftovers: t.Tuple[Json, ...] = ()

    @property
    def changed(self) -> bool:
        return self.kind != NOTHING


def decide(wanted: Wanted, found: t.Optional[Found]) -> Step:
    """The step from what is found to what is wanted.

    :raises Conflict: the deployment belongs to somebody else and ``adopt`` is not set.
    :raises InvalidInput: it has to be created and its definition is incomplete.
    :raises NotFound: it is to be stopped, does not exist, and no definition is given.
    """
    if found is None:
        return Step(NOTHING) if wanted.state == "absent" else _creation(wanted)
    mark = Mark.of(found.model)
    if mark.managed_by != OWNER and not wanted.adopt:
        raise Conflict(
            "The deployment %s exists and was not made by this collection" % wanted.name,
            hint="Choose another name, or take it over with adopt: true.",
        )
    if wanted.state == "stopped" and scheduled(found.model, wanted.fields):
        raise Conflict(
            "The deployment %s has a scaling schedule of the server, which would start it again"
            % wanted.name,
            hint="Set scaling_schedule with paused: true instead, or clear the schedule with scaling_schedule: {}.",
        )
    # What was given as a secret once stays one, however it is named now.
    wanted = replace(wanted, secret_variables=wanted.secret_variables | set(mark.secrets))
    if wanted.owns_env:
        others = [key for key in found.fields if key.startswith(ENV_PREFIX)]
        wanted = replace(wanted, fields=dict(dict.fromkeys(others), **wanted.fields))
    return _deletion(wanted, found) if wanted.state == "absent" else _update(wanted, found)


def _creation(wanted: Wanted) -> Step:
    fields = dict({"replicas": 1}, **wanted.fields)
    fields["managed_by"] = OWNER
    if wanted.restart or not fields.get("repository"):
        if wanted.restart or wanted.state == "stopped":
            raise NotFound(
                "There is no deployment %s to %s" % (wanted.name, "restart" if wanted.restart else "stop"),
                hint="Check name, gpustack_url and gpustack_organization_id.",
            )
        raise InvalidInput(
            "The deployment %s does not exist and its definition is incomplete" % wanted.name,
            hint="Give a plan, or source and repository.",
        )
    return Step(
        CREATE,
        changes=tuple(differences(wanted.table, fields, {})),
        body=creation_body(wanted, fields),
        actions=("created",),
        engine_changed=True,
        rollback={"name": wanted.name, "state": "absent"},
    )


def _deletion(wanted: Wanted, found: Found) -> Step:
    fields = fields_of(found.model)
    table = replace(wanted, fields=fields).table
    changes = [Difference(spec, None, fields[spec.name]) for spec in table if fields[spec.name]]
    return Step(
        DELETE,
        changes=(*changes, *_consequences((), None, found.others)),
        actions=("deleted",),
        rollback=_rollback(found, changes),
        leftovers=found.others,
    )


def _update(wanted: Wanted, found: Found) -> Step:
    fields = _completed(wanted, found)
    changes = differences(wanted.table, fields, found.fields)
    changes += regrouped(found.fields, Mark.of(found.model).filled, fields, changes)
    engine_changed = any(not change.spec.live for change in changes)
    if engine_changed and wanted.plan is None and Mark.of(found.model).plan_id:
        # What runs is no longer what that plan chose.
        fields["plan_id"] = None
        changes = differences(wanted.table, fields, found.fields)
        changes += regrouped(found.fields, Mark.of(found.model).filled, fields, changes)
    body, mark = update_body(wanted, found.model, found.origins, changes)
    values = {change.spec.name: change.wanted for change in changes}
    outdated = _outdated(found, mark, fields.get("replicas"))
    restart = outdated if wanted.apply != STORE_ONLY else ()
    successor = _successor(found, body) if restart and wanted.apply == BLUE_GREEN else None
    again = () if successor else _once_more(wanted, found, fields.get("replicas"), outdated)
    restart = (*restart, *again)
    leftovers = tuple(each for each in found.others if not (successor and each is successor.begun))
    rows = [*changes, *_consequences(restart, successor, leftovers)]
    is_put = not successor and (changes or (restart and _misses_an_edit(found, restart)))
    name = found.model["name"]
    return Step(
        UPDATE if rows else NOTHING,
        changes=tuple(rows),
        body=body if is_put else None,
        mark_body=dict(identity(name, dict(fields_of(found.model), **values)), meta=body["meta"]),
        restart=restart,
        actions=_actions(rows, successor),
        restart_required=bool(outdated) and not restart,
        engine_changed=engine_changed,
        repairs=bool(again) and not outdated and wanted.restart != ALL,
        rollback=_rollback(found, rows) if rows else None,
        successor=successor,
        leftovers=leftovers,
    )


def _successor(found: Found, body: Json) -> Successor:
    new = successor_body(found.model, body)
    same = (each for each in found.others if each["name"] == new["name"] and same_definition(new, each))
    return Successor(new, next(same, None))


def _consequences(
    restart: t.Sequence[Json], successor: t.Optional[Successor], leftovers: t.Sequence[Json]
) -> t.List[Difference]:
    """What the step does to instances and deployments, in the form of the diff."""
    rows = []
    if restart:
        where = (
            "the stored definition" if successor is None else "the new deployment " + successor.body["name"]
        )
        names = [instance["name"] for instance in restart]
        rows.append(Difference(INSTANCES, "replaced by instances of %s" % where, names))
    if leftovers:
        rows.append(Difference(LEFTOVERS, None, [model["name"] for model in leftovers]))
    return rows


def contested(wanted: Wanted, before: t.Optional[Found], now: t.Optional[Found]) -> t.List[str]:
    """The managed fields that somebody else has given another value than the wanted one since."""
    if now is None:
        return [] if wanted.state == "absent" else ["it was deleted"]
    if wanted.state == "absent":
        return ["it was created"] if before is None else []
    former = before.fields if before else {}
    moved = differences(wanted.table, now.fields, former)
    fields = _completed(wanted, now)
    missed = differences(wanted.table, fields, now.fields)
    return sorted({row.spec.name for row in moved} & {row.spec.name for row in missed})


def _completed(wanted: Wanted, found: Found) -> Json:
    fields, model, mark = dict(wanted.fields, managed_by=OWNER), found.model, Mark.of(found.model)
    if wanted.state == "present" and not model.get("replicas"):
        fields.setdefault("replicas", 1)
    if scheduled(model, fields) and wanted.state == "present":
        # The server's own schedule moves this number.
        fields.pop("replicas", None)
    elif mark.surge_from is not None and wanted.state == "present":
        # A rolling restart was interrupted while it ran one more.
        fields.setdefault("replicas", mark.surge_from)
    if GPUS_PER_REPLICA in fields and not fields[GPUS_PER_REPLICA]:
        # The server counts: what it has counted is as wanted.
        fields[GPUS_PER_REPLICA] = None
        if GPUS_PER_REPLICA in mark.filled:
            del fields[GPUS_PER_REPLICA]
    if fields.get("backend") and model.get("backend") not in (None, fields["backend"]):
        # Version and parameters of one engine mean nothing to another.
        fields.setdefault("backend_version", None)
        fields.setdefault("backend_parameters", None)
    return fields


def scheduled(model: Json, fields: t.Optional[Json] = None) -> bool:
    """Whether the server's own schedule moves the replicas, once ``fields`` are stored."""
    schedule = (fields or {}).get("scaling_schedule", model.get("scaling_schedule"))
    return bool((schedule or {}).get("enabled"))


def scheduled_warning(wanted: Wanted, found: t.Optional[Found]) -> t.List[str]:
    """Where replicas are asked for that a schedule of the server moves."""
    model, asked = found.model if found else {}, wanted.fields.get("replicas")
    if wanted.state != "present" or asked is None or not scheduled(model, wanted.fields):
        return []
    if found is not None and model.get("replicas") == asked:
        return []
    return ["replicas is not managed while the scaling schedule of %s is enabled." % wanted.name]


def _outdated(found: Found, mark: Mark, replicas: t.Optional[int]) -> t.Tuple[Json, ...]:
    """The instances that are not made from the definition that ``mark`` was written for."""
    if replicas == 0:
        return ()
    return tuple(each for each in found.instances if found.origins[each["id"]] != mark.engine)


def _once_more(
    wanted: Wanted, found: Found, replicas: t.Optional[int], outdated: t.Sequence[Json]
) -> t.Tuple[Json, ...]:
    """Instances of the stored definition that are replaced as well: what failed once may run now."""
    if replicas == 0 or wanted.state != "present" or (wanted.apply == STORE_ONLY and not wanted.restart):
        return ()
    return tuple(
        each
        for each in found.instances
        if each not in outdated and (wanted.restart == ALL or each["state"] in FAILED)
    )


def _misses_an_edit(found: Found, restart: t.Sequence[Json]) -> bool:
    """Whether somebody else edited since the mark was written, so that it has to be renewed."""
    mark = Mark.of(found.model)
    is_edited = mark.engine is not None and mark.engine != mark.digest_of(found.model)
    return is_edited or any(found.origins[each["id"]] == UNKNOWN for each in restart)


def _actions(changes: t.Sequence[Difference], successor: t.Optional[Successor]) -> t.Tuple[str, ...]:
    by_name = {change.spec.name: change for change in changes}
    actions = []
    if "managed_by" in by_name:
        actions.append("adopted")
    if set(by_name) - {"managed_by", "replicas", "instances", "leftovers"}:
        actions.append("updated")
    if "replicas" in by_name:
        actions.append("scaled" if by_name["replicas"].wanted else "stopped")
    if "instances" in by_name:
        actions.append("switched" if successor else "restarted")
    if "leftovers" in by_name:
        actions.append("cleared")
    return tuple(actions)


def _rollback(found: Found, changes: t.Sequence[Difference]) -> Json:
    """Options that bring back what was there, but for secrets, which are known to the caller only."""
    options: Json = {"name": public_name(found.model)}
    options["state"] = "present" if found.model.get("replicas") else "stopped"
    choice = Mark.of(found.model).choice
    if choice or any(change.spec.name == "plan_id" for change in changes):
        options["plan"] = choice or {}
    env: Json = {}
    for change in changes:
        name = change.spec.name
        if name.startswith(ENV_PREFIX) and (change.found is None or not change.spec.secret):
            env[name[len(ENV_PREFIX) :]] = change.found
        elif change.spec.secret:
            continue
        elif not name.startswith(ENV_PREFIX) and name not in _NOT_OPTIONS:
            options[name] = _option_value(name, change.found)
    if GPUS_PER_REPLICA in options and GPUS_PER_REPLICA in Mark.of(found.model).filled:
        # The server counted, and shall again.
        options[GPUS_PER_REPLICA] = 0
    if "source" in options or "repository" in options:
        # They are given together or not at all.
        was = fields_of(found.model)
        options.update(source=was["source"], repository=was["repository"])
    if options["state"] == "stopped":
        options.pop("replicas", None)
    return dict(options, env=env) if env else options


def _option_value(name: str, found: t.Any) -> t.Any:
    """A server's value as an option takes it; null would leave the field unmanaged."""
    if found is None:
        return BY_NAME[name].empty if name in BY_NAME else _EMPTY.get(name, "")
    return as_option(found)
