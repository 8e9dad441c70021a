# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is checked before anything is changed: engine, GPUs, memory, disks, and a rehearsal."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    DoesNotFit,
    InvalidInput,
    PermissionDenied,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.dry_run import (
    Rehearsal,
    rehearse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.backend_check import (
    check_backend,
    is_lacking,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.memory_check import (
    check_disks,
    check_memory,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.preflight import (
    check_route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    Wanted,
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import check_known

from tests.unit.gpustack.conftest import (
    Json,
    a_plan,
    a_worker,
    an_instance,
    listed,
    page,
    parameters,
)
from tests.unit.wire import Wire

WORKERS, FILES = listed("/v2/workers"), listed("/v2/model-files")
BACKENDS = "GET /v2/inference-backends/list?cluster_id=1"
REHEARSAL = "POST /v2/models/import"
GIB = 1 << 30


@pytest.fixture
def view(client: GpustackClient) -> View:
    return View(client)


def a_wish(**options: t.Any) -> Wanted:
    """A plan that takes 18 GiB of the GPU w1:cuda:0."""
    plan = a_plan()
    plan["variant"]["weights_bytes"] = 16 * GIB
    wanted = wanted_of(parameters(plan=plan, **dict({"state": "present"}, **options)))
    return replace(wanted, fields=dict(wanted.fields, gpu_ids=["w1:cuda:0"]), pins=None, pinned=True)


def a_busy_worker(used: int = 0, allocated: int = 0, available: int = 8 * GIB) -> Json:
    worker = a_worker()
    worker["status"]["gpu_devices"][0]["memory"].update(used=used, allocated=allocated)
    worker["status"]["filesystem"] = [{"mount_point": "/", "available": available}]
    return worker


BUSY = a_busy_worker(used=20 * GIB)


def test_memory_that_is_taken_is_refused_with_the_numbers(wire: Wire, view: View) -> None:
    for _report in range(4):
        wire.expect(WORKERS, body=page(BUSY))
    with pytest.raises(
        DoesNotFit, match="w1:cuda:0 has 2.49 GiB free, and the plan takes 18.00 GiB"
    ) as caught:
        check_memory(view, a_wish(), ())
    assert "overcommit: true" in str(caught.value.hint)
    assert sum(wire.clock.slept) > 10


def test_memory_that_was_freed_a_moment_ago_is_no_shortage(wire: Wire, view: View) -> None:
    """Workers report every 10 s."""
    wire.expect(WORKERS, body=page(BUSY))
    wire.expect(WORKERS, body=page(BUSY))
    wire.expect(WORKERS, body=page(a_worker()))
    assert check_memory(view, a_wish(), ()) == []


def test_what_is_booked_and_not_used_is_left_to_the_scheduler(wire: Wire, view: View) -> None:
    """GPUStack goes on counting bookings of deployments that were removed a while ago."""
    wire.expect(WORKERS, body=page(a_busy_worker(allocated=20 * GIB)))
    assert check_memory(view, a_wish(), ()) == []


def test_overcommit_makes_it_a_warning_without_a_pause(wire: Wire, view: View) -> None:
    wire.expect(WORKERS, body=page(BUSY))
    assert "2.49 GiB free" in check_memory(view, a_wish(overcommit=True), ())[0]
    assert wire.clock.slept == []


def test_what_its_own_instances_hold_is_free(wire: Wire, view: View) -> None:
    held = an_instance(computed_resource_claim={"vram": {"0": 20 * GIB}})
    wire.expect(WORKERS, body=page(a_busy_worker(used=19 * GIB, allocated=20 * GIB)))
    assert check_memory(view, a_wish(), [held]) == []


def test_of_an_instance_over_several_workers_each_part_counts(wire: Wire, view: View) -> None:
    part = {"worker_id": 1, "computed_resource_claim": {"vram": {"0": 20 * GIB}}}
    spread = an_instance(worker_id=2, distributed_servers={"subordinate_workers": [part]})
    wire.expect(WORKERS, body=page(BUSY))
    assert check_memory(view, a_wish(), [spread]) == []


@pytest.mark.parametrize(("state", "warned"), [(None, True), ("downloading", True), ("ready", False)])
def test_a_disk_without_room_is_said_unless_the_files_are_there(
    state: t.Optional[str], warned: bool, wire: Wire, view: View
) -> None:
    row = {"id": 5, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "worker_id": 1}
    row["state"] = state
    wire.expect(WORKERS, body=page(a_busy_worker(available=GIB)))
    wire.expect(FILES, body=page(*([row] if state else [])))
    said = check_disks(view, a_wish())
    assert bool(said) is warned
    assert not said or "room for 16.00 GiB of weights; the largest has 1.00 GiB" in said[0]


def test_only_the_plans_own_gpus_are_looked_at(view: View) -> None:
    elsewhere = wanted_of(parameters(plan=a_plan(), placement="auto", state="present"))
    assert check_memory(view, elsewhere, ()) == check_disks(view, elsewhere) == []


@pytest.mark.parametrize(
    ("gpu_id", "hint"), [("w1:cuda:7", "Did you mean w1:cuda:"), ("7", "worker:type:index")]
)
def test_a_gpu_that_is_not_there_is_named(gpu_id: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match="has no GPU %s; workers: w1" % gpu_id) as caught:
        check_known([gpu_id], [a_worker()])
    assert hint in str(caught.value.hint)


def test_gpus_that_are_there_are_fine() -> None:
    check_known(["w1:cuda:0", "w1:cuda:1"], [a_worker()])


def a_backend(name: str = "vLLM", *versions: str, **changes: t.Any) -> Json:
    rows = [{"version": version, "is_deprecated": version == "0.11.0"} for version in versions]
    return dict({"backend_name": name, "is_built_in": True, "enabled": True, "versions": rows}, **changes)


VLLM = a_backend("vLLM", "0.32.0", "0.31.0", "0.11.0")
MINDIE = a_backend("MindIE")


@pytest.mark.parametrize(
    ("backend", "version", "words", "hint"),
    [
        ("vllm", None, "no backend vllm; it has MindIE, vLLM", "Did you mean backend: vLLM?"),
        ("nonsense", None, "no backend nonsense", "Correct backend"),
        ("vLLM", "0.32", "no version 0.32 of vLLM .* it has 0.32.0", "Did you mean backend_version: 0.32.0?"),
        ("MindIE", None, "no version of MindIE for the GPUs", "drivers"),
        ("Off", None, "switched off", "Enable it"),
    ],
)
def test_an_engine_that_the_server_does_not_have(
    backend: str, version: t.Optional[str], words: str, hint: str, wire: Wire, client: GpustackClient
) -> None:
    rows = [VLLM, MINDIE] + ([a_backend("Off", "1", enabled=False)] if backend == "Off" else [])
    wire.expect(BACKENDS, body={"items": rows})
    with pytest.raises(InvalidInput, match=words) as caught:
        check_backend(View(client), {"backend": backend, "backend_version": version, "cluster_id": 1})
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("backend", "version", "warnings"),
    [
        ("vLLM", None, []),
        ("vLLM", "0.31.0", []),
        ("vLLM", "0.11.0", ["GPUStack calls the version 0.11.0 of vLLM deprecated."]),
        ("Custom", "mine", []),
    ],
)
def test_an_engine_that_the_server_has(
    backend: str, version: t.Optional[str], warnings: t.List[str], wire: Wire, client: GpustackClient
) -> None:
    wire.expect(BACKENDS, body={"items": [VLLM, a_backend("Custom")]})
    definition = {"backend": backend, "backend_version": version, "cluster_id": 1}
    assert check_backend(View(client), definition) == warnings


PLANNED: Json = {"name": "llama-cpp-custom", "versions": {"b2-cuda-custom": {}}}


@pytest.mark.parametrize(
    ("version", "rows", "lacking"),
    [
        ("b2-cuda-custom", [], True),
        ("b2-cuda-custom", [a_backend("llama-cpp-custom", "b1-custom")], True),
        ("b2-cuda-custom", [a_backend("llama-cpp-custom", "b1-custom", "b2-cuda-custom")], False),
        ("our-own-custom", [], False),
    ],
)
def test_a_backend_that_a_plan_says_how_to_make(
    version: str, rows: t.List[Json], lacking: bool, wire: Wire, client: GpustackClient
) -> None:
    if version in PLANNED["versions"]:
        wire.expect(BACKENDS, body={"items": [VLLM, *rows]})
    definition = {"backend": "llama-cpp-custom", "backend_version": version, "cluster_id": 1}
    view = View(client)
    assert is_lacking(view, definition, PLANNED) is lacking
    if lacking:
        with pytest.raises(InvalidInput, match="no backend llama-cpp-custom with the version") as caught:
            check_backend(view, definition, PLANNED)
        assert "modelscan.autoconfig.gpustack_backend" in str(caught.value.hint)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_server_that_does_not_tell_its_engines_is_no_obstacle(
    status: int, wire: Wire, client: GpustackClient
) -> None:
    wire.expect(BACKENDS, status=status, body={"message": "no"})
    assert check_backend(View(client), {"backend": "any", "cluster_id": 1}) == []


BODY: Json = {
    "name": "m",
    "source": "huggingface",
    "huggingface_repo_id": "Qwen/Qwen3-8B",
    "meta": {"x": 1},
    "cluster_id": 1,
    "backend_version": None,
    "env": {"HF_TOKEN": "canary-secret"},
}


def rehearsed(wire: Wire, *errors: str) -> None:
    wire.expect(
        REHEARSAL, body={"valid": not errors, "entries": [{"action": "create", "errors": list(errors)}]}
    )


def test_the_server_is_asked_what_it_would_say(wire: Wire, client: GpustackClient) -> None:
    rehearsed(wire)
    assert rehearse(client, [Rehearsal(BODY)]) == [[]]
    sent = json.loads(wire.seen[0].content)
    assert (sent["dry_run"], sent["cluster_id"]) == (True, 1)
    assert sorted(json.loads(sent["content"])) == ["env", "huggingface_repo_id", "name", "source"]


def test_what_exists_is_checked_under_another_name(wire: Wire, client: GpustackClient) -> None:
    rehearsed(wire)
    rehearse(client, [Rehearsal(BODY, exists=True)])
    assert json.loads(json.loads(wire.seen[0].content)["content"])["name"] == "rehearsal-of-m"


def test_what_it_would_refuse_is_refused_before(wire: Wire, client: GpustackClient) -> None:
    rehearsed(wire, "Setting the port using --port is not supported.")
    with pytest.raises(InvalidInput, match="would not take the definition of m: Setting the port"):
        rehearse(client, [Rehearsal(BODY)])


def test_words_that_repeat_the_environment_are_withheld(wire: Wire, client: GpustackClient) -> None:
    rehearsed(wire, "env.HF_TOKEN: canary-secret is no string")
    with pytest.raises(InvalidInput, match="withheld") as caught:
        rehearse(client, [Rehearsal(BODY)])
    assert "canary" not in str(caught.value.as_result())


def test_what_is_about_the_document_only_is_no_refusal(wire: Wire, client: GpustackClient) -> None:
    rehearsed(wire, "server-managed field(s) are not allowed: x", "unknown field(s): extended_kv_cache")
    assert rehearse(client, [Rehearsal(BODY)]) == [
        ["This version of GPUStack does not know the fields extended_kv_cache."]
    ]


def test_a_key_that_may_not_write_is_found_out_before(wire: Wire, client: GpustackClient) -> None:
    wire.expect(REHEARSAL, status=403, body={"message": "Insufficient organization role"})
    with pytest.raises(PermissionDenied, match="Insufficient organization role"):
        rehearse(client, [Rehearsal(BODY)])


def test_a_deployment_that_somebody_has_made_meanwhile_is_left_to_the_creation(
    wire: Wire, client: GpustackClient
) -> None:
    rehearsed(wire, "already exists and is running (replicas=1); stop it before overwriting")
    assert rehearse(client, [Rehearsal(BODY)]) == [[]]


@pytest.mark.parametrize("status", [404, 405, 500])
def test_a_server_that_cannot_rehearse_is_no_obstacle(
    status: int, wire: Wire, client: GpustackClient
) -> None:
    wire.expect(REHEARSAL, status=status, body={"detail": "Method Not Allowed"})
    assert rehearse(client, [Rehearsal(BODY)]) == [[]]


def test_a_route_of_the_same_name_is_in_the_way() -> None:
    check_route("m", [])
    with pytest.raises(Conflict, match="There is a route m already") as caught:
        check_route("m", [{"id": 3, "name": "m"}])
    assert "id 3" in str(caught.value.hint)


def test_several_definitions_are_one_question(client: GpustackClient, wire: Wire) -> None:
    answers = [{"index": 1, "errors": ["unknown field(s): gather"]}, {"index": 0, "errors": []}]
    wire.expect("POST /v2/models/import", body={"entries": answers})
    first, second = rehearse(client, [Rehearsal(BODY), Rehearsal(dict(BODY, name="n"))])
    assert (first, second) == ([], ["This version of GPUStack does not know the fields gather."])
    documents = json.loads(wire.seen[0].content)["content"].split("\n---\n")
    assert [json.loads(document)["name"] for document in documents] == ["m", "n"]


def test_nothing_new_is_no_question(client: GpustackClient) -> None:
    assert rehearse(client, []) == []
