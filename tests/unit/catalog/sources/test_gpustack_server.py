# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a GPUStack server has for plans: draft models with what they weigh, and versions of engines."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import DraftModel

from tests.unit.catalog.conftest import Open
from tests.unit.catalog.fake_hubs import (
    expect_missing,
    hf_info,
)
from tests.unit.wire import Wire

REPOSITORY = "Acme/Rocket-8B"
ASKED = "GET /api/models/%s?blobs=true&securityStatus=true"
SETS = "GET /v2/model-sets?page=1&perPage=100"
DRAFTS = "GET /v2/draft-models?page=1&perPage=100"
EAGLE = {
    "name": "Rocket-8B-EAGLE3",
    "algorithm": "eagle3",
    "source": "huggingface",
    "huggingface_repo_id": "d/eagle",
}


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    ("files", "size"),
    [({"pytorch_model.bin": b"x" * 9}, 9), ({"model.safetensors": b"x" * 5}, 5), ({}, None)],
)
def test_gpustacks_draft_of_a_model(
    wire: Wire, open_library: Open, files: t.Dict[str, t.Any], size: t.Optional[int]
) -> None:
    wire.expect(SETS, 200, {"items": []})
    other = dict(EAGLE, name="Else-8B-EAGLE3")
    wire.expect(DRAFTS, 200, {"items": [other, dict(EAGLE, huggingface_repo_id="../etc"), EAGLE]})
    wire.expect(ASKED % REPOSITORY, 200, hf_info(REPOSITORY, {}))
    wire.expect(ASKED % "d/eagle", 200, hf_info("d/eagle", files))
    library = open_library(gpustack_url="https://gpustack.example.com", gpustack_api_key="canary")
    found = library.draft(library.resolve(REPOSITORY))
    assert found == (None if size is None else DraftModel("Rocket-8B-EAGLE3", "eagle3", size))


@pytest.mark.usefixtures("catalog")
def test_a_draft_that_cannot_be_read_is_left_out_and_named(wire: Wire, open_library: Open) -> None:
    wire.expect(SETS, 200, {"items": []})
    wire.expect(DRAFTS, 200, {"items": [EAGLE]})
    wire.expect(ASKED % REPOSITORY, 200, hf_info(REPOSITORY, {}))
    expect_missing(wire, "d/eagle")
    library = open_library(gpustack_url="https://gpustack.example.com", gpustack_api_key="canary")
    assert library.draft(library.resolve(REPOSITORY)) is None
    assert any("The draft Rocket-8B-EAGLE3 was left out" in line for line in library.warnings)


@pytest.mark.usefixtures("catalog")
def test_servers_without_drafts_have_none(wire: Wire, open_library: Open) -> None:
    wire.expect(SETS, 200, {"items": []})
    wire.expect(DRAFTS, 404, {"detail": "Not Found"})
    wire.expect(ASKED % REPOSITORY, 200, hf_info(REPOSITORY, {}))
    library = open_library(gpustack_url="https://gpustack.example.com", gpustack_api_key="canary")
    assert library.draft(library.resolve(REPOSITORY)) is None


BACKENDS = "GET /v2/inference-backends?page=1&perPage=100"


@pytest.mark.parametrize(
    ("status", "answer", "versions"),
    [
        (200, {"items": [{"backend_name": "vLLM", "default_version": "0.32.0"},
                         {"backend_name": "Own", "default_version": None}]}, {"vLLM": "0.32.0"}),
        (404, {"detail": "Not Found"}, {}),
        (200, {"items": "?"}, {}),
    ],
)  # fmt: skip
def test_a_servers_versions_of_engines(
    wire: Wire, open_library: Open, status: int, answer: t.Any, versions: t.Dict[str, str]
) -> None:
    wire.expect(BACKENDS, status, answer)
    library = open_library(gpustack_url="https://gpustack.example.com", gpustack_api_key="canary")
    assert library.engine_versions() == versions


def test_without_a_server_nothing_is_asked(open_library: Open) -> None:
    assert open_library().engine_versions() == {}
