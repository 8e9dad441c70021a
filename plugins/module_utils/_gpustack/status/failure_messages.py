# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What engines and GPUStack say when a deployment fails, explained."""

from __future__ import annotations

import re
import typing as t

# The first that is found says it; what is special comes before what is general.
_HINTS: t.Sequence[t.Tuple[str, str]] = (
    (
        r"no suitable workers|schedulable worker",
        "GPUStack finds no GPUs for it. Free GPUs, plan a smaller variant or context, or use "
        "vram_claim: plan if the plan's numbers are right and GPUStack's estimate is not.",
    ),
    (
        r"no available memory for the cache blocks|kv cache is needed|larger than the .{0,60}kv cache"
        r"|larger than the maximum number of tokens|mem.fraction.static",
        "The context does not fit beside the weights: plan a shorter context or more GPUs.",
    ),
    (
        r"free memory on device .{0,200}less than desired",
        "Something else holds memory of the GPU: look with nvidia-smi or its like, then plan again with fresh facts.",
    ),
    (
        r"out of memory|outofmemory",
        "The GPU memory did not suffice: check what else runs on the GPUs, then plan again.",
    ),
    (
        r"oom.?kill|exit(ed with)? code:? (137|-9)\b",
        "The main memory of the worker did not suffice: free some, or leave out cpu_offloading and extended_kv_cache.",
    ),
    (
        r"no space left|disk quota|disk is full|not enough (free )?disk",
        "Free disk space for the model files on the worker.",
    ),
    (
        r"driver version is insufficient|driver.{0,60}too old|unsatisfied condition: cuda|update your driver",
        "The GPU driver is too old for this engine: update it, or choose an older backend_version.",
    ),
    (
        r"no kernel image is available",
        "This build of the engine has no code for this kind of GPU: choose another backend_version or backend.",
    ),
    (
        r"trust_remote_code|trust-remote-code",
        "The repository brings code of its own. If you trust it, add --trust-remote-code to backend_parameters.",
    ),
    (
        r"divisible by.{0,40}(tensor|tp)|(tensor|tp).{0,40}(divisible by|must divide)",
        "The model cannot be split over this number of GPUs: plan it, or correct --tensor-parallel-size.",
    ),
    (
        r"unrecognized arguments|error: argument -|no such option",
        "Correct backend_parameters: this backend_version does not take one of them.",
    ),
    (
        r"are not supported for now|does not recognize this architecture|unsupported architecture",
        "This version of the engine does not know the architecture: choose a newer backend_version or another backend.",
    ),
    (
        r"gated|401 client error|403 client error|restricted",
        "The repository needs consent or a token: accept its licence on the hub and give the "
        "token to the deployment, for example env_secrets with HF_TOKEN.",
    ),
    (
        r"imagepullbackoff|errimagepull|pull access denied|manifest unknown|failed to pull image",
        "The worker cannot get the container image of the engine: check its registry and the way there.",
    ),
    (
        r"max retries exceeded|name or service not known|temporary failure in name resolution"
        r"|couldn't connect to|connection timed out",
        "The worker cannot reach the hub: check its network and proxy, or download with state: cached "
        "where it can, or use source: local_path.",
    ),
    (
        r"nccl (error|warn)|unhandled (cuda|system) error",
        "The GPUs cannot talk to each other: check links, drivers and the shared memory of the container.",
    ),
    (
        r"unreachable|heartbeat lost",
        "A worker does not answer: look at it. GPUStack moves what ran there elsewhere after some minutes.",
    ),
    (
        r"does not exist|no such file|not found|failed to read",
        "Check the repository, or the path, as the worker sees it.",
    ),
)


def hint_for(message: str, log: t.Sequence[str] = ()) -> str:
    """What to do about a failed deployment's message, or else about the last line of its log that says why."""
    for text in (message, *reversed(log)):
        for pattern, hint in _HINTS:
            if re.search(pattern, text, re.IGNORECASE | re.DOTALL):
                return hint
    return "Read the instance's log in GPUStack."
