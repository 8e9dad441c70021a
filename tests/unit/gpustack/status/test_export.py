# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export makes the same deployment again, and holds no secret."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    NOTHING,
    Found,
    decide,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.export import (
    exported,
    exported_routes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import (
    DEPLOYMENT,
)

from tests.unit.gpustack.conftest import Json, a_model, stored

RULE = {"name": None, "start_cron": "0 8 * * *", "duration_seconds": 3600, "replicas": 2}
LORA = {
    "lora_name": "sql",
    "lora_repo_name": "a/b",
    "source": "huggingface",
    "path": "/x",
    "model_file_id": 3,
}
KINDS: t.Mapping[str, Json] = {
    "plain": {},
    "stopped": {"replicas": 0},
    "several": {"replicas": 3, "description": "text", "placement_strategy": "binpack"},
    "scheduled": {
        "scaling_schedule": {"enabled": True, "paused": False, "baseline_replicas": 1, "rules": [RULE]}
    },
    "a schedule that is off": {"scaling_schedule": {"enabled": False, "rules": [RULE]}},
    "adapters": {"lora_list": [LORA]},
    "speculation": {"speculative_config": {"enabled": True, "algorithm": "ngram", "draft_model": None}},
    "chosen gpus": {"gpu_selector": {"gpu_ids": ["w1:cuda:0", "w1:cuda:1"], "gpus_per_replica": 2}},
    "variables": {"env": {"A": "1", "HF_TOKEN": "canary-4410"}},
    "roles": {"roles": [{"name": "prefill", "replicas": 1, "env": {"B": "2"}}]},
}


def options_of(export: Json) -> Json:
    """What the module makes of it, with the secrets filled in."""
    checked = ArgumentSpecValidator(dict(DEPLOYMENT)).validate(export)
    assert checked.error_messages == []
    options = t.cast(Json, checked.validated_parameters)
    if options["env_secrets"]:
        assert options["env_secrets"] == {"HF_TOKEN": "{{ gpustack_secrets['qwen3-8b']['HF_TOKEN'] }}"}
        options["env_secrets"] = {"HF_TOKEN": "canary-4410"}
    return options


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_is_what_is_there_and_makes_it_again(kind: str) -> None:
    model = stored(**KINDS[kind])
    export = exported(model, None, None)
    assert "canary" not in json.dumps(export)
    wanted = wanted_of(options_of(export))
    assert decide(wanted, Found(model)).kind == NOTHING
    body = decide(wanted, None).body
    assert body is not None
    again = exported(dict(model, **body), None, None)
    assert again == export


def test_who_may_use_it_and_where_it_runs() -> None:
    export = exported(stored(), {"access_policy": "public"}, "second")
    assert (export["access_policy"], export["cluster"]) == ("public", "second")


def test_secrets_in_roles_of_others_stay_there() -> None:
    model = stored(roles=[{"name": "prefill", "env": {"HF_TOKEN": "canary-4410"}}])
    assert exported(model, None, None)["roles"] == [{"name": "prefill"}]


A, B = a_model(id=7, name="a"), a_model(id=8, name="b")


def led(route: int, model: t.Optional[int], **more: t.Any) -> Json:
    return dict({"route_id": route, "model_id": model}, **more)


def test_routes_are_exported_target_by_target() -> None:
    routes = [
        {"id": 2, "name": "z", "created_model_id": None},
        {"id": 3, "name": "chat", "access_policy": "authed"},
        {"id": 4, "name": "a", "created_model_id": 7},
        {"id": 5, "name": "a:sql", "created_model_id": 7},
    ]
    targets = [
        led(3, 8, weight=10, fallback_status_codes=["5xx"]),
        led(3, 7, weight=90, fallback_status_codes=[]),
        led(4, 7, weight=100),
        led(5, 7, weight=100),
        led(2, 8, weight=0),
    ]
    rows, lost = exported_routes(routes, targets, [A, B])
    assert rows == [
        {"name": "chat", "model": "a", "weight": 90},
        {"name": "chat", "model": "b", "weight": 10, "fallback": True},
        {"name": "z", "model": "b"},
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("route", "target", "said"),
    [
        ({}, led(3, 99), "1 of its targets lead to what is not exported"),
        ({}, led(3, None, provider_id=1), "1 of its targets"),
        ({}, led(4, 7), "leads nowhere"),
        ({"access_policy": "public"}, led(3, 7), "access policy public"),
        ({}, led(3, 7, fallback_status_codes=["429"]), "status codes"),
        ({}, led(3, 7, max_running_requests=4), "running requests"),
        ({}, led(3, 7, overridden_model_name="x"), "override"),
        ({"created_model_id": 7, "name": "a"}, led(3, 8), "leads elsewhere"),
    ],
)
def test_what_an_export_cannot_say_of_a_route_is_said(route: Json, target: Json, said: str) -> None:
    _rows, (words,) = exported_routes([dict({"id": 3, "name": "chat"}, **route)], [target], [A, B])
    assert said in words
