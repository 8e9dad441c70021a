# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what a server shows, read once and only when somebody asks."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.fields import Json


class View:
    """The reading side of one task.

    Deployments, their instances and routes are read one by one, or with ``read_all`` all at once;
    workers and clusters are the same for all of them.
    """

    def __init__(self, client: GpustackClient) -> None:
        self.client = client
        self._workers: t.Optional[t.List[Json]] = None
        self._files: t.Optional[t.List[Json]] = None
        self._clusters: t.Optional[t.List[Json]] = None
        self._all: t.Optional[t.Tuple[t.List[Json], t.List[Json], t.List[Json]]] = None

    @property
    def reads_all(self) -> bool:
        """Whether all deployments were read at once."""
        return self._all is not None

    def read_all(self) -> None:
        """Three requests, however many deployments there are (per 100 of each)."""
        self._all = (self.client.models(), self.client.instances(), self.client.routes())

    def forget(self) -> None:
        """The server has changed: read from now on one by one."""
        self._all = self._workers = None

    def model(self, name: str) -> t.Optional[Json]:
        if self._all is None:
            return self.client.find_model(name)
        return self.client.only_one(name, self._all[0])

    def instances(self, model: Json) -> t.List[Json]:
        if self._all is None:
            return self.client.instances(model["id"])
        return [row for row in self._all[1] if row["model_id"] == model["id"]]

    def routes(self, name: str) -> t.List[Json]:
        if self._all is None:
            return self.client.routes(name)
        return [row for row in self._all[2] if row["name"] == name]

    def workers(self) -> t.List[Json]:
        if self._workers is None:
            self._workers = self.client.workers()
        return self._workers

    def known_workers(self) -> t.List[Json]:
        """The workers, if somebody had to read them."""
        return self._workers or []

    def files(self) -> t.List[Json]:
        if self._files is None:
            self._files = self.client.model_files()
        return self._files

    def clusters(self) -> t.List[Json]:
        if self._clusters is None:
            self._clusters = self.client.clusters()
        return self._clusters
