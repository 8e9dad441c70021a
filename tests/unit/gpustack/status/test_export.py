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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.export import exported
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import (
    DEPLOYMENT,
)

from tests.unit.gpustack.conftest import Json, stored

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
