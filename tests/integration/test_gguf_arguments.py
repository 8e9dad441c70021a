# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What GPUStack's own code reads from the arguments of a plan for llama.cpp, to book memory by them."""

from __future__ import annotations

import json
import subprocess
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan

from tests.lab import gpustack
from tests.lab.state import REPOSITORY
from tests.unit.plan.builders import host, request
from tests.unit.plan.llama_cpp.repositories import gguf_variant

_READ = """
import dataclasses, json, sys
from gpustack.scheduler.calculator import GGUFParserCommandMutableParameters
for words in json.load(sys.stdin):
    read = GGUFParserCommandMutableParameters()
    read.from_args(words)
    print(json.dumps(dataclasses.asdict(read)))
"""


def _read(*cases: t.Sequence[str]) -> t.List[t.Dict[str, t.Any]]:
    python = gpustack.default_servers_folder(REPOSITORY) / "gpustack" / "bin" / "python"
    if not python.exists():
        pytest.skip("GPUStack is not installed")
    command = [str(python), "-c", _READ]
    done = subprocess.run(
        command, input=json.dumps(cases), capture_output=True, text=True, timeout=120, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _planned() -> t.Dict[str, t.Any]:
    variant = gguf_variant("Qwen3 8B", ("Q8_0",))
    return make_plan(request([variant], [host("L40S")])).plans[0]


def test_the_server_reads_the_planned_context_and_slots() -> None:
    plan = _planned()
    words = plan["backend_parameters"]
    cached = [*words, "--cache-type-k=q8_0", "--cache-type-v=q8_0"]
    joined = ["--flash-attn=on" if word == "--flash-attn" else word for word in words if word != "on"]
    planned, with_types, lost = _read(words, cached, joined)

    assert f"--ctx-size={planned['ctx_size']}" in words
    assert f"--parallel={planned['parallel_size']}" in words
    assert (planned["ubatch_size"], planned["flash_attention"]) == (512, True)
    assert (with_types["cache_type_k"], with_types["cache_type_v"]) == ("q8_0", "q8_0")
    assert (lost["ctx_size"], lost["flash_attention"]) == (8192, None)
