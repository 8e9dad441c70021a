# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: of repositories in every form, of other things on a hub, and of pages elsewhere."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    cached_reference,
    explicit_reference,
    is_path,
    is_repository_name,
    page_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
)

ENDPOINTS = {HUGGINGFACE: "https://mirror.example.com:8443", MODEL_SCOPE: "https://modelscope.cn"}
COMMIT = "5" * 40


@pytest.mark.parametrize(
    ("given", "source", "revision"),
    [
        ("https://huggingface.co/a/b", HUGGINGFACE, None),
        ("huggingface.co/a/b/", HUGGINGFACE, None),
        ("hf.co/a/b:Q4_K_M", HUGGINGFACE, None),
        ("https://www.huggingface.co/a/b.git", HUGGINGFACE, None),
        ("git@hf.co:a/b", HUGGINGFACE, None),
        ("git+https://huggingface.co/a/b", HUGGINGFACE, None),
        ("https://user@huggingface.co/a/b", HUGGINGFACE, None),
        ("https://hf.co/a/b/tree/refs%2Fpr%2F1", HUGGINGFACE, "refs/pr/1"),
        ("https://hf.co/a/b/tree/refs/pr/1/sub", HUGGINGFACE, "refs/pr/1"),
        ("https://hf.co/a/b/commit/" + COMMIT, HUGGINGFACE, COMMIT),
        ("https://hf.co/a/b/commits/main", HUGGINGFACE, None),
        ("https://hf.co/a/b/raw/v1/config.json", HUGGINGFACE, "v1"),
        ("https://hf.co/a/b/resolve/main/x.gguf?download=true", HUGGINGFACE, "main"),
        ("https://hf.co/a/b/discussions/5", HUGGINGFACE, None),
        ("https://hf.co/api/models/a/b/revision/dev", HUGGINGFACE, "dev"),
        ("https://hf-mirror.com/a/b", HUGGINGFACE, None),
        ("https://mirror.example.com:8443/a/b?x=1", HUGGINGFACE, None),
        ("hf://a/b@abc", HUGGINGFACE, "abc"),
        ("hf://models/a/b", HUGGINGFACE, None),
        ("https://www.modelscope.cn/models/a/b/summary", MODEL_SCOPE, None),
        ("modelscope.cn/models/a/b/files?version=v2", MODEL_SCOPE, "v2"),
        ("https://modelscope.cn/models/a/b/file/view/v3/config.json?status=1", MODEL_SCOPE, "v3"),
        ("https://modelscope.cn/models/a/b/resolve/v4/config.json", MODEL_SCOPE, "v4"),
        ("https://modelscope.cn/api/v1/models/a/b/repo?Revision=v5&FilePath=x", MODEL_SCOPE, "v5"),
        ("https://www.modelscope.ai/models/a/b", MODEL_SCOPE, None),
        ("modelscope://a/b", MODEL_SCOPE, None),
    ],
)
def test_an_address_names_a_repository_and_its_revision(
    given: str, source: str, revision: t.Optional[str]
) -> None:
    assert explicit_reference(given, ENDPOINTS) == RepositoryRef(source, "a/b", revision)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("https://huggingface.co/datasets/a/b", "dataset"),
        ("hf://datasets/a/b", "dataset"),
        ("https://huggingface.co/spaces/a/b", "space"),
        ("huggingface.co/collections/a/b-67", "collection"),
        ("https://huggingface.co/papers/2505.1", "paper"),
        ("https://modelscope.cn/studios/a/b", "studio"),
        ("https://modelscope.cn/datasets/a/b", "dataset"),
        ("https://huggingface.co/only", "no repository"),
        ("https://huggingface.co/../../etc", "no repository"),
    ],
)
def test_what_else_a_hub_has_is_told_apart(given: str, kind: str) -> None:
    with pytest.raises(InvalidInput, match=kind):
        explicit_reference(given, ENDPOINTS)


@pytest.mark.parametrize(
    "given", ["deepseek/deepseek-r1", "gpt-oss:120b", "https://elsewhere.example.net/a/b"]
)
def test_what_is_no_address_on_a_hub(given: str) -> None:
    assert explicit_reference(given, ENDPOINTS) is None


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("https://ollama.com/library/qwen3:8b", "qwen3:8b"),
        ("ollama.com/library/qwen3", "qwen3"),
        ("https://openrouter.ai/a/b", "a/b"),
        ("https://lmstudio.ai/models/a/b", "a/b"),
        ("https://build.nvidia.com/a/b/modelcard", "a/b"),
        ("a/b", None),
    ],
)
def test_pages_of_other_sites_name_a_model(given: str, name: t.Optional[str]) -> None:
    assert page_name(given) == name


def test_a_page_of_an_unknown_site_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no hub"):
        page_name("https://elsewhere.example.net/a/b")


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("models--a--b", RepositoryRef(HUGGINGFACE, "a/b")),
        (
            "~/.cache/huggingface/hub/models--a--b/snapshots/" + COMMIT,
            RepositoryRef(HUGGINGFACE, "a/b", COMMIT),
        ),
        ("/x/modelscope/hub/models/a/b___5", RepositoryRef(MODEL_SCOPE, "a/b.5")),
        ("/data/models/b", None),
    ],
)
def test_folders_of_caches(folder: str, found: t.Optional[RepositoryRef]) -> None:
    assert cached_reference(folder) == found


def test_the_cache_of_a_dataset_is_refused() -> None:
    with pytest.raises(InvalidInput, match="dataset"):
        cached_reference("datasets--a--b")


@pytest.mark.parametrize(
    "name", ["a", "a/b/c", "@cf/a", "a/..", "a/b c", "a/b\n", "../b", "a/b?x", "a//b", ""]
)
def test_what_is_no_repository_name(name: str) -> None:
    assert not is_repository_name(name)


@pytest.mark.parametrize("name", ["Qwen/Qwen3-8B", "RedHatAI/x-quantized.w8a8", "a_b/c.d-e_1"])
def test_what_is_a_repository_name(name: str) -> None:
    assert is_repository_name(name)


@pytest.mark.parametrize("text", ["/a", "~/a", "./a", "../a", "C:\\a", "d:/a", "file:///a"])
def test_paths(text: str) -> None:
    assert is_path(text)
