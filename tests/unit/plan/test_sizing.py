# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many GPUs a load takes: never fewer for more, what limits them, what they cost, and what is refused."""

from __future__ import annotations

import itertools
import math
import typing as t
from dataclasses import replace

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Price,
    Rates,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_size, options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.modules import model_size as module

from tests.unit.plan.builders import (
    GPT_OSS_20B,
    deepseek_r1,
    llama_8b,
    llama_70b,
    qwen3_32b,
    request,
    variant,
)
from tests.unit.plan.choice.test_more_is_never_worse import there

Row = t.Dict[str, t.Any]
PRICES = (
    Price("dear", Rates(input_usd=1.0, output_usd=4.0)),
    Price("cheap", Rates(input_usd=0.5, output_usd=1.0)),
    Price("cheap-out", Rates(input_usd=9.0, output_usd=0.9)),
)


class Shelf:
    """A catalog of one model."""

    warnings: t.Sequence[str] = ()

    def __init__(self, variants: t.Sequence[Variant], prices: t.Sequence[Price] = ()) -> None:
        self._variants, self._prices = variants, prices

    def resolve(self, model: str, _source: t.Optional[str] = None) -> Resolution:
        record = ModelRecord(model.lower(), model, "shelf", prices=tuple(self._prices))
        return Resolution(record, self._variants[0].repository.ref, "canonical_weights", True)

    def variants(self, _resolution: Resolution, _extra: t.Sequence[str] = ()) -> t.List[Variant]:
        return list(self._variants)

    def engine_versions(self) -> t.Dict[str, str]:
        return {}


def sized(
    variants: t.Sequence[Variant], *shapes: str, prices: t.Sequence[Price] = (), **given: t.Any
) -> t.Dict[str, t.Any]:
    given = {"model": "o/model", "shapes": list(shapes), "trust_remote_code": True, **given}
    checked = ArgumentSpecValidator(dict(model_size.ARGUMENT_SPEC)).validate(given)
    assert checked.error_messages == []
    return model_size.sized(Task(checked.validated_parameters), t.cast(Library, Shelf(variants, prices)))


def row_of(variants: t.Sequence[Variant], shape: str, **given: t.Any) -> Row:
    return t.cast(Row, sized(variants, shape, **given)["rows"][0])


def gpus(variants: t.Sequence[Variant], shape: str, **given: t.Any) -> float:
    """Of the first row; infinite where the load is refused."""
    try:
        return float(row_of(variants, shape, **given)["gpus"])
    except DoesNotFit:
        return math.inf


FP8 = [qwen3_32b()[1]]
EXAMPLES = [
    (FP8, "4xL40S"),
    (FP8, "8xH100-80GB-SXM"),
    ([llama_70b()], "8xA100-80GB-SXM"),
    ([llama_8b()], "1xL40S"),
]


@pytest.mark.parametrize(("variants", "shape"), EXAMPLES)
@pytest.mark.parametrize("load", ["users", "requests_per_s"])
def test_more_load_never_takes_fewer_gpus(load: str, variants: t.List[Variant], shape: str) -> None:
    given = [{load: count} for count in (1, 10, 64, 65, 1000)]
    found = [gpus(variants, shape, first_token_ms=3000, **each) for each in given]
    assert found == sorted(found)
    assert found[0] < found[-1] < math.inf


@pytest.mark.parametrize(("variants", "shape"), EXAMPLES)
@pytest.mark.parametrize("target", ["first_token_ms", "inter_token_ms"])
def test_a_looser_target_never_takes_more_gpus(target: str, variants: t.List[Variant], shape: str) -> None:
    loose = [{target: wanted, "users": 100} for wanted in (10, 60, 400, 5000)]
    found = [gpus(variants, shape, **each) for each in loose]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


