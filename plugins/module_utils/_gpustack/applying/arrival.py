# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for what somebody else brings about: an earlier task that did not wait, or a person."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    model_state,
)

RUNNING, STOPPED, ABSENT = "running", "stopped", "absent"
Selection = t.Tuple[t.Sequence[Json], t.Mapping[int, t.Sequence[Json]]]


@dataclass(frozen=True)
class Arrival:
    """Waits until all selected deployments are in one state. Changes nothing.

    ``selected`` reads the models and their instances by model id. ``name`` is set where one has to come first.
    """

    waiter: Waiter
    selected: t.Callable[[], Selection]
    name: t.Optional[str] = None

    def wait(self, state: str) -> float:
        """The seconds that it took.

        :raises DeploymentFailed: the time is over, nothing got on, or one failed for good.
        """
        begin = self.waiter.clock.monotonic()
        if state == RUNNING:
            self._wait_until_running(begin)
        else:
            self.waiter.until(lambda: self._look(state), "The deployments were", since=begin, goal=state)
        return round(self.waiter.clock.monotonic() - begin, 1)

    def _wait_until_running(self, begin: float) -> None:
        """Those with 0 replicas are as they should be, but not one that is asked for by its name."""
        self.waiter.until(self._look_for_any, "The deployment was", since=begin, goal="there")
        for model in self.selected()[0]:
            if model.get("replicas"):
                self.waiter.wait(model["id"], Goal(model["replicas"]), begin)

    def _look_for_any(self) -> t.Tuple[bool, str]:
        models = self.selected()[0]
        if self.name is None:
            return True, ""
        if not models:
            return False, "%s does not exist" % self.name
        return any(model.get("replicas") for model in models), "%s is stopped" % self.name

    def _look(self, state: str) -> t.Tuple[bool, str]:
        models, instances = self.selected()
        if state == STOPPED:
            models = [model for model in models if model.get("replicas") or instances.get(model["id"])]
        words = [
            "%s is %s, %d instances"
            % (public_name(model), model_state(model), len(instances.get(model["id"], ())))
            for model in models
        ]
        return not models, "; ".join(sorted(words))
