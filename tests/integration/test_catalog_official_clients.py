# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official clients and ours say the same about the same repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    Repository,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import ARGUMENT_SPEC

from tests.lab.hub import Hub

REPOSITORIES = ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B-FP8", "Qwen/Qwen3-8B-AWQ", "openai/gpt-oss-20b", "lab/tiny")
SAME_ON_MODELSCOPE = ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B-AWQ", "lab/tiny")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Hub]:
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


def described(hub: Hub, client: str, names: t.Sequence[str], home: Path) -> t.Dict[str, t.Any]:
    """What an official client says, in a process of its own with empty caches."""
    program = Path(__file__).with_name("hub_description.py")
    environment = {
        **os.environ,
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "MODELSCOPE_CACHE": str(home / "ms"),
        "HF_ENDPOINT": hub.url("huggingface"),
        "MODELSCOPE_ENDPOINT": hub.url("modelscope"),
    }
    done = subprocess.run(
        [sys.executable, str(program), client, *names],
        env=environment, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return t.cast("dict[str, t.Any]", json.loads(done.stdout.strip().splitlines()[-1]))


@pytest.fixture
def library(hub: Hub, tmp_path: Path) -> t.Iterator[Library]:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params.update(
        hf_endpoint=hub.url("huggingface"),
        modelscope_endpoint=hub.url("modelscope"),
        models_dev_url=hub.url("models_dev"),
        cache_dir=str(tmp_path / "cache"),
    )
    with Library.open(params) as opened:
        yield opened


def ours(library: Library, name: str, source: str) -> Repository:
    resolution = library.resolve(name, source)
    return library.variants(resolution)[0].repository


def files(repository: Repository) -> t.Dict[str, t.List[t.Any]]:
    return {item.path: [item.size_bytes, item.sha256] for item in repository.files}


def test_hugging_face(hub: Hub, library: Library, tmp_path: Path) -> None:
    said = described(hub, "huggingface", REPOSITORIES, tmp_path)
    for name in REPOSITORIES:
        found = ours(library, name, HUGGINGFACE)
        tensors = {each.name: [each.dtype, list(each.shape), each.size_bytes] for each in found.tensors or ()}
        assert said[name] == {
            "id": found.ref.name,
            "commit": found.revision,
            "files": files(found),
            "config": found.config,
            "tensors": tensors,
        }


def test_modelscope(hub: Hub, library: Library, tmp_path: Path) -> None:
    said = described(hub, "modelscope", SAME_ON_MODELSCOPE, tmp_path)
    for name in SAME_ON_MODELSCOPE:
        found = ours(library, name, MODEL_SCOPE)
        assert said[name] == {"id": found.ref.name, "files": files(found), "config": found.config}
        assert found.tensors == ours(library, name, HUGGINGFACE).tensors
