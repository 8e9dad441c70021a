# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each managed field changed alone, against a genuine GPUStack server: requests, restarts, and the way back."""

from __future__ import annotations

import fcntl
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    CLAIM_VARIABLE,
    ENGINE_KEYS,
    ENV_PREFIX,
    FIELDS,
    SERVER_FIELDS,
    UNMANAGED,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    OFFLINE_VARIABLES,
)

from tests.integration.gpustack_site import DEFINITION, NAME, PLAN, Json, Site, instance_ids
from tests.lab import client

SCHEDULE: Json = {
    "baseline_replicas": 1,
    "rules": [{"start_cron": "0 8 * * *", "duration_seconds": 60, "replicas": 1}],
}
# By the name in the table; the second value says whether what runs has to be replaced.
EACH_FIELD: t.Mapping[str, t.Tuple[Json, bool]] = {
    "source": ({"source": "model_scope"}, True),
    "repository": ({"repository": "Qwen/Qwen3-0.6B"}, True),
    "file": ({"file": "model-*.safetensors"}, True),
    "gpu_ids": ({"gpu_ids": ["gpu-a:cuda:1"]}, True),
    "gpus_per_replica": ({"gpus_per_replica": 1}, True),
    "lora_list": ({"lora_list": [{"lora_name": "sql", "lora_repo_name": "lab/tiny"}]}, True),
    "scaling_schedule": ({"scaling_schedule": SCHEDULE}, False),
    "native_anthropic_api": ({"native_anthropic_api": True}, False),
    "generic_proxy": ({"generic_proxy": True}, False),
    "backend": ({"backend": "SGLang", "backend_parameters": None}, True),
    "backend_version": ({"backend_version": "0.32.0"}, True),
    "backend_parameters": ({"backend_parameters": []}, True),
    "image_name": ({"image_name": "registry.example.com/engine:1"}, True),
    "run_command": ({"run_command": "serve --port {{port}}"}, True),
    "worker_selector": ({"worker_selector": {"worker-name": "gpu-a"}}, True),
    "placement_strategy": ({"placement_strategy": "binpack"}, True),
    "distributed_inference": ({"distributed_inference": False}, True),
    "cpu_offloading": ({"cpu_offloading": True}, True),
    "speculative_config": ({"speculative_config": {"algorithm": "ngram", "num_draft_tokens": 4}}, True),
    "extended_kv_cache": ({"extended_kv_cache": {"ram_size": 64}}, True),
    "restart_on_error": ({"restart_on_error": False}, False),
    "replicas": ({"replicas": 2}, False),
    "categories": ({"categories": ["embedding"]}, False),
    "description": ({"description": "text"}, False),
    "access_policy": ({"access_policy": "public"}, False),
    "plan_id": ({"plan": PLAN, "placement": "auto"}, False),
    "env.A": ({"env": {"A": "1"}}, True),
    "env.HF_TOKEN": ({"env_secrets": {"HF_TOKEN": "canary-3f9a17c2b8"}}, True),
    "env.HF_HUB_OFFLINE": ({"offline": True}, True),
    "env." + CLAIM_VARIABLE: ({"plan": PLAN, "placement": "auto", "vram_claim": "plan"}, True),
}
# What the lab's server would refuse: it is no Kubernetes cluster, and its workers form no groups.
NOT_HERE = {"gpu_type_selector", "roles", "disaggregation", "gather"}
SEVERAL: t.Mapping[str, t.Set[str]] = {
    "backend": {"backend", "backend_parameters"},
    "env.HF_HUB_OFFLINE": {ENV_PREFIX + name for name in OFFLINE_VARIABLES},
    "env." + CLAIM_VARIABLE: {ENV_PREFIX + CLAIM_VARIABLE, "plan_id"},
}


# Once a route exists, the server looks at its own policy instead of the deployment's.
ROUTE_ACCESS = "POST /v2/model-routes//access"


def access(site: Site) -> str:
    with site.lab.server() as server:
        (route,) = server.get("/v2/model-routes", params={"name": NAME}).json()["items"]
    return str(route["access_policy"])


@pytest.fixture(scope="module")
def site(lab: client.Lab) -> t.Iterator[Site]:
    """One running deployment for all fields: each test ends with its rollback."""
    with (Path(lab.state["folder"]) / "in-use.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.clean()
        yield Site(lab)
        lab.clean()


def test_no_field_is_left_out() -> None:
    assert {spec.name for spec in FIELDS} - {"managed_by"} - NOT_HERE == {
        name for name in EACH_FIELD if not name.startswith(ENV_PREFIX)
    }


def test_every_field_of_the_running_server_is_classified(site: Site) -> None:
    known = {*ENGINE_KEYS, *(row.key for row in SERVER_FIELDS), *UNMANAGED, "env"}
    with site.lab.server() as server:
        schemas = server.get("/openapi.json").json()["components"]["schemas"]
    for name in ("ModelCreate", "ModelUpdate", "ModelPublic"):
        assert not set(schemas[name]["properties"]) - known


@pytest.mark.parametrize("field", EACH_FIELD)
def test_one_field_is_one_update_and_a_restart_where_one_is_needed(field: str, site: Site) -> None:
    options, restarts = EACH_FIELD[field]
    before = site.deploy()
    predicted = site.deploy(check_mode=True, **options)
    mark = site.lab.mark()
    real = site.deploy(wait=False, **options)
    writes = site.writes(mark)
    replaced = [call for call in writes if call not in ("PUT /v2/models/", ROUTE_ACCESS)]
    assert writes.count("PUT /v2/models/") == 1
    assert writes.count(ROUTE_ACCESS) == (field == "access_policy")
    assert bool(replaced) is restarts
    assert len(replaced) <= 1
    shown = set(real["diff"]["before"]) | set(real["diff"]["after"])
    assert shown - {"instances"} == SEVERAL.get(field, {field})
    assert ("instances" in shown) is ("restarted" in real["actions"]) is restarts
    for key in ("changed", "actions", "diff", "restart_required", "rollback"):
        assert predicted[key] == real[key], key
    assert "did not store" not in str(real["warnings"])
    assert access(site) == options.get("access_policy", "authed")
    mark = site.lab.mark()
    assert not site.deploy(wait=False, **options)["changed"]
    assert len(site.lab.requests_since(mark)) <= 3
    site.task(wait=False, **real["rollback"])
    assert access(site) == "authed"
    after = site.deploy()
    assert not after["changed"]
    stayed = set(instance_ids(before)) & set(instance_ids(after if restarts else real))
    assert stayed == (set() if restarts else set(instance_ids(before)))


def test_adoption_is_one_update_without_a_restart(site: Site) -> None:
    before = site.deploy()
    identity = {"name": NAME, "source": "huggingface", "huggingface_repo_id": DEFINITION["repository"]}
    with site.lab.server() as server:
        path = "/v2/models/%d" % before["deployment"]["id"]
        server.put(path, json=dict(identity, meta={"theirs": 1})).raise_for_status()
    mark = site.lab.mark()
    adopted = site.deploy(adopt=True)
    assert site.writes(mark) == ["PUT /v2/models/"]
    assert adopted["actions"] == ["adopted"]
    assert instance_ids(adopted) == instance_ids(before)
