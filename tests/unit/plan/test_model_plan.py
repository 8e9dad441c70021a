# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's core and its action plugin around the planner."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.action.model_plan import ActionModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_plan, options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.modules import model_plan as module

from tests.unit.plan.builders import llama_8b

FACTS = {
    "schema": 1,
    "devices": [
        {
            "index": 0, "uuid": "GPU-1", "pci_bus_id": "0000:01:00.0", "vendor": "nvidia",
            "name": "NVIDIA GeForce RTX 4090", "compute_capability": "8.9", "state": "ok",
            "schedulable": True, "memory_total_bytes": 24564 << 20, "memory_reserved_bytes": 375 << 20,
            "memory_used_bytes": 0, "memory_free_bytes": 24189 << 20, "mig": {"mode": None, "instances": []},
            "health": {"state": "ok", "detail": None},
        }
    ],
    "warnings": [],
}  # fmt: skip
HOSTS = [{"name": "gpu-a", "site": "default", "facts": FACTS}]


class FakeLibrary:
    """A library with one model; remembers what it was asked."""

    asked: t.ClassVar[t.List[t.Any]] = []
    warnings: t.ClassVar[t.List[str]] = ["models.dev was not read"]

    @classmethod
    def open(cls, _params: t.Mapping[str, t.Any]) -> FakeLibrary:
        cls.asked = []
        return cls()

    def sources(self) -> t.List[t.Dict[str, t.Any]]:
        return [{"name": "models.dev", "state": "failed", "error": "it was not read"}]

    def __enter__(self) -> FakeLibrary:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.asked.append("closed")

    def resolve(self, model: str, source: t.Optional[str]) -> Resolution:
        self.asked.append((model, source))
        record = ModelRecord("meta/llama-3.1-8b-instruct", "Llama 3.1 8B", "models.dev")
        return Resolution(record, llama_8b().repository.ref, "canonical_weights", True)

    def engine_versions(self) -> t.Dict[str, str]:
        return {}

    def variants(self, _resolution: Resolution, extra: t.Sequence[str]) -> t.List[Variant]:
        self.asked.append(list(extra))
        return [llama_8b()]


@pytest.fixture(autouse=True)
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_plan, "Library", FakeLibrary)


def params(**given: t.Any) -> t.Dict[str, t.Any]:
    given.setdefault("model", "meta/llama-3.1-8b-instruct")
    checked = ArgumentSpecValidator(dict(model_plan.ARGUMENT_SPEC)).validate(given)
    assert checked.error_messages == []
    return t.cast(t.Dict[str, t.Any], checked.validated_parameters)


def test_result() -> None:
    result = model_plan.run(Task(params(hosts=HOSTS, variants=["o/more"])))
    assert result["plan"] == result["plans"][0]
    assert result["plan_id"] == result["plan"]["plan_id"]
    assert (result["changed"], result["kept"]) == (False, False)
    assert result["plan"]["name"] == "llama-3.1-8b-instruct"
    assert result["warnings"] == ["models.dev was not read"]
    assert FakeLibrary.asked == [("meta/llama-3.1-8b-instruct", None), ["o/more"], "closed"]


def test_documented_keys_are_the_returned_ones() -> None:
    documented = yaml.safe_load(module.RETURN)
    result = model_plan.run(Task(params(hosts=HOSTS)))
    assert set(result) - {"changed", "warnings"} == set(documented)
    keys = documented["plan"]["contains"]
    assert set(result["plan"]) == {name for name, each in keys.items() if "returned" not in each}


def test_documented_options_are_the_real_ones() -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    own = set(model_plan.ARGUMENT_SPEC) - {
        *options.HTTP, *options.GPUSTACK, *options.HUB
    }  # fmt: skip
    assert set(documented) == own
    for name in own:
        for key in ("choices", "default", "elements", "type"):
            assert documented[name].get(key) == model_plan.ARGUMENT_SPEC[name].get(key), (name, key)


@pytest.mark.parametrize(
    "given",
    [{"concurrency": 0}, {"context_tokens": -1}, {"replicas": 0}, {"tensor_parallel": 0}, {"headroom": 1.0},
     {"name": "-x"}],
)  # fmt: skip
def test_senseless_options_are_refused_before_anything_is_read(given: t.Dict[str, t.Any]) -> None:
    FakeLibrary.asked = []
    with pytest.raises(InvalidInput):
        model_plan.run(Task(params(hosts=HOSTS, **given)))
    assert FakeLibrary.asked == []


def test_no_hosts_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(InvalidInput) as caught:
        model_plan.run(Task(params()))
    assert "gpu_facts" in (caught.value.hint or "")
    assert caught.value.as_result()["error"]["sources"][0]["state"] == "failed"


def arguments_of(variables: t.Dict[str, t.Any], **given: t.Any) -> t.Dict[str, t.Any]:
    ActionModule.add_arguments(ActionModule.__new__(ActionModule), given, variables)
    return given


def test_action_reads_facts_sites_and_deployments_of_the_play() -> None:
    info = {"deployments": [{"name": "x", "instances": []}]}
    variables = {
        "ansible_play_hosts_all": ["gpu-a", "gpu-b"],
        "hostvars": {
            "gpu-a": {
                "ansible_facts": {"autoconfig_gpu": FACTS},
                "model_deployment_gpustack_url": "https://gpustack.example.com",
                "running": info,
                "rack": "r1",
                "cards": [0, 1],
            },
            "gpu-b": {"running": {"skipped": True}},
        },
    }
    filled = arguments_of(
        variables, deployed_variable="running", domain_variable="rack", gpus_variable="cards"
    )
    assert filled["hosts"] == [
        {
            "name": "gpu-a",
            "site": "https://gpustack.example.com",
            "domain": "r1",
            "gpus": [0, 1],
            "facts": FACTS,
        },
        {"name": "gpu-b", "site": "default", "domain": "", "gpus": None, "facts": None},
    ]
    assert filled["deployed"] == [{"name": "x", "instances": [], "site": "https://gpustack.example.com"}]


def test_the_same_deployment_seen_from_two_hosts_counts_once() -> None:
    seen = {"running": {"deployments": [{"name": "x"}]}}
    variables = {"ansible_play_hosts_all": ["a", "b"], "hostvars": {"a": seen, "b": seen}}
    assert arguments_of(variables, deployed_variable="running")["deployed"] == [
        {"name": "x", "site": "default"}
    ]


class HostVars(t.Dict[str, t.Any]):
    """As Ansible has them: as they are written by ``raw_get``, templated by index."""

    def raw_get(self, name: str) -> t.Dict[str, t.Any]:
        return dict(self[name], model_deployment_gpustack_url="https://{{ inventory_hostname }}")


def test_templates_are_rendered_and_facts_are_taken_as_they_are() -> None:
    known = {"ansible_facts": {"autoconfig_gpu": {"name": "{{ no template }}"}}}
    rendered = dict(known, model_deployment_gpustack_url="https://gpu-a")
    variables = {"ansible_play_hosts_all": ["gpu-a"], "hostvars": HostVars({"gpu-a": rendered})}
    (found,) = arguments_of(variables)["hosts"]
    assert found["site"] == "https://gpu-a"
    assert found["facts"] == {"name": "{{ no template }}"}


def test_the_users_hosts_win() -> None:
    variables = {"ansible_play_hosts_all": ["a"], "hostvars": {"a": {}}}
    assert arguments_of(variables, hosts=HOSTS)["hosts"] == HOSTS
