# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What fits: the planner's word where the hub describes a model, an estimate where it does not."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog import fitting
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.fitting import Fit, Fitting
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
    Spec,
    Variant,
)

from tests.unit.plan import builders

BILLION = 10**9


class Hub:
    """A library that describes what the test gives it, or fails with it."""

    def __init__(self, found: t.Union[t.List[Variant], AutoconfigError]) -> None:
        self.found = found
        self.asked: t.List[t.Tuple[str, t.Optional[str]]] = []

    def resolve(self, model: str, source: t.Optional[str] = None) -> Resolution:
        self.asked.append((model, source))
        if isinstance(self.found, AutoconfigError):
            raise self.found
        return Resolution(record(model), RepositoryRef(HUGGINGFACE, model), "rule", True)

    def variants(self, _resolution: Resolution) -> t.List[Variant]:
        assert not isinstance(self.found, AutoconfigError)
        return self.found

    def unnoted(self) -> t.ContextManager[None]:
        return contextlib.nullcontext()


def record(name: str = "a/b", billions: t.Optional[int] = 8, **facts: t.Any) -> ModelRecord:
    total = None if billions is None else billions * BILLION
    facts.setdefault("repositories", (name,))
    return ModelRecord(name, name, "models.dev", total_parameters=total, **{"open_weights": True, **facts})


def judging(hub: Hub, kind: str = "H100", source: t.Optional[str] = None, **more: t.Any) -> Fitting:
    return Fitting(t.cast(Library, hub), [builders.host(kind)], source, None, **more)


def test_the_planner_says_what_fits_and_how() -> None:
    fit = judging(Hub(builders.qwen3_32b())).judge(record(billions=32))
    assert fit is not None
    assert (fit.judged_by, fit.quantization, fit.tensor_parallel, fit.host, fit.hosts) == (
        "planner", "bf16", 1, "gpu-a", 1,
    )  # fmt: skip
    assert fit.repository == "Qwen/Qwen3-32B"
    assert fit.reason is None


def test_the_planner_is_believed_where_the_estimate_differs() -> None:
    """A catalog that names too few parameters, and one that knows no quantized copy."""
    assert judging(Hub([builders.llama_70b()])).judge(record(billions=8)) is None
    judge = judging(Hub(builders.qwen3_32b()))
    model = record(billions=48)
    assert not judge.estimates(model)
    assert judge.judge(model) is not None


def test_code_of_the_publisher_is_no_question_of_memory() -> None:
    hosts = [builders.host("H200", 8)]
    judge = Fitting(t.cast(Library, Hub([builders.deepseek_r1()])), hosts, None, None)
    fit = judge.judge(record(billions=671))
    assert fit is not None
    assert fit.tensor_parallel == 8


def test_the_wanted_context_has_to_fit() -> None:
    hub = t.cast(Library, Hub([builders.llama_8b()]))
    hosts = [builders.host("4090")]
    assert Fitting(hub, hosts, None, 4096).judge(record()) is not None
    assert Fitting(hub, hosts, None, 120_000).judge(record()) is None


@pytest.mark.parametrize(
    "problem", [Unavailable("the hub is away"), AuthenticationFailed("gated"), NotFound("many candidates")]
)
def test_where_the_hub_does_not_describe_it_the_estimate_says_why(problem: AutoconfigError) -> None:
    judge = judging(Hub(problem))
    assert judge.judge(record(billions=8)) == Fit("estimate", reason=problem.message)
    assert judge.judge(record(billions=70)) is None


def test_a_model_that_cannot_be_calculated_is_left_out_and_named() -> None:
    judge = judging(Hub([]))
    assert judge.judge(record("a/odd")) is None
    assert judge.uncalculated == ["a/odd"]


def test_nobody_is_asked_about_the_hopeless_and_the_unknown() -> None:
    hub = Hub([builders.llama_8b()])
    judge = judging(hub)
    assert judge.judge(record(billions=2000)) is None
    assert judge.judge(record(open_weights=False)) is None
    assert judge.judge(record(repositories=(), billions=None)) is None
    assert judge.judge(record(repositories=())) == Fit("estimate", reason="no catalog knows its repository")
    assert hub.asked == []


@pytest.mark.parametrize(("source", "asked"), [(None, False), (HUGGINGFACE, False), (MODEL_SCOPE, True)])
def test_only_the_wanted_hub_is_asked(source: t.Optional[str], asked: bool) -> None:
    hub = Hub([builders.llama_8b()])
    spec = Spec(RepositoryRef(MODEL_SCOPE, "a/b"), None, None, None)
    assert judging(hub, source=source).judge(record(repositories=(), specs=(spec,))) is not None
    assert hub.asked == ([("a/b", source)] if asked else [])


def test_the_number_of_models_that_are_asked_for_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MAX_ASKED", 2)
    judge = judging(Hub([builders.llama_8b()]))
    fits = [judge.judge(record("a/%d" % number)) for number in range(3)]
    assert [fit and fit.judged_by for fit in fits] == ["planner", "planner", "estimate"]
    assert fits[2] == Fit("estimate", reason="2 models were asked for before it")


def test_the_time_is_bounded() -> None:
    clock = iter([0.0, 1.0, fitting.MAX_SECONDS])
    judge = judging(Hub([builders.llama_8b()]), now=lambda: next(clock))
    assert [(judge.judge(record()) or Fit("")).judged_by for _time in range(2)] == ["planner", "estimate"]
