# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user should know before taking a choice."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.launch_arguments import (
    runs_bfloat16_as_float16,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    LlamaCandidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp_cautions import (
    llama_cpp_warnings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    LOAD_PEAK_SHARE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.user_conflicts import (
    conflicts,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    WEIGHT_ONLY,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import FP4, FP8
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import watts_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    HOST_SHARE,
    Gpu,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    BY_MODE,
    LLAMA_CPP,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request


def _distance_warnings(choice: Choice) -> t.Iterator[str]:
    layout = choice.candidate.layout
    if layout.hosts > 1 and choice.slots[-1].replica:
        yield "GPUStack pairs the hosts of distributed replicas itself; the placement shows that there is room"
    if layout.hosts > 1:
        yield (
            "each replica is distributed over %d hosts: it needs all of them and a fast network between them"
            % layout.hosts
        )
    if layout.cuts_over_hosts:
        yield (
            "%d GPUs on %d hosts exchange every layer over the network, which is the last choice: expect few "
            "tokens per second without RDMA" % (layout.expert_ranks, layout.hosts)
        )
    yield from _hardware_warnings(choice.candidate)
    for host in sorted({slot.host for slot in choice.slots if slot.crosses_islands}):
        yield "%s: the GPUs of a replica are not joined by NVLink or the like: tokens will come slower" % host


def _hardware_warnings(each: Candidate) -> t.Iterator[str]:
    """What is less sure, or has to be done by hand, on this kind of card."""
    kind = each.kind
    if kind.profile:
        yield (
            "GPUStack cannot be told to take the slice %s of a card (MIG): gpustack_deployment will refuse this "
            "placement" % kind.profile
        )
    if kind.simulated:
        yield "%s: these cards are simulated, nothing was read from a host" % kind.name
    if kind.unified:
        yield (
            "%s shares its memory with the host: %d %% of it stay with the system, which may need more"
            % (kind.name, HOST_SHARE * 100)
        )
    if kind.vendor == ASCEND:
        yield (
            "%s: low confidence, memory and speed of %s on Ascend are calculated like on CUDA and were never measured"
            % (kind.name, each.engine.name)
        )
    if kind.vendor == AMD and each.engine is not LLAMA_CPP:
        yield "%s: its speed is estimated by what was measured on NVIDIA's cards" % kind.name


def _release_warnings(each: Candidate) -> t.Iterator[str]:
    if each.pinned is not None:
        yield "%s %s is taken instead of the default: %s" % (
            each.engine.name, each.settings.version, each.pinned,
        )  # fmt: skip
    yield from each.doubts


def _cost_warnings(policy: Policy, kind: Gpu) -> t.Iterator[str]:
    if policy.power_usd_per_kwh is not None and watts_of(kind) is None:
        yield "the power of %s is unknown, and not part of the cost" % kind.name


def warnings_of(request: Request, choice: Choice) -> t.Iterator[str]:
    """What a user should know before taking this choice."""
    each, memory = choice.candidate, choice.fit.memory
    described, arch = each.described, each.described.architecture
    if not arch.confident:
        yield (
            "%s: the architecture %s is not known here; cache sizes are an upper bound"
            % (described.repository, arch.family)
        )
    if isinstance(each, LlamaCandidate):
        yield from llama_cpp_warnings(each)
    elif arch.multimodal:
        yield "%s: memory for images and sound is not part of the plan" % described.repository
    if each.support == WEIGHT_ONLY and described.precision in (FP8, FP4):
        yield (
            "%s on %s is weight-only: it saves memory and no time"
            % (described.quantization.format.name, each.kind.name)
        )
    if described.variant.repository.gated:
        yield (
            "%s is gated: downloading needs the token of somebody who has accepted its terms"
            % described.repository
        )
    if described.quantization.on_load:
        yield (
            "%s is quantized to %s while it loads: nobody has checked its answers in that precision"
            % (described.repository, described.precision)
        )
    yield from _release_warnings(each)
    yield from _distance_warnings(choice)
    yield from _cost_warnings(request.policy, each.kind)
    if described.gguf is None and memory.weights_bytes > LOAD_PEAK_SHARE * memory.total_bytes:
        yield "weights take more than %d %% of the card; loading may need more" % (LOAD_PEAK_SHARE * 100)
    if described.gguf is None and runs_bfloat16_as_float16(each):
        yield "%s has no bfloat16; the model runs in float16, which some models do not bear" % each.kind.name
    named = request.policy.backend or request.policy.quant
    if not named and each.engine is not BY_MODE[request.policy.mode]:
        preferred = BY_MODE[request.policy.mode].name
        yield "mode %s prefers %s, which fits nowhere here; the plan uses %s" % (
            request.policy.mode, preferred, each.engine.name,
        )  # fmt: skip
    yield from conflicts(choice, request.policy, arguments.parse(request.policy.backend_parameters))
