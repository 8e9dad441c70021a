# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys and addresses gpustack_deployment takes, what they show, and what nobody gets to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    InvalidInput,
    PermissionDenied,
    Unavailable,
    UnexpectedReply,
)

from tests.integration.gpustack_site import DEFINITION, Json, Site
from tests.lab import client
from tests.lab.state import REPOSITORY

CANARY = "canary-3f9a17c2b8"


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


@pytest.mark.parametrize(
    ("key", "kind", "words"),
    [
        ("gpustack_0123456789abcdef_00000000000000000000000000000000", AuthenticationFailed, "returned 401"),
        ("inference_only_key", PermissionDenied, "returned 403"),
    ],
)
def test_keys_that_do_not_do(key: str, kind: t.Type[AutoconfigError], words: str, site: Site) -> None:
    gpustack = site.lab.state["gpustack"]
    if key in gpustack and site.version < "2.2":
        pytest.skip("keys have no scope before 2.2")
    with pytest.raises(kind, match=words) as caught:
        site.deploy(gpustack_api_key=gpustack.get(key, key))
    assert "gpustack_api_key" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("{gpustack}/wrong", UnexpectedReply, "has no /v2/models"),
        ("{hub}", UnexpectedReply, "has no /v2/models"),
        ("http://127.0.0.1:9", Unavailable, "cannot be reached"),
        ("ftp://192.0.2.1", InvalidInput, "gpustack_url is not a URL"),
    ],
)
def test_urls_that_do_not_do(url: str, kind: t.Type[AutoconfigError], words: str, site: Site) -> None:
    state = site.lab.state
    where = url.format(gpustack=state["gpustack"]["url"], hub=state["huggingface"]["url"])
    with pytest.raises(kind, match=words):
        site.deploy(gpustack_url=where, timeout_s=5)


def test_an_organization_that_does_not_do(site: Site) -> None:
    if site.version < "2.2":
        pytest.skip("organizations exist since 2.2")
    with pytest.raises(InvalidInput, match="Organization 99 not found") as caught:
        site.deploy(gpustack_organization_id=99)
    assert "gpustack_organization_id" in str(caught.value.hint)
    wish = {"name": "others-%s" % id(site), "display_name": "Others"}
    with site.lab.server() as server:
        others = server.post("/v2/organizations", json=wish).raise_for_status().json()["id"]
    try:
        with pytest.raises(PermissionDenied, match="no cluster and no deployment at all"):
            site.deploy(state="absent", gpustack_organization_id=others)
    finally:
        with site.lab.server() as server:
            server.delete("/v2/organizations/%d" % others).raise_for_status()


def test_the_organization_that_has_it(site: Site) -> None:
    if site.version < "2.2":
        pytest.skip("organizations exist since 2.2")
    with site.lab.server() as server:
        rows = server.get("/v2/organizations").json()["items"]
    (default,) = [row["id"] for row in rows if row["name"] == "default"]
    site.deploy(replicas=0, gpustack_organization_id=default)
    assert not site.deploy(replicas=0)["changed"]


def test_a_secret_appears_nowhere(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    env_secrets = {"HF_TOKEN": "{{ lookup('ansible.builtin.file', '%s') }}" % secret}
    site.deploy()
    runs: t.List[t.Tuple[t.List[str], str, Json, bool]] = [
        (["--check", "--diff"], CANARY, {}, True),
        (["--diff", "-vvvv"], CANARY, {}, True),
        (["--diff", "-vvvv"], CANARY + "-new", {}, True),
        (["--diff", "-vvvv"], CANARY + "-new", {"gpu_ids": ["canary-nowhere:cuda:0"]}, False),
        (["--diff", "-vvvv"], CANARY + "-new", {"worker_selector": {"zone": {"a": "b"}}}, False),
    ]
    outputs: t.List[str] = []
    for arguments, value, options, succeeds in runs:
        secret.write_text(value, encoding="utf-8")
        done = site.playbook(tmp_path, *arguments, env_secrets=env_secrets, **options)
        assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
        outputs += [done.stdout, done.stderr, (tmp_path / "result.json").read_text(encoding="utf-8")]
    assert '"env.HF_TOKEN": "(set)"' in outputs[0]
    assert '"env.HF_TOKEN": "(changed)"' in outputs[6]
    assert not [output for output in outputs if CANARY in output]


def test_the_module_file_does_the_same_as_the_action_plugin(site: Site) -> None:
    options = dict(DEFINITION, env_secrets={"HF_TOKEN": CANARY})
    gpustack = site.lab.state["gpustack"]
    arguments = {"ANSIBLE_MODULE_ARGS": dict(options, _ansible_check_mode=True)}
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "plugins" / "modules" / "gpustack_deployment.py")],
        env=dict(
            os.environ,
            PYTHONPATH=str(REPOSITORY / ".build"),
            GPUSTACK_URL=gpustack["url"],
            GPUSTACK_API_KEY=gpustack["api_key"],
        ),
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    result = json.loads(done.stdout)
    assert CANARY not in done.stdout + done.stderr
    expected = site.task(check_mode=True, **options)
    assert {key: result[key] for key in expected if key != "warnings"} == {
        key: expected[key] for key in expected if key != "warnings"
    }