@pytest.mark.parametrize(
    "less", [{"prompt_tokens": 500}, {"answer_tokens": 100}, {"useful_context_tokens": 8192}]
)
def test_shorter_requests_never_take_more_gpus(less: t.Dict[str, int]) -> None:
    usual = {"prompt_tokens": 4000, "answer_tokens": 800, "useful_context_tokens": 32768}
    for shape in ("4xL40S", "8xH100-80GB-SXM"):
        assert gpus(FP8, shape, requests_per_s=5, **{**usual, **less}) <= gpus(
            FP8, shape, requests_per_s=5, **usual
        )


def test_the_time_between_tokens_by_hand() -> None:
    """16 bits of 8 billion parameters at 89 % of 3.35 TB/s, 32 layers of 30 us, half a millisecond, and one row."""
    row = row_of([llama_8b()], "8xH100-80GB-SXM", users=1, prompt_tokens=1024, answer_tokens=256)
    # All but the embedding, which only looks tokens up; and 1152 tokens of cache, 128 KiB each.
    weights = 16_060_522_496 - 2 * 128256 * 4096
    cache = 1152 * 2 * 32 * 8 * 128 * 2 / 0.85
    by_hand = (weights + cache) / (0.89 * 3.35e12) + 32 * 30e-6 + 0.5e-3 + 10e-6
    arithmetic = 2 * 7.5e9 / (0.72 * 989e12)
    assert row["inter_token_ms"] == pytest.approx((by_hand + arithmetic) * 1e3, rel=0.02)
    assert (row["gpus"], row["replicas"], row["hosts"]) == (1, 1, 1)


def test_requests_per_second_and_requests_at_once_agree() -> None:
    """Little's law: what is in flight is what comes in a second times the seconds that each stays."""
    row = row_of(FP8, "8xH100-80GB-SXM", requests_per_s=12.0, answer_tokens=300)
    stays = (row["first_token_ms"] + 300 * row["inter_token_ms"]) / 1e3
    assert row["replicas"] * row["requests_per_replica"] == pytest.approx(
        12.0 * stays, abs=row["replicas"] + 1
    )
    assert row["requests_per_s"] == 12.0


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        ({"first_token_ms": 700, "inter_token_ms": 500}, "first token"),
        ({"inter_token_ms": 33}, "inter-token"),
        ({"inter_token_ms": 5000, "prompt_tokens": 30000, "answer_tokens": 100}, "memory"),
        (
            {"inter_token_ms": 5000, "prompt_tokens": 10, "answer_tokens": 10, "request_tokens": 20},
            "sequences",
        ),
    ],
)
def test_what_limits_a_replica_is_said(given: t.Dict[str, int], limit: str) -> None:
    assert row_of(FP8, "4xL40S", users=50, **given)["limit"] == limit


@pytest.mark.parametrize(("variants", "shape"), EXAMPLES)
def test_a_plan_for_the_share_of_a_replica_reaches_the_level(variants: t.List[Variant], shape: str) -> None:
    row = row_of(
        variants, shape, users=90, first_token_ms=4000, inter_token_ms=60, useful_context_tokens=8192
    )
    policy = Policy(
        concurrency=row["requests_per_replica"],
        first_token_ms=4000,
        inter_token_ms=60,
        useful_context_tokens=8192,
    )
    plan = make_plan(request(variants, [there(shape)], policy)).plans[0]
    assert plan["level"]["reached"]
    assert plan["parallelism"]["tensor"] * plan["parallelism"]["pipeline"] <= row["gpus"] / row["replicas"]


