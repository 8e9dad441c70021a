# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read: the arithmetic, the options, the rejections, and what would work instead."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.packing import make_plans
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.rejection_lines import (
    MOST_LINES,
    refusal_lines,
    rejected_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import WIDTH
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import (
    Outcome,
    Rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import LATENCY, Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request

from tests.unit.plan.builders import (
    MIB,
    QWEN3_4B,
    deepseek_r1,
    gib,
    host,
    llama_8b,
    llama_70b,
    qwen3_32b,
    request,
    variant,
)


def lines_of(outcome: Outcome, word: str) -> t.List[str]:
    return [line for line in outcome.lines if word in line]


@pytest.mark.parametrize("backend", ["vLLM", "SGLang"])
def test_the_arithmetic_adds_up(backend: str) -> None:
    outcome = make_plan(request([llama_70b()], [host("H100", 8)], Policy(backend=backend)))
    (line,) = lines_of(outcome, " GiB = ")
    head, parts = line.split(" GiB = ")
    fraction, card, product = (float(number) for number in re.findall(r"\d+\.\d+", head))
    inside = [float(number) for number in re.findall(r"(\d+\.\d+) ", parts.split(";")[0])]
    assert fraction == outcome.plans[0]["utilization"]
    assert fraction * card == pytest.approx(product, abs=0.1)
    assert sum(inside) == pytest.approx(product, abs=0.3)
    assert " weights" in parts.split(";")[0]
    assert ("beside it" in line) == (backend == "SGLang")


def amounts(lines: t.Sequence[str]) -> t.Iterator[t.Dict[str, float]]:
    """What each plan prints about the memory of its tightest GPU, in GiB by its words."""
    for line in lines:
        if line == "  memory of the tightest GPU":
            found: t.Dict[str, float] = {}
        row = re.fullmatch(r"    (\S.*?) {2,}(-?\d+\.\d) GiB  \w+", line)
        if row:
            found[row.group(1)] = float(row.group(2))
        if row and row.group(1) == "left free":
            yield found


SHARED = [
    replace(request([llama_8b()], [host("H100", 1, used=5000 * MIB)]), name=name) for name in ("a", "b", "c")
]


@pytest.mark.parametrize("requests", [SHARED, SHARED[:1], [request([llama_70b()], [host("A100", 8)])]])
def test_the_printed_amounts_add_up(requests: t.Sequence[Request]) -> None:
    found = list(amounts(make_plans(requests).lines))
    assert len(found) == len(requests)
    for each in found:
        there = min(
            each.pop("usable by programs"), each.pop("free now") + each.pop("credited, our own instance")
        )
        others = each.pop("of these, for others", 0.0)
        assert sum(each.values()) == pytest.approx(there - others, abs=0.05 * 8 + 0.01)
    assert any("for others" in line for line in make_plans(requests).lines) == (len(requests) > 1)


def test_the_next_best_come_with_their_numbers_in_the_order_of_the_goal() -> None:
    outcome = make_plan(request(qwen3_32b()[1:2], [host("L40S", 8)], Policy(goal=LATENCY)))
    times = [option["inter_token_ms"] for option in outcome.options]
    assert 1 < len(times) <= 4
    assert times == sorted(times)
    chosen = outcome.plans[0]["performance"]["inter_token_ms"]
    assert sum(chosen) / 2 < times[0]
    shown = lines_of(outcome, " ms a token, ")
    assert len(shown) == len(outcome.options)
    assert "cache %d tokens" % outcome.options[0]["kv_cache_tokens"] in shown[0]


def test_sizes_that_fail_alike_share_a_line() -> None:
    outcome = make_plan(request([deepseek_r1()], [host("H200", 8)], Policy(trust_remote_code=True)))
    (line,) = lines_of(outcome, " has ")
    assert "on 1, 2, 4 x NVIDIA H200" in line
    assert re.search(r"needs \d{3}\.\d, \d{3}\.\d, \d{3}\.\d GiB per GPU, has \d+\.\d GiB$", line)
    assert [entry.tensor for entry in outcome.rejected] == [1, 2, 4]


def test_layouts_that_are_short_share_a_line_that_names_the_closest() -> None:
    there = [host("H100", 8), host("H100", 8, name="gpu-b")]
    outcome = make_plan(request([deepseek_r1()], there, Policy(trust_remote_code=True, backend="vLLM")))
    others = [entry for entry in outcome.rejected if entry.pipeline > 1 or entry.data > 1]
    least = min(entry.needs_bytes or 0 for entry in others)
    (line,) = lines_of(outcome, "other layouts")
    assert "in %d other layouts of up to" % len(others) in line
    assert "needs at least %.1f GiB" % (least / (1 << 30)) in line


def test_many_rejections_are_cut_and_counted() -> None:
    many = [Rejection("o/m%02d" % n, "fp8", "vLLM", None, "default", "no") for n in range(MOST_LINES + 5)]
    lines = rejected_lines(many)
    assert len(lines) == MOST_LINES + 2
    assert lines[-1] == "  and 5 more, see rejected"
    assert rejected_lines([]) == []


def refusal(*asked: t.Any, **policy: t.Any) -> t.Tuple[str, t.List[str]]:
    """The message and the table of what nothing can be planned for."""
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request(qwen3_32b(), list(asked), Policy(**policy)))
    lines = caught.value.details["lines"]
    assert all(len(line) <= WIDTH for line in lines), lines
    return caught.value.message, lines


def test_a_refusal_by_rules_is_not_about_fitting() -> None:
    message, lines = refusal(host("T4", 2), backend="SGLang")
    assert message.startswith("qwen/qwen3-32b cannot be served as asked for on site default: ")
    assert lines[0].startswith("  Qwen/Qwen3-32B bf16      SGLang  bf16 does not run on Tesla T4")
    assert len([line for line in lines if "SGLang  " in line]) == 3


def test_a_refusal_for_want_of_room_names_the_closest_of_each_engine() -> None:
    message, lines = refusal(host("4090"), context_tokens=40_960)
    assert message.startswith("qwen/qwen3-32b does not fit on site default with a context of 40960 tokens: ")
    assert re.fullmatch(
        r"  Qwen/Qwen3-32B-AWQ int4  SGLang  needs \d+\.\d GiB per GPU, has 22\.9 GiB \(1 GPU\)", lines[0]
    )
    assert len(lines) == 6


def test_what_all_engines_and_cards_refuse_alike_is_one_line() -> None:
    message, lines = refusal(host("L40S"), host("4090", 2, "gpu-b"), context_tokens=999_999)
    assert message.count("Qwen/Qwen3-32B bf16 vLLM: context 999999") == 1
    reason = "context 999999 is more than the model's 40960"
    names = ("Qwen3-32B bf16", "Qwen3-32B-FP8 fp8", "Qwen3-32B-AWQ int4")
    assert lines == ["  %-23s  vLLM, SGLang  %s" % ("Qwen/" + name, reason) for name in names]


def test_long_names_leave_the_reasons_a_line_of_their_own() -> None:
    many = [Rejection("o/" + "m" * 60, "fp8", "vLLM", None, "default", "because " * 20)]
    lines = refusal_lines(many)
    assert [len(line) <= WIDTH for line in lines] == [True] * 3
    assert lines[1].startswith("      because")
    more = [Rejection("o/m%02d" % n, "fp8", "vLLM", None, "default", "no") for n in range(MOST_LINES + 5)]
    assert refusal_lines(more)[-1] == "  and 5 more, see rejected"


def test_what_no_kind_of_gpu_may_run_is_said_once() -> None:
    policy = Policy(quantizations=("fp8",))
    outcome = make_plan(request(qwen3_32b(), [host("L40S", 2), host("H100", 2, name="gpu-b")], policy))
    assert len([each for each in outcome.rejected if "not among the allowed" in each.reason]) == 4
    assert len(lines_of(outcome, "not among the allowed")) == 2


def hint(*asked: t.Any, **policy: t.Any) -> str:
    variants, there = asked
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request(variants, [there], Policy(**policy)))
    return caught.value.hint or ""


