# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments of the user that change how much memory a model takes, or how far its positions go."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import LLAMA_8B, host, request, variant

YARN = '{"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 131072}}'


def planned(card: str, *arguments: str, **wishes: int) -> dict[str, object]:
    asked = [variant("o/Llama", LLAMA_8B, 16_060_556_376)]
    policy = Policy(backend_parameters=arguments, **wishes)  # type: ignore[arg-type]
    return make_plan(request(asked, [host(card)], policy)).plans[0]


def test_float32_takes_twice_the_memory() -> None:
    halves, wholes = planned("H100"), planned("H100", "--dtype=float32")
    sizes = [plan["memory"]["weights_bytes"] for plan in (halves, wholes)]  # type: ignore[index]
    assert sizes[1] == 2 * sizes[0]
    with pytest.raises(DoesNotFit):
        planned("4090", "--dtype=float32")


def test_a_cache_that_holds_no_request_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"one request of 8192 tokens needs 1\.0 GiB"):
        planned("H100", "--kv-cache-memory-bytes=500M", context_tokens=8192)
    assert planned("H100", "--kv-cache-memory-bytes=20G", context_tokens=8192)


def test_yarn_by_an_argument_stretches_the_context() -> None:
    with pytest.raises(DoesNotFit, match=r"more than the model's 131072"):
        planned("H200", context_tokens=200_000, concurrency=1)
    plan = planned("H200", "--hf-overrides=" + YARN, context_tokens=200_000, concurrency=1)
    assert plan["context_tokens"] == 200_000
    with pytest.raises(InvalidInput, match="no JSON object"):
        planned("H200", "--hf-overrides=yarn")


def test_a_quantization_that_the_files_contradict_is_refused() -> None:
    stored = dict(LLAMA_8B, quantization_config={"quant_method": "fp8"})
    asked = [variant("o/Llama-FP8", stored, 9_080_000_000)]
    with pytest.raises(InvalidInput, match=r"the quantization of o/Llama-FP8 is fp8"):
        make_plan(request(asked, [host("H100")], Policy(backend_parameters=("--quantization=awq",))))
    assert make_plan(request(asked, [host("H100")], Policy(backend_parameters=("--quantization=fp8",)))).plans


def test_a_cache_that_is_fixed_is_the_plans() -> None:
    memory = planned("H100", "--kv-cache-memory-bytes=20G", context_tokens=8192)["memory"]
    assert memory["kv_cache_bytes"] == 20 * 2**30  # type: ignore[index]


def test_a_cache_that_has_no_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"weights and activations leave .* GiB of a GPU's memory"):
        planned("H100", "--kv-cache-memory-bytes=75G", context_tokens=8192)
