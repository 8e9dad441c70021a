# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner's one entry point.

``make_plan`` is pure and deterministic: the same request gives the same outcome.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import typing as t
from dataclasses import asdict, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.alternatives import (
    option_lines,
    options,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
    judge,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.launch_arguments import launch
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.nearest_fit import nearest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import Standing
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.running import (
    claims,
    keep,
    running,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.selection import choose
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.user_overrides import (
    as_quantized,
    check_layout,
    engines_for,
    settled,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Gpu,
    Host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    ENGINES,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_document import (
    document,
    warnings_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_lines import (
    plan_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.rejection_lines import (
    closest,
    rejected_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import (
    Outcome,
    Rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    OFF,
    PLANNER_SCHEMA,
    WHEN_NEEDED,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Record,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import told
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import (
    Described,
    describe_all,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.on_load_quantization import (
    quantized_on_load,
)

_USUAL = Policy()

# In an error's sentence; its details hold all of them.
SHOWN_REJECTIONS = 4


# What was chosen on a site of some hardware with an engine; sites of equal hardware are judged once.
Alike = t.Dict[t.Tuple[t.Any, ...], Candidate]


def make_plan(request: Request) -> Outcome:
    """One plan for each site among the hosts.

    :raises InvalidInput: an option contradicts the model, the hardware, or another option.
    :raises NotServable: none of the variants can be calculated or may run.
    :raises DoesNotFit: on some site nothing fits; the error names what would.
    """
    hosts = [host for host in request.hosts if host.gpus]
    if not hosts:
        raise InvalidInput(
            "No usable GPU on any of the %d host(s): %s"
            % (len(request.hosts), "; ".join(request.notes) or "none was named"),
            hint="Run modelscan.autoconfig.gpu_facts on the GPU hosts first, and look at its warnings.",
            hosts=[host.name for host in request.hosts],
        )
    request = replace(request, policy=settled(request.policy))
    described, rejected = describe_all(request.variants, request.policy, request.model.licence, request.draft)
    if not described:
        raise _nothing_servable(request, rejected)
    check_layout(request.policy, described, {gpu.vendor for host in hosts for gpu in host.gpus})
    recorder, alike = Recorder(), t.cast(Alike, {})
    recorder.reject(rejected)
    recorder.warn(request.notes)
    answers = [_plan_site(request, site, described, alike, recorder) for site in _sites(request, hosts)]
    return Outcome(
        plans=tuple(answer.plan for answer in answers),
        lines=tuple(line for answer in answers for line in answer.lines)
        + tuple(rejected_lines(recorder.rejected)),
        options=tuple(option for answer in answers for option in answer.options),
        rejected=recorder.rejected,
        warnings=recorder.warnings,
        kept=all(answer.kept for answer in answers),
        distance=sum(answer.distance for answer in answers),
    )


class _Answer(t.NamedTuple):
    """The plan of one site."""

    plan: t.Dict[str, t.Any]
    lines: t.Sequence[str]
    options: t.Sequence[t.Dict[str, t.Any]]
    kept: bool
    distance: int


def _sites(request: Request, hosts: t.Sequence[Host]) -> t.List[Site]:
    held = _held(request, () if request.beside_running else _own_names(request))
    by_site: t.Dict[str, t.List[Host]] = {}
    for host in hosts:
        by_site.setdefault(host.site, []).append(host)
    return [Site(name, tuple(by_site[name]), held) for name in sorted(by_site)]


def _own_names(request: Request) -> t.Sequence[str]:
    return request.companions or (request.name,)


def _held(request: Request, own_names: t.Sequence[str]) -> Claims:
    return claims(request.deployed, own_names, request.reserved)


def _nothing_servable(request: Request, rejected: t.Sequence[Rejection]) -> NotServable:
    reasons = "; ".join("%s: %s" % (entry.variant, entry.reason) for entry in rejected)
    return NotServable(
        "No variant of %s can be planned: %s" % (request.model.id, reasons or "none was found"),
        hint="Name another repository with the option variants.",
        model=request.model.id,
        rejected=[asdict(entry) for entry in rejected],
    )


def _plan_site(
    request: Request, site: Site, described: t.Sequence[Described], alike: Alike, recorder: Recorder
) -> _Answer:
    plan_id = plan_identity(request, site)
    kept = _kept_choice(request, site, described, plan_id)
    if kept is not None:
        return _answer(request, site, plan_id, [Standing(kept, request.policy)], recorder, True)
    hardware = site.fleet.signature()
    known = alike.get(hardware)
    again = judge(site, known, request.policy) if known is not None else None
    if isinstance(again, Choice):
        return _answer(request, site, plan_id, [Standing(again, request.policy)], recorder, False)
    engines = engines_for(request.policy, {gpu.vendor for host in site.hosts for gpu in host.gpus})
    own = Recorder()
    standings = _best(request, site, described, engines, own)
    if not standings:
        raise _does_not_fit(request, site, described, engines[0], own.rejected)
    alike[hardware] = standings[0].choice.candidate
    recorder.reject(_worth_telling(own.rejected, standings[0].choice.candidate.layout))
    return _answer(request, site, plan_id, standings, recorder, False)


def _best(
    request: Request,
    site: Site,
    described: t.Sequence[Described],
    engines: t.Sequence[Engine],
    recorder: Recorder,
) -> t.List[Standing]:
    """The choices of the first attempt in which something fits.

    One host before several, checked variants before those made while loading, engine after engine. What
    fits one host and misses the service level there is compared with several hosts.
    """
    user = arguments.parse(request.policy.backend_parameters)
    offers = [_offers(request.policy, described, engine) for engine in engines]
    turns = [pair for turn in itertools.zip_longest(*offers, fillvalue=()) for pair in zip(turn, engines)]
    wider = len(site.hosts) > 1
    for over_hosts in (False, True) if wider else (False,):
        for offered, engine in turns:
            found = choose(site, offered, engine, request.policy, user, recorder, over_hosts)
            if found and wider and not over_hosts and not found[0].reaches:
                more = choose(site, offered, engine, request.policy, user, Recorder(), True)
                found = sorted(found + more, key=lambda standing: standing.key)
            if found:
                return found
    return []


def _worth_telling(rejected: t.Iterable[Rejection], layout: Layout) -> t.List[Rejection]:
    """Without the pipelines and data-parallel ranks that failed, where the plan is neither."""
    return [
        entry
        for entry in rejected
        if (layout.pipeline > 1 or entry.pipeline == 1) and (layout.data > 1 or entry.data == 1)
    ]


def _offers(
    policy: Policy, described: t.Sequence[Described], engine: Engine
) -> t.Sequence[t.Sequence[Described]]:
    """What to choose from, and what ``engine`` could make of it while loading if that does not fit."""
    named = as_quantized(described, engine, policy)
    if named is not None:
        return [named]
    made = quantized_on_load(described, engine, policy.release(engine.name))
    return [described, made if policy.on_load_quantization else []]


def _kept_choice(
    request: Request, site: Site, described: t.Sequence[Described], plan_id: str
) -> t.Optional[Choice]:
    if request.replan != WHEN_NEEDED:
        return None
    stored = running(request.deployed, request.name, plan_id)
    if stored is None:
        return None
    user = arguments.parse(request.policy.backend_parameters)

    def rebuild(stored: Record, layout: Layout, kind: Gpu) -> t.Optional[Candidate]:
        variant, backend = stored.get("variant") or {}, str(stored.get("backend"))
        on_load, algorithm = bool(variant.get("on_load")), _algorithm(stored)
        if backend not in ENGINES:
            return None
        offers = _offers(replace(request.policy, on_load_quantization=on_load), described, ENGINES[backend])
        for each in itertools.chain.from_iterable(offers):
            same = each.repository == variant.get("repository") and each.quantization.on_load == on_load
            if same and algorithm == (each.speculation.algorithm if each.speculation else None):
                return candidate(each, ENGINES[backend], layout, kind, request.policy, user)
        return None

    return keep(stored, rebuild, site.hosts, _held(request, _own_names(request)), request.policy)


def _algorithm(stored: Record) -> t.Optional[str]:
    found = (stored.get("speculative_config") or {}).get("algorithm")
    return None if found is None else str(found)


def plan_identity(request: Request, site: Site) -> str:
    """16 hex digits over the inputs that matter, never over free memory."""
    inputs = {
        "schema": PLANNER_SCHEMA,
        "model": request.model.id,
        "name": request.name,
        "site": site.name,
        "policy": _wishes(request.policy),
        "hosts": [
            [host.name, sorted([gpu.index, gpu.uuid, *gpu.kind] for gpu in host.gpus)]
            for host in sorted(site.hosts, key=lambda each: each.name)
        ],
        "variants": sorted(
            [variant.repository.ref.source, variant.repository.ref.name, variant.repository.revision or ""]
            for variant in request.variants
        ),
    }
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), default=asdict)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _wishes(policy: Policy) -> t.Dict[str, t.Any]:
    """What a user has set, so that ids outlive options that are added; prices choose nothing.

    The server's versions and what other models leave are those of the moment.
    """
    own = vars(replace(policy, gpu_hour_usd=None, power_usd_per_kwh=None, server_versions=(), snug=0.0))
    return {name: value for name, value in own.items() if value != getattr(_USUAL, name)}


def _answer(
    request: Request,
    site: Site,
    plan_id: str,
    standings: t.Sequence[Standing],
    recorder: Recorder,
    kept: bool,
) -> _Answer:
    """The plan for the first of ``standings``."""
    choice, others = standings[0].choice, options(request, site.name, standings)
    started = launch(choice, request.policy, arguments.parse(request.policy.backend_parameters))
    plan = document(request, site, plan_id, choice, started.arguments)
    recorder.warn(warnings_of(request, choice))
    recorder.warn(started.notes)
    lines = plan_lines(
        plan, kept, choice.candidate.kind.name, _speculation(choice, request), _engine(choice, request)
    )
    return _Answer(plan, (*lines, *option_lines(others)), others, kept, standings[0].steps)


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


def _does_not_fit(
    request: Request,
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    rejected: t.Sequence[Rejection],
) -> DoesNotFit:
    user = arguments.parse(request.policy.backend_parameters)
    alternatives = nearest(site, described, engine, request.policy, user, rejected)
    target = request.policy.context_tokens or request.policy.minimum_context_tokens
    return DoesNotFit(
        "%s does not fit on site %s with %d requests of %d tokens: %s"
        % (
            request.model.id,
            site.name,
            request.policy.concurrency,
            target,
            closest(rejected, SHOWN_REJECTIONS),
        ),
        hint="Nearest: %s." % "; ".join(alternatives) if alternatives else None,
        site=site.name,
        rejected=[asdict(entry) for entry in rejected],
        alternatives=alternatives,
    )
