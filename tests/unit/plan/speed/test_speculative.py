# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Speculative decoding: what it takes, when it is used, and what GPUStack is told."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    DraftModel,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import gpustack_deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Grouped,
    Layer,
    Recurrent,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import LATENCY, Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import Speculation

from tests.unit.plan.builders import DEEPSEEK_R1, host, llama_8b, request, variant

DRAFT = DraftModel("Llama-3.1-8B-EAGLE3", "eagle3", 850_000_000)


def with_mtp(**advice: t.Any) -> Variant:
    config = dict(DEEPSEEK_R1, num_nextn_predict_layers=1)
    entries = [advice] if advice else []
    return variant("deepseek-ai/DeepSeek-R1", config, 688_586_727_753, advice=entries)


def planned(asked: Variant, count: int = 1, draft: t.Optional[DraftModel] = None, **policy: t.Any) -> Outcome:
    wish = Policy(trust_remote_code=True, **policy)
    return make_plan(request([asked], [host("H200", count)], wish, draft=draft))


def test_it_is_off_unless_latency_is_the_goal_and_the_plan_says_what_there_is() -> None:
    outcome = planned(with_mtp(), 8)
    assert outcome.plans[0]["speculative_config"] is None
    assert any(line.startswith("  speculates  no; speculative: mtp would for") for line in outcome.lines)
    assert not any("speculates" in line for line in planned(llama_8b()).lines)
    assert not any("speculates" in line for line in planned(with_mtp(), 8, speculative="off").lines)


def test_latency_uses_the_layers_that_a_model_brings() -> None:
    plan = planned(with_mtp(), 8, goal=LATENCY).plans[0]
    usual = planned(with_mtp(), 8, goal=LATENCY, speculative="off").plans[0]
    assert plan["speculative_config"] == {"enabled": True, "algorithm": "mtp", "num_draft_tokens": 1}
    assert plan["performance"]["inter_token_ms"][0] < usual["performance"]["inter_token_ms"][0]


def test_what_a_draft_takes_is_in_the_account() -> None:
    plan, usual = (
        planned(llama_8b(), draft=DRAFT, speculative=way, context_tokens=8192).plans[0]
        for way in ("eagle3", "off")
    )
    memory, before = plan["memory"], usual["memory"]
    assert memory["weights_bytes"] - before["weights_bytes"] == DRAFT.weights_bytes
    # One layer more than 32, and three more rows to sample for each sequence.
    assert memory["kv_bytes_per_token"] * 32 == before["kv_bytes_per_token"] * 33
    assert memory["activation_bytes"] > before["activation_bytes"] + (3 << 30)
    assert plan["speculative_config"]["draft_model"] == DRAFT.name


def test_states_of_recurrent_layers_are_kept_for_each_proposed_token() -> None:
    state = Recurrent("gdn", 10**6, 16, 16, 1000, 10**6, 4)
    layers = (Layer((state,), 1024, None), Layer((Grouped(16, 4, 128, 128),), 1024, None))
    arch = Architecture("hybrid", 1024, 1000, layers, False, "bfloat16", 4096)
    fixed = [kv_cache(arch, 1, "auto", None, draft_tokens=tokens).fixed_bytes for tokens in (0, 1, 3)]
    assert fixed[1] * 2 == fixed[0] * 3
    assert fixed[2] * 2 == fixed[0] * 5


def test_as_many_tokens_as_a_catalog_says() -> None:
    said = with_mtp(mode="latency", speculative={"enabled": True, "algorithm": "mtp", "num_draft_tokens": 2})
    plan = planned(said, 8, speculative="mtp").plans[0]
    assert plan["speculative_config"]["num_draft_tokens"] == 2


def test_sglang_counts_the_models_own_token_and_gets_a_chain_of_drafts() -> None:
    plan = planned(llama_8b(), draft=DRAFT, speculative="eagle3", backend="SGLang").plans[0]
    assert plan["speculative_config"]["num_draft_tokens"] == 4
    assert {"--speculative-num-steps=3", "--speculative-eagle-topk=1"} <= set(plan["backend_parameters"])


@pytest.mark.parametrize(
    ("way", "reason"), [("mtp", "it has no MTP layers"), ("eagle3", "catalog names no draft for it")]
)
def test_what_a_model_cannot_do_is_refused(way: str, reason: str) -> None:
    with pytest.raises(NotServable, match=reason):
        planned(llama_8b(), speculative=way)


def test_a_release_that_is_too_old_is_refused() -> None:
    with pytest.raises(DoesNotFit, match=r"vLLM has mtp since 0\.11\.0 only"):
        planned(with_mtp(), 8, speculative="mtp", backend="vLLM", backend_version="0.10.2")


def test_sglang_has_to_count_the_draft_itself() -> None:
    with pytest.raises(DoesNotFit, match=r"before 0\.5\.14 SGLang loads drafts beside its memory fraction"):
        planned(with_mtp(), 8, speculative="mtp", backend="SGLang", backend_version="0.5.12.post1")


def test_ngrams_take_no_weights() -> None:
    plan, usual = (planned(llama_8b(), speculative=way).plans[0] for way in ("ngram", "off"))
    assert plan["memory"]["weights_bytes"] == usual["memory"]["weights_bytes"]
    assert plan["speculative_config"]["algorithm"] == "ngram"


@pytest.mark.parametrize(("tokens", "expected"), [(0, 1.0), (1, 1.8), (2, 2.44)])
def test_tokens_of_a_step(tokens: int, expected: float) -> None:
    assert Speculation("mtp", tokens).tokens_per_step == pytest.approx(expected)


def test_a_running_choice_with_a_draft_is_kept() -> None:
    first = planned(with_mtp(), 8, goal=LATENCY).plans[0]
    choice = {key: value for key, value in first.items() if key not in ("memory", "evidence")}
    held = first["memory"]["total_bytes"] - first["memory"]["left_bytes"]
    gpus = [{"uuid": gpu["uuid"], "claimed_bytes": held} for gpu in first["placement"][0]["gpus"]]
    record = {
        "name": "deepseek-r1", "plan_id": first["plan_id"], "managed": True, "state": "running", "choice": choice,
        "instances": [{"gpus": gpus}],
    }  # fmt: skip
    asked = request(
        [with_mtp()], [host("H200", 8)], Policy(trust_remote_code=True, goal=LATENCY), deployed=(record,)
    )
    outcome = make_plan(asked)
    assert outcome.kept
    assert outcome.plans[0]["speculative_config"] == first["speculative_config"]


def test_a_deployment_gets_the_draft_and_loses_it_again() -> None:
    options = {name: spec.get("default") for name, spec in gpustack_deployment.CORE.argument_spec.items()}
    for way, fields in (("mtp", {"enabled": True, "algorithm": "mtp", "num_draft_tokens": 1}), ("off", {})):
        plan = planned(with_mtp(), 8, speculative=way).plans[0]
        assert wanted_of({**options, "plan": plan, "state": "present"}).fields["speculative_config"] == fields
