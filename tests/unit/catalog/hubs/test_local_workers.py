# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A path that lies on a worker of GPUStack, and not on this machine."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotFound
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    LOCAL_PATH,
    RepositoryRef,
)

from tests.unit.catalog.conftest import Open
from tests.unit.wire import Wire

FILES, WORKERS = "GET /v2/model-files?page=1&perPage=100", "GET /v2/workers?page=1&perPage=100"
ROW = {"source": "local_path", "local_path": "/srv/rocket", "worker_id": 2, "state": "ready", "size": 3 << 30}


def refusal(open_library: Open) -> NotFound:
    with pytest.raises(NotFound) as caught:
        open_library(gpustack_url="http://gpustack.example.com").hub(LOCAL_PATH).listing(
            RepositoryRef(LOCAL_PATH, "/srv/rocket")
        )
    return caught.value


@pytest.mark.parametrize(
    "row", [ROW, dict(ROW, source="huggingface", local_path=None, resolved_paths=["/srv/rocket"])]
)
def test_what_gpustack_knows_of_it_is_said_and_what_not(
    wire: Wire, open_library: Open, row: t.Mapping[str, t.Any]
) -> None:
    wire.expect(FILES, 200, {"items": [row, dict(ROW, local_path="/srv/other")]})
    wire.expect(WORKERS, 200, {"items": [{"id": 2, "name": "gpu-7"}]})
    said = refusal(open_library)
    assert "GPUStack has it: ready on worker gpu-7, 3.0 GiB." in said.message
    assert "architecture and precision are unknown" in said.message
    assert said.details["model_files"] == ["ready on worker gpu-7, 3.0 GiB"]


def test_without_such_a_file_or_an_answer_the_folder_is_missing(wire: Wire, open_library: Open) -> None:
    wire.expect(FILES, 200, {"items": []})
    assert refusal(open_library).message == "There is no folder /srv/rocket on this machine"
    wire.expect(FILES, 403, {"message": "no"})
    assert refusal(open_library).message == "There is no folder /srv/rocket on this machine"
