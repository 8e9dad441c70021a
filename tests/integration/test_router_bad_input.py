# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each bad input at each type of router: one message, nothing changed, no secret in it."""

from __future__ import annotations

import hashlib
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.router_targets import FILES, NAME, RUNNING, Target, at
from tests.integration.routers import Engine, call
from tests.integration.test_router_gpustack import BLUE
from tests.lab import client

WRONG_KEY, NOBODY = "sk-not-the-key", "http://127.0.0.1:9"


def refused(target: Target, kind: type[AutoconfigError], *words: str, **options: t.Any) -> AutoconfigError:
    """The error of a registration after which the router holds what it held before."""
    before = target.seen()
    given = {"name": NAME, "probe_patience_s": 1, "drain_s": 0, **target.options, **options}
    with pytest.raises(kind) as caught:
        call(CORE, **given)

    error = caught.value
    print(error.as_result()["msg"])
    for word in words:
        assert word in error.message
    assert error.hint
    secrets = [given.get(option) for option in given if option.endswith("_key")]
    secrets += [hashlib.sha256(secret.encode()).hexdigest() for secret in secrets if secret]
    assert not any(secret[:20] in str(error.as_result()) for secret in secrets if secret)
    assert target.seen() == before
    return error


@at(*RUNNING)
def test_an_unreachable_router(target: Target) -> None:
    option = "gpustack_url" if target.options["type"] == "gpustack" else "router_url"
    words = ("GET " + NOBODY, "cannot be reached")
    refused(target, AutoconfigError, *words, **{option: NOBODY}, probe=False)


@at("gpustack", "litellm_api", "sglang_router")
def test_a_wrong_key(target: Target) -> None:
    option = "gpustack_api_key" if target.options["type"] == "gpustack" else "router_api_key"
    refused(target, AuthenticationFailed, "GET " + target.there, "401", **{option: WRONG_KEY})


@at(*FILES)
def test_a_missing_file_and_a_missing_folder(target: Target, tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    refused(target, NotFound, str(missing), "does not exist", path=str(missing), create=False)
    path = tmp_path / "missing" / "router.yaml"
    error = refused(target, NotFound, "Cannot lock", str(path), "No such file", path=str(path))
    assert f"Make the folder {path.parent} first" in str(error.hint)
    assert sorted(tmp_path.iterdir()) == [Path(target.there)]


@at("litellm", "modelscan", "openai_list")
def test_a_broken_file(target: Target) -> None:
    Path(target.there).write_text("before: 1\nrouting: [unclosed, key: sk-their-secret\n")
    error = refused(
        target, InvalidInput, f"{target.there}, line ", "is not usable YAML", "nothing was written"
    )
    assert "sk-their-secret" not in str(error.as_result())


@at("text")
def test_a_text_in_another_encoding(target: Target) -> None:
    Path(target.there).write_bytes("theirs saas\n".encode("utf-16"))
    refused(target, InvalidInput, target.there, "is not UTF-8 text")


@at(*FILES, *RUNNING)
def test_a_name_that_somebody_else_has_taken(target: Target) -> None:
    options = target.take()
    error = refused(target, Conflict, NAME, "not", "by this collection", **options)
    assert "Set adopt to true" in str(error.hint)


@at(*FILES, "litellm_api", "sglang_router", "vllm_router")
def test_an_endpoint_that_does_not_answer(target: Target) -> None:
    words = ("the backend cannot be reached", f"POST {NOBODY}/v1/chat/completions")
    error = refused(target, ProbeFailed, *words, base_url=f"{NOBODY}/v1")
    assert str(error.hint).endswith("Nothing was written.")


@at(*FILES, "litellm_api", "sglang_router", "vllm_router")
def test_an_endpoint_that_takes_another_key(target: Target, engine: Engine) -> None:
    words = (f"the backend: POST {engine.url}/chat/completions", "401")
    error = refused(target, ProbeFailed, *words, probe_api_key=WRONG_KEY)
    assert "probe_api_key" in str(error.hint)


@at("gpustack")
def test_a_deployment_that_does_not_answer(target: Target, lab: client.Lab) -> None:
    with lab.server() as server:
        model = next(each for each in server.get("/v2/models").json()["items"] if each["name"] == BLUE)
        server.put(f"/v2/models/{model['id']}", json={**model, "replicas": 0}).raise_for_status()
    refused(target, ProbeFailed, f"POST {target.there}/v1/chat/completions", "503")
