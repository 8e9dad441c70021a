# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what engines and GPUStack say when a deployment fails, explained."""

from __future__ import annotations

import re
import typing as t

_HINTS: t.Sequence[t.Tuple[str, str]] = (
    (
        r"no suitable workers|schedulable worker",
        "GPUStack finds no GPUs for it. Free GPUs, plan a smaller variant or context, or use "
        "vram_claim: plan if the plan's numbers are right and GPUStack's estimate is not.",
    ),
    (
        r"kv cache|cache blocks|max seq len|max_model_len",
        "The context does not fit beside the weights: plan a shorter context or more GPUs.",
    ),
    (
        r"out of memory|outofmemory",
        "The GPU memory did not suffice: check what else runs on the GPUs, then plan again.",
    ),
    (
        r"gated|401 client error|403 client error|restricted",
        "The repository needs consent or a token: accept its licence on the hub and give the "
        "token to the deployment, for example env_secrets with HF_TOKEN.",
    ),
    (r"no space left|disk quota|disk is full", "Free disk space for the model files on the worker."),
    (
        r"driver version is insufficient|driver.{0,40}too old",
        "The GPU driver is too old for this engine: update it, or choose an older backend_version.",
    ),
    (
        r"does not exist|no such file|not found|failed to read",
        "Check the repository, or the path, as the worker sees it.",
    ),
)


def hint_for(message: str) -> str:
    """What to do about a failed deployment's message."""
    for pattern, hint in _HINTS:
        if re.search(pattern, message, re.IGNORECASE | re.DOTALL):
            return hint
    return "Read the instance's log in GPUStack."
