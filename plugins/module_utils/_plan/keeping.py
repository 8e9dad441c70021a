# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a deployment that runs stays as it is, and what is said if it does not.

It stays while it is what was asked for. Facts that are missing or new move nothing; a changed wish
does, hardware that the server says is gone, and ``replan: always``. What stays is the stored plan
as it is, so that nothing is written.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Site
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import own_uuid
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.plan_shape import STORED
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import WHEN_NEEDED
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Agreed,
    Record,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.wishes import (
    changed_wishes,
    wishes_of,
)

# States of a deployment whose instances run, or are on their way.
_ALIVE = ("running", "partial", "pending")


@dataclass(frozen=True)
class Standing:
    """What a deployment that is there means for its next plan.

    ``because`` says why it does not stay; with None it does. A ``stopped`` one stays only where it
    would start.
    """

    record: Record
    because: t.Optional[str] = None

    @property
    def stored(self) -> t.Dict[str, t.Any]:
        return t.cast("t.Dict[str, t.Any]", self.record["choice"])

    @property
    def stopped(self) -> bool:
        return self.record.get("state") == "stopped"


def standing_of(record: Record, request: Request) -> t.Optional[Standing]:
    """How our deployment stands to what is asked for now; None where it tells nothing of its plan."""
    stored = record.get("choice")
    if problem_of(STORED, stored) is not None:
        return None
    return Standing(record, _reason(record, t.cast(Record, stored), request))


def _reason(record: Record, stored: Record, request: Request) -> t.Optional[str]:
    if request.replan != WHEN_NEEDED:
        return "replan is %s" % request.replan
    changed = changed_wishes(stored["wishes"], wishes_of(request))
    if changed:
        return ", ".join(changed)
    if request.agreed is not None and _serves(stored) != _agreed(request.agreed):
        return "all sites are to serve the same, which is %s in %s with %d tokens" % _agreed(request.agreed)
    barred = [text for uuid, text in _gpus(stored) if uuid in request.barred]
    if barred:
        return "%s may not be used any more" % " and ".join(barred)
    if record.get("state") == "stopped":
        return None
    if record.get("state") not in _ALIVE:
        return "it is in state %s%s" % (record.get("state"), _message(record))
    return _gone(record, stored, request.workers)


def _serves(stored: Record) -> t.Tuple[str, str, int]:
    variant = stored["variant"]
    return variant["repository"], variant["quantization"], stored["context_tokens"]


def _agreed(agreed: Agreed) -> t.Tuple[str, str, int]:
    return agreed.repository, agreed.quantization, agreed.context_tokens


def _message(record: Record) -> str:
    said = [record.get("state_message"), *(i.get("state_message") for i in record.get("instances") or ())]
    first = next((str(text) for text in said if text), "")
    return " (%s)" % " ".join(first.split())[:200] if first else ""


def _gone(record: Record, stored: Record, workers: t.Optional[t.Sequence[Record]]) -> t.Optional[str]:
    """What the server says is gone of the GPUs of a deployment that does not serve.

    An empty list of workers is no proof, nor is a worker that is silent for a while.
    """
    instances = record.get("instances") or ()
    if not workers or (instances and all(each.get("state") == "running" for each in instances)):
        return None
    shown = {gpu.get("uuid") for worker in workers for gpu in worker.get("gpus") or ()}
    empty = any(not worker.get("gpus") for worker in workers)
    missing = [text for uuid, text in _gpus(stored) if uuid and uuid not in shown]
    if not missing or empty or None in shown:
        return None
    return "GPUStack does not have %s any more" % " and ".join(missing)


def _gpus(stored: Record) -> t.Iterator[t.Tuple[str, str]]:
    """(uuid, words) of each GPU of a stored plan."""
    for entry in stored["placement"]:
        for gpu in entry["gpus"]:
            uuid = gpu.get("uuid") or own_uuid(entry["host"], gpu["index"])
            yield uuid, "GPU %d of %s" % (gpu["index"], entry["host"])


