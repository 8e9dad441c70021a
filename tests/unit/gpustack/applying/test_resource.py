# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of a server beside deployments: one reconciler, a table of fields each."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.resources import (
    BACKEND,
    UNMANAGED_OF_BACKENDS,
    WORKER,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import (
    gpustack_backend,
    gpustack_worker,
    options,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task

from tests.unit.gpustack.conftest import KEY, URL, Json, a_worker, listed, page
from tests.unit.wire import Wire

NAME = "llama-custom"
FOUND = listed("/v2/inference-backends", search=NAME)
ROW = "GET /v2/inference-backends/12"
VERSIONS = {"b1-custom": {"image_name": "registry.example.com/llama:b1", "custom_framework": "cuda"}}
LABELS = {"worker-name": "w1", "zone": "a"}


def backend(**changes: t.Any) -> Json:
    row = {
        "id": 12,
        "backend_name": NAME,
        "backend_source": "custom",
        "version_configs": {"b1-custom": dict(VERSIONS["b1-custom"], env=None, run_command=None)},
        "default_version": "b1-custom",
        "default_backend_param": [],
        "default_run_command": "--port {{port}}",
        "default_env": {"HF_TOKEN": "canary-77"},
        "enabled": True,
    }
    return dict(row, **changes)


@pytest.fixture
def run(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Json]:
    def task(core: Core, check_mode: bool = False, **given: t.Any) -> Json:
        params = {name: row.get("default") for name, row in core.argument_spec.items()}
        params.update(gpustack_url=URL, gpustack_api_key=KEY, **given)
        return core.run(Task(params, check_mode))

    monkeypatch.setattr(options, "http_options", lambda _params: wire.options())
    return task


def finds(wire: Wire, row: t.Optional[Json], times: int = 1) -> None:
    for _look in range(times):
        wire.expect(FOUND, body=page(*([row] if row else [])))
        if row:
            wire.expect(ROW, body=row)


def body_of(wire: Wire, method: str) -> Json:
    return t.cast(Json, json.loads(next(each for each in wire.seen if each.method == method).content))


def test_versions_of_others_stay_where_one_is_added(run: t.Callable[..., Json], wire: Wire) -> None:
    added = {"b2-custom": {"image_name": "registry.example.com/llama:b2"}}
    finds(wire, backend())
    result = run(gpustack_backend.CORE, True, name=NAME, versions=added, versions_mode="add")
    assert result["changed"]
    assert result["after"]["versions"] == {**VERSIONS, **added}
    finds(wire, backend())
    assert not run(gpustack_backend.CORE, True, name=NAME, versions=VERSIONS, versions_mode="add")["changed"]
    finds(wire, backend())
    assert not run(gpustack_backend.CORE, True, name=NAME, versions={}, versions_mode="add")["changed"]


def test_a_backend_as_wanted_is_left_alone(run: t.Callable[..., Json], wire: Wire) -> None:
    finds(wire, backend())
    result = run(gpustack_backend.CORE, name=NAME, versions=VERSIONS, default_version="b1-custom")
    assert (result["changed"], result["actions"]) == (False, [])
    assert "canary" not in json.dumps(result)


def test_a_new_backend(run: t.Callable[..., Json], wire: Wire) -> None:
    finds(wire, None)
    foreseen = run(gpustack_backend.CORE, True, name=NAME, versions=VERSIONS)
    finds(wire, None, 2)
    wire.expect("POST /v2/inference-backends", body=backend())
    finds(wire, backend())
    made = run(gpustack_backend.CORE, name=NAME, versions=VERSIONS)
    assert (foreseen["diff"], foreseen["actions"]) == (made["diff"], made["actions"])
    assert made["actions"] == ["created"]
    assert body_of(wire, "POST")["version_configs"] == VERSIONS


def test_a_change_sends_all_that_a_put_would_clear(run: t.Callable[..., Json], wire: Wire) -> None:
    source = {"v9": {"image_name": "x", "source_name": "shop"}, "v8": {"built_in_frameworks": ["cuda"]}}
    there = backend(version_configs=dict(source, **VERSIONS))
    finds(wire, there, 2)
    wire.expect("PUT /v2/inference-backends/12", body=there)
    finds(wire, dict(there, description="text"))
    result = run(gpustack_backend.CORE, name=NAME, description="text")
    assert result["diff"]["after"] == {"description": "text"}
    sent = body_of(wire, "PUT")
    assert sent["default_env"] == {"HF_TOKEN": "canary-77"}
    assert sent["default_run_command"] == "--port {{port}}"
    assert set(sent["version_configs"]) == {"v9", "b1-custom"}


def test_what_is_not_stored_is_an_error(run: t.Callable[..., Json], wire: Wire) -> None:
    finds(wire, backend(), 2)
    wire.expect("PUT /v2/inference-backends/12", body=backend())
    finds(wire, backend())
    with pytest.raises(Conflict, match="has not stored description"):
        run(gpustack_backend.CORE, name=NAME, description="text")


def test_a_secret_that_changes_is_not_shown(run: t.Callable[..., Json], wire: Wire) -> None:
    finds(wire, backend())
    result = run(gpustack_backend.CORE, True, name=NAME, default_env={"HF_TOKEN": "canary-78"})
    assert result["changed"]
    assert result["diff"]["after"] == {"default_env": "(changed)"}
    assert "canary" not in json.dumps(result)


@pytest.mark.parametrize(
    ("row", "given", "words"),
    [
        (None, {"name": "llama"}, "name of a new one ends in -custom"),
        (backend(backend_source="built-in"), {"name": NAME, "state": "absent"}, "cannot be removed"),
        (backend(), {"name": NAME, "enabled": False}, "no community backend"),
        (backend(), {"name": NAME, "versions": {"v1": {"imagename": "x"}}}, "versions.v1 is not a version"),
    ],
)
def test_what_the_server_would_refuse_is_refused_before(
    row: t.Optional[Json], given: Json, words: str, run: t.Callable[..., Json], wire: Wire
) -> None:
    if row is None:
        wire.expect(listed("/v2/inference-backends", search="llama"), body=page())
    else:
        finds(wire, row)
    with pytest.raises(InvalidInput, match=words):
        run(gpustack_backend.CORE, **given)


def test_a_backend_goes(run: t.Callable[..., Json], wire: Wire) -> None:
    finds(wire, backend(), 2)
    wire.expect("DELETE /v2/inference-backends/12")
    assert run(gpustack_backend.CORE, name=NAME, state="absent")["actions"] == ["deleted"]
    finds(wire, None)
    assert not run(gpustack_backend.CORE, name=NAME, state="absent")["changed"]


def test_labels_and_maintenance_of_a_worker(run: t.Callable[..., Json], wire: Wire) -> None:
    there = a_worker(labels=LABELS, maintenance=None)
    after = a_worker(
        labels={"worker-name": "w1", "rack": "7"}, maintenance={"enabled": True, "message": "psu"}
    )
    for row in (there, there, there, after, after):
        wire.expect(listed("/v2/workers"), body=page(row))
    wire.expect("PUT /v2/workers/1", body=after)
    wish = {"labels": {"zone": None, "rack": 7}, "maintenance": True, "maintenance_message": "psu"}
    foreseen = run(gpustack_worker.CORE, True, name="w1", **wish)
    made = run(gpustack_worker.CORE, name="w1", **wish)
    assert foreseen["diff"] == made["diff"]
    assert body_of(wire, "PUT") == {
        "name": "w1",
        "labels": {"worker-name": "w1", "rack": "7"},
        "maintenance": {"enabled": True, "message": "psu"},
    }
    assert not run(gpustack_worker.CORE, name="w1", **wish)["changed"]


def test_a_worker_that_is_not_there_is_named_beside_those_that_are(
    run: t.Callable[..., Json], wire: Wire
) -> None:
    wire.expect(listed("/v2/workers"), body=page(a_worker()))
    with pytest.raises(NotFound, match="no worker w9; it has: w1"):
        run(gpustack_worker.CORE, name="w9", maintenance=True)


# Of InferenceBackendPublic and WorkerUpdate in the OpenAPI document of GPUStack 2.3.0.
OF_BACKENDS = {
    "backend_name",
    "backend_source",
    "built_in_version_configs",
    "common_parameters",
    "created_at",
    "default_backend_param",
    "default_entrypoint",
    "default_env",
    "default_run_command",
    "default_version",
    "description",
    "enabled",
    "framework_index_map",
    "health_check_path",
    "icon",
    "id",
    "is_built_in",
    "owner_principal_id",
    "parameter_format",
    "source_name",
    "source_type",
    "updated_at",
    "version_configs",
}


def test_every_field_of_the_server_is_classified() -> None:
    managed = {field.key for field in BACKEND.fields}
    assert not OF_BACKENDS - {BACKEND.key, *managed, *BACKEND.kept, *UNMANAGED_OF_BACKENDS}
    assert {WORKER.key, *(field.key for field in WORKER.fields)} == {"name", "labels", "maintenance"}
