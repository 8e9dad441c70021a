# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages in the documentation are those that users get."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    LOCAL_PATH,
    MODEL_SCOPE,
    RepositoryRef,
)

from tests.unit.catalog.conftest import Open
from tests.unit.wire import Wire

PAGE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "catalogs.rst"
REQUEST = {
    HUGGINGFACE: "GET /api/models/Acme/Rocket?blobs=true&securityStatus=true",
    MODEL_SCOPE: "GET /openapi/v1/models/Acme/Rocket",
}
OLDER = "GET /api/v1/models/Acme/Rocket"
GATED = {"x-error-code": "GatedRepo"}
MISSING = {"x-error-code": "RepoNotFound"}
TRIED = " (tried %d times)" % (1 + HttpOptions().retries)
TOKENS = {"hf_token": "t", "modelscope_token": "t"}


def documented() -> t.List[t.Tuple[str, str]]:
    """Error code and pattern of each message in the table, after one try; three dots stand for anything."""
    table = PAGE.read_text(encoding="utf-8").split("\nErrors\n", 1)[1]
    found = []
    for row in table.split("   * - ")[2:]:
        _case, code, message = row.split("\n     - ")
        for text in re.findall(r"``([^`]{30,})``", " ".join(message.split())):
            once = text.replace(TRIED, "")
            found.append((code.strip("`"), re.escape(once).replace(r"\.\.\.", ".*")))
    return found


@pytest.mark.parametrize(
    ("source", "answer", "options"),
    [
        (HUGGINGFACE, (404, {"error": "Repository not found"}, MISSING), {}),
        (HUGGINGFACE, (401, {}, GATED), {}),
        (HUGGINGFACE, (403, {}, GATED), TOKENS),
        (HUGGINGFACE, (401, {"error": "Invalid credentials"}), TOKENS),
        (MODEL_SCOPE, (403, {"message": "no permission"}), {}),
        (MODEL_SCOPE, (400, {"code": 10010103009, "message": "bad token"}), TOKENS),
        (HUGGINGFACE, (429, {"error": "slow down"}), {}),
        (HUGGINGFACE, (503, {"error": "busy"}), {}),
        (HUGGINGFACE, (500, {"error": "busy"}), {}),
        (HUGGINGFACE, (302, b"", {"location": "https://proxy.example.net/login"}), {}),
        (MODEL_SCOPE, (200, {"code": 10010205001, "message": "record not exists", "success": False}), {}),
        (HUGGINGFACE, httpx.ConnectError("Connection refused"), {}),
        (HUGGINGFACE, httpx.ReadTimeout("x"), {}),
        (HUGGINGFACE, None, {"offline": True}),
        (HUGGINGFACE, (200, b"<html>"), {}),
        (HUGGINGFACE, (200, {"sha": "x"}), {}),
        (LOCAL_PATH, None, {}),
    ],
)
def test_a_message_is_as_documented(
    wire: Wire, open_library: Open, source: str, answer: t.Any, options: t.Dict[str, t.Any]
) -> None:
    if isinstance(answer, Exception):
        wire.expect(REQUEST[source], error=answer)
    elif answer is not None:
        wire.expect(REQUEST[source], *answer)
        if answer[0] == 200 and source == MODEL_SCOPE:
            wire.expect(OLDER, *answer)
    name = "/srv/models/absent" if source == LOCAL_PATH else "Acme/Rocket"
    with pytest.raises(AutoconfigError) as caught:
        open_library(**options).hub(source).listing(RepositoryRef(source, name))
    known = [pattern for code, pattern in documented() if code == caught.value.code]
    assert any(re.fullmatch(pattern, caught.value.message) for pattern in known), caught.value.message