def test_what_engines_could_make_is_offered_only_where_it_fits() -> None:
    model = qwen3_32b()[:1]
    said = hint(model, host("L40S"))
    assert "Qwen/Qwen3-32B fits on 1 x NVIDIA L40S, if vLLM makes it fp8 while loading" in said
    assert "if SGLang makes it int4 while loading (on_load_quantization: true)" in said
    assert "while loading" not in hint(model, host("T4"))


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"backend_parameters": ("--gpu-memory-utilization=0.2",)}, "without backend_parameters"),
        ({"quantizations": ("int8",)}, "with another quantization"),
        ({"tensor_parallel": 4}, "with another tensor_parallel"),
        ({"replicas": 3}, "each with replicas: 2"),
        ({"inter_token_ms": 1}, r"with inter_token_ms: \d+"),
    ],
)
def test_the_wish_that_stands_in_the_way_is_named(policy: t.Dict[str, t.Any], words: str) -> None:
    said = hint([llama_8b()], host("4090", 2), **policy)
    assert re.search(r"Llama-3.1-8B-Instruct fits on \d x NVIDIA GeForce RTX 4090 %s" % words, said), said


def test_simulated_cards_are_assumed_and_said() -> None:
    there = host("L40S", 2)
    cards = tuple(replace(gpu, simulated=True) for gpu in there.gpus)
    outcome = make_plan(request([llama_8b()], [replace(there, gpus=cards)]))
    assert outcome.plans[0]["evidence"]["total_bytes"] == "assumed"
    assert "simulated" in outcome.lines[0]
    assert any("nothing was read from a host" in text for text in outcome.warnings)
    real = make_plan(request([llama_8b()], [there]))
    assert "simulated" not in real.lines[0]


