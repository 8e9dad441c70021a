# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options and plan to managed fields, and from fields to the body of a request."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    OPTION_FIELDS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    fields_of,
    request_body,
    same_engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    Mark,
    former_of,
    left_to_server,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import (
    CORE,
    DEPLOYMENT,
)

from tests.unit.gpustack.conftest import a_model, a_plan, marked, parameters

IDENTITY = {"name": "qwen3-8b", "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B"}


def body_of(changes: t.Dict[str, t.Any], **model: t.Any) -> t.Dict[str, t.Any]:
    return request_body("qwen3-8b", changes, a_model(**model))


def test_options_override_the_plan() -> None:
    wanted = wanted_of(parameters(plan=a_plan(), replicas=3, backend_parameters=["--x=1"]))
    assert wanted.name == "qwen3-8b"
    assert wanted.fields["replicas"] == 3
    assert wanted.fields["backend_parameters"] == ["--x=1"]
    assert wanted.fields["repository"] == "Qwen/Qwen3-8B"


def test_what_is_not_set_is_not_managed() -> None:
    assert wanted_of(parameters(name="m")).fields == {}


def test_the_stored_choice_has_no_momentary_part() -> None:
    choice = wanted_of(parameters(plan=a_plan())).choice
    assert choice is not None
    assert "evidence" not in choice
    assert choice["memory"] == a_plan()["memory"]
    momentary = dict(a_plan()["memory"], free_bytes=1, credited_bytes=2, left_bytes=3, gpus=[])
    assert wanted_of(parameters(plan=a_plan(memory=momentary))).choice == choice
    assert choice["plan_id"] == "0123456789abcdef"


@pytest.mark.parametrize(
    ("options", "pinned"),
    [
        ({}, True),
        ({"placement": "auto"}, False),
        ({"gpu_ids": ["w1:cuda:1"]}, False),
        ({"gpu_ids": []}, False),
    ],
)
def test_the_plan_pins_unless_told_otherwise(options: t.Dict[str, t.Any], pinned: bool) -> None:
    assert (wanted_of(parameters(plan=a_plan(), **options)).pins is not None) is pinned


def distributed(**changes: t.Any) -> t.Dict[str, t.Any]:
    gpus = [{"index": index, "uuid": None} for index in range(2)]
    places = [{"replica": 0, "host": host, "gpus": gpus} for host in ("gpu-a", "gpu-b")]
    return a_plan(parallelism={"tensor": 2, "pipeline": 2, "hosts": 2}, placement=places, **changes)


def test_a_replica_over_hosts_asks_for_distributed_inference_and_is_pinned_alone() -> None:
    one, two = (wanted_of(parameters(plan=distributed(replicas=count))) for count in (1, 2))
    assert (one.fields["distributed_inference"], one.pins is not None) == (True, True)
    assert (two.fields["distributed_inference"], two.pins) == (True, None)
    assert "distributed_inference" not in wanted_of(parameters(plan=a_plan())).fields
    chosen = wanted_of(parameters(plan=distributed(), distributed_inference=False)).fields
    assert chosen["distributed_inference"] is False


def test_the_claim_counts_all_hosts_of_a_replica() -> None:
    plan = distributed(utilization=0.5, memory={"total_bytes": 1000})
    fields = wanted_of(parameters(plan=plan, vram_claim="plan")).fields
    assert fields["env.GPUSTACK_MODEL_VRAM_CLAIM"] == "2000"


def test_the_claim_is_the_engines_share_of_all_gpus() -> None:
    gpus = [{"index": index, "uuid": None} for index in range(2)]
    plan = a_plan(placement=[{"host": "gpu-a", "gpus": gpus}], utilization=0.5, memory={"total_bytes": 1000})
    fields = wanted_of(parameters(plan=plan, vram_claim="plan")).fields
    assert fields["env.GPUSTACK_MODEL_VRAM_CLAIM"] == "1000"


