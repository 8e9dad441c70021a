# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes in and out between Ansible and a core."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.border import Border, exposed_keys
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task

KEY = "canary-7f3a"


def outcome(run: t.Callable[[Task], Result], **params: t.Any) -> Result:
    return Border.of(params, [KEY]).run(Core(run, {}), Task(params))


def test_a_secret_is_hidden_by_value_wherever_it_appears() -> None:
    result = outcome(lambda _task: {"a": ["x%sy" % KEY], "msg": "401: %s is wrong" % KEY, "n": 1})
    assert KEY not in str(result)
    assert result["n"] == 1


def test_a_failure_is_a_result_and_a_surprise_is_a_message_without_its_text() -> None:
    def refuse(_task: Task) -> Result:
        raise InvalidInput("no \x1b[31m%s" % KEY, hint="h")

    def surprise(_task: Task) -> Result:
        raise KeyError(KEY)

    refused, surprised = outcome(refuse), outcome(surprise)
    assert (refused["failed"], refused["error"]["code"]) == (True, "invalid_input")
    assert "\\x1b[31m" in refused["msg"]
    assert surprised["error"]["code"] == "defect"
    assert "KeyError in " in surprised["msg"]
    assert KEY not in str([refused, surprised])


@pytest.mark.parametrize("params", [{"path": "a\0b"}, {"entry": {"x": ["a\0b"]}}])
def test_no_option_holds_what_no_path_can_hold(params: t.Any) -> None:
    result = outcome(lambda _task: {}, **params)
    assert "holds a NUL character" in result["msg"]


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://gpustack.example.com", True),
        ("https://gpustack.example.com", False),
        ("http://127.0.0.1:8080", False),
        ("http://localhost", False),
    ],
)
def test_a_key_that_others_can_read_is_a_warning(url: str, warned: bool) -> None:
    assert bool(exposed_keys({"gpustack_url": url, "gpustack_api_key": KEY})) is warned
    assert exposed_keys({"gpustack_url": url, "gpustack_api_key": None}) == []
