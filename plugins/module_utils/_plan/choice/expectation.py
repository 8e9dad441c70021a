# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast a choice is expected to be, and what it costs."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ESTIMATED,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    traffic_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import watts_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Gpu,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.coefficients import range_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.cost import cost_of, power_usd


def performance(choice: Choice, policy: Policy, recorder: Recorder) -> t.Optional[t.Dict[str, t.Any]]:
    """Ranges for one replica under the usual load; None where nothing can be said."""
    recorder.attest({"performance": ESTIMATED})
    traffic = traffic_of(policy, choice.fit.context)
    speed, served = choice.speed(traffic), choice.candidate.served
    if speed is None or served is None:
        return None
    around = range_of(served.card, choice.candidate.engine.name)
    return {
        "input_tokens": traffic.input_tokens,
        "output_tokens": traffic.output_tokens,
        "concurrency": policy.concurrency,
        "first_token_ms": _range(speed.first_token_s * 1e3, around.first_token),
        "inter_token_ms": _range(speed.inter_token_s * 1e3, around.inter_token),
        "tokens_per_s": _range(speed.tokens_per_s, around.tokens),
    }


def cost(request: Request, choice: Choice, recorder: Recorder) -> t.Optional[t.Dict[str, t.Any]]:
    """What all replicas cost while all of them are busy; None without a price or an expected speed."""
    recorder.attest({"cost": ESTIMATED})
    policy, traffic = request.policy, traffic_of(request.policy, choice.fit.context)
    per_gpu = _usd_per_hour(policy, choice.candidate.kind)
    speed, served = None if per_gpu is None else choice.speed(traffic), choice.candidate.served
    if per_gpu is None or speed is None or served is None:
        return None
    around = range_of(served.card, choice.candidate.engine.name)
    low, high = _range(speed.tokens_per_s * policy.replicas, around.tokens)
    hire, power = (each * choice.candidate.layout.gpus * policy.replicas for each in per_gpu)
    ratio = traffic.input_tokens / traffic.output_tokens
    found = asdict(cost_of(hire, power, (low, high), ratio, request.model.api))
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def _usd_per_hour(policy: Policy, kind: Gpu) -> t.Optional[t.Tuple[float, float]]:
    """(hire, power) of one GPU at its power limit; None where nothing is known of either."""
    watts = watts_of(kind)
    if policy.gpu_hour_usd is None and (policy.power_usd_per_kwh is None or watts is None):
        return None
    power = power_usd(watts or 0.0, policy.power_usd_per_kwh or 0.0)
    return policy.gpu_hour_usd or 0.0, power


def _range(middle: float, around: t.Tuple[float, float]) -> t.List[float]:
    return [round(middle * factor, 1) for factor in around]
