# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model files, and what keeps engines off the network, as a genuine GPUStack server stores them."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Conflict

from tests.integration.gpustack_site import NAME, Json, Site
from tests.lab import client

SOURCE: Json = {"name": NAME, "source": "huggingface", "repository": "Qwen/Qwen3-8B"}
ON_C: Json = {"worker_selector": {"worker-name": "gpu-c"}}
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_NO_USAGE_STATS": "1",
}


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


def stored(site: Site) -> Json:
    """The deployment as the server has it."""
    with site.lab.server() as server:
        return t.cast(Json, server.get("/v2/models").json()["items"][0])


def files_on_c(site: Site) -> t.List[Json]:
    """The whole repository in question; other tests may have left other ones, or some files of this one."""
    wanted = (SOURCE["source"], SOURCE["repository"], "gpu-c", None)
    rows = site.info(model_files=True)["files"]
    return [row for row in rows if (row["source"], row["repository"], row["worker"], row["file"]) == wanted]


def test_the_life_of_model_files(site: Site) -> None:
    """Downloaded before they are needed, listed, used, kept while they are used, and removed."""
    site.task(state="uncached", **SOURCE)
    predicted = site.task(check_mode=True, state="cached", **SOURCE, **ON_C)
    cached = site.task(state="cached", **SOURCE, **ON_C)
    assert (cached["actions"], cached["diff"]) == (["cached"], predicted["diff"])
    assert not site.task(state="cached", **SOURCE, **ON_C)["changed"]
    (listed,) = files_on_c(site)
    assert (listed["state"], listed["progress_percent"]) == ("ready", 100)
    assert listed == cached["files"][0]
    site.deploy(**ON_C)
    (used,) = files_on_c(site)
    assert used["id"] == listed["id"]
    with pytest.raises(Conflict, match="used by model instances"):
        site.task(state="uncached", **SOURCE, **ON_C)
    site.deploy(state="absent")
    assert site.task(state="uncached", **SOURCE, **ON_C)["actions"] == ["uncached"]
    assert not files_on_c(site)


def test_modelscope_files_are_cached_too(site: Site) -> None:
    wish = dict(SOURCE, source="model_scope", **ON_C)
    site.task(state="uncached", **wish)
    cached = site.task(state="cached", **wish)
    assert [(row["source"], row["repository"]) for row in cached["files"]] == [
        ("model_scope", "Qwen/Qwen3-8B")
    ]
    assert site.task(state="uncached", **wish)["actions"] == ["uncached"]


def test_offline_is_stored_and_taken_back(site: Site) -> None:
    site.deploy(replicas=0, offline=True, env={"OURS": "1", "HF_HUB_DISABLE_TELEMETRY": "yes"})
    expected = dict(OFFLINE, OURS="1", HF_HUB_DISABLE_TELEMETRY="yes")
    assert stored(site)["env"] == expected
    assert not site.deploy(replicas=0, offline=True, env={"HF_HUB_DISABLE_TELEMETRY": "yes"})["changed"]
    site.deploy(replicas=0, offline=False, env={"OURS": "1"})
    assert stored(site)["env"] == {"OURS": "1"}


def test_nothing_is_stored_that_nobody_asked_for(site: Site) -> None:
    """No code of the repository is run, and no variable is set, without a request."""
    site.deploy(replicas=0)
    model = stored(site)
    assert not model["env"]
    assert model["backend_parameters"] == ["--max-model-len=8192"]
    site.deploy(replicas=0, backend_parameters=["--trust-remote-code"])
    assert stored(site)["backend_parameters"] == ["--trust-remote-code"]
