# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode says what the same task does then, for each kind of change, on a genuine GPUStack server."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.gpustack_site import CHANGED, DEFINITION, NAME, Json, Site
from tests.lab import client

SWITCH: Json = {"apply": "blue_green", "drain_s": 0}
# What only the server can say: how far it has come, and the ids that it gives.
MOMENTARY = {"id", "state", "state_message", "ready_replicas", "instances", "route"}
# The way there, None for a server without the deployment; then the task.
KINDS: t.Mapping[str, t.Tuple[t.Optional[Json], Json]] = {
    "create": (None, {}),
    "create stopped": (None, {"state": "stopped"}),
    "absent already": (None, {"state": "absent"}),
    "unchanged": ({}, {}),
    "recreate": ({}, CHANGED),
    "rolling": ({}, dict(CHANGED, apply="rolling")),
    "blue_green": ({}, dict(CHANGED, **SWITCH)),
    "store only": ({}, dict(CHANGED, apply="none")),
    "another variant": ({}, {"repository": "Qwen/Qwen3-0.6B"}),
    "another variant by blue_green": ({}, dict(SWITCH, repository="Qwen/Qwen3-0.6B")),
    "another engine": ({}, {"backend": "SGLang", "backend_parameters": None}),
    "a live field": ({}, {"description": "text"}),
    "who may use it": ({}, {"access_policy": "public"}),
    "fields that are cleared": (
        {"description": "text", "env": {"A": "1"}},
        {"description": "", "env": {"A": None}},
    ),
    "a secret": ({}, {"env_secrets": {"HF_TOKEN": "canary-3f9a17c2b8"}}),
    "rolling of several": ({"replicas": 2}, dict(CHANGED, apply="rolling")),
    "replicas": ({}, {"replicas": 2}),
    "fewer replicas": ({"replicas": 2}, {"replicas": 1}),
    "restart and replicas": ({}, dict(CHANGED, replicas=2)),
    "stop": ({}, {"state": "stopped"}),
    "start": ({"state": "stopped"}, {}),
    "start changed": ({"state": "stopped"}, dict(CHANGED, replicas=2)),
    "remove": ({}, {"state": "absent"}),
    "remove stopped": ({"state": "stopped"}, {"state": "absent"}),
}
NOT_PREDICTED = {"predicted", "waited_s", "waiting"}


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


def places(result: Json) -> t.List[t.List[t.Any]]:
    """Of which files on which workers the result tells."""
    keys = ("worker", "source", "repository", "file")
    return sorted([row[key] for key in keys] for row in result.get("files", ()))


def the_same(predicted: Json, real: Json) -> None:
    """Every key of the result, and of the deployment in it."""
    assert (predicted["predicted"], real["predicted"]) == (True, False)
    assert set(predicted) == set(real)
    for key in set(predicted) - NOT_PREDICTED - {"deployment", "files"}:
        assert predicted[key] == real[key], key
    assert places(predicted) == places(real)
    foreseen, became = (dict(result["deployment"] or {}) for result in (predicted, real))
    assert set(foreseen) == set(became)
    for key in set(foreseen) - MOMENTARY:
        assert foreseen[key] == became[key], key


def checked(site: Site, **task: t.Any) -> Json:
    """The real result, after one in check mode that wrote nothing and said the same."""
    mark = site.lab.mark()
    predicted = site.task(check_mode=True, **task)
    assert site.writes(mark) == []
    real = site.task(**task)
    assert bool(site.writes(mark)) is real["changed"]
    the_same(predicted, real)
    return real


@pytest.mark.parametrize("kind", KINDS)
def test_check_mode_says_what_happens_then(kind: str, site: Site) -> None:
    before, task = KINDS[kind]
    if before is not None:
        site.deploy(**before)
    checked(site, **dict(DEFINITION, **task))
    again = checked(site, **dict(DEFINITION, **task))
    assert not again["changed"]


def test_adoption_is_foreseen(site: Site) -> None:
    foreign = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "cluster_id": 1}
    with site.lab.server() as server:
        server.post("/v2/models", json=dict(foreign, replicas=0)).raise_for_status()
    adopted = checked(site, **dict(DEFINITION, adopt=True))
    assert adopted["actions"] == ["adopted", "updated", "scaled"]


def test_what_follows_a_switch_is_foreseen(site: Site) -> None:
    site.deploy()
    site.deploy(**CHANGED, **SWITCH)
    task = dict(DEFINITION, **CHANGED)
    for wish, actions in (({"replicas": 2}, ["scaled"]), ({"state": "absent"}, ["deleted"])):
        assert checked(site, **{**task, **wish})["actions"] == actions


def test_a_list_is_foreseen_one_by_one(site: Site) -> None:
    site.deploy()
    new = dict(DEFINITION, name=NAME + "-new", replicas=0)
    items = [dict(DEFINITION, **CHANGED), new, {"name": NAME + "-none", "state": "absent"}]
    predicted, real = (site.task(check_mode=mode, deployments=items) for mode in (True, False))
    assert [row["actions"] for row in real["results"]] == [["updated", "restarted"], ["created"], []]
    assert {key: predicted[key] for key in ("changed", "diff", "warnings")} == {
        key: real[key] for key in ("changed", "diff", "warnings")
    }
    for foreseen, became in zip(predicted["results"], real["results"], strict=True):
        the_same(foreseen, became)


@pytest.mark.parametrize("wish", [{}, {"repository": "Qwen/Qwen3-0.6B", "prefetch": True}])
def test_downloads_are_foreseen(wish: Json, site: Site) -> None:
    place: Json = {"worker_selector": {"worker-name": "gpu-c"}}
    site.deploy(**place)
    files: Json = {"name": NAME, "source": "huggingface", "repository": "Qwen/Qwen3-0.6B", **place}
    site.task(state="uncached", **files)
    if wish:
        assert checked(site, **dict(DEFINITION, **wish, **place))["actions"] == [
            "cached",
            "updated",
            "restarted",
        ]
    else:
        assert checked(site, state="cached", **files)["actions"] == ["cached"]
        assert checked(site, state="uncached", **files)["actions"] == ["uncached"]


def test_the_end_of_an_interrupted_change_is_foreseen(site: Site) -> None:
    site.deploy()
    site.deploy(apply="none", **CHANGED)
    for apply, action in (("none", None), ("recreate", "restarted")):
        real = checked(site, **{**DEFINITION, **CHANGED, "apply": apply})
        assert real["actions"] == ([action] if action else [])
