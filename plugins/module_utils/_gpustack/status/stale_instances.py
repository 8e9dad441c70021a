# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which running instances were made from an older definition."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    same_engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    UNKNOWN,
    Mark,
)

# Between a write and the making of the instances that it asks for, both by the server's clock of whole seconds.
SAME_WRITE_S = 10


def origins_of(client: GpustackClient, model: Json, instances: t.Sequence[Json]) -> t.Dict[int, str]:
    """The digest of the definition that each instance was made from, by instance id.

    The mark knows the instances that were there when it was written; younger ones are made from
    the definition that it was written for, unless somebody else edited meanwhile. Where that shows,
    or an instance began long after the mark, when an edit may have come and gone, the revisions of
    2.3 are read. Without revisions, instances under an edit that shows are of UNKNOWN origin, except
    below a mark that tells nothing, as an adopted deployment has it at first: they are left alone.
    """
    mark = Mark.of(model)
    now = mark.digest_of(model)
    origins = {each["id"]: mark.recorded_origin(each["id"]) for each in instances}
    is_edited = mark.engine != now
    doubtful = [
        each for each in instances if origins[each["id"]] is None and (is_edited or _began_later(each, mark))
    ]
    if doubtful:
        otherwise = UNKNOWN if is_edited and mark.engine else now
        origins.update(_from_revisions(client, model, doubtful, now, otherwise))
    return {number: now if origin is None else origin for number, origin in origins.items()}


def _began_later(instance: Json, mark: Mark) -> bool:
    """Whether an instance did not begin because of the write that left the mark."""
    try:
        limit = datetime.fromisoformat(mark.written_at or "") + timedelta(seconds=SAME_WRITE_S)
    except (ValueError, OverflowError):
        return False
    return is_before(limit.isoformat(), began_at(instance))


def _from_revisions(
    client: GpustackClient, model: Json, instances: t.Sequence[Json], now: str, otherwise: str
) -> t.Dict[int, str]:
    revisions = client.revisions(model["id"])
    if not revisions:
        return {each["id"]: otherwise for each in instances}
    same: t.Dict[int, bool] = {revisions[0]["revision"]: True}
    origins = {}
    for each in instances:
        revision = revision_in_force(revisions, began_at(each))
        if revision not in same:
            same[revision] = same_engine(client.revision_spec(model["id"], revision), model)
        origins[each["id"]] = now if same[revision] else UNKNOWN
    return origins


def began_at(instance: Json) -> str:
    """When the engine was last started: after a crash it starts with the definition of that moment."""
    restarted = instance.get("last_restart_time")
    made = instance.get("created_at") or ""
    return restarted if restarted and is_before(made, restarted) else made


def revision_in_force(revisions: t.Sequence[Json], moment: str) -> int:
    """The number of the newest revision not younger than ``moment``.

    Servers forget old revisions; the oldest one kept stands for all before it.
    """
    for row in revisions:
        if not is_before(moment, row["created_at"]):
            return int(row["revision"])
    return int(revisions[-1]["revision"])


def is_before(moment: str, other: str) -> bool:
    """Of two times in the server's ISO 8601: UTC sorts as text once the optional Z is gone."""
    return moment.rstrip("Z") < other.rstrip("Z")
