# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine is started with: spelling by version, advice of a catalog, parsers."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import engine_rules
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    FLAGS,
    NEWEST,
    complaint,
    exists,
    read_release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.parsers import (
    FAMILIES,
    REASONING,
    TOOLS,
    family_parsers,
    parsing,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    ENGINES,
    SGLANG,
    VLLM,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import (
    SglangLayout,
    sglang_reserve_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import LATENCY, Policy

from tests.unit.plan.builders import DEEPSEEK_R1, LLAMA_8B, MIXTRAL_8X22B, host, llama_8b, request, variant


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("0.11.2", (0, 11, 2)),
        ("v0.22.1", (0, 22, 1)),
        ("0.5.8.post1", (0, 5, 8, 1)),
        ("0.10.0rc1", (0, 10, 0)),
        ("0.11.0-custom", (0, 11, 0)),
        ("nightly", NEWEST),
        (None, NEWEST),
    ],
)
def test_versions_are_read(version: t.Optional[str], release: t.Tuple[int, ...]) -> None:
    assert read_release(version) == release


@pytest.mark.parametrize(
    ("engine", "flag", "first", "last"),
    [
        ("vLLM", "--async-scheduling", (0, 10, 0), None),
        ("vLLM", "--disable-log-requests", (0, 7, 3), (0, 16, 0)),
        ("vLLM", "--task", (0, 7, 3), (0, 12, 0)),
        ("vLLM", "--guided-decoding-backend", (0, 7, 3), (0, 11, 2)),
        ("SGLang", "--enable-ep-moe", (0, 4, 6), (0, 5, 4)),
        ("SGLang", "--cuda-graph-max-bs", (0, 4, 6), (0, 5, 19)),
        ("SGLang", "--dcp-size", (0, 5, 15), None),
    ],
)
def test_flags_come_and_go(
    engine: str, flag: str, first: t.Tuple[int, ...], last: t.Optional[t.Tuple[int, ...]]
) -> None:
    assert exists(engine, flag, first)
    assert exists(engine, flag, last or NEWEST)
    assert exists(engine, flag, NEWEST) == (last is None)


def test_what_is_written_instead_exists_where_the_flag_is_gone() -> None:
    for engine, rows in FLAGS.items():
        for row in rows.values():
            successor = re.match(r"--[a-z-]+", row.instead)
            if row.gone is not None and successor is not None:
                assert exists(engine, successor.group(), row.gone), row


def test_a_flag_that_a_version_does_not_know_is_refused_with_its_successor() -> None:
    policy = Policy(backend="vLLM", backend_version="0.22.1", backend_parameters=("--disable-log-requests",))
    with pytest.raises(
        InvalidInput, match=r"is gone since vLLM 0\.17\.0; the plan is for 0\.22\.1"
    ) as caught:
        make_plan(request([llama_8b()], [host("H100")], policy))
    assert "--no-enable-log-requests" in (caught.value.hint or "")


def test_a_flag_that_is_too_new_is_refused_with_its_predecessor() -> None:
    why, instead = complaint("vLLM", "--runner", (0, 9, 2)) or ("", "")
    assert (why, instead) == ("exists since vLLM 0.10.1 only", "--task")


def test_without_a_version_an_old_flag_is_a_warning() -> None:
    outcome = make_plan(request([llama_8b()], [host("H100")], Policy(backend_parameters=("--swap-space=4",))))
    assert any("--swap-space=4, which is gone since vLLM 0.18.0" in text for text in outcome.warnings)
    assert "--swap-space=4" in outcome.plans[0]["backend_parameters"]


def test_the_version_is_the_users_else_the_catalogs() -> None:
    advised = llama_8b(backend_version="0.18.0")
    plan = make_plan(request([advised], [host("H100")])).plans[0]
    assert (plan["backend_version"], plan["utilization"]) == ("0.18.0", 0.9)
    policy = Policy(backend="vLLM", backend_version="0.22.1")
    assert make_plan(request([advised], [host("H100")], policy)).plans[0]["backend_version"] == "0.22.1"
    assert make_plan(request([llama_8b()], [host("H100")])).plans[0]["backend_version"] is None


def test_a_catalogs_entry_for_the_goal_goes_first() -> None:
    entries = [
        {"mode": mode, "backend_version": version}
        for mode, version in (("standard", "0.18.0"), (LATENCY, "0.22.1"))
    ]
    asked = [variant("o/Llama-3.1-8B", LLAMA_8B, 16_060_522_496, advice=entries)]
    plans = [
        make_plan(request(asked, [host("H100")], Policy(goal=goal))).plans[0]
        for goal in ("balanced", LATENCY)
    ]
    assert [plan["backend_version"] for plan in plans] == ["0.18.0", "0.22.1"]


