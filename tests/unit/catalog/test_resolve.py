# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an id to a repository: which rule wins, and what is never picked."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog import models_dev, resolve
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.resolve import Resolver
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.shelf import Shelf
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import Resolution, Spec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    InvalidInput,
    NotFound,
    NotServable,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
)

from tests.unit.catalog.hubs import CATALOG

SHELF = Shelf(models_dev.parse(CATALOG))


class Hub:
    """Says yes to the names it has; ``None`` is a hub that does not answer."""

    def __init__(self, names: t.Optional[t.Sequence[str]]) -> None:
        self.names = names
        self.asked: t.List[str] = []

    def confirm(self, ref: RepositoryRef) -> RepositoryRef:
        self.asked.append(ref.name)
        if self.names is None:
            raise Unavailable("the hub is down")
        if ref.name not in self.names:
            raise NotFound("no %s" % ref.name)
        return ref


def no_sets(_name: str) -> t.Sequence[Spec]:
    return ()


def resolved(
    model: str,
    names: t.Optional[t.Sequence[str]],
    source: str = HUGGINGFACE,
    shelf: Shelf = SHELF,
    specs: t.Callable[[str], t.Sequence[Spec]] = no_sets,
) -> Resolution:
    return Resolver(shelf, source, Hub(names).confirm, specs).resolve(model)


@pytest.mark.parametrize(
    ("model", "names", "rule", "repository"),
    [
        ("deepseek/deepseek-r1", ["deepseek-ai/DeepSeek-R1"], resolve.OVERRIDE, "deepseek-ai/DeepSeek-R1"),
        ("DeepSeek/DeepSeek-R1", ["deepseek-ai/DeepSeek-R1"], resolve.OVERRIDE, "deepseek-ai/DeepSeek-R1"),
        ("Who/Knows", ["Who/Knows"], resolve.EXISTING, "Who/Knows"),
        ("acme/rocket-8b", ["Acme/Rocket-8B"], resolve.WEIGHTS, "Acme/Rocket-8B"),
        ("shop/acme/rocket-8b", ["Acme/Rocket-8B"], resolve.WEIGHTS, "Acme/Rocket-8B"),
        ("ACME/Rocket-8b", ["Acme/Rocket-8B"], resolve.IGNORING_CASE, "Acme/Rocket-8B"),
        (
            "acme/ROCKET-8b-instruct",
            ["Acme/Rocket-8B-Instruct"],
            resolve.IGNORING_CASE,
            "Acme/Rocket-8B-Instruct",
        ),
        ("other/mixed-case", ["Other/Mixed-Case"], resolve.IGNORING_CASE, "Other/Mixed-Case"),
    ],
)
def test_the_first_certain_rule_decides(
    model: str, names: t.Sequence[str], rule: str, repository: str
) -> None:
    found = resolved(model, names)
    assert (found.rule, found.ref.name, found.confirmed_on_hub) == (rule, repository, True)


def test_an_existing_repository_wins_over_the_catalogs_coarser_link() -> None:
    found = resolved("acme/rocket-8b", ["acme/rocket-8b", "Acme/Rocket-8B"])
    assert (found.rule, found.ref.name) == (resolve.EXISTING, "acme/rocket-8b")


@pytest.mark.parametrize(
    ("model", "repository"),
    [
        ("acme/rocket-8b", "Acme/Rocket-8B"),
        ("Acme/Rocket-8B-Instruct", "Acme/Rocket-8B-Instruct"),
        ("deepseek/deepseek-r1", "deepseek-ai/DeepSeek-R1"),
    ],
)
def test_what_a_catalog_vouches_for_needs_no_hub(model: str, repository: str) -> None:
    found = resolved(model, None)
    assert (found.ref.name, found.confirmed_on_hub) == (repository, False)


@pytest.mark.parametrize("model", ["other/mixed-case", "Who/Knows"])
def test_what_only_looks_like_a_repository_needs_the_hub(model: str) -> None:
    with pytest.raises(Unavailable, match="the hub is down"):
        resolved(model, None)