def kept_plan(standing: Standing, site: Site, today: t.Optional[t.Mapping[str, t.Any]]) -> t.Dict[str, t.Any]:
    """The stored plan; ``today`` is the same as a plan of now, None where facts for it are missing."""
    stored, now = standing.stored, (today or {}).get("memory") or {}
    account = {**now, **(stored.get("memory") or {})}
    parts = ("weights_bytes", "activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes")
    if now:
        usable = sum(now[part] for part in parts) + now["left_bytes"]
        account["left_bytes"] = usable - sum(account[part] for part in parts)
    evidence = (today or {}).get("evidence") or {}
    return {**stored, "site": site.name, "memory": account or None, "evidence": evidence}


def kept_notes(standing: Standing, site: Site, request: Request, known: bool, fits: bool) -> t.List[str]:
    """What has changed around a deployment that stays, for people. ``known``: facts of its GPUs are at hand."""
    stored = standing.stored
    name, repository = "%s stays as it runs" % request.name, stored["variant"]["repository"]
    here = {host.name for host in site.hosts if host.gpus}
    placed = sorted({entry["host"] for entry in stored["placement"]})
    notes = []
    missing = [host for host in placed if host not in here]
    if missing:
        notes.append("%s: the GPUs of %s cannot be planned with today" % (name, ", ".join(missing)))
    new = sorted(here - set(stored["hosts"]))
    if new:
        notes.append("%s: %s came later; replan: always plans with all hosts" % (name, ", ".join(new)))
    revisions = {each.repository.ref.name: each.repository.revision for each in request.variants}
    was, now = stored["variant"].get("revision"), revisions.get(repository)
    if was and now and was != now:
        notes.append(
            "%s: %s has moved from %s to %s; replan: always takes it" % (name, repository, was[:12], now[:12])
        )
    if known and not fits:
        notes.append("%s: others hold so much of its GPUs by now that it would not start again" % name)
    return notes


def move_of(standing: Standing, plan: t.Mapping[str, t.Any]) -> t.Optional[t.Dict[str, str]]:
    """What happens to a deployment that does not stay; None where the new plan is what runs."""
    stored, because = standing.stored, standing.because or "it would not start where it was"
    before, now = places_of(stored), places_of(plan)
    edits = ["%s %s -> %s" % each for each in _edits(stored, plan)]
    if before == now and not edits:
        return None
    line = "moves from %s to %s" % (before, now) if before != now else "stays on %s and changes" % now
    line = "%s: %s%s because %s" % (
        plan["name"], line, " (%s)" % ", ".join(edits) if edits else "", because,
    )  # fmt: skip
    return {
        "name": plan["name"], "site": plan["site"], "from": before, "to": now, "because": because, "line": line,
    }  # fmt: skip


def _edits(stored: Record, plan: Record) -> t.Iterator[t.Tuple[str, t.Any, t.Any]]:
    values = (
        ("variant", stored["variant"]["repository"], plan["variant"]["repository"]),
        ("quantization", stored["variant"]["quantization"], plan["variant"]["quantization"]),
        ("engine", stored["backend"], plan["backend"]),
        ("context", stored["context_tokens"], plan["context_tokens"]),
        ("replicas", stored["replicas"], plan["replicas"]),
        ("arguments", _arguments(stored, plan), _arguments(plan, stored)),
    )
    for name, before, now in values:
        if before != now:
            yield name, before, now


def _arguments(one: Record, other: Record) -> str:
    """Those of ``one`` that ``other`` has not, without the context, which has a row of its own."""
    own = set(one["backend_parameters"]) - set(other["backend_parameters"])
    return " ".join(sorted(each for each in own if "max-model-len" not in each)) or "none"


def places_of(plan: Record) -> str:
    """Hosts and GPUs of a plan in words."""
    return " and ".join(
        dict.fromkeys(
            "%s (%s)"
            % (
                entry["host"],
                "GPU %s" % ", ".join(str(gpu["index"]) for gpu in entry["gpus"]) if entry["gpus"] else "CPU",
            )
            for entry in plan["placement"]
        )
    )
