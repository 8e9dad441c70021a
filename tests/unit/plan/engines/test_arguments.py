# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and merging engine arguments."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import merge, parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import (
    settings_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import VLLM


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (["--max-num-seqs=4"], ["--max-num-seqs=4"]),
        (["--max-num-seqs 4"], ["--max-num-seqs=4"]),
        (["--max-num-seqs", "4"], ["--max-num-seqs=4"]),
        (["--max_num_seqs=4"], ["--max-num-seqs=4"]),
        (["--enforce-eager"], ["--enforce-eager"]),
        (['--override={"a_b": 1}'], ['--override={"a_b": 1}']),
    ],
)
def test_spellings(raw: t.Any, text: t.List[str]) -> None:
    assert [str(argument) for argument in parse(raw)] == text


def test_later_layers_win_in_place() -> None:
    planned = parse(["--max-model-len=1024", "--max-num-seqs=256"])
    assert merge(planned, parse(["--tool-call-parser=hermes"]), parse(["--max-num-seqs=4"])) == [
        "--max-model-len=1024",
        "--max-num-seqs=4",
        "--tool-call-parser=hermes",
    ]


def test_the_users_values_enter_the_calculation() -> None:
    user = parse(
        ["--max-num-seqs=4", "--max-num-batched-tokens=1024", "--kv-cache-dtype=fp8", "--enforce-eager",
         "--gpu-memory-utilization=0.95"]
    )  # fmt: skip
    settings = settings_of(VLLM, 80 * GIB, 8, user, "auto")
    assert (settings.sequences, settings.batched_tokens, settings.kv_dtype) == (4, 1024, "fp8")
    assert (settings.eager, settings.permille) == (True, 950)


@pytest.mark.parametrize(
    "raw",
    ["--max-num-seqs=many", "--max-num-seqs=0", "--gpu-memory-utilization=95", "--gpu-memory-utilization=x",
     "--kv-cache-dtype=int3"],
)  # fmt: skip
def test_senseless_values_are_refused_by_name(raw: t.Any) -> None:
    with pytest.raises(InvalidInput, match=raw.split("=")[0]):
        settings_of(VLLM, 80 * GIB, 8, parse([raw]), "auto")