def test_the_bundled_copy_knows_deepseek_r1() -> None:
    found = resolved("deepseek/deepseek-r1", None, shelf=Shelf(models_dev.parse(models_dev.bundled())))
    assert (found.ref.name, found.model.id) == ("deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1")


@pytest.mark.parametrize("model", ["openai/gpt-4o", "gpt-4o", "OpenAI/GPT-4o"])
@pytest.mark.parametrize("names", [None, []])
def test_closed_weights_are_refused_with_open_models_that_exist(
    model: str, names: t.Optional[t.Sequence[str]]
) -> None:
    shelf = Shelf(models_dev.parse(models_dev.bundled()))
    with pytest.raises(NotServable, match="^openai/gpt-4o has closed weights") as caught:
        resolved(model, names, shelf=shelf)
    nearest = caught.value.details["nearest"]
    assert len(nearest) == 5
    assert all(shelf.by_repository(name) for name in nearest)


@pytest.mark.parametrize(
    ("model", "first", "rule"),
    [
        ("someone/rocket-8b", "Acme/Rocket-8B", "last_part"),
        ("someone/rocket_8b", "Acme/Rocket-8B", "normalised"),
        ("acme/rockett-8b", "Acme/Rocket-8B", "similar"),
    ],
)
def test_an_uncertain_match_is_a_candidate_and_not_a_pick(model: str, first: str, rule: str) -> None:
    with pytest.raises(NotFound) as caught:
        resolved(model, ["Acme/Rocket-8B"])
    best = caught.value.details["candidates"][0]
    assert (best["repository"], best["rule"]) == (first, rule)
    assert 0 < best["confidence"] < 1
    assert first in str(caught.value.hint)


def test_candidates_come_in_order_of_confidence_and_once() -> None:
    candidates = SHELF.candidates("x/rocket-8b")
    confidence = [item.confidence for item in candidates]
    assert confidence == sorted(confidence, reverse=True)
    assert len({item.repository.lower() for item in candidates}) == len(candidates)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(InvalidInput):
        resolved(" ", [])


def test_a_gpustack_set_is_known_by_its_name() -> None:
    spec = Spec(RepositoryRef(HUGGINGFACE, "Acme/Set-1B"), "standard", "BF16", "vLLM")
    found = resolved("Set-1B", ["Acme/Set-1B"], specs=lambda name: [spec] if name == "Set-1B" else [])
    assert (found.rule, found.ref.name) == (resolve.GPUSTACK, "Acme/Set-1B")


def test_model_scope_renames_the_owner_and_asks_before_it_believes_the_same_name() -> None:
    hub = Hub(["openai/gpt-oss-20b"])
    shelf = Shelf(
        models_dev.parse(
            {
                "huggingface": {
                    "models": {"openai/gpt-oss-20b": {"id": "openai/gpt-oss-20b", "open_weights": True}}
                }
            }
        )
    )
    found = Resolver(shelf, MODEL_SCOPE, hub.confirm, no_sets).resolve("openai/gpt-oss-20b")
    assert (found.ref.source, found.ref.name, found.rule) == (
        MODEL_SCOPE,
        "openai/gpt-oss-20b",
        resolve.EXISTING,
    )
    renamed = resolved("openai/gpt-oss-20b", ["openai-mirror/gpt-oss-20b"], MODEL_SCOPE, shelf)
    assert renamed.ref.name == "openai-mirror/gpt-oss-20b"


def test_an_explicit_repository_has_to_exist() -> None:
    resolver = Resolver(SHELF, HUGGINGFACE, Hub([]).confirm, no_sets)
    with pytest.raises(NotFound) as caught:
        resolver.explicit(RepositoryRef(HUGGINGFACE, "acme/rocket-8b"))
    assert caught.value.details["candidates"][0]["repository"] == "Acme/Rocket-8B"


def test_an_explicit_repository_is_tied_to_the_model_that_links_it() -> None:
    resolver = Resolver(SHELF, HUGGINGFACE, Hub(["Acme/Rocket-8B"]).confirm, no_sets)
    found = resolver.explicit(RepositoryRef(HUGGINGFACE, "Acme/Rocket-8B"))
    assert (found.model.id, found.rule) == ("acme/rocket-8b", resolve.EXPLICIT)
