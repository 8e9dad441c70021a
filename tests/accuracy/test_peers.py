# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPUStack's own selectors, asked as the comparison asks them."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB

from tests.unit.plan.builders import LLAMA_8B

from .peers import GPUSTACK_PYTHON, Gpustack
from .questions import Library, read_case

WEIGHTS_BYTES = 15 * GIB

pytestmark = pytest.mark.skipif(not GPUSTACK_PYTHON.exists(), reason="GPUStack is not installed")


@pytest.fixture(scope="module")
def selector() -> t.Iterator[Gpustack]:
    with contextlib.closing(Gpustack(GPUSTACK_PYTHON)) as found:
        yield found


# It wants 1.2 times the weights and 2 GiB, 20 GiB here, within the engine's share of the cards.
@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"gpu_count": 1, "gpu_mem_gib": 22}, False),
        ({"gpu_count": 1, "gpu_mem_gib": 24}, True),
        ({"gpu_count": 2, "gpu_mem_gib": 22}, True),
        ({"gpu_count": 1, "gpu_mem_gib": 24, "gpu_memory_utilization": 0.5}, False),
        ({"gpu_count": 1, "gpu_mem_gib": 24, "max_model_len": 10**6}, True),
        ({"gpu_count": 2, "gpu_mem_gib": 22, "backend": "sglang"}, True),
    ],
)
def test_selectors_judge_by_the_size_of_the_files(
    selector: Gpustack, tmp_path: Path, fields: t.Dict[str, t.Any], fits: bool
) -> None:
    question = {"fact": 1, "kind": "fits", "backend": "vllm", "config": LLAMA_8B, **fields}
    assert selector(read_case(question, Library([tmp_path])), WEIGHTS_BYTES) == {"fits": fits}
