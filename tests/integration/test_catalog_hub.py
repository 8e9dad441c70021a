# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catalogs and hubs over real sockets, against the hub stand-in that the official clients accept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    NotFound,
    NotServable,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import (
    ARGUMENT_SPEC,
    run,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result, Task

from tests.lab import state
from tests.lab.hub import Hub

GATED = "meta-llama/Llama-3.1-8B-Instruct"
Search = t.Callable[..., Result]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Hub]:
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


@pytest.fixture
def options(hub: Hub, tmp_path: Path) -> t.Iterator[t.Dict[str, t.Any]]:
    """Module options that point at the stand-in, with a cache of the test's own."""
    yield {
        "hf_endpoint": hub.url("huggingface"),
        "modelscope_endpoint": hub.url("modelscope"),
        "models_dev_url": hub.url("models_dev"),
        "cache_dir": str(tmp_path / "cache"),
    }
    hub.clear_faults()


@pytest.fixture
def search(options: t.Dict[str, t.Any]) -> Search:
    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return lambda **more: run(Task({**defaults, **options, **more}))


def requests(hub: Hub) -> t.List[t.Dict[str, t.Any]]:
    return [json.loads(line) for line in hub.log.read_text(encoding="utf-8").splitlines()]


def repositories(result: Result) -> t.Dict[str, t.Dict[str, t.Any]]:
    return {variant["repository"]: variant for variant in result["model"]["variants"]}


def test_deepseek_r1_is_found_and_weighed_exactly(search: Search) -> None:
    result = search(model="deepseek/deepseek-r1")
    assert result["model"]["resolved"]["repository"] == "deepseek-ai/DeepSeek-R1"
    variant = repositories(result)["deepseek-ai/DeepSeek-R1"]
    assert (variant["quantization"], variant["weights_from"]) == ("fp8", "safetensors_headers")
    assert variant["weights_bytes"] == 688_574_839_360
    assert result["changed"] is False


def test_quantized_copies_are_variants(search: Search) -> None:
    found = repositories(search(model="Qwen/Qwen3-8B"))
    assert {name: variant["quantization"] for name, variant in found.items()} == {
        "Qwen/Qwen3-8B": "bf16",
        "Qwen/Qwen3-8B-FP8": "fp8",
        "Qwen/Qwen3-8B-AWQ": "int4",
    }


@pytest.mark.parametrize("repository", ["openai/gpt-oss-20b", "Qwen/Qwen3-8B"])
def test_both_hubs_tell_the_same_of_the_same_weights(search: Search, repository: str) -> None:
    one = search(model=repository, source="huggingface")["model"]
    two = search(model=repository, source="model_scope")["model"]
    same = ("architectures", "quantization", "weights_bytes", "weights_from", "formats")
    assert {key: one["variants"][0][key] for key in same} == {key: two["variants"][0][key] for key in same}
    sums = [{item["path"]: item["sha256"] for item in each["variants"][0]["files"]} for each in (one, two)]
    assert sums[0].keys() == sums[1].keys()
    assert all(sums[1][path] == sha256 for path, sha256 in sums[0].items() if sha256)
    assert two["resolved"]["source"] == "model_scope"


@pytest.mark.parametrize("source", ["huggingface", "model_scope"])
def test_gguf_is_described_by_the_headers_of_its_files(search: Search, source: str) -> None:
    found = repositories(search(model="lab/tiny-GGUF", source=source))["lab/tiny-GGUF"]
    split, whole = found["gguf"]["models"]
    assert split["paths"] == ["tiny-Q4_0-00001-of-00002.gguf", "tiny-Q4_0-00002-of-00002.gguf"]
    assert list(split["bytes_by_type"]) == ["Q4_0", "F32"]
    assert list(whole["bytes_by_type"]) == ["Q8_0", "F32"]
    assert (whole["architecture"], whole["context_tokens"]) == ("qwen3", 4096)
    assert split["parameters"] == whole["parameters"]
    assert split["weights_bytes"] < whole["weights_bytes"] < whole["size_bytes"]
    if source == "huggingface":
        assert found["gguf"]["parameters"] == whole["parameters"]


def test_what_fits_is_judged_by_the_planner_and_estimated_without_a_hub(
    search: Search, hub: Hub, tmp_path: Path
) -> None:
    gpu = {
        "index": 0, "uuid": "GPU-0", "vendor": "nvidia", "name": "NVIDIA H100 80GB HBM3", "state": "ok",
        "schedulable": True, "compute_capability": "9.0", "memory_total_bytes": 80 << 30,
        "memory_reserved_bytes": 0, "memory_used_bytes": 0, "memory_free_bytes": 80 << 30,
    }  # fmt: skip
    hosts = [{"name": "gpu-a", "facts": {"devices": [gpu]}}]
    found = {item["id"]: item["fit"] for item in search(fits=True, hosts=hosts)["models"]}
    assert "deepseek/deepseek-r1" not in found
    fit = found["alibaba/qwen3-32b"]
    assert (fit["judged_by"], fit["repository"]) == ("planner", "Qwen/Qwen3-32B")
    assert (fit["tensor_parallel"], fit["host"]) == (1, "gpu-a")
    hub.set_fault("huggingface", "down")
    guessed = search(fits=True, hosts=hosts, cache_dir=str(tmp_path / "empty"))["models"]
    (fit,) = [item["fit"] for item in guessed if item["id"] == "alibaba/qwen3-32b"]
    assert (fit["judged_by"], fit["repository"]) == ("estimate", None)
    assert "cannot be reached" in fit["reason"]


def test_a_url_says_which_hub(search: Search) -> None:
    resolved = search(model="https://modelscope.cn/models/Qwen/Qwen3-0.6B")["model"]["resolved"]
    assert (resolved["source"], resolved["rule"]) == ("model_scope", "explicit_repository")


