# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: quiet
type: stdout
short_description: Show the end of a rollout, and what failed
version_added: 0.1.0
description:
  - Shows no plays and no tasks. The playbooks of this collection tell by themselves which deployments move and what
    became of each site; beside that, failures and hosts that cannot be reached have a line each.
  - Plans and the progress of downloads are left out as well.
  - Set C(ANSIBLE_STDOUT_CALLBACK=modelscan.autoconfig.quiet).
author:
  - modelscan.autoconfig contributors (@modelscan)
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """A line for each failure; the rest is said by rollout_report."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "modelscan.autoconfig.quiet"

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            self._say(result, "failed")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._say(result, "cannot be reached")

    def v2_playbook_on_no_hosts_matched(self) -> None:
        self._display.display("no host matches")

    def _say(self, result: t.Any, words: str) -> None:
        # The names of these changed between releases of ansible-core.
        host = getattr(result, "host", None) or result._host
        values = getattr(result, "result", None)
        values = result._result if values is None else values
        said = " ".join(str(values.get("msg") or "without a message").split())
        self._display.display("%s %s: %s" % (host.get_name(), words, said))