def test_the_servers_own_claim_removes_the_variable() -> None:
    fields = wanted_of(parameters(name="m", vram_claim="server")).fields
    assert fields == {"env.GPUSTACK_MODEL_VRAM_CLAIM": None}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "9lives"}, "cannot be the name"),
        ({"name": "ends-"}, "cannot be the name"),
        ({"name": "m", "source": "huggingface"}, "belong together"),
        ({"name": "m", "replicas": -1}, "replicas is -1"),
        ({"name": "m", "env_secrets": {"HF_TOKEN": "short"}}, "env_secrets.HF_TOKEN is shorter"),
        ({"name": "m", "source": "local_path", "repository": "/m", "file": "x.gguf"}, "file cannot be used"),
        ({"name": "m", "vram_claim": "plan"}, "needs a plan"),
        ({"plan": {"schema": 1, "plan_id": "x"}}, "it has no name"),
        ({"plan": a_plan(schema=2)}, "schema 1"),
    ],
)
def test_wrong_options_are_named(options: t.Dict[str, t.Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        wanted_of(parameters(**options))


def test_a_put_sends_identity_and_what_changes_only() -> None:
    assert body_of({"replicas": 2}) == dict(IDENTITY, replicas=2)


def test_variables_that_are_not_named_stay() -> None:
    changes = {"env.A": "2", "env.B": None}
    body = body_of(changes, env={"A": "1", "B": "1", "C": "1"})
    assert body == dict(IDENTITY, env={"A": "2", "C": "1"})


def test_another_source_clears_the_former_one() -> None:
    changes = {"source": "local_path", "repository": "/models/q"}
    body = body_of(changes, huggingface_filename="*.gguf")
    assert body["local_path"] == "/models/q"
    assert body["huggingface_repo_id"] is None
    assert body["huggingface_filename"] is None


def test_cleared_values_are_sent_as_the_server_wants_them() -> None:
    changes = {"backend_parameters": [], "description": "", "worker_selector": {}, "gpu_ids": []}
    expected: t.Dict[str, t.Any] = dict(
        IDENTITY, backend_parameters=None, description=None, worker_selector={}, gpu_selector=None
    )
    assert body_of(changes) == expected


def test_new_parameters_make_the_server_count_gpus_again() -> None:
    selector = {"gpu_ids": ["w1:cuda:0", "w1:cuda:1"], "gpus_per_replica": 1}
    parameters = {"backend_parameters": ["--tensor-parallel-size=2"]}
    counted = marked(a_model(gpu_selector=selector), filled=["gpus_per_replica"])
    body = request_body("qwen3-8b", parameters, counted)
    assert body["gpu_selector"] == {"gpu_ids": selector["gpu_ids"]}
    assert body_of(parameters, gpu_selector=selector)["gpu_selector"] == selector
    assert body["cluster_id"] == 1


def test_a_mark_survives_the_way_to_the_server_and_back() -> None:
    mark = Mark("me", "p", {"a": 1}, ["w1:cuda:0"], "abc", [[20, "def"]], ["A"], 3, ["backend"], 2)
    assert Mark.of({"meta": {"modelscan_autoconfig": mark.as_meta(), "theirs": 1}}) == mark
    assert Mark.of({"meta": {"modelscan_autoconfig": {"from a later version": 1}}}) == Mark()


def test_origins_are_kept_as_ranges_of_ids() -> None:
    assert former_of({5: "a", 3: "a", 7: "b", 9: "a"}, "c") == ((5, "a"), (7, "b"), (9, "a"))
    assert former_of({5: "c", 3: "c"}, "c") == ()


def test_the_digest_ignores_what_the_server_fills_in_and_values_of_secrets() -> None:
    asked = {"source": "huggingface", "huggingface_repo_id": "a/b", "env": {"HF_TOKEN": "canary", "A": "1"}}
    stored = a_model(**dict(asked, backend="vLLM", backend_parameters=None, worker_selector={}))
    mark = Mark(filled=left_to_server(asked))
    assert mark.digest_of(asked) == mark.digest_of(stored)
    assert mark.digest_of(dict(asked, env={"HF_TOKEN": "other", "A": "1"})) == mark.digest_of(asked)
    assert mark.digest_of(dict(asked, env={"HF_TOKEN": "canary", "A": "2"})) != mark.digest_of(asked)
    assert mark.digest_of(dict(asked, env={"A": "1"})) != mark.digest_of(asked)


def test_every_field_is_an_option() -> None:
    assert set(OPTION_FIELDS) <= set(DEPLOYMENT)


def test_a_configuration_that_is_given_is_switched_on() -> None:
    options = {"algorithm": "ngram", "enabled": None, "draft_model": None}
    fields = wanted_of(parameters(name="m", speculative_config=options, extended_kv_cache={})).fields
    assert fields == {
        "speculative_config": {"enabled": True, "algorithm": "ngram"},
        "extended_kv_cache": {},
    }


def test_defaults_of_the_server_are_no_difference() -> None:
    completed = {"enabled": True, "mode": "local", "ram_ratio": 1.2, "ram_size": 64, "chunk_size": None}
    table = {spec.name: spec for spec in wanted_of(parameters(name="m")).table}
    normal = table["extended_kv_cache"].normal
    assert normal(completed) == normal({"enabled": True, "ram_size": 64})
    assert normal({}) == normal(None)
    assert table["placement_strategy"].normal("spread") is None


def test_fields_survive_the_way_to_the_server_and_back() -> None:
    fields = {
        "source": "model_scope",
        "repository": "Qwen/Qwen3-8B-GGUF",
        "file": "*Q4_K_M*",
        "backend": "vLLM",
        "backend_parameters": ["--a=1"],
        "replicas": 2,
        "gpu_ids": ["w1:cuda:0"],
        "worker_selector": {"zone": "a"},
        "categories": ["llm"],
        "description": "text",
        "env.A": "1",
    }
    stored = fields_of(request_body("m", fields, None))
    assert {key: stored[key] for key in fields} == fields


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"replicas": 5, "description": "x", "categories": [], "ready_replicas": 9}, True),
        ({"worker_selector": None, "env": {}}, True),
        ({"gpu_selector": {"gpu_ids": [], "gpus_per_replica": 1}}, True),
        ({"backend_version": "0.9.0"}, True),
        ({"native_anthropic_api": True, "generic_proxy": True, "scaling_schedule": {"enabled": True}}, True),
        ({"lora_list": [], "roles": None, "gather": {}, "gpu_type_selector": None}, True),
        ({"lora_list": [{"lora_name": "sql", "lora_repo_name": "a/b"}]}, False),
        ({"roles": [{"name": "prefill"}]}, False),
        ({"disaggregation": {"mode": "pd"}}, False),
        ({"gather": {"strategy": "must"}}, False),
        ({"gpu_type_selector": {"type": "a100"}}, False),
        ({"backend_parameters": ["--max-model-len=4096"]}, False),
        ({"env": {"A": "1"}}, False),
        ({"speculative_config": {"enabled": True}}, False),
        ({"gpu_selector": {"gpu_ids": ["w1:cuda:0"]}}, False),
    ],
)
def test_what_makes_an_instance_outdated(changes: t.Dict[str, t.Any], same: bool) -> None:
    assert same_engine(a_model(), a_model(**changes)) is same


def test_unknown_names_inside_a_list_of_deployments_are_known_by_their_path() -> None:
    checked = ArgumentSpecValidator(dict(CORE.argument_spec), **dict(CORE.rules)).validate(
        {"deployments": [{"name": "m", "speculative_config": {"algoritm": "ngram"}}]}
    )
    assert list(checked._supported_parameters) == [("deployments", "speculative_config", "algoritm")]
