# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every legal candidate of one site, the preferred one first; preference.py has the order."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import (
    Candidate,
    candidate,
    lean,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
    rejection,
    ways,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.layout_search import (
    MOST_HOSTS,
    Layouts,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import llama_answers
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    Merit,
    ranked,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import wish_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import CPU
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    LLAMA_CPP,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# In the reasons of what fits and is too slow.
SLOW = "time of about"

Answer = t.Union[Choice, Rejection]


def choose(
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    policy: Policy,
    user: t.Sequence[Argument],
    recorder: Recorder,
    over_hosts: bool = False,
    turn: int = 0,
) -> t.List[Merit]:
    """The candidates that fit, the preferred one first; ``recorder`` gets the reasons of the others.

    Each replica on one host, or ``over_hosts`` on as few of several as reach the level or hold it.
    """
    answers: t.List[Answer] = []
    wish = wish_of(engine.name, policy.tensor_parallel, user)
    for each in (each for each in described if (each.gguf is not None) is (engine is LLAMA_CPP)):
        if engine is LLAMA_CPP:
            answers += llama_answers(site, each, policy, user) if not over_hosts else []
            continue
        for kind, largest in site.fleet.kinds():
            if kind.vendor == CPU:
                continue
            single = candidate(each, engine, Layout(1), kind, policy, user)
            obstacle = single.obstacle(policy)
            if obstacle is not None:
                answers.append(replace(rejection(single, site, obstacle), tensor=None))
                continue
            layouts = Layouts(each, engine, wish, single.settings.release)
            search = _Search(site, single, policy, user)
            answers += (
                search.over_hosts(layouts, largest)
                if over_hosts
                else search.tried(layouts.on_one_host(largest))
            )
    recorder.reject(answer for answer in answers if isinstance(answer, Rejection))
    merits = ranked((answer for answer in answers if isinstance(answer, Choice)), policy, turn)
    slow = [(each, _too_slow(each)) for each in merits]
    recorder.reject(rejection(each.choice.candidate, site, reason) for each, reason in slow if reason)
    return [each for each, reason in slow if reason is None]


def judge(site: Site, each: Candidate, policy: Policy) -> Answer:
    """A candidate with the places for its replicas that suit best, or the first limit that it breaks."""
    answers = ways(site, each, policy)
    if len(answers) == 1:
        return answers[0]
    return ranked((answer for answer in answers if isinstance(answer, Choice)), policy)[0].choice


class _Search(t.NamedTuple):
    """The layouts of one candidate on one kind of card."""

    site: Site
    single: Candidate
    policy: Policy
    user: t.Sequence[Argument]

    def tried(self, layouts: t.Iterable[Layout]) -> t.List[Answer]:
        return [self._judged(replace(self.single, layout=layout)) for layout in layouts]

    def _judged(self, each: Candidate) -> Answer:
        """With the engine's usual steps, or with smaller ones where these come nearer to the level."""
        usual = judge(self.site, each, self.policy)
        if isinstance(usual, Choice):
            merit = Merit(usual, self.policy)
            if merit.room_suffices:
                return usual
        elif usual.needs_bytes is None:
            return usual
        smaller = lean(each, self.policy.concurrency, self.user)
        other = usual if smaller is None else judge(self.site, smaller, self.policy)
        if isinstance(other, Rejection) or isinstance(usual, Rejection):
            return usual if isinstance(other, Rejection) else other
        return ranked((usual, other), self.policy)[0].choice

    def over_hosts(self, layouts: Layouts, largest: int) -> t.List[Answer]:
        """Of the smallest number of hosts that reaches the level; else of all that could be tried.

        Twice the hosts that hold a replica are enough to see that more bring nothing.
        """
        site, kind, found = self.site, self.single.kind, t.cast("t.List[Choice]", [])
        answers: t.List[Answer] = []
        weights, room = self.single.described.weights.total_bytes, site.fleet.emptiest(kind)
        least = ceil_div(weights, max(1, largest * room.usable_bytes))
        most = min(MOST_HOSTS, site.fleet.hosts_with(1, kind))
        hosts = max(2, min(least, most))
        while hosts <= most:
            answers = self.tried(layouts.over_hosts(hosts, largest))
            fitting = [answer for answer in answers if isinstance(answer, Choice)]
            if fitting and not found:
                most = min(most, 2 * hosts)
            found += fitting
            if any(Merit(choice, self.policy).reaches for choice in fitting):
                break
            hosts += 1
        return [*found] if found else answers


def _too_slow(each: Merit) -> t.Optional[str]:
    """The limit of speed that the user has set and the estimate breaks; of an unknown card nothing is said."""
    policy, speed = each.policy, each.speed
    if speed is None:
        return None
    for what, seconds, most in (
        ("first token", speed.first_token_s, policy.first_token_ms),
        ("inter-token", speed.inter_token_s, policy.inter_token_ms),
    ):
        if most is not None and seconds * 1000 > most:
            return "%s %s %.0f ms is more than %d ms" % (what, SLOW, seconds * 1000, most)
    return None
