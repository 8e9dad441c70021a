# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official clients accept the hub stand-in: that proves its shapes, not that the hubs never change."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.lab.hub import Hub

FILES = [
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "original/config.json",
    "original/model.safetensors",
    "tokenizer_config.json",
]
# Of the invented repository: two layers with attention, its two norms, an MLP and the layer's two norms.
TINY_LAYER = (2 * 64 * 64 + 2 * 32 * 64) + 2 * 16 + 3 * 128 * 64 + 2 * 64
TINY_EMBEDDINGS = 512 * 64
TINY_ELEMENTS = 2 * TINY_EMBEDDINGS + 2 * TINY_LAYER + 64
HUGGINGFACE = {
    "list, author": ["deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-V2-Lite"],
    "list, search": ["Qwen/Qwen3-32B", "Qwen/Qwen3-32B-FP8", "Qwen/Qwen3-32B-AWQ"],
    "info, parameters": TINY_ELEMENTS,
    "info, wrong case": "Qwen/Qwen3-8B",
    "info, gated": "manual",
    "files": FILES,
    "paths": ["config.json"],
    "refs": ["main"],
    "small file": "qwen3",
    "headers, one file": {"BF16": TINY_ELEMENTS - TINY_EMBEDDINGS},
    "headers, shards": {"BF16": 8_190_735_360},
    "snapshot": FILES,
    "gated, right token": True,
    "whoami": "tester",
    "checksums": 0,
}
HUGGINGFACE_ERRORS = {
    "info, wrong revision": "RevisionNotFoundError",
    "missing, anonymous": "RepositoryNotFoundError",
    "missing, with token": "RepositoryNotFoundError",
    "missing file": "EntryNotFoundError",
    "gated, anonymous": "GatedRepoError",
    "gated, wrong token": "GatedRepoError",
}
MODELSCOPE = {
    "list, search": ["openai-mirror/gpt-oss-20b"],
    "info": True,
    "sha256 of files": len(FILES),
    "exists, missing": False,
    "old info": "tiny",
    "old files": sorted([*FILES, "original"]),
    "revision": "master",
    "small file": "qwen3",
    "snapshot": FILES,
    "gated, right token": True,
}
MODELSCOPE_ERRORS = ("missing", "missing file", "wrong revision", "gated, anonymous")
Outcomes = dict[str, t.Any]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Hub]:
    """The stand-in alone: these tests need no server of the lab."""
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


def run_checks(client: str, token: str, home: Path, **environment: str) -> Outcomes:
    """What an official client says, in a process and a home folder of its own."""
    if importlib.util.find_spec("huggingface_hub" if client == "huggingface" else client) is None:
        pytest.skip(f"the official client {client} is not installed")
    program = Path(__file__).with_name("hub_client_checks.py")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "MODELSCOPE_"))}
    settings = {**kept, "HOME": str(home), "CHECK_TOKEN": token, "NO_PROXY": "127.0.0.1", **environment}
    command = [sys.executable, str(program), client]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    return t.cast(Outcomes, json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def huggingface(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Outcomes of huggingface_hub."""
    home = tmp_path_factory.mktemp("huggingface")
    switches = {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    token = hub.description()["huggingface"]["token"]
    switches.update(HF_ENDPOINT=hub.url("huggingface"), HF_HOME=str(home), HF_HUB_DISABLE_UPDATE_CHECK="1")
    return run_checks("huggingface", token, home, **switches)


@pytest.fixture(scope="module", params=["MODELSCOPE_ENDPOINT", "MODELSCOPE_DOMAIN"])
def modelscope(
    request: pytest.FixtureRequest, hub: Hub, tmp_path_factory: pytest.TempPathFactory
) -> Outcomes:
    """Outcomes of modelscope, for both ways to name the endpoint."""
    home = tmp_path_factory.mktemp("modelscope")
    settings = {request.param: hub.url("modelscope"), "MODELSCOPE_CACHE": str(home / "cache")}
    settings.update(MODELSCOPE_HOME=str(home / "home"), MODELSCOPE_CREDENTIALS_PATH=str(home / "credentials"))
    return run_checks("modelscope", hub.description()["modelscope"]["token"], home, **settings)


@pytest.mark.parametrize("check", HUGGINGFACE)
def test_huggingface_result(huggingface: Outcomes, check: str) -> None:
    assert huggingface[check] == HUGGINGFACE[check]


@pytest.mark.parametrize("check", HUGGINGFACE_ERRORS)
def test_huggingface_error(huggingface: Outcomes, check: str) -> None:
    assert HUGGINGFACE_ERRORS[check] in huggingface[check]["raised"]


def test_huggingface_pages_through_all_models(huggingface: Outcomes) -> None:
    assert len(huggingface["list, paged"]) == len(set(huggingface["list, paged"])) == 22


def test_huggingface_files_have_sizes(huggingface: Outcomes) -> None:
    files = huggingface["info, files"]
    assert sorted(files) == FILES
    size, is_large = files["model.safetensors"]
    assert is_large
    assert 0 < size - 2 * TINY_ELEMENTS < 8192
    assert huggingface["large file"] == size


def test_huggingface_trees(huggingface: Outcomes) -> None:
    assert sorted(huggingface["tree"]) == sorted([*FILES, "original"])
    assert sorted(huggingface["tree, one level"]) == sorted([f for f in FILES if "/" not in f] + ["original"])


@pytest.mark.parametrize("check", MODELSCOPE)
def test_modelscope_result(modelscope: Outcomes, check: str) -> None:
    assert modelscope[check] == MODELSCOPE[check]


@pytest.mark.parametrize("check", MODELSCOPE_ERRORS)
def test_modelscope_error(modelscope: Outcomes, check: str) -> None:
    assert "raised" in modelscope[check]


def test_log_never_holds_a_token(hub: Hub, huggingface: Outcomes, modelscope: Outcomes) -> None:
    text = hub.log.read_text(encoding="utf-8")
    records = [json.loads(line) for line in text.splitlines()]
    assert any(record["credentials"] for record in records)
    assert not any(record["credentials"] for record in records if record["source"] == "cdn")
    description = hub.description()
    assert description["huggingface"]["token"] not in text
    assert description["modelscope"]["token"] not in text
