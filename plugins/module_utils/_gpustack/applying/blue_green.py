# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From one deployment to a new one with the same public name.

The new one runs and has answered before the route is led to it; until then the old one serves alone.
Instances serve under the name that their deployment had when they began, so the new deployment keeps
a name of its own, and its mark tells under which name it is known.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock, SystemClock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import Routing
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    SERVER_FIELDS,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    fields_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import Mark
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    Snapshot,
)

# What the server itself may change while a deployment runs, beside what it was left to choose.
_BY_SERVER = ("replicas", "categories")


def trust(_name: str) -> None:
    """No proof is asked for."""


@dataclass(frozen=True)
class Handover:
    """How a route changes hands. ``prove`` asks a deployment by name and raises when it does not answer.

    ``drain_s`` is how long requests under way may take after the last new one, in seconds.
    """

    prove: t.Callable[[str], None] = trust
    drain_s: float = 0.0
    clock: Clock = field(default_factory=SystemClock)

    def drain(self) -> None:
        """Let requests under way end; nobody counts them."""
        self.clock.sleep(self.drain_s)


@dataclass
class BlueGreenSwitch:
    """``new`` is to serve instead of ``old`` under the name ``known_as``.

    ``undone``: it failed, and all is as before.
    """

    client: GpustackClient
    known_as: str
    old: Json
    new: Json
    handover: Handover
    undone: bool = field(default=False, init=False)

    def finish(self, waiter: Waiter) -> t.Tuple[Snapshot, float]:
        """The new deployment as it was last seen, and the seconds spent waiting.

        :raises AutoconfigError: the new one does not run or answer; it is removed, the old one serves.
        """
        routing = Routing(self.client, self.known_as)
        try:
            snapshot, waited_s = waiter.wait(self.new["id"], Goal(self.new["replicas"]))
            waiter.progress("asks %s for an answer" % self.new["name"])
            self.handover.prove(self.new["name"])
            self._check_old()
            routing.lead_also_to(self.new, self.old)
            waiter.until(
                lambda: (routing.leads_to(self.new, self.old), "unavailable"), "The target of the route was"
            )
        except AutoconfigError as exc:
            self._give_up(routing, exc)
            raise
        routing.lead_away_from(self.old)
        waiter.progress(
            "routes lead to %s; removes %s after %g s"
            % (self.new["name"], self.old["name"], self.handover.drain_s)
        )
        self.handover.drain()
        self.client.delete_model(self.old["id"])
        return snapshot, waited_s

    def _check_old(self) -> None:
        """Conflict when somebody changed the old deployment meanwhile: that would be lost."""
        now, before = fields_of(self.client.model(self.old["id"])), fields_of(self.old)
        filled = Mark.of(self.old).filled
        ignored = {*_BY_SERVER, *(row.name for row in SERVER_FIELDS if row.key in filled)}
        moved = sorted(key for key in {*now, *before} - ignored if now.get(key) != before.get(key))
        if moved:
            raise Conflict(
                "The deployment %s was changed by somebody else while its successor started: %s"
                % (self.old["name"], ", ".join(moved)),
                hint="Agree on one definition and run again.",
            )

    def _give_up(self, routing: Routing, failure: AutoconfigError) -> None:
        try:
            routing.lead_away_from(self.new)
            self.client.delete_model(self.new["id"])
        except AutoconfigError as exc:
            failure.hint = "%s The new deployment %s could not be removed (%s); the next run does it." % (
                failure.hint or "",
                self.new["name"],
                exc.message,
            )
            return
        self.undone = True
        failure.hint = "%s The former deployment goes on serving, the new one was removed." % (
            failure.hint or ""
        )
