# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What serving costs per hour, and from which load on an API would cost more."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import ApiPrice

SECONDS_PER_HOUR = 3600
MILLION = 1e6
WATTS_PER_KILOWATT = 1000


@dataclass(frozen=True)
class Cost:
    """In US dollars; ``power_usd_per_hour`` is part of ``usd_per_hour``. ``break_even_output_tokens_per_hour``: an API costs as much as the GPUs at this load,
    with the prompts that belong to it; ``reachable``: whether the GPUs are expected to serve that much.
    """

    usd_per_hour: float
    power_usd_per_hour: float
    usd_per_million_output_tokens: t.Tuple[float, float]
    api_provider: t.Optional[str] = None
    break_even_output_tokens_per_hour: t.Optional[int] = None
    reachable: t.Optional[bool] = None


def power_usd(watts: float, usd_per_kwh: float) -> float:
    """What ``watts`` cost in an hour."""
    return watts / WATTS_PER_KILOWATT * usd_per_kwh


def cost_of(
    hire_usd_per_hour: float,
    power_usd_per_hour: float,
    tokens_per_s: t.Tuple[float, float],
    inputs_per_output: float,
    api: t.Optional[ApiPrice],
) -> Cost:
    """Costs of GPUs that answer with ``tokens_per_s`` (low, high) in all: their hire, and their power."""
    per_hour = hire_usd_per_hour + power_usd_per_hour
    low, high = (rate * SECONDS_PER_HOUR for rate in tokens_per_s)
    each = (round(per_hour / high * MILLION, 2), round(per_hour / low * MILLION, 2))
    if api is None:
        return Cost(per_hour, power_usd_per_hour, each)
    per_token = (api.output_usd + inputs_per_output * api.input_usd) / MILLION
    if per_token <= 0:
        return Cost(per_hour, power_usd_per_hour, each, api.provider)
    even = int(per_hour / per_token)
    return Cost(per_hour, power_usd_per_hour, each, api.provider, even, even <= high)