def test_costs_and_an_api() -> None:
    """4,096 tokens in and 512 out: 8 tokens in for each one out decide which API is the cheapest."""
    given: t.Dict[str, t.Any] = {"requests_per_s": 4.0, "prompt_tokens": 4096, "answer_tokens": 512}
    found = sized(
        FP8, "8xH100-80GB-SXM", "4xL40S", prices=PRICES, gpu_prices={"H100": 2, "L40S": 1.0}, **given
    )
    first, second = found["rows"]
    assert first["usd_per_hour"] <= second["usd_per_hour"]
    per_gpu = {"NVIDIA H100 80GB HBM3": 2.0, "NVIDIA L40S": 1.0}
    for row in (first, second):
        assert row["usd_per_hour"] == per_gpu[row["gpu"]] * row["gpus"]
        assert row["usd_per_million_output_tokens"] == pytest.approx(
            row["usd_per_hour"] / (4.0 * 512 * 3600) * 1e6, abs=0.01
        )
        assert (row["api_provider"], row["api_usd_per_million_output_tokens"]) == ("cheap", 1.0 + 8 * 0.5)
        assert row["api_usd_per_hour"] == pytest.approx(5.0 * 4.0 * 512 * 3600 / 1e6, abs=0.01)
    assert any(line.startswith("API: cheap takes 5.00 USD") for line in found["size_lines"])


def test_a_price_that_is_not_known_is_said_and_gpus_decide() -> None:
    found = sized(FP8, "8xH100-80GB-SXM", "4xL40S", users=100, gpu_prices={"L40S": 0.01})
    assert [row["usd_per_hour"] is None for row in found["rows"]] == [True, False]
    assert [row["gpus"] for row in found["rows"]] == sorted(row["gpus"] for row in found["rows"])
    text = " ".join(found["size_lines"])
    assert "no price is known of a GPU of 8xH100-80GB-SXM; give it with gpu_prices" in text
    assert "recommended, fewest GPUs" in text


@pytest.mark.parametrize("target", ["first_token_ms", "inter_token_ms"])
def test_the_nearest_figure_of_a_refusal_is_reached(target: str) -> None:
    with pytest.raises(DoesNotFit) as caught:
        sized(FP8, "4xL40S", "1xL4", users=10, **t.cast(t.Any, {target: 1}))
    hint = caught.value.hint or ""
    assert hint.startswith("Nearest, on 4xL40S: %s=" % target)
    reachable = int(hint.rstrip(".").rpartition("=")[2])
    assert row_of(FP8, "4xL40S", users=10, **{target: reachable})["gpus"]
    assert gpus(FP8, "4xL40S", users=10, **{target: reachable - 1}) == math.inf


def test_a_shape_that_does_not_serve_is_told_last_with_its_reason() -> None:
    found = sized([llama_70b()], "1xT4", "8xH100-80GB-SXM", "1xL40S", users=10, first_token_ms=200)
    assert [row["shape"] for row in found["rows"]][0] == "8xH100-80GB-SXM"
    assert [row["gpus"] for row in found["rows"][1:]] == [None, None]
    assert all(row["reason"] for row in found["rows"][1:])
    with pytest.raises(DoesNotFit, match="GiB per GPU"):
        sized([deepseek_r1()], "1xT4", users=1)


def test_four_bits_have_a_row_of_their_own_after_the_others() -> None:
    rows = sized(qwen3_32b(), "1xL40S", "8xL4", users=40)["rows"]
    assert [row["lossy"] for row in rows] == sorted(row["lossy"] for row in rows)
    assert {row["quantization"] for row in rows if not row["lossy"]} <= {"bf16", "fp8"}
    for lossy, exact in itertools.product(rows, rows):
        if lossy["lossy"] and not exact["lossy"] and lossy["shape"] == exact["shape"]:
            assert lossy["gpus"] < exact["gpus"] or lossy["hosts_of_replica"] < exact["hosts_of_replica"]
    allowed = sized(qwen3_32b(), "1xL40S", users=40, quantizations=["int4"])["rows"]
    assert [(row["quantization"], row["lossy"]) for row in allowed] == [("int4", False)]


def test_a_model_larger_than_a_host_takes_several() -> None:
    row = row_of([deepseek_r1()], "8xH100-80GB-SXM", users=8)
    assert row["hosts_of_replica"] == 2
    assert row["hosts"] == 2 * row["replicas"]
    assert row["gpus"] == row["replicas"] * row["tensor"] * row["pipeline"] * row["data"]


