# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What would work instead, where nothing fits."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.layout_search import (
    LARGEST_GROUP,
    MOST_HOSTS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.selection import choose
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    traffic_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.user_overrides import (
    engines_for,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    FP8,
    INT4,
    INT8,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    CPU,
    Claims,
    Gpu,
    Host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import longest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.on_load_quantization import (
    quantized_on_load,
)

# (option, its value without a wish, words): tried one by one.
_RELAXED: t.Tuple[t.Tuple[str, t.Any, str], ...] = (
    ("backend", None, "with another backend"),
    ("backend_parameters", (), "without backend_parameters"),
    ("quantizations", (), "with another quantization"),
    ("tensor_parallel", None, "with another tensor_parallel"),
)

# A context below this serves nobody.
SHORTEST_CONTEXT_TOKENS = 512


def nearest(
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    policy: Policy,
    user: t.Sequence[Argument],
    rejected: t.Sequence[Rejection],
) -> t.List[str]:
    """Alternatives in words, each of which was found to fit: one wish less, a shorter context, more GPUs or
    hosts.
    """
    asked = _Asked(site, described, engine, policy, user)
    fewer = _fewer_replicas(asked, rejected)
    if fewer:
        return fewer
    lines = _with_less(asked) + _slower(asked) + _shorter(asked)
    for kind, largest in ((kind, most) for kind, most in site.fleet.kinds() if kind.vendor != CPU):
        lines += _more(asked, kind, largest)
    lines += _on_load(asked)
    short = any(entry.needs_bytes for entry in rejected)
    return lines + (_smaller_formats(described) if short else [])


@dataclass(frozen=True)
class _Asked:
    """What is to be chosen where; ``user``: the engine arguments that are given."""

    site: Site
    described: t.Sequence[Described]
    engine: Engine
    policy: Policy
    user: t.Sequence[Argument]

    def wishing(self, **wishes: t.Any) -> _Asked:
        """The same with other wishes of the policy."""
        return replace(self, policy=replace(self.policy, **wishes))

    def choices(self, over_hosts: bool = False, recorder: t.Optional[Recorder] = None) -> t.List[Choice]:
        """What fits, the preferred one first."""
        found = choose(
            self.site,
            self.described,
            self.engine,
            self.policy,
            self.user,
            recorder or Recorder(),
            over_hosts,
        )
        return [merit.choice for merit in found]

    def best(self) -> t.Optional[Choice]:
        """What would be the plan: on one host, else on several."""
        for over_hosts in (False, True) if len(self.site.hosts) > 1 else (False,):
            ranked = self.choices(over_hosts)
            if ranked:
                return ranked[0]
        return None


def _fewer_replicas(asked: _Asked, rejected: t.Iterable[Rejection]) -> t.List[str]:
    """As many as have a place, where one has."""
    most = max((entry.places or 0 for entry in rejected if entry.backend == asked.engine.name), default=0)
    best = asked.wishing(replicas=most).best() if most else None
    return [] if best is None else ["%s each with replicas: %d" % (_placed(best), most)]


def _with_less(asked: _Asked) -> t.List[str]:
    """What fits on the GPUs that are there without one of the wishes."""
    lines, policy = [], asked.policy
    for name, value, words in _RELAXED:
        if getattr(policy, name) == value or (name == "backend" and policy.backend_parameters):
            continue
        less = asked.wishing(**{name: value})
        if name == "backend_parameters":
            less = replace(less, user=())
        engines = [asked.engine]
        if name == "backend":
            engines = list(engines_for(replace(less.policy, backend_version=None)))
        found = (replace(less, engine=each).best() for each in engines)
        best = next((choice for choice in found if choice is not None), None)
        if best is not None:
            lines.append("%s %s" % (_placed(best), words))
    return lines


def _slower(asked: _Asked) -> t.List[str]:
    """The quickest that the GPUs give, for each target of speed that stands in the way alone."""
    lines = []
    for name in ("first_token_ms", "inter_token_ms"):
        if getattr(asked.policy, name) is None:
            continue
        ranked = asked.wishing(**{name: None}).choices()
        timed = [(_milliseconds(each, name, asked.policy), each) for each in ranked]
        if timed:
            least, choice = min(timed, key=lambda pair: pair[0])
            lines.append("%s with %s: %d" % (_placed(choice), name, least))
    return lines


def _milliseconds(choice: Choice, name: str, policy: Policy) -> int:
    """The least target that a choice keeps; any does of a card whose speed nobody knows."""
    speed = choice.speed(traffic_of(policy, choice.fit.context))
    if speed is None:
        return 1
    return int(1000 * (speed.first_token_s if name == "first_token_ms" else speed.inter_token_s)) + 1


def _shorter(asked: _Asked) -> t.List[str]:
    """The longest context of one request on the GPUs that are there."""
    less = asked.wishing(context_tokens=None, minimum_context_tokens=SHORTEST_CONTEXT_TOKENS)
    found = [(_most_tokens(each, less.policy), each.candidate.described) for each in less.choices()]
    tokens, best = max(found, key=lambda pair: pair[0], default=(0, None))
    if best is None or not tokens:
        return []
    exact = replace(asked.wishing(context_tokens=tokens), described=[best])
    return [] if exact.best() is None else ["%s fits with up to %d tokens" % (best.repository, tokens)]


def _most_tokens(choice: Choice, policy: Policy) -> int:
    """The longest context of one request, with all that the engine may take."""
    room, each = (
        min((slot.room for slot in choice.slots), key=lambda room: room.usable_bytes),
        choice.candidate,
    )
    budget = each.budget(room, policy.headroom)
    return longest(each.load, budget.bytes_at(budget.limit), 1, 0)


def _more(asked: _Asked, kind: Gpu, largest: int) -> t.List[str]:
    """The fewest GPUs of this kind that hold a replica, on one host or else on several like the fullest one,
    all of them as empty as the emptiest.
    """
    site, one = asked.site, asked.wishing(replicas=1)
    recorder = Recorder()
    found = replace(one, site=_imagined(site, kind, 1, LARGEST_GROUP)).choices(recorder=recorder)
    best = min((choice.candidate for choice in found), key=_cost, default=None)
    timed = one.policy.first_token_ms or one.policy.inter_token_ms
    lines = []
    if best is not None:
        free = site.fleet.emptiest(kind).usable_bytes
        empty = ", each with %s free" % gib(free) if best.layout.gpus <= largest else ""
        lines.append("%s would fit on %s%s" % (best.described.repository, _gpus(best), empty))
    elif not timed and any(entry.needs_bytes for entry in recorder.rejected):
        lines.append("no group of up to %d x %s holds it" % (LARGEST_GROUP, kind.name))
    if best is not None and best.layout.gpus <= largest:
        return lines
    apart = replace(one, site=_imagined(site, kind, MOST_HOSTS, largest)).choices(over_hosts=True)
    layouts = [(each.candidate.layout, each.candidate.described.repository) for each in apart]
    wide = min(layouts, key=lambda pair: (pair[0].hosts, pair[0].gpus), default=None)
    if wide is not None:
        layout, repository = wide
        words = "%s would fit on %d hosts with %d x %s each"
        lines.append(words % (repository, layout.hosts, layout.gpus_per_host, kind.name))
    return lines


def _cost(each: Candidate) -> t.Tuple[bool, int]:
    """One group before stages, then fewer GPUs."""
    return each.layout.pipeline > 1, each.layout.gpus


def _imagined(site: Site, kind: Gpu, hosts: int, gpus: int) -> Site:
    """A site of equal hosts whose GPUs are as empty as the emptiest of their kind on ``site``."""
    free = site.fleet.emptiest(kind).usable_bytes
    used = kind.total_bytes - kind.reserved_bytes - free
    empty = replace(kind, free_bytes=free, used_bytes=used, island=0)

    def host(name: str) -> Host:
        cards = (replace(empty, index=index, uuid="%s/%d" % (name, index)) for index in range(gpus))
        return Host(name, site.name, tuple(cards))

    return Site(site.name, tuple(host("host-%02d" % number) for number in range(hosts)), Claims())


def _on_load(asked: _Asked) -> t.List[str]:
    """What engines could make of 16-bit weights so that they fit: the least loss of each engine."""
    policy = asked.policy
    if policy.on_load_quantization:
        return []
    lines = []
    for engine in engines_for(policy):
        made = quantized_on_load(asked.described, engine, policy.release(engine.name))
        best = replace(asked, described=made, engine=engine).best()
        if best is not None:
            lines.append(
                "%s, if %s makes it %s while loading (on_load_quantization: true)"
                % (_placed(best), engine.name, best.candidate.described.precision)
            )
    return lines


def _placed(choice: Choice) -> str:
    return "%s fits on %s" % (choice.candidate.described.repository, _gpus(choice.candidate))


def _gpus(each: Candidate) -> str:
    """How many of which kind, and what they are to each other."""
    layout = each.layout
    parts = ["%d x %s" % (layout.gpus, each.kind.name)]
    counts = (
        ("over %d hosts", layout.hosts),
        ("in %d stages", layout.pipeline),
        ("in %d ranks", layout.data),
    )
    return " ".join(parts + [words % count for words, count in counts if count > 1])


def _smaller_formats(described: t.Sequence[Described]) -> t.List[str]:
    there = {each.precision for each in described}
    missing = [precision for precision in (FP8, INT8, INT4) if precision not in there]
    if not missing or there - {BF16, FP8, INT8}:
        return []
    return ["no %s variant was found; name one with the option variants" % " or ".join(missing)]
