# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: which running instances were made from an older definition.

GPUStack leaves instances as they are when their model is edited, and no field says so.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import (
    Json,
    Mark,
    same_engine,
)


def stale_instances(client: GpustackClient, model: Json, instances: t.Sequence[Json]) -> t.FrozenSet[int]:
    """Ids of instances that do not run what is stored.

    Our own changes are known from the mark, on any server. Changes by others show in the
    revisions of 2.3: an instance was made from the revision in force when it was created.
    """
    superseded = Mark.of(model).superseded
    stale = {instance["id"] for instance in instances if instance["id"] <= superseded}
    rest = [instance for instance in instances if instance["id"] not in stale]
    revisions = client.revisions(model["id"]) if rest else None
    if not revisions:
        return frozenset(stale)
    same: t.Dict[int, bool] = {int(revisions[0]["revision"]): True}
    for instance in rest:
        revision = revision_in_force(revisions, instance["created_at"])
        if revision not in same:
            same[revision] = same_engine(client.revision_spec(model["id"], revision), model)
        if not same[revision]:
            stale.add(instance["id"])
    return frozenset(stale)


def revision_in_force(revisions: t.Sequence[Json], moment: str) -> int:
    """The number of the newest revision not younger than ``moment``.

    Servers forget old revisions; the oldest one kept stands for all before it.
    """
    for row in revisions:
        if _comparable(row["created_at"]) <= _comparable(moment):
            return int(row["revision"])
    return int(revisions[-1]["revision"])


def _comparable(moment: str) -> str:
    """ISO 8601 in UTC sorts as text once the optional Z is gone."""
    return moment.rstrip("Z")
