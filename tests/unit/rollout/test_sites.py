# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts become sites, whatever else is in the inventory."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.action.rollout_sites import ActionModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import role_inputs, rollout_sites
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_order import rollout_order

ONE, TWO = "https://one.example.com", "https://two.example.com"


def found(*hosts: t.Mapping[str, t.Any], **given: t.Any) -> t.Dict[str, t.Any]:
    checked = ArgumentSpecValidator(dict(rollout_sites.ARGUMENT_SPEC)).validate(
        {"hosts": list(hosts), **given}
    )
    assert checked.error_messages == []
    return rollout_sites.run(Task(checked.validated_parameters))


def a_host(name: str, url: str = ONE, has_gpu: t.Optional[bool] = True, **more: t.Any) -> t.Dict[str, t.Any]:
    return {"name": name, "url": url, "has_gpu": has_gpu, **more}


def test_hosts_without_a_server_or_a_gpu_are_left_out_and_listed() -> None:
    answer = found(
        a_host("gpu-b"), a_host("gpu-a"), a_host("gpu-x", TWO), a_host("bastion", ""),
        a_host("a-router", ONE, has_gpu=False),
    )  # fmt: skip
    assert [(site["name"], site["speaker"], site["hosts"]) for site in answer["sites"]] == [
        (ONE, "gpu-a", ["gpu-a", "gpu-b"]),
        (TWO, "gpu-x", ["gpu-x"]),
    ]
    assert answer["left_out"] == [
        {"host": "a-router", "reason": "it has no GPU"},
        {"host": "bastion", "reason": "it has no GPUStack server"},
    ]


def test_hosts_of_a_server_that_none_of_them_reaches_are_listed() -> None:
    answer = found(a_host("gpu-a"), a_host("gpu-x", TWO, None, reached=False))
    assert answer["speakers"] == ["gpu-a"]
    assert answer["left_out"] == [{"host": "gpu-x", "reason": rollout_sites.NOT_REACHED}]


def test_a_play_on_hosts_that_were_not_wanted_is_refused() -> None:
    assert found(a_host("gpu-a"), wanted_hosts=["gpu-a", "gpu-b"])["speakers"] == ["gpu-a"]
    with pytest.raises(InvalidInput, match="model_deployment_hosts leaves out gpu-b, and the play") as caught:
        found(a_host("gpu-a"), a_host("gpu-b"), wanted_hosts=["gpu-a"])
    assert "-e" in str(caught.value.hint)


@pytest.mark.parametrize(
    "url",
    [ONE, ONE + "/", "HTTPS://One.example.com", "https://one.example.com:443/", " https://one.example.com"],
)
def test_one_server_in_several_spellings_is_one_site(url: str) -> None:
    assert [site["hosts"] for site in found(a_host("gpu-a"), a_host("gpu-b", url))["sites"]] == [
        ["gpu-a", "gpu-b"]
    ]


def test_a_url_from_elsewhere_is_that_of_all_hosts() -> None:
    """From the environment, or of the play, the site is called as with a variable of the host."""
    (site,) = found(a_host("gpu-a", ""), url=ONE + "/")["sites"]
    assert (site["name"], site["url"]) == (ONE, ONE)
    (nameless,) = found(a_host("gpu-a", ""))["sites"]
    assert (nameless["name"], nameless["url"]) == ("default", "")


def test_a_host_that_cannot_be_reached_does_not_speak_but_belongs() -> None:
    (site,) = found(a_host("gpu-a", has_gpu=None, reached=False), a_host("gpu-b"))["sites"]
    assert (site["speaker"], site["hosts"]) == ("gpu-b", ["gpu-a", "gpu-b"])


def test_a_site_that_nobody_can_speak_for_is_none_of_this_run() -> None:
    assert [site["name"] for site in found(a_host("gpu-a", reached=False), a_host("x", TWO))["sites"]] == [
        TWO
    ]


def test_the_order_is_the_users_then_by_name() -> None:
    hosts = [a_host("a", "https://a"), a_host("b", "https://b"), a_host("c", "https://c")]
    assert found(*hosts, order=["c", "https://b/"])["speakers"] == ["c", "b", "a"]


def test_nothing_left_says_why() -> None:
    with pytest.raises(InvalidInput, match="a: it has no GPU") as caught:
        found(a_host("a", has_gpu=False))
    assert "model_deployment_gpustack_url" in str(caught.value.hint)


INPUTS: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "model_deployment_context_tokens": {"type": "int"},
    "model_deployment_model": {"type": "str"},
    "model_deployment_name": {"type": "str"},
    "model_deployment_models": {"type": "list", "elements": "dict"},
    "model_deployment_hf_token": {"type": "str", "no_log": True},
    "model_deployment_env_secrets": {"type": "dict", "no_log": True},
    "model_deployment_env": {"type": "dict"},
    "model_deployment_verify_kind": {"type": "str", "choices": ["chat", "embedding"]},
    "model_deployment_site_order": {"type": "list", "elements": "str"},
}


def test_a_misspelt_variable_is_refused_with_the_nearest_name() -> None:
    found(a_host("a"), inputs=INPUTS, variables=[*INPUTS, "ansible_host", "model_deployment_serial"])
    with pytest.raises(InvalidInput, match="called model_deployment_context$") as caught:
        found(a_host("a"), inputs=INPUTS, variables=["model_deployment_context"])
    assert "Did you mean model_deployment_context_tokens" in str(caught.value.hint)


