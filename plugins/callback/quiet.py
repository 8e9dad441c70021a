# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: quiet
type: stdout
short_description: Show the end of a rollout, and what failed
version_added: 0.1.0
description:
  - Shows no plays and no tasks. The playbooks of this collection tell by themselves which deployments move and what
    became of each site; beside that, failures and hosts that cannot be reached have a line each.
  - Plans and the progress of downloads are left out as well. What M(ansible.builtin.debug) is told to show is shown, as by
    the playbooks C(list), C(info) and C(plan_show).
  - Set C(ANSIBLE_STDOUT_CALLBACK=modelscan.autoconfig.quiet).
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

import json
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """A line for each failure; the rest is said by rollout_report."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "modelscan.autoconfig.quiet"

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            self._say(result, "failed")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        # Who could not compare something counts as unreachable, and says itself why.
        self._say(result, "failed" if _values(result).get("error") else "cannot be reached")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        action = str((getattr(result, "task", None) or result._task).action)
        if action.rpartition(".")[2] == "debug":
            for line in _shown(_values(result)):
                self._display.display(line)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        self._display.display("no host matches")

    def _say(self, result: t.Any, words: str) -> None:
        # The names of these changed between releases of ansible-core.
        host = getattr(result, "host", None) or result._host
        said = " ".join(str(_values(result).get("msg") or "without a message").split())
        self._display.display("%s %s: %s" % (host.get_name(), words, said))


def _values(result: t.Any) -> t.Mapping[str, t.Any]:
    values = getattr(result, "result", None)
    return t.cast("t.Mapping[str, t.Any]", result._result if values is None else values)


def _shown(values: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """The lines of a message, or the variables that debug was asked for."""
    if "msg" in values:
        said = values["msg"]
        for each in said if isinstance(said, list) else [said]:
            yield each if isinstance(each, str) else json.dumps(each, default=str)
        return
    for name, value in values.items():
        if not name.startswith("_") and name not in ("changed", "failed", "skipped"):
            yield "%s: %s" % (name, json.dumps(value, indent=2, sort_keys=True, default=str))
