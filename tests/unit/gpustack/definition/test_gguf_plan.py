# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans of llama.cpp as GPUStack's fields."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    request_body,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.plan_overrides import (
    check_overrides,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import Json, a_plan, parameters


def gguf_plan(file: str, source: str = "huggingface", repository: str = "o/M-GGUF", **changes: t.Any) -> Json:
    plan = a_plan(
        backend="llama.cpp",
        backend_version="b11206-cuda-custom",
        backend_definition={"name": "llama-cpp-custom", "versions": {"b11206-cuda-custom": {}}},
        backend_parameters=["--ctx-size=8192"],
    )
    variant = dict(plan["variant"], source=source, repository=repository, gguf={"file": file})
    return dict(plan, variant=variant, **changes)


def fields_of_plan(plan: Json, **options: t.Any) -> Json:
    return wanted_of(parameters(plan=plan, **options)).fields


def test_the_backend_has_gpustacks_name() -> None:
    fields = fields_of_plan(gguf_plan("M-Q4_K_M.gguf"))
    assert (fields["backend"], fields["backend_version"]) == ("llama-cpp-custom", "b11206-cuda-custom")
    assert fields_of_plan(a_plan())["backend"] == "vLLM"


@pytest.mark.parametrize(
    ("source", "key"), [("huggingface", "huggingface_filename"), ("model_scope", "model_scope_file_path")]
)
@pytest.mark.parametrize(
    ("file", "taken"),
    [
        ("M-Q4_K_M.gguf", "M-Q4_K_M.gguf"),
        ("q/M-Q8_0-00001-of-00003.gguf", "q/M-Q8_0-*-of-00003.gguf"),
        ("M[1].gguf", "M[[]1].gguf"),
    ],
)
def test_a_hub_gives_the_file_or_all_its_parts(source: str, key: str, file: str, taken: str) -> None:
    body = request_body("m", fields_of_plan(gguf_plan(file, source)), None)
    assert body[key] == taken


def test_in_a_folder_the_first_file_is_the_model() -> None:
    plan = gguf_plan("q/M-00001-of-00002.gguf", "local_path", "/srv/models/")
    body = request_body("m", fields_of_plan(plan), None)
    assert body["local_path"] == "/srv/models/q/M-00001-of-00002.gguf"


def test_without_cards_the_host_computes_and_nothing_is_pinned() -> None:
    plan = gguf_plan("M.gguf", cpu_offloading=True, placement=[{"replica": 0, "host": "w1", "gpus": []}])
    plan.update(memory={"total_bytes": 1 << 35}, utilization=0.5)
    wanted = wanted_of(parameters(plan=plan, vram_claim="plan"))
    assert wanted.pins is None
    assert wanted.fields["cpu_offloading"] is True
    assert wanted.fields["env.GPUSTACK_MODEL_VRAM_CLAIM"] is None


def test_arguments_that_replace_the_plans_are_said_to_be_unchecked() -> None:
    wanted = wanted_of(parameters(plan=gguf_plan("M.gguf"), backend_parameters=["--ctx-size=4096"]))
    assert "nobody checked that" in check_overrides(wanted)[0]
    assert check_overrides(wanted_of(parameters(plan=gguf_plan("M.gguf")))) == []
