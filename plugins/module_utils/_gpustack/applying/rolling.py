# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replacing instances one by one, new before old where there is room."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Conflict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    completed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
    Mark,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    Snapshot,
)


@dataclass(frozen=True)
class Rolling:
    """One rolling restart of the ``outdated`` instances of ``model``, to end with ``replicas``.

    ``model`` is the deployment as the first PUT has left it. ``body`` is of the PUT that stores the change,
    None where none is needed; ``mark_body`` is a PUT that changes nothing but the mark. With ``surges`` one
    replica more runs meanwhile, which the mark remembers, so that a run that was killed does not leave it
    behind.
    """

    client: GpustackClient
    model: Json
    body: t.Optional[Json]
    mark_body: Json
    outdated: t.Sequence[Json]
    replicas: int
    surges: bool

    def first_body(self) -> t.Optional[Json]:
        """The PUT to begin with."""
        if not self.surges:
            return self.body
        body = self.body or self.mark_body
        mark = dict(body["meta"][META_KEY], surge_from=self.replicas)
        return dict(body, replicas=self.replicas + 1, meta=dict(body["meta"], **{META_KEY: mark}))

    @property
    def undone(self) -> bool:
        """What was replaced before a failure stays."""
        return False

    def finish(self, waiter: Waiter) -> t.Tuple[Snapshot, float]:
        """Each instance goes when all others run; the last snapshot, and the seconds spent waiting.

        :raises DeploymentFailed: a new instance does not run; the old ones that are left go on.
        :raises Conflict: somebody else has changed the deployment meanwhile; likewise.
        """
        client, model_id = self.client, self.model["id"]
        gone: t.Set[int] = set()
        waited_s, extra = 0.0, 1 if self.surges else 0
        snapshot = Snapshot(self.model, ())
        if self.surges:
            snapshot, waited_s = waiter.wait(model_id, Goal(self.replicas + extra))
        for instance in self.outdated:
            self._check_unchanged(snapshot.model, len(self.outdated) - len(gone))
            client.delete_instance(instance["id"])
            gone.add(instance["id"])
            if self.surges and instance is self.outdated[-1]:
                # At once, so that the server gives up the successor that it has not started yet.
                client.update_model(
                    model_id, completed(dict(self.mark_body, replicas=self.replicas), snapshot.model)
                )
                extra = 0
            snapshot, seconds = waiter.wait(model_id, Goal(self.replicas + extra, frozenset(gone)))
            waited_s += seconds
        return snapshot, round(waited_s, 1)

    def _check_unchanged(self, model: Json, left: int) -> None:
        mark = Mark.of(self.model)
        if Mark.of(model) != mark or mark.digest_of(model) != mark.digest_of(self.model):
            raise Conflict(
                "The deployment %s was changed by somebody else while its instances were replaced; %d of %d are left"
                % (model["name"], left, len(self.outdated)),
                hint="Agree on one definition and run again: it is then compared with what is wanted.",
            )