def test_why_it_won_and_what_stays_idle_is_said() -> None:
    outcome = make_plan(request(qwen3_32b(), [host("L40S", 8)]))
    (why,) = lines_of(outcome, "  why  ")
    assert "reaches the level" in why
    (idle,) = lines_of(outcome, "  idle  ")
    assert "6 x NVIDIA L40S" in idle
    (more,) = lines_of(outcome, "  more GPUs  ")
    assert re.search(r"on \d x NVIDIA L40S: .*(a token in|room for)", more)


def test_cards_that_stay_idle_for_unlike_reasons_are_named_apart() -> None:
    there = host("L40S", 6)
    used = [gib(40) if gpu.index == 5 else 0 for gpu in there.gpus]
    gpus = [
        replace(gpu, used_bytes=gpu.used_bytes + size, free_bytes=gpu.free_bytes - size)
        for gpu, size in zip(there.gpus, used, strict=True)
    ]
    hosts = [replace(there, gpus=tuple(gpus)), host("L40S", 1, "gpu-b"), host("T4", 1, "gpu-c")]
    outcome = make_plan(request([qwen3_32b()[1]], hosts))
    idle = " ".join(" ".join(line.split()) for line in outcome.lines if line.startswith("  idle  "))
    taken = len(outcome.plans[0]["placement"][0]["gpus"])
    assert "idle %d x NVIDIA L40S (gpu-a/" % (5 - taken) in idle
    assert "idle 1 x NVIDIA L40S (gpu-a/5): 4.4 GiB of it are usable, and a GPU of this plan needs" in idle
    assert "idle 1 x NVIDIA L40S (gpu-b/0): the level is reached without them, and they are too few" in idle
    assert "idle 1 x Tesla T4: a replica takes cards of one kind" in idle


def test_shared_cards_are_explained() -> None:
    models = [
        request([each], [host("L40S", 1)], name=name)
        for name, each in (("chat", llama_8b()), ("code", variant("o/code", QWEN3_4B, 8_000_000_000)))
    ]
    outcome = make_plans(models)
    (shared,) = lines_of(outcome, "  shared  ")
    assert re.search(r"gpu-a GPU 0: chat with [\d.]+ of 44\.4 GiB and code with [\d.]+ of 44\.4 GiB;", shared)
    assert shared.endswith("they do not all fit on cards of their own")
    assert lines_of(outcome, "  idle  ") == []
    apart = make_plans([replace(each, hosts=(host("L40S", 4),)) for each in models])
    assert lines_of(apart, "  shared  ") == []
    (idle,) = lines_of(apart, "  idle  ")
    assert idle.startswith("  idle        2 x NVIDIA L40S: all models reach their levels without them")


def test_a_missed_target_of_speed_is_not_called_a_lack_of_memory() -> None:
    with pytest.raises(DoesNotFit, match="expected to be slower than wanted") as caught:
        make_plan(request([llama_70b()], [host("H100", 8)], Policy(inter_token_ms=1)))
    assert "GiB" not in caught.value.message
    assert "inter_token_ms: " in (caught.value.hint or "")
