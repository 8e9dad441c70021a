# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A quiet run shows failures in a line each; hints name the role's variables where the role calls."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from ansible import constants
from ansible_collections.modelscan.autoconfig.plugins.callback.quiet import CallbackModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils import _controller_action
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import (
    QUIET,
    ControllerAction,
    in_words_of_the_role,
)


def telling(task: Task) -> Result:
    task.announce("50 %")
    task.detail("a plan")
    task.show("the end")
    raise InvalidInput("context_tokens is -1", hint="Give replan: always or raise context_tokens.")


class Telling(ControllerAction):
    core = Core(run=telling, argument_spec={"context_tokens": {"type": "int"}, "replan": {"type": "str"}})


def ran(role: t.Any, shown: t.List[str], monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(_controller_action.display, "display", shown.append)
    task = MagicMock(args={}, check_mode=False, delegate_to=None, async_val=0, _role=role)
    connection = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir="/nowhere"))
    action = Telling(task, connection, MagicMock(), MagicMock(), MagicMock(), MagicMock())
    variables = {
        "inventory_hostname": "gpu-a",
        "model_deployment_context_tokens": 1,
        "model_deployment_replan": "",
    }
    result: Result = action.run(task_vars=variables)
    return result


def test_a_hint_names_the_variables_of_the_role_that_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: t.List[str] = []
    plain, by_role = (ran(role, shown, monkeypatch) for role in (None, "the role"))
    assert plain["msg"] == "context_tokens is -1. Give replan: always or raise context_tokens."
    assert by_role["msg"] == (
        "model_deployment_context_tokens is -1. "
        "Give model_deployment_replan: always or raise model_deployment_context_tokens."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name it with the option variants.", "Name it with the option model_deployment_variants."),
        ("The mode of the day; model: x", "The mode of the day; model_deployment_model: x"),
        ("my_wait_timeout_s --wait-timeout-s", "my_wait_timeout_s --wait-timeout-s"),
        (
            "stall_timeout_s and wait_timeout_s",
            "model_deployment_stall_timeout_s and model_deployment_wait_timeout_s",
        ),
    ],
)
def test_only_options_are_renamed(text: str, expected: str) -> None:
    names = {"variants", "mode", "model", "wait_timeout_s", "stall_timeout_s"}
    assert in_words_of_the_role(text, names) == expected


@pytest.mark.parametrize(("callback", "shown"), [("default", 3), (QUIET, 1)])
def test_a_quiet_run_shows_the_end_only(callback: str, shown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    lines: t.List[str] = []
    ran(None, lines, monkeypatch)
    assert len(lines) == shown
    assert lines[-1] == "the end"


def test_the_callback_shows_failures_in_a_line() -> None:
    callback = CallbackModule()
    callback._display = MagicMock()
    host = SimpleNamespace(get_name=lambda: "gpu-a")
    result = SimpleNamespace(host=host, result={"msg": "It does\n not fit"})
    callback.v2_runner_on_failed(result, ignore_errors=True)
    callback._display.display.assert_not_called()
    callback.v2_runner_on_failed(result)
    callback._display.display.assert_called_once_with("gpu-a failed: It does not fit")
    callback.v2_runner_on_unreachable(SimpleNamespace(_host=host, _result={}))
    callback._display.display.assert_called_with("gpu-a cannot be reached: without a message")
    not_compared = {"msg": "Could not be compared", "error": {"code": "not_compared"}}
    callback.v2_runner_on_unreachable(SimpleNamespace(host=host, result=not_compared))
    callback._display.display.assert_called_with("gpu-a failed: Could not be compared")


@pytest.mark.parametrize(
    ("action", "result", "shown"),
    [
        ("ansible.builtin.debug", {"msg": ["one", "two"], "_ansible_verbose_always": True}, ["one", "two"]),
        ("debug", {"msg": "one", "changed": False}, ["one"]),
        ("debug", {"found": {"b": 1}, "changed": False}, ['found: {\n  "b": 1\n}']),
        ("ansible.builtin.set_fact", {"msg": "one"}, []),
    ],
)
def test_a_quiet_run_shows_what_debug_shows(action: str, result: Result, shown: t.List[str]) -> None:
    callback = CallbackModule()
    callback._display = MagicMock()
    callback.v2_runner_on_ok(SimpleNamespace(task=SimpleNamespace(action=action), result=result))
    assert [call.args[0] for call in callback._display.display.call_args_list] == shown