def test_closed_weights_are_refused(search: Search) -> None:
    with pytest.raises(NotServable, match="openai/gpt-4o has closed weights") as caught:
        search(model="openai/gpt-4o")
    assert "Qwen/Qwen3-32B" in caught.value.details["nearest"]


def test_an_unknown_model_is_not_guessed(search: Search) -> None:
    with pytest.raises(NotFound) as caught:
        search(model="someone/qwen3-32b")
    assert caught.value.details["candidates"][0]["repository"] == "Qwen/Qwen3-32B"


def test_a_gated_repository_needs_the_right_token(search: Search, hub: Hub, tmp_path: Path) -> None:
    without = search(model=GATED, cache_dir=str(tmp_path / "none"))
    assert repositories(without)[GATED]["gated"] is True
    assert any("is gated and no token was given" in warning for warning in without["warnings"])
    wrong = search(model=GATED, hf_token="hf_wrong", cache_dir=str(tmp_path / "wrong"))
    assert any("Only names and sizes of its files are known" in warning for warning in wrong["warnings"])
    token = hub.description()["huggingface"]["token"]
    result = search(model=GATED, hf_token=token)
    assert repositories(result)[GATED]["gated"] is True
    assert token not in json.dumps(result)
    assert not any(token.encode() in entry.read_bytes() for entry in (tmp_path / "cache").iterdir())


@pytest.mark.parametrize(
    ("source", "option"), [("huggingface", "hf_token"), ("model_scope", "modelscope_token")]
)
def test_tokens_stay_with_the_hub_and_cookies_with_nobody(
    search: Search, hub: Hub, source: str, option: str
) -> None:
    token = hub.description()["modelscope" if source == "model_scope" else source]["token"]
    before = len(requests(hub))
    search(model="Qwen/Qwen3-0.6B", source=source, **{option: token})
    sent = requests(hub)[before:]
    assert {line["credentials"] for line in sent if line["source"] == "cdn"} == {False}
    assert all(line["credentials"] for line in sent if line["source"] == source.replace("_", ""))
    assert not any(line["cookie"] for line in sent)


def test_a_second_run_reads_no_file_again(search: Search, hub: Hub) -> None:
    first = search(model="Qwen/Qwen3-32B")
    before = len(requests(hub))
    second = search(model="Qwen/Qwen3-32B", refresh=True)
    assert not [
        line for line in requests(hub)[before:] if "/resolve/" in line["path"] or line["source"] == "cdn"
    ]
    assert second["model"]["variants"] == first["model"]["variants"]


def test_a_busy_hub_is_waited_for(search: Search, hub: Hub) -> None:
    hub.set_fault("huggingface", "429", seconds=0, count=2)
    assert search(model="Qwen/Qwen3-0.6B")["model"]["variants"]


def test_hubs_that_are_down_are_answered_from_the_cache(search: Search, hub: Hub) -> None:
    live = search(model="Qwen/Qwen3-8B")
    for source in ("huggingface", "models_dev"):
        hub.set_fault(source, "down")
    cached = search(model="Qwen/Qwen3-8B", refresh=True)
    assert {item["state"] for item in cached["sources"]} == {"cached"}
    assert all("cannot be reached" in item["error"] for item in cached["sources"])
    assert [variant["weights_bytes"] for variant in cached["model"]["variants"]] == [
        variant["weights_bytes"] for variant in live["model"]["variants"]
    ]


def test_hubs_that_are_down_without_a_cache_are_one_error(search: Search, hub: Hub) -> None:
    for source in ("huggingface", "models_dev"):
        hub.set_fault(source, "down")
    with pytest.raises(Unavailable, match="Hugging Face cannot be reached"):
        search(model="Qwen/Qwen3-8B")
    with pytest.raises(NotServable):
        search(model="openai/gpt-4o")
    assert search(query="qwen3", limit=1)["sources"][0]["state"] == "bundled"


def test_select_shapes_the_result(search: Search) -> None:
    result = search(query="deepseek r1", select="models[].{id: id, open: open_weights}")
    assert {"id": "deepseek/deepseek-r1", "open": True} in result["selected"]


def answer_of(command: t.Sequence[str], given: str, folder: Path) -> t.Tuple[Result, str]:
    """What a program prints as JSON, and all that it says."""
    tree = str(state.REPOSITORY / ".build")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": tree,
        "ANSIBLE_LOCAL_TEMP": str(folder),
        "PYTHONPATH": tree,
    }
    done = subprocess.run(
        command, input=given, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout[done.stdout.index("{") :]), done.stdout + done.stderr


def test_ansible_gives_the_same_answer_in_process_and_as_a_module(
    options: t.Dict[str, t.Any], hub: Hub, tmp_path: Path
) -> None:
    token = hub.description()["huggingface"]["token"]
    arguments = {**options, "model": "Qwen/Qwen3-0.6B", "hf_token": token}
    ansible = [str(Path(sys.executable).with_name("ansible")), "localhost", "-vvv"]
    module = str(state.REPOSITORY / "plugins/modules/catalog_search.py")
    calls = (
        ([*ansible, "-m", "modelscan.autoconfig.catalog_search", "-a", json.dumps(arguments)], ""),
        ([sys.executable, module], json.dumps({"ANSIBLE_MODULE_ARGS": arguments})),
    )
    answers = []
    for command, given in calls:
        result, said = answer_of(command, given, tmp_path)
        assert token not in said
        answers.append([{**variant, "state": ""} for variant in result["model"]["variants"]])
    assert answers[0] == answers[1]
    assert answers[0][0]["repository"] == "Qwen/Qwen3-0.6B"
