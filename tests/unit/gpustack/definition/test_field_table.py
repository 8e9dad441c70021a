# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of fields beside what GPUStack 2.3.0 says about its model object in its OpenAPI document."""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    BY_NAME,
    DEFAULTED,
    ENGINE_KEYS,
    SERVER_FIELDS,
    SOURCE_KEYS,
    UNMANAGED,
    nested,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    completed,
)

from tests.unit.gpustack.conftest import a_model, marked

# Of ModelCreate, ModelUpdate and ModelPublic together; the second group has a default that is not null.
WITHOUT_DEFAULT = {
    "backend",
    "backend_parameters",
    "backend_version",
    "cluster_id",
    "cpu_offloading",
    "created_at",
    "degradations",
    "description",
    "disaggregation",
    "distributed_inference_across_workers",
    "enable_model_route",
    "env",
    "extended_kv_cache",
    "gather",
    "gpu_selector",
    "gpu_type_selector",
    "has_stale_lora_instances",
    "huggingface_filename",
    "huggingface_repo_id",
    "id",
    "image_name",
    "local_path",
    "lora_list",
    "model_scope_file_path",
    "model_scope_model_id",
    "name",
    "owner_principal_id",
    "restarting_since",
    "role_status",
    "roles",
    "run_command",
    "scaling_schedule",
    "source",
    "speculative_config",
    "stale",
    "state",
    "state_message",
    "updated_at",
}
WITH_DEFAULT = {
    "access_policy",
    "categories",
    "distributable",
    "generic_proxy",
    "meta",
    "native_anthropic_api",
    "placement_strategy",
    "ready_replicas",
    "replicas",
    "restart_on_error",
    "revision_history_limit",
    "worker_selector",
}
CLASSIFIED = {
    "env",
    "source",
    "gpu_selector",
    *(key for pair in SOURCE_KEYS.values() for key in pair if key),
    *(row.key for row in SERVER_FIELDS),
    *UNMANAGED,
}


def test_every_field_of_the_server_is_classified_once() -> None:
    assert not (WITHOUT_DEFAULT | WITH_DEFAULT) - CLASSIFIED
    assert not set(UNMANAGED) & {row.key for row in SERVER_FIELDS}


def test_everything_that_has_a_default_is_sent_or_is_the_servers_own() -> None:
    own = {"meta", "ready_replicas", "distributable"}
    assert WITH_DEFAULT - own <= set(DEFAULTED)
    assert "distributed_inference_across_workers" in DEFAULTED


def test_whatever_is_not_live_makes_an_instance_outdated() -> None:
    assert {row.key for row in SERVER_FIELDS if not row.live} <= set(ENGINE_KEYS)


def test_a_put_repeats_what_the_server_would_reset() -> None:
    model = a_model(replicas=3, distributed_inference_across_workers=False, restart_on_error=False)
    sent = completed({"name": "qwen3-8b", "description": "text"}, model)
    assert (sent["replicas"], sent["restart_on_error"], sent["categories"]) == (3, False, ["llm"])
    assert sent["distributed_inference_across_workers"] is False
    assert completed({"replicas": 1}, model)["replicas"] == 1


def test_what_a_schedule_moves_is_not_repeated() -> None:
    assert "replicas" not in completed({}, a_model(scaling_schedule={"enabled": True}))


def test_what_was_left_to_the_server_is_left_to_it_for_another_engine() -> None:
    key = "distributed_inference_across_workers"
    model = marked(a_model(**{key: True}), filled=[key])
    assert key not in completed({"backend": "Custom"}, model)
    assert completed({"description": "text"}, model)[key] is True


def test_completions_of_nested_objects_are_no_difference() -> None:
    lora = BY_NAME["lora_list"].normal
    given = [{"lora_name": "sql", "lora_repo_name": "a/b"}, {"lora_name": "chat", "lora_repo_name": "c/d"}]
    stored = [dict(each, source="huggingface", path="/models/x", model_file_id=3) for each in reversed(given)]
    assert lora(given) == lora(stored)
    rules = [{"start_cron": "0 8 * * *", "duration_seconds": 3600, "replicas": 0}]
    schedule = {"enabled": True, "baseline_replicas": 0, "rules": rules}
    completion = dict(schedule, paused=False, rules=[dict(rules[0], name=None)])
    assert nested(completion) == nested(schedule)
    assert nested(dict(schedule, paused=True)) != nested(schedule)
    assert nested(dict(schedule, baseline_replicas=1)) != nested(schedule)
