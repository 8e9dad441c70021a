# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user wishes of a plan: targets, limits and permissions."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    Release,
    read_release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import Correction

# Part of every plan_id: a planner that decides differently gives other ids.
PLANNER_SCHEMA = 1

WHEN_NEEDED = "when_needed"
ALWAYS = "always"

QUALITY, BALANCED, THROUGHPUT, LATENCY = "quality", "balanced", "throughput", "latency"
GOALS = (BALANCED, QUALITY, THROUGHPUT, LATENCY)

# Speculative decoding; else the name of an algorithm.
AUTO, OFF = "auto", "off"


@dataclass(frozen=True)
class ApiPrice:
    """What a provider takes for a million tokens of the same model, in US dollars."""

    provider: str
    input_usd: float
    output_usd: float


@dataclass(frozen=True)
class Policy:
    """What the user wants. None means that the planner decides, an empty list that all are allowed.

    ``headroom`` is the share of each card's memory that an engine never gets. An empty
    ``quantizations`` stands for the planner's own order. ``publishers`` are owners of repositories. ``on_load_quantization``: 16-bit weights may be
    quantized by the engine where no checked variant of that precision exists. ``first_token_ms`` and
    ``inter_token_ms``: the slowest that is acceptable at ``concurrency`` requests. ``snug``: no more
    memory than this share of the service level takes, so that other models may share the card; 0: as an engine likes. ``parsers``: engines are told
    how the model writes tool calls and reasoning. ``useful_context_tokens``, ``request_tokens`` (the usual
    length of a request) and ``tokens_per_s`` of one request are aimed at; ``prompt_tokens`` of a usual
    request are its prompt, ``answer_tokens`` its answer. ``speculative`` is an algorithm, ``off``, or ``auto``:
    where the goal is latency and a draft is known. ``corrections``: what start-up logs have taught.
    ``quant``: the model in GGUF that was named, by its quantization or
    file. ``server_versions``: (engine, version) that the server takes where nobody names one.
    """

    mode: str = "standard"
    context_tokens: t.Optional[int] = None
    minimum_context_tokens: int = 4096
    useful_context_tokens: t.Optional[int] = None
    concurrency: int = 8
    request_tokens: t.Optional[int] = None
    prompt_tokens: t.Optional[int] = None
    answer_tokens: t.Optional[int] = None
    tokens_per_s: int = 20
    quantizations: t.Tuple[str, ...] = ()
    backends: t.Tuple[str, ...] = ()
    publishers: t.Tuple[str, ...] = ()
    licences: t.Tuple[str, ...] = ()
    backend: t.Optional[str] = None
    quant: t.Optional[str] = None
    backend_version: t.Optional[str] = None
    tensor_parallel: t.Optional[int] = None
    replicas: int = 1
    backend_parameters: t.Tuple[str, ...] = ()
    headroom: float = 0.03
    trust_remote_code: bool = False
    on_load_quantization: bool = False
    goal: str = BALANCED
    first_token_ms: t.Optional[int] = None
    inter_token_ms: t.Optional[int] = None
    snug: float = 0.0
    gpu_hour_usd: t.Optional[float] = None
    power_usd_per_kwh: t.Optional[float] = None
    corrections: t.Tuple[Correction, ...] = ()
    parsers: bool = True
    speculative: str = AUTO
    server_versions: t.Tuple[t.Tuple[str, str], ...] = ()

    def release(self, engine: str, named: t.Optional[str] = None) -> Release:
        """That of ``named``, else the user's, else that of the server's default for ``engine``."""
        return read_release(named or self.backend_version or dict(self.server_versions).get(engine))
