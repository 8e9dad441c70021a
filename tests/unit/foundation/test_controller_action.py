# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action plugin gives what the module of the same name gives, and protects what it protects."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible.playbook.task import Task as PlaybookTask
from ansible_collections.modelscan.autoconfig.plugins.action.inference_probe import (
    ActionModule as InferenceProbe,
)
from ansible_collections.modelscan.autoconfig.plugins.action.router_register import (
    ActionModule as RouterRegister,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Unavailable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Result,
    Task,
    run_module,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils import _controller_action
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction

from tests.unit.foundation.module_arguments import module_arguments

SECRET = "canary-0123456789"


def leak(task: Task) -> Result:
    """Put the secret everywhere that a careless core could."""
    task.progress("calling with %s" % task.params["key"])
    if task.params["fail"]:
        raise Unavailable(
            "no answer to %s" % task.params["key"], hint="try %s" % task.params["key"], tried=[SECRET]
        )
    return {
        "changed": not task.check_mode,
        "count": task.params["count"],
        "nested": {"list": ["x-%s-y" % task.params["key"]]},
        "diff": {"before": {}, "after": {"key": task.params["key"]}},
        "warnings": ["the key %s is old" % task.params["key"]],
    }


LEAKY = Core(
    run=leak,
    argument_spec={
        "key": {"type": "str", "no_log": True, "required": True, "fallback": (env_fallback, ["CANARY_KEY"])},
        "fail": {"type": "bool", "default": False},
        "count": {"type": "int"},
        "other": {"type": "str"},
    },
    rules={"mutually_exclusive": [("count", "other")]},
)


class Leaky(ControllerAction):
    core = LEAKY


def plugin(
    kind: type[ControllerAction],
    arguments: dict[str, t.Any],
    check_mode: bool = False,
    delegate_to: t.Optional[str] = None,
    transport: str = "ssh",
    seconds_async: int = 0,
) -> ControllerAction:
    task = PlaybookTask()
    task.action, task.args, task.check_mode = "modelscan.autoconfig.under_test", arguments, check_mode
    task.delegate_to, task.async_val = delegate_to, seconds_async
    connection = SimpleNamespace(transport=transport, _shell=SimpleNamespace(tmpdir="/nowhere"))
    return kind(task, connection, MagicMock(), MagicMock(), MagicMock(), MagicMock())


def by_action(kind: type[ControllerAction], arguments: dict[str, t.Any], check_mode: bool = False) -> Result:
    """The result, with a refusal in the form that the task executor makes of it."""
    try:
        result = plugin(kind, arguments, check_mode, transport="local").run(task_vars={})
    except AnsibleActionFail as exc:
        return {"failed": True, "msg": str(exc)}
    plain: Result = json.loads(json.dumps(result))
    return plain


def by_module(
    core: Core, arguments: dict[str, t.Any], capsys: pytest.CaptureFixture[str], check_mode: bool = False
) -> Result:
    given = dict(arguments, _ansible_check_mode=check_mode)
    warnings: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        # On the controller, where tests run, Ansible shows a module's warnings and returns none.
        patch.setattr(AnsibleModule, "warn", lambda _self, line: warnings.append(line))
        with module_arguments(given), pytest.raises(SystemExit):
            run_module(core)
    result: Result = json.loads(capsys.readouterr().out)
    del result["invocation"]
    if warnings:
        result["warnings"] = warnings
    return result


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        {"key": SECRET},
        {"key": SECRET, "count": "3"},
        {"key": SECRET, "fail": True},
    ],
)
def test_both_ways_give_the_same(
    arguments: dict[str, t.Any], check_mode: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    action = by_action(Leaky, arguments, check_mode)
    module = by_module(LEAKY, arguments, capsys, check_mode)

    if action.get("failed"):
        assert action["changed"] is False
        module.pop("exception", None)
    assert action == module
    assert SECRET not in json.dumps(action)


def test_the_cores_of_this_collection_give_the_same_both_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe = {"url": "http://192.0.2.1/v1", "model": "m", "api_key": SECRET}
    assert by_action(InferenceProbe, probe, True) == by_module(InferenceProbe.core, probe, capsys, True)

    route = {
        "type": "litellm",
        "name": "m",
        "base_url": "http://192.0.2.1/v1",
        "path": str(tmp_path / "a.yaml"),
        "probe": False,
    }
    predicted = by_module(RouterRegister.core, route, capsys, True)
    assert by_action(RouterRegister, route, True) == predicted
    assert by_action(RouterRegister, route)["changed"]
    again, by_other = by_action(RouterRegister, route), by_module(RouterRegister.core, route, capsys)
    assert not again["changed"]
    assert {**by_other, **again} == by_other  # AnsibleModule adds owner and mode of a result's path


def test_a_secret_from_the_environment_is_censored_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", SECRET)

    assert SECRET not in json.dumps(by_action(Leaky, {}))


def test_progress_is_censored(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(_controller_action.display, "v", lambda line, host: lines.append(line))

    by_action(Leaky, {"key": SECRET})

    assert len(lines) == 1
    assert "calling with" in lines[0]
    assert SECRET not in lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"key": SECRET, "unknown": 1}, "nsupported"),
        ({"key": SECRET, "count": "many"}, "count"),
        ({}, "key"),
        ({"key": SECRET, "count": 1, "other": "x"}, "mutually exclusive"),
        ({"key": SECRET, "count": SECRET}, "count"),
    ],
)
def test_wrong_arguments_are_refused_both_ways(
    arguments: dict[str, t.Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for result in (by_action(Leaky, arguments), by_module(LEAKY, arguments, capsys)):
        assert result["failed"]
        assert words in result["msg"]
        assert SECRET not in json.dumps(result)


def test_async_is_refused() -> None:
    with pytest.raises(AnsibleActionFail, match="async"):
        plugin(Leaky, {"key": SECRET}, seconds_async=5).run(task_vars={})


FILE = {"path": "/etc/litellm/config.yaml"}
PROXY = {"router_url": "https://litellm.example.com"}


@pytest.mark.parametrize(
    ("kind", "arguments", "delegate_to", "transport", "here"),
    [
        (Leaky, {}, None, "ssh", True),
        (Leaky, {}, "localhost", "local", True),
        (Leaky, {}, "bastion", "local", True),
        (Leaky, {}, "bastion", "ssh", False),
        (RouterRegister, FILE, None, "ssh", False),
        (RouterRegister, FILE, None, "local", True),
        (RouterRegister, FILE, "localhost", "local", True),
        (RouterRegister, FILE, "router", "ssh", False),
        (RouterRegister, PROXY, None, "ssh", True),
        (RouterRegister, PROXY, "router", "ssh", False),
        (InferenceProbe, {}, None, "ssh", True),
    ],
)
def test_where_a_task_runs(
    kind: type[ControllerAction],
    arguments: dict[str, str],
    delegate_to: t.Optional[str],
    transport: str,
    here: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    action = plugin(kind, arguments, delegate_to=delegate_to, transport=transport)
    calls: list[t.Any] = []

    def module(task_vars: dict[str, t.Any]) -> Result:
        calls.append(task_vars)
        return {"changed": False, "by": "module"}

    monkeypatch.setattr(action, "_execute_module", module)
    options = {name: {"type": "str"} for name in arguments}
    core = Core(run=lambda _task: {"by": "action"}, argument_spec=options)
    monkeypatch.setattr(type(action), "core", core)

    result = action.run(task_vars={"inventory_hostname": "gpu-a"})

    assert result["by"] == ("action" if here else "module")
    assert calls == ([] if here else [{"inventory_hostname": "gpu-a"}])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cuont": 3}, "unsupported option: cuont (did you mean count?)"),
        ({"something_else": 3}, "unsupported option: something_else"),
    ],
)
def test_an_unknown_option_is_named_with_the_nearest_one(arguments: dict[str, t.Any], words: str) -> None:
    refused = by_action(Leaky, {"key": SECRET, **arguments})
    assert refused["msg"].endswith(words)
    assert SECRET not in refused["msg"]
