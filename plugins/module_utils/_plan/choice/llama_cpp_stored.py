# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Candidates of llama.cpp out of plans that were stored with what they deployed."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    LlamaCandidate,
    llama_candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Gpu
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described


def rebuilt_candidate(
    described: Described, kind: Gpu, stored: t.Mapping[str, t.Any], policy: Policy, user: t.Sequence[Argument]
) -> LlamaCandidate:
    """The candidate of a stored plan."""
    each = llama_candidate(described, kind, _layout(stored), policy, user)
    counts = tuple(int(count) for count in (stored.get("llama_cpp") or {}).get("layers") or ())
    pool = int((stored.get("llama_cpp") or {}).get("pool_tokens") or stored.get("context_tokens") or 0)
    widest = max(range(len(counts)), key=lambda place: counts[place], default=0)
    first = sum(counts[:widest])
    last = first + counts[widest] if counts else 0
    return replace(
        each, pool=pool, counts=counts, first=first, last=last, ends=widest == max(0, len(counts) - 1)
    )


def _layout(stored: t.Mapping[str, t.Any]) -> Layout:
    return Layout(1, int((stored.get("parallelism") or {}).get("pipeline") or 1))
