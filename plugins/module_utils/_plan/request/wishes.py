# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user asked for, as a plan keeps it and as two plans are compared.

Facts, prices, measurements and the server's own versions are no wishes: they may change while a
deployment runs, and move nothing.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request

Wishes = t.Dict[str, t.Any]

_USUAL = Policy()
# Options are called so by users.
_OPTIONS = {"goal": "policy"}


def policy_wishes(policy: Policy) -> Wishes:
    """By option, what differs from the defaults, so that wishes outlive options that are added."""
    own = vars(
        replace(
            policy, gpu_hour_usd=None, power_usd_per_kwh=None, server_versions=(), corrections=(), snug=0.0
        )
    )
    given = {name: value for name, value in own.items() if value != getattr(_USUAL, name)}
    return t.cast(Wishes, json.loads(json.dumps({_OPTIONS.get(name, name): given[name] for name in given})))


def wishes_of(request: Request) -> Wishes:
    """All wishes of a request in values that survive JSON."""
    wishes = policy_wishes(request.wished or request.policy)
    wishes["model"] = (request.asked.model or request.model.id).lower()
    if request.asked.source:
        wishes["source"] = request.asked.source
    if request.asked.variants:
        wishes["variants"] = sorted(request.asked.variants)
    if request.asked.worker_labels:
        wishes["worker_labels"] = dict(sorted(request.asked.worker_labels.items()))
    if request.asked.uniform:
        wishes["uniform"] = True
    return wishes


def changed_wishes(before: t.Mapping[str, t.Any], now: t.Mapping[str, t.Any]) -> t.List[str]:
    """In words, each wish that is another one than before."""
    names = sorted({*before, *now})
    return [
        "%s was %s and is %s" % (name, _words(before.get(name)), _words(now.get(name)))
        for name in names
        if before.get(name) != now.get(name)
    ]


def _words(value: t.Any) -> str:
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
