# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner's one entry point.

``make_plan`` is pure and deterministic: the same request gives the same outcome.
"""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import asdict, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.agreement import (
    held_variants,
    restricted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.answers import (
    answer_of,
    does_not_fit,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.cautions import warnings_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp_stored import (
    rebuilt_candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    Merit,
    loss_steps,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.running import (
    claims,
    rebuilt,
    record_of,
    still_fits,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.selection import (
    choose,
    judge,
)
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
    cpu_host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.keeping import (
    Standing,
    kept_notes,
    kept_plan,
    move_of,
    standing_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    ENGINES,
    LLAMA_CPP,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_document import (
    document,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_lines import (
    plan_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.rejection_lines import (
    rejected_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import (
    Outcome,
    Rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Record,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import (
    Described,
    describe_all,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.on_load_quantization import (
    quantized_on_load,
)

# What was chosen on a site of some hardware with an engine; sites of equal hardware are judged once.
Alike = t.Dict[t.Tuple[t.Any, ...], Candidate]


def make_plan(request: Request) -> Outcome:
    """One plan for each site among the hosts, and for each where a deployment of the name is kept.

    :raises InvalidInput: an option contradicts the model, the hardware, or another option.
    :raises NotServable: none of the variants can be calculated or may run.
    :raises DoesNotFit: on some site nothing fits; the error names what would.
    """
    request = replace(request, policy=settled(request.policy))
    described, rejected = describe_all(request.variants, request.policy, request.model.licence, request.draft)
    answers: t.List[Outcome] = []
    alike: Alike = {}
    for site in _sites(request):
        standing = _standing(request, site)
        answer = _kept(request, site, described, standing) if standing else None
        if answer is None:
            narrowed, offered = restricted(request, described)
            _check(narrowed, site, offered, rejected)
            answer = _told(_plan_site(narrowed, site, offered, alike), standing)
        answers.append(answer)
    recorder = Recorder()
    recorder.reject(rejected)
    recorder.warn(request.notes)
    for answer in answers:
        recorder.reject(answer.rejected)
        recorder.warn(answer.warnings)
    return Outcome(
        plans=tuple(plan for answer in answers for plan in answer.plans),
        lines=(*(line for answer in answers for line in answer.lines), *rejected_lines(recorder.rejected)),
        options=tuple(option for answer in answers for option in answer.options),
        rejected=recorder.rejected,
        warnings=recorder.warnings,
        kept=all(answer.kept for answer in answers),
        moves=tuple(move for answer in answers for move in answer.moves),
        holds=tuple(each for answer in answers for each in answer.holds),
        distance=sum(answer.distance for answer in answers),
    )


def _check(
    request: Request, site: Site, described: t.Sequence[Described], rejected: t.Sequence[Rejection]
) -> None:
    """Whether there is anything to plan with and for."""
    if not site.hosts:
        raise _no_gpu(request)
    if not described:
        raise nothing_servable(request, rejected)
    check_layout(request.policy, described, {gpu.vendor for host in site.hosts for gpu in host.gpus})


def _sites(request: Request) -> t.List[Site]:
    """By name: those of the hosts with GPUs, and those where our deployment is that nobody has facts of."""
    held = _held(request, () if request.beside_running else request.own_names)
    by_site: t.Dict[str, t.List[Host]] = {}
    for host in request.hosts:
        if host.gpus:
            by_site.setdefault(host.site, []).append(host)
    if not by_site and _may_compute_on_hosts(request):
        for host in (host for host in map(cpu_host, request.hosts) if host.gpus):
            by_site.setdefault(host.site, []).append(host)
    for record in request.deployed:
        if record.get("site") and record_of([record], request.name, str(record["site"])):
            by_site.setdefault(str(record["site"]), [])
    if not by_site:
        raise _no_gpu(request)
    return [Site(name, tuple(by_site[name]), held) for name in sorted(by_site)]


def _may_compute_on_hosts(request: Request) -> bool:
    """Whether llama.cpp is wanted, or could be, where there is no card at all."""
    allowed = request.policy.backend or LLAMA_CPP.name
    listed = not request.policy.backends or LLAMA_CPP.name in request.policy.backends
    offered = any(variant.repository.gguf for variant in request.variants)
    return allowed == LLAMA_CPP.name and listed and offered


def _no_gpu(request: Request) -> InvalidInput:
    return InvalidInput(
        "No usable GPU on any of the %d host(s): %s"
        % (len(request.hosts), "; ".join(request.notes) or "none was named"),
        hint="Run modelscan.autoconfig.gpu_facts on the GPU hosts first, and look at its warnings.",
        hosts=[host.name for host in request.hosts],
    )


def _held(request: Request, own_names: t.Sequence[str]) -> Claims:
    return claims(request.deployed, own_names, request.reserved)


def nothing_servable(request: Request, rejected: t.Sequence[Rejection]) -> NotServable:
    """The refusal where no variant can be calculated or may run."""
    reasons = "; ".join("%s: %s" % (entry.variant, entry.reason) for entry in rejected)
    return NotServable(
        "No variant of %s can be planned: %s" % (request.model.id, reasons or "none was found"),
        hint="Name another repository with the option variants.",
        model=request.model.id,
        rejected=[asdict(entry) for entry in rejected],
    )


def _standing(request: Request, site: Site) -> t.Optional[Standing]:
    record = record_of(request.deployed, request.name, site.name)
    return None if record is None else standing_of(record, request)


def _kept(
    request: Request, site: Site, described: t.Sequence[Described], standing: Standing
) -> t.Optional[Outcome]:
    """The plan that runs, where it stays."""
    if standing.because is not None:
        return None
    choice = rebuilt(
        standing.stored,
        _rebuilder(request, described),
        site.hosts,
        _held(request, request.own_names),
    )
    fits = choice is not None and still_fits(choice, request.policy)
    if standing.stopped and not fits:
        return None
    plan, recorder = kept_plan(standing, site, _today(request, site, choice)), Recorder()
    recorder.warn(kept_notes(standing, site, request, choice is not None, fits))
    recorder.warn(() if choice is None else warnings_of(request, choice))
    named = "%s%s" % (plan["backend"], " %s" % plan["backend_version"] if plan.get("backend_version") else "")
    return Outcome(
        plans=(plan,),
        lines=tuple(plan_lines(plan, True, plan["gpu"], "", named)),
        rejected=(),
        warnings=recorder.warnings,
        kept=True,
        holds=_holds(request, site, described) if request.asked.uniform else (),
    )


def _today(request: Request, site: Site, choice: t.Optional[Choice]) -> t.Optional[t.Dict[str, t.Any]]:
    """What runs as a plan of now; None where facts for it are missing."""
    if choice is None:
        return None
    recorder = Recorder()
    choice.attest(recorder)
    return document(request, site, choice, [], recorder)


def _holds(
    request: Request, site: Site, described: t.Sequence[Described]
) -> t.Tuple[t.Dict[str, t.Any], ...]:
    """What a site whose plan is kept could serve as well."""
    if not site.hosts or not described:
        return ()
    engines = engines_for(request.policy, {gpu.vendor for host in site.hosts for gpu in host.gpus})
    return held_variants(merit.choice for merit in _best(request, site, described, engines, Recorder()))


def _told(answer: Outcome, standing: t.Optional[Standing]) -> Outcome:
    """A new plan that says what it does to what is there."""
    move = None if standing is None else move_of(standing, answer.plans[0])
    if move is None:
        return answer
    return replace(answer, moves=(move,), lines=("  ! %s" % move["line"], *answer.lines))


def _plan_site(request: Request, site: Site, described: t.Sequence[Described], alike: Alike) -> Outcome:
    hardware = site.fleet.signature()
    known = alike.get(hardware)
    again = judge(site, known, request.policy) if known is not None else None
    if isinstance(again, Choice):
        return answer_of(request, site, [Merit(again, request.policy)], Recorder())
    engines = engines_for(request.policy, {gpu.vendor for host in site.hosts for gpu in host.gpus})
    recorder = Recorder()
    merits = _best(request, site, described, engines, recorder)
    if not merits:
        only_gguf = LLAMA_CPP in engines and all(each.gguf is not None for each in described)
        engine = LLAMA_CPP if only_gguf else engines[0]
        raise does_not_fit(request, site, described, engine, recorder.rejected)
    alike[hardware] = merits[0].choice.candidate
    return answer_of(request, site, merits, recorder)


def _best(
    request: Request,
    site: Site,
    described: t.Sequence[Described],
    engines: t.Sequence[Engine],
    recorder: Recorder,
) -> t.List[Merit]:
    """The choices of the first attempt in which something reaches the level, else of all attempts.

    One host before several, checked variants before those made while loading, engine after engine. An engine
    that is not the preferred one counts as a step further from the level. Models in GGUF come last.
    """
    user = arguments.parse(request.policy.backend_parameters)
    others = [engine for engine in engines if engine is not LLAMA_CPP]
    offers = [_offers(request.policy, described, engine) for engine in others]
    found: t.List[Merit] = []
    for offered in itertools.zip_longest(*offers, fillvalue=()):
        least = min((loss_steps(each, request.policy) for own in offered for each in own), default=0)
        for over_hosts in (False, True) if len(site.hosts) > 1 else (False,):
            for turn, engine in enumerate(others):
                told = Recorder() if found else recorder
                own = choose(site, offered[turn], engine, request.policy, user, told, over_hosts, turn)
                found = sorted(found + own, key=lambda merit: merit.key)
                if found and found[0].steps <= least:
                    return found
    if not found and LLAMA_CPP in engines:
        return choose(site, described, LLAMA_CPP, request.policy, user, recorder)
    return found


def _offers(
    policy: Policy, described: t.Sequence[Described], engine: Engine
) -> t.Sequence[t.Sequence[Described]]:
    """What to choose from, and what ``engine`` could make of it while loading if that does not fit."""
    described = [each for each in described if each.gguf is None]
    named = as_quantized(described, engine, policy)
    if named is not None:
        return [named]
    made = quantized_on_load(described, engine, policy.release(engine.name))
    return [described, made if policy.on_load_quantization else []]


def _rebuilder(
    request: Request, described: t.Sequence[Described]
) -> t.Callable[[Record, Layout, Gpu], t.Optional[Candidate]]:
    """Makes a candidate of a stored choice."""
    user = arguments.parse(request.policy.backend_parameters)

    def rebuild(stored: Record, layout: Layout, kind: Gpu) -> t.Optional[Candidate]:
        variant, backend = stored.get("variant") or {}, str(stored.get("backend"))
        on_load, algorithm = bool(variant.get("on_load")), _algorithm(stored)
        if backend not in ENGINES:
            return None
        if backend == LLAMA_CPP.name:
            named = _named(stored, described)
            return None if named is None else rebuilt_candidate(named, kind, stored, request.policy, user)
        offers = _offers(replace(request.policy, on_load_quantization=on_load), described, ENGINES[backend])
        for each in itertools.chain.from_iterable(offers):
            same = each.repository == variant.get("repository") and each.quantization.on_load == on_load
            if same and algorithm == (each.speculation.algorithm if each.speculation else None):
                return candidate(each, ENGINES[backend], layout, kind, request.policy, user)
        return None

    return rebuild


def _named(stored: Record, described: t.Sequence[Described]) -> t.Optional[Described]:
    """The model in GGUF that a stored plan serves."""
    variant = stored.get("variant") or {}
    files = tuple((variant.get("gguf") or {}).get("files") or ())
    return next(
        (
            each
            for each in described
            if each.gguf is not None
            and each.gguf.paths == files
            and each.variant.repository.ref.name == variant.get("repository")
        ),
        None,
    )


def _algorithm(stored: Record) -> t.Optional[str]:
    found = (stored.get("speculative_config") or {}).get("algorithm")
    return None if found is None else str(found)
