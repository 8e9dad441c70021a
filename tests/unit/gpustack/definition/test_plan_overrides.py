# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that override a plan: what contradicts its numbers is refused with them."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.plan_overrides import (
    check_overrides,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import Json, a_plan, parameters

GIB = 1 << 30
# 24 GiB, of which 0.9 is used: 16 for weights, 4 for the cache of 32768 tokens; 22 are free.
MEMORY: Json = {
    "total_bytes": 24 * GIB,
    "free_bytes": 22 * GIB,
    "credited_bytes": 0,
    "weights_bytes": 16 * GIB,
    "kv_cache_bytes": 4 * GIB,
    "kv_cache_tokens": 32768,
}


def checked(plan: t.Optional[Json] = None, **options: t.Any) -> t.List[str]:
    return check_overrides(wanted_of(parameters(plan=plan or a_plan(memory=MEMORY), **options)))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"description": "text"},
        {"backend_parameters": ["--max-model-len=32768"]},
        {"backend_parameters": ["--max-model-len", "16k", "--gpu-memory-utilization=0.85"]},
        {"replicas": 3, "placement": "auto"},
        {"gpu_ids": ["w1:cuda:0", "w1:cuda:1"], "backend_parameters": ["--max-model-len=1", "-tp=2"]},
        {"backend": "SGLang", "state": "stopped"},
    ],
)
def test_what_the_plan_bears_is_silent(options: Json) -> None:
    assert checked(**options) == []


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        (
            {"backend_parameters": ["--max-model-len=65536"]},
            DoesNotFit,
            r"--max-model-len=65536 needs 8.00 GiB of KV cache .* 4.00 GiB of the 24.00 GiB .* 32768 tokens",
        ),
        (
            {"backend_parameters": ["--max-model-len=32768", "--gpu-memory-utilization=0.8"]},
            DoesNotFit,
            r"needs 4.00 GiB .* 1.60 GiB .* 13107 tokens",
        ),
        (
            {"backend_parameters": ["--max-model-len=8192", "--gpu-memory-utilization=0.95"]},
            DoesNotFit,
            r"--gpu-memory-utilization=0.95 takes 22.80 GiB of each GPU, and the plan found 22.00 GiB free",
        ),
        (
            {"backend_parameters": ["--gpu-memory-utilization=most"]},
            InvalidInput,
            "--gpu-memory-utilization=most, which is no fraction",
        ),
        (
            {"backend_parameters": ["--max-model-len=8192", "--tensor-parallel-size=2"]},
            InvalidInput,
            "asks for 2 GPUs of one replica, and the plan places it on 1",
        ),
        (
            {
                "backend_parameters": ["--max-model-len=8192", "-tp", "4"],
                "gpu_ids": ["w1:cuda:0", "w1:cuda:1"],
            },
            InvalidInput,
            "asks for 4 GPUs of one replica, and gpu_ids has 2",
        ),
        ({"replicas": 3}, InvalidInput, "replicas is 3, and the plan has GPUs for 1"),
        (
            {"backend": "SGLang"},
            InvalidInput,
            "backend is SGLang, and the plan's arguments are those of vLLM",
        ),
    ],
)
def test_what_it_does_not_bear_is_refused_with_the_numbers(
    options: Json, kind: t.Type[AutoconfigError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        checked(**options)
    assert caught.value.hint or "no fraction" in words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"backend_parameters": ["--dtype=auto"]}, "sets no --max-model-len: .* room for 32768 tokens"),
        (
            {"repository": "Qwen/Qwen3-32B", "source": "huggingface"},
            "for Qwen/Qwen3-8B, and Qwen/Qwen3-32B is",
        ),
        ({"backend": "SGLang", "backend_parameters": ["--tp-size=1"]}, "for vLLM, and SGLang is deployed"),
    ],
)
def test_what_it_cannot_tell_is_a_warning(options: Json, words: str) -> None:
    (warning,) = checked(**options)
    assert re.search(words, warning)


def test_a_stored_plan_has_no_numbers_to_check_with() -> None:
    plan = a_plan()
    del plan["memory"]
    assert checked(plan, backend_parameters=["--max-model-len=999999"]) == []
