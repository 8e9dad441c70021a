# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server shows, read once and only when somebody asks."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Conflict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    OWNER,
    Mark,
    is_own_name,
    public_name,
)

Rows = t.List[Json]


@dataclass(frozen=True)
class Family:
    """The model objects known under one name.

    There are ``others`` beside the one that serves only while one takes over from another, or after
    a run that was killed meanwhile.
    """

    serving: Json
    others: t.Tuple[Json, ...] = ()


def members_of(name: str, models: t.Iterable[Json]) -> Rows:
    """The models that clients know under this name, the oldest first; Conflict as in ``only_one``.

    One that somebody has renamed counts where no other is left: a copy of a deployment has its mark as well.
    """
    known = sorted((model for model in models if public_name(model) == name), key=lambda row: row["id"])
    members = [model for model in known if is_own_name(model["name"], name)]
    if not members and len(known) > 1:
        raise Conflict(
            "The deployment %s was renamed, and several may be it now: %s"
            % (name, ", ".join(sorted(str(model["name"]) for model in known))),
            hint="Rename the right one back to %s in GPUStack, and run again." % name,
        )
    members = members or known
    for own_name in {member["name"] for member in members}:
        GpustackClient.only_one(own_name, members)
    return members


@dataclass
class _Everything:
    """All deployments of a server, by what they are looked up by."""

    models: t.Dict[str, Rows]
    instances: t.Dict[int, Rows]
    routes: t.Dict[str, Rows]


class View:
    """The reading side of one task.

    Deployments, their instances and routes are read one by one, or with ``read_all`` all at once;
    workers and clusters are the same for all of them.
    """

    def __init__(self, client: GpustackClient) -> None:
        self.client = client
        self._workers: t.Optional[Rows] = None
        self._files: t.Optional[Rows] = None
        self._clusters: t.Optional[Rows] = None
        self._backends: t.Dict[int, Rows] = {}
        self._all: t.Optional[_Everything] = None

    @property
    def reads_all(self) -> bool:
        """Whether all deployments were read at once."""
        return self._all is not None

    def read_all(self) -> None:
        """Three requests, however many deployments there are (per 100 of each)."""
        self._all = _Everything(
            _grouped(self.client.models(), public_name),
            _grouped(self.client.instances(), lambda row: row["model_id"]),
            _grouped(self.client.routes(), lambda row: row["name"]),
        )

    def refresh(self) -> None:
        """Read again what others may have changed since: all at once where it was read all at once."""
        reads_all = self.reads_all
        self.forget()
        if reads_all:
            self.read_all()

    def forget(self) -> None:
        """The server has changed: read from now on one by one."""
        self._all = self._workers = None

    def family(self, name: str) -> t.Optional[Family]:
        """The deployment of this name; the one that its route leads to where there are several."""
        members = self._members(name)
        if not members:
            return None
        serving = members[0] if len(members) == 1 else self._serving(name, members)
        return Family(serving, tuple(each for each in members if each is not serving))

    def managed_names(self) -> t.List[str]:
        """The names of all deployments that carry the mark of this collection."""
        rows = self.client.models() if self._all is None else chain(*self._all.models.values())
        return sorted({public_name(row) for row in rows if Mark.of(row).managed_by == OWNER})

    def _members(self, name: str) -> Rows:
        if self._all is not None:
            return members_of(name, self._all.models[name])
        # The server looks for its own names only, and not for that which a renamed deployment is known by.
        return members_of(name, self.client.models(name)) or members_of(name, self.client.models())

    def is_taken(self, server_name: str, known_as: str) -> bool:
        """Whether a model object has this name and is not known as ``known_as``."""
        rows = self.client.models(server_name) if self._all is None else chain(*self._all.models.values())
        return any(row["name"] == server_name and public_name(row) != known_as for row in rows)

    def again(self, model: Json) -> Json:
        """The same model as it is now, or as it was when all were read."""
        if self._all is None:
            return self.client.model(model["id"])
        rows = self._all.models[public_name(model)]
        return next((row for row in rows if row["id"] == model["id"]), model)

    def instances(self, model: Json) -> Rows:
        if self._all is None:
            return self.client.instances(model["id"])
        return self._all.instances[model["id"]]

    def routes(self, name: str) -> Rows:
        if self._all is None:
            return self.client.routes(name)
        return self._all.routes[name]

    def workers(self) -> Rows:
        if self._workers is None:
            self._workers = self.client.workers()
        return self._workers

    def known_workers(self) -> Rows:
        """The workers, if somebody had to read them."""
        return self._workers or []

    def files(self) -> Rows:
        if self._files is None:
            self._files = self.client.model_files()
        return self._files

    def backends(self, cluster_id: int) -> Rows:
        if cluster_id not in self._backends:
            self._backends[cluster_id] = self.client.backends(cluster_id)
        return self._backends[cluster_id]

    def clusters(self) -> Rows:
        if self._clusters is None:
            self._clusters = self.client.clusters()
        return self._clusters

    def _serving(self, name: str, members: t.Sequence[Json]) -> Json:
        """The oldest one that the route leads to: a switch is not over before it leads there no more."""
        reached = {
            target.get("model_id")
            for route in self.routes(name)
            for target in self.client.route_targets(route["id"])
        }
        return next((each for each in members if each["id"] in reached), members[0])


def _grouped(rows: t.Iterable[Json], key: t.Callable[[Json], t.Any]) -> t.Dict[t.Any, Rows]:
    groups: t.Dict[t.Any, Rows] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
