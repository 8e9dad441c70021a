# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the planner answers for one site: a plan with all that is told of it, or why there is none."""

from __future__ import annotations

import hashlib
import json
import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.agreement import (
    held_variants,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.alternatives import (
    option_lines,
    options,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.cautions import warnings_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.launch_arguments import launch
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.nearest_fit import nearest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import Merit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.holders import (
    Holder,
    holders,
    in_words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.choice_lines import (
    why_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.idle_lines import (
    idle_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_document import (
    document,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_lines import (
    plan_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.rejection_lines import (
    closest,
    is_slow,
    refusal_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import (
    Outcome,
    Rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    OFF,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import told
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import (
    Described,
)

# In an error's sentence; its details hold all of them.
SHOWN_REJECTIONS = 4


def plan_identity(plan: t.Mapping[str, t.Any]) -> str:
    """16 hex digits over what was asked for and what the plan uses, never over free memory."""
    variant = plan["variant"]
    used = {
        "name": plan["name"],
        "wishes": plan["wishes"],
        "variant": [variant[key] for key in ("source", "repository", "revision", "quantization", "on_load")],
        "backend": [plan["backend"], plan["backend_version"]],
        "parallelism": plan["parallelism"],
        "placement": [
            [place["replica"], place["host"], [[gpu["index"], gpu["uuid"]] for gpu in place["gpus"]]]
            for place in plan["placement"]
        ],
    }
    if variant.get("gguf"):
        used["files"] = variant["gguf"]["files"]
    text = json.dumps(used, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def answer_of(request: Request, site: Site, merits: t.Sequence[Merit], recorder: Recorder) -> Outcome:
    """The plan for the first of ``merits``."""
    choice, others = merits[0].choice, options(request, site.name, merits)
    started = launch(choice, request.policy, arguments.parse(request.policy.backend_parameters))
    choice.attest(recorder)
    plan = document(request, site, choice, started.arguments, recorder)
    plan["plan_id"] = plan_identity(plan)
    beside = _beside(request, site, plan)
    recorder.warn(warnings_of(request, choice))
    recorder.warn(started.notes)
    recorder.note(why_lines(merits))
    recorder.note(() if request.companions else idle_lines(site, merits))
    recorder.note(["  held there  %s" % in_words(beside)] if beside else [])
    lines = plan_lines(
        plan, False, choice.candidate.kind.name, _speculation(choice, request), _engine(choice, request)
    )
    return Outcome(
        plans=(plan,),
        lines=(*lines, *recorder.notes, *option_lines(others)),
        options=tuple(others),
        rejected=_worth_telling(recorder.rejected, choice.candidate.layout),
        warnings=recorder.warnings,
        kept=False,
        distance=merits[0].steps,
        holds=held_variants(merit.choice for merit in merits),
    )


def _worth_telling(rejected: t.Iterable[Rejection], layout: Layout) -> t.Tuple[Rejection, ...]:
    """Without the pipelines and data-parallel ranks that failed, where the plan is neither."""
    return tuple(
        entry
        for entry in rejected
        if (layout.pipeline > 1 or entry.pipeline == 1) and (layout.data > 1 or entry.data == 1)
    )


def _beside(request: Request, site: Site, plan: t.Dict[str, t.Any]) -> t.List[Holder]:
    """Who else holds memory of the GPUs of ``plan``, which is told so, too."""
    taken = {(place["host"], gpu["index"]) for place in plan["placement"] for gpu in place["gpus"]}
    found = [each for each in _others(request, site) if (each.host, each.gpu) in taken]
    for gpu in plan["memory"]["gpus"]:
        held = [each for each in found if (each.host, each.gpu) == (gpu["host"], gpu["index"])]
        gpu["held"] = [{"by": each.by, "bytes": each.bytes} for each in held]
    return found


def _others(request: Request, site: Site) -> t.List[Holder]:
    return holders(site.hosts, request.deployed, request.own_names)


def _engine(choice: Choice, request: Request) -> str:
    """The engine with its version, and who chose that."""
    each = choice.candidate
    default = dict(request.policy.server_versions).get(each.engine.name)
    if each.settings.version is not None:
        return "%s %s" % (each.engine.name, each.settings.version)
    if default is not None:
        return "%s %s (the server's default)" % (each.engine.name, default)
    return "%s (the server's version, taken for a recent one)" % each.engine.name


def _speculation(choice: Choice, request: Request) -> str:
    described = choice.candidate.described
    if request.policy.speculative == OFF:
        return ""
    return told(described.speculation, described.ways)


def _failing(request: Request, site: Site, rejected: t.Sequence[Rejection]) -> str:
    """What is the matter where nothing can be taken: a target of speed, memory, or what was asked for."""
    policy = request.policy
    if any(map(is_slow, rejected)):
        return "is expected to be slower than wanted on site %s with %d requests at once" % (
            site.name,
            policy.concurrency,
        )
    if not any(entry.lacks_room for entry in rejected):
        return "cannot be served as asked for on site %s" % site.name
    least = policy.context_tokens or policy.minimum_context_tokens
    return "does not fit on site %s with a context of %d tokens" % (site.name, least)


def does_not_fit(
    request: Request,
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    rejected: t.Sequence[Rejection],
) -> DoesNotFit:
    user = arguments.parse(request.policy.backend_parameters)
    alternatives = nearest(site, described, engine, request.policy, user, rejected)
    beside = _others(request, site)
    held = ". Others hold: %s" % in_words(beside) if beside else ""
    slow = [entry for entry in rejected if is_slow(entry)]
    reasons = closest(slow or rejected, SHOWN_REJECTIONS)
    return DoesNotFit(
        "%s %s: %s%s" % (request.model.id, _failing(request, site, rejected), reasons, held),
        hint="Nearest: %s." % "; ".join(alternatives) if alternatives else None,
        site=site.name,
        rejected=[asdict(entry) for entry in rejected],
        alternatives=alternatives,
        holders=[each._asdict() for each in beside],
        lines=refusal_lines(rejected),
    )