def problems(**values: t.Any) -> t.List[str]:
    return role_inputs.problems(
        INPUTS, "model_deployment_", {"model_deployment_" + k: values[k] for k in values}
    )


def of_entry(**entry: t.Any) -> t.List[str]:
    return problems(models=[{"model": "Qwen/Qwen3-8B", **entry}])


def test_values_of_another_kind_are_named() -> None:
    assert problems(context_tokens="4096", env={"A": "b"}, model="Qwen/Qwen3-8B") == []
    (one,) = problems(context_tokens="many", model="Qwen/Qwen3-8B")
    assert "model_deployment_context_tokens" in one
    (other,) = problems(verify_kind="speech")
    assert "model_deployment_verify_kind" in other
    with pytest.raises(InvalidInput, match="cannot be converted"):
        found(a_host("a"), inputs=INPUTS, problems=["model_deployment_context_tokens: cannot be converted"])


def test_what_a_secret_holds_is_not_told() -> None:
    (one,) = problems(env_secrets="canary7f3a is no dictionary")
    assert "model_deployment_env_secrets" in one
    assert "canary7f3a" not in one


def test_entries_of_the_models_have_the_roles_names_without_its_prefix() -> None:
    assert of_entry(context_tokens=4096, env_secrets={"A": "b"}, after=["embed"]) == []
    assert of_entry(contxt_tokens=1) == [
        "model_deployment_models[0]: no key is called contxt_tokens; did you mean context_tokens?"
    ]
    assert of_entry(model_deployment_env={}) == [
        "model_deployment_models[0]: no key is called model_deployment_env; did you mean env?"
    ]
    assert of_entry(site_order=[]) == [
        "model_deployment_models[0]: site_order is a matter of the server or of the run; "
        "set model_deployment_site_order"
    ]
    assert problems(models=[{"name": "chat"}]) == ["model_deployment_models[0]: model is missing"]
    (kind,) = of_entry(verify_kind="speech")
    assert kind.startswith("model_deployment_models[0]: ")


def test_deployments_come_behind_those_that_they_wait_for() -> None:
    models = [
        {"model": "Qwen/Qwen3-32B", "after": ["embed"]},
        {"model": "Qwen/Qwen3-Embedding-8B", "name": "embed"},
    ]
    (site,) = found(a_host("a"), models=models)["sites"]
    assert (site["names"], site["order"]) == (["qwen3-32b", "embed"], ["embed", "qwen3-32b"])
    own = a_host("x", TWO, models=[{"model": "Qwen/Qwen3-8B"}])
    assert [each["order"] for each in found(a_host("a"), own, models=models)["sites"]] == [
        ["embed", "qwen3-32b"], ["qwen3-8b"],
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="the same name: qwen3-8b"):
        found(a_host("a"), models=[{"model": "Qwen/Qwen3-8B"}, {"model": "x/qwen3-8b"}])


def test_an_order_that_cannot_be_is_refused() -> None:
    assert rollout_order({"a": ["c"], "b": [], "c": ["b"]}) == ["b", "c", "a"]
    with pytest.raises(InvalidInput, match="a comes after embd") as caught:
        rollout_order({"a": ["embd"], "embed": []})
    assert caught.value.hint == "Did you mean embed?"
    with pytest.raises(InvalidInput, match="a, c cannot come one after the other"):
        rollout_order({"a": ["c"], "b": [], "c": ["a"]})
    with pytest.raises(InvalidInput, match="a cannot come"):
        rollout_order({"a": ["a"]})


@pytest.mark.parametrize(
    ("facts", "has_gpu"),
    [(None, None), ({"devices": [{}]}, True), ({"devices": [], "warnings": []}, False),
     ({"devices": [], "warnings": [{"message": "nvidia-smi hangs"}]}, None)],
)  # fmt: skip
def test_the_play_says_which_hosts_there_are(facts: t.Any, has_gpu: t.Optional[bool]) -> None:
    variables: t.Dict[str, t.Any] = {
        "ansible_play_hosts_all": ["gpu-a"],
        "ansible_play_hosts": [],
        "hostvars": {
            "gpu-a": {
                "model_deployment_gpustack_url": ONE,
                "ansible_facts": {"autoconfig_gpu": facts} if facts else {},
            }
        },
        "model_deployment_typo": 1,
    }
    arguments: t.Dict[str, t.Any] = {}
    ActionModule.add_arguments(ActionModule.__new__(ActionModule), arguments, variables)
    assert arguments["hosts"] == [
        {"name": "gpu-a", "url": ONE, "has_gpu": has_gpu, "reached": False, "models": []}
    ]
    assert {"model_deployment_gpustack_url", "model_deployment_typo"} <= set(arguments["variables"])


def test_the_canary_comes_first_and_alone_and_has_to_be_there() -> None:
    hosts = [a_host("a", "https://a"), a_host("b", "https://b"), a_host("c", "https://c")]
    answer = found(*hosts, canary="c", order=["b"], serial=[2, "50%"])
    assert (answer["speakers"], answer["batches"]) == (["c", "b", "a"], [1, 2, "50%"])
    assert found(*hosts)["batches"] == [1]
    with pytest.raises(InvalidInput, match="canary https://d is none of the sites"):
        found(*hosts, canary="https://d")