@pytest.mark.parametrize(
    ("types", "name", "vllm", "sglang"),
    [
        ("qwen3", "Qwen/Qwen3-32B-FP8", ("hermes", "qwen3"), ("qwen25", "qwen3")),
        ("qwen3_moe", "Qwen/Qwen3-30B-A3B-Instruct-2507", ("hermes", None), ("qwen25", None)),
        ("qwen3_moe", "Qwen/Qwen3-Coder-30B-A3B-Instruct", ("qwen3_coder", None), ("qwen3_coder", None)),
        ("deepseek_v3", "deepseek-ai/DeepSeek-R1", ("deepseek_v3", "deepseek_r1"),
         ("deepseekv3", "deepseek-r1")),
        ("deepseek_v3", "deepseek-ai/DeepSeek-V3.1", ("deepseek_v31", "deepseek_v3"),
         ("deepseekv31", "deepseek-v3")),
        ("qwen2", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", (None, "deepseek_r1"), (None, "deepseek-r1")),
        ("gpt_oss", "openai/gpt-oss-20b", ("openai", "openai_gptoss"), ("gpt-oss", "gpt-oss")),
        ("glm4_moe", "zai-org/GLM-4.6", ("glm45", "glm45"), ("glm45", "glm45")),
        ("glm4_moe", "zai-org/GLM-4.7", ("glm47", "glm45"), ("glm47", "glm45")),
        ("llama", "meta-llama/Llama-3.1-8B-Instruct", ("llama3_json", None), ("llama3", None)),
        ("llama", "meta-llama/Llama-3.1-8B", (None, None), (None, None)),
        ("qwen3", "Qwen/Qwen3-4B-Base", (None, None), (None, None)),
        ("never_seen", "o/odd", (None, None), (None, None)),
    ],
)  # fmt: skip
def test_families_and_their_parsers(types: str, name: str, vllm: t.Any, sglang: t.Any) -> None:
    for engine, expected in ((VLLM, vllm), (SGLANG, sglang)):
        found = family_parsers(engine, {types}, name)
        assert (found.get(TOOLS), found.get(REASONING)) == expected


def test_every_parser_of_a_family_exists_in_its_engine() -> None:
    for family in FAMILIES:
        for engine, tools, reasoning in (
            ("vLLM", family.vllm_tools, family.vllm_reasoning),
            ("SGLang", family.sglang_tools, family.sglang_reasoning),
        ):
            assert not tools or tools in engine_rules.table(engine, engine_rules.TOOLS), family
            assert not reasoning or reasoning in engine_rules.table(engine, engine_rules.REASONING), family


def test_a_catalogs_parser_of_another_engine_gives_way_to_the_familys() -> None:
    advice = parse(["--tool-call-parser=minimax_m2", "--reasoning-parser=minimax_m2_append_think"])
    known = family_parsers(SGLANG, {"minimax_m2"}, "MiniMaxAI/MiniMax-M2.7")
    found = parsing(SGLANG, NEWEST, advice, known)
    assert [str(each) for each in found.arguments] == [
        "--tool-call-parser=minimax-m2", "--reasoning-parser=minimax-append-think"
    ]  # fmt: skip


def test_a_parser_that_nobody_here_knows_is_the_catalogs_business() -> None:
    found = parsing(VLLM, NEWEST, parse(["--reasoning-parser=later_v9"]), {})
    assert [str(each) for each in found.arguments] == ["--reasoning-parser=later_v9"]


def test_a_parser_that_the_version_lacks_is_left_out_and_named() -> None:
    found = parsing(VLLM, (0, 9, 2), [], {TOOLS: "qwen3_coder"})
    assert found.arguments == []
    assert found.complaints == ["--tool-call-parser=qwen3_coder needs vLLM 0.10.0 or newer: left out"]


def test_parsers_can_be_switched_off() -> None:
    asked = [llama_8b(parameters=("--tool-call-parser=hermes",))]
    for parsers in (True, False):
        plan = make_plan(request(asked, [host("H100")], Policy(parsers=parsers))).plans[0]
        assert ("--tool-call-parser=hermes" in plan["backend_parameters"]) == parsers


def test_chat_templates_of_a_catalog_are_taken_and_memory_is_not() -> None:
    advice = ("--chat-template={data_dir}/x.jinja", "--max-num-seqs=1", "--load-format=dummy")
    plan = make_plan(request([llama_8b(parameters=advice)], [host("H100")])).plans[0]
    assert "--chat-template={data_dir}/x.jinja" in plan["backend_parameters"]
    assert not {"--max-num-seqs=1", "--load-format=dummy"} & set(plan["backend_parameters"])


@pytest.mark.parametrize(
    "advice",
    [
        "--chat-template=/etc/passwd",
        "--chat-template={data_dir}/../../etc/passwd",
        "--chat-template={data_dir}/../x.jinja",
        "--chat-template={{ x }}",
        "--generation-config=/etc",
        "--tool-call-parser=/tmp/x.py",
        "--tokenizer-mode=a b",
    ],
)
def test_a_catalog_names_no_file_of_a_worker(advice: str) -> None:
    outcome = make_plan(request([llama_8b(parameters=(advice,))], [host("H100")]))
    assert advice not in outcome.plans[0]["backend_parameters"]
    assert any("names a file or holds odd characters: left out" in each for each in outcome.warnings)


def test_both_engines_have_tables() -> None:
    assert set(FLAGS) == set(ENGINES) - {"MindIE", "llama.cpp"}


def test_the_servers_default_decides_the_spelling_and_stays_a_default() -> None:
    for default, spelt in (("0.18.0", "--quantization=fp8"), ("0.32.0", "--quantization=fp8_per_tensor")):
        policy = Policy(
            quantizations=("fp8",), on_load_quantization=True, server_versions=(("vLLM", default),)
        )
        outcome = make_plan(request([llama_8b()], [host("H100")], policy))
        plan = outcome.plans[0]
        assert spelt in plan["backend_parameters"]
        assert plan["backend_version"] is None
        assert any("vLLM %s (the server's default)" % default in line for line in outcome.lines)


def test_a_flag_that_the_servers_default_does_not_know_is_refused() -> None:
    policy = Policy(backend_parameters=("--task=generate",), server_versions=(("vLLM", "0.32.0"),))
    with pytest.raises(
        InvalidInput, match=r"gone since vLLM 0\.13\.0; the plan is for the server's 0\.32\.0"
    ):
        make_plan(request([llama_8b()], [host("H100")], policy))


def test_a_plan_outlives_the_servers_default() -> None:
    ids = {
        make_plan(request([llama_8b()], [host("H100")], Policy(server_versions=versions))).plans[0]["plan_id"]
        for versions in ((), (("vLLM", "0.31.0"),), (("vLLM", "0.32.0"),))
    }
    assert len(ids) == 1


@pytest.mark.parametrize(("version", "more"), [("0.5.9", 1536 << 20), ("0.5.10", 0)])
def test_sglangs_reserve_follows_the_version(version: str, more: int) -> None:
    """Graphs of prefills take 1.5 GiB more of models with latent attention."""
    arch, layouts = (
        read_architecture(DEEPSEEK_R1),
        [SglangLayout(8, 1, 1, 16384, read_release(each)) for each in (version, None)],
    )
    reserves = [sglang_reserve_bytes(arch, 140 << 30, layout) for layout in layouts]
    assert reserves[1] - reserves[0] == more


@pytest.mark.parametrize(
    ("engine", "version"),
    [*(("vLLM", each) for each in ("0.8.5", "0.11.2", "0.16.0", "0.22.1", "0.27.1", "0.32.0")),
     *(("SGLang", each) for each in ("0.5.5", "0.5.9", "0.5.12.post1", "0.5.22"))],
)  # fmt: skip
def test_a_version_knows_all_that_is_written_for_it(engine: str, version: str) -> None:
    mixtral = variant("o/Mixtral-Instruct", MIXTRAL_8X22B)
    release = read_release(version)
    for asked, more in (
        (llama_8b(), {}),
        (llama_8b(), {"quantizations": ("fp8",), "on_load_quantization": True}),
        (mixtral, {"backend_parameters": ("--pipeline-parallel-size=2",)}),
        (mixtral, {"tensor_parallel": 4}),
    ):
        policy = Policy(backend=engine, backend_version=version, **t.cast(t.Any, more))
        plan = make_plan(request([asked], [host("H100", 8)], policy)).plans[0]
        written = [argument.flag for argument in parse(plan["backend_parameters"])]
        assert all(exists(engine, flag, release) for flag in written)
        parsers = {each.flag: each.value for each in parse(plan["backend_parameters"])}
        for flag, kind in ((TOOLS, engine_rules.TOOLS), (REASONING, engine_rules.REASONING)):
            names = engine_rules.table(engine, kind).names(release)
            assert flag not in parsers or parsers[flag] in names