def test_the_table_is_narrow_and_marks_the_first_row() -> None:
    shapes = ("8xH100-80GB-SXM", "8xA100-80GB-SXM", "4xL40S", "1xRTX4090", "8xRTX-PRO-6000")
    cards = {shape.split("x", 1)[1]: 123.45 for shape in shapes}
    for variants in (qwen3_32b(), [variant("openai/gpt-oss-20b", GPT_OSS_20B, 13_761_264_768)]):
        lines = sized(variants, *shapes, users=5000, gpu_prices=cards, prices=PRICES)["size_lines"]
        assert max(map(len, lines)) <= 100
        table = lines[3 : lines.index("", 3)]
        assert len(table) >= 1 + 4
        assert {len(line.split()) for line in table[2:]} == {len(table[1].split()) - 1}
        assert [line[0] for line in table] == [" ", "*", *" " * (len(table) - 2)]


def test_what_makes_no_sense_is_refused() -> None:
    for given, words in (
        ({"users": 0}, "users is 0"),
        ({"requests_per_s": 0.0}, "requests_per_s is 0"),
        ({"users": 1, "gpu_prices": {"L40S": -1}}, "no price"),
        ({"users": 1, "gpu_prices": {"L40S": "much"}}, "no price"),
        ({"users": 1, "gpu_prices": {"H200": 2}}, "in none of the shapes"),
        ({"users": 1, "gpu_prices": {"X9": 2}}, "no 'X9'"),
        ({"users": 1, "shapes": []}, "shapes is empty"),
        ({"users": 1, "shapes": ["4xL40S+1xL4"]}, "unlike cards"),
        ({"users": 1, "shapes": ["L40S"]}, "Cannot read"),
        ({"users": 1, "first_token_ms": 0}, "first_token_ms is 0"),
    ):
        with pytest.raises(InvalidInput, match=words):
            sized(FP8, "4xL40S", **given)
    with pytest.raises(NotServable):
        sized([variant("o/nothing", None)], "4xL40S", users=1)
    checked = ArgumentSpecValidator(
        dict(model_size.ARGUMENT_SPEC),
        mutually_exclusive=model_size.CORE.rules["mutually_exclusive"],
        required_one_of=model_size.CORE.rules["required_one_of"],
    )
    both = {"model": "m", "shapes": ["1xL4"], "users": 1, "requests_per_s": 1.0}
    assert checked.validate(both).error_messages
    assert checked.validate({"model": "m", "shapes": ["1xL4"]}).error_messages


def test_a_short_name_of_a_card_is_said_to_be_taken_for_a_longer_one() -> None:
    found = sized(FP8, "8xH100", "4xL40S", users=10, gpu_prices={"H100": 2.0, "L40S": 1.0})
    assert found["warnings"] == ["8xH100 is taken for 8xH100-80GB-SXM"]
    assert all(row["usd_per_hour"] for row in found["rows"])


def test_the_documentation_has_the_options_and_the_keys() -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    own = set(model_size.ARGUMENT_SPEC) - {*options.HTTP, *options.GPUSTACK, *options.HUB}
    assert set(documented) == own
    for name, key in itertools.product(own, ("choices", "default", "elements", "type", "required")):
        assert documented[name].get(key) == model_size.ARGUMENT_SPEC[name].get(key), (name, key)
    returned = yaml.safe_load(module.RETURN)
    found = sized([llama_8b()], "1xL40S", "1xT4", users=1, first_token_ms=200)
    assert set(found) - {"changed", "warnings"} == set(returned)
    assert {key for row in found["rows"] for key in row} == set(returned["rows"]["contains"])


def test_a_policy_without_targets_is_the_usual_level() -> None:
    row = row_of(FP8, "8xH100-80GB-SXM", users=1)
    assert row["inter_token_ms"] <= 1000 / Policy().tokens_per_s
    assert replace(Policy(), answer_tokens=9).answer_tokens == 9
