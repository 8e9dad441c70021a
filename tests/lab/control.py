# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The supervisor's control endpoint: ``POST / {"action": name, ...arguments}`` with a bearer token."""

from __future__ import annotations

import hmac
import typing as t

from tests.lab.process import LabError
from tests.lab.web import Handler, Server

Action = t.Callable[..., t.Any]


def start(actions: t.Mapping[str, Action], token: str) -> Server:
    """Serve ``actions``; their results must be JSON-ready, LabError and TypeError become 400."""

    class Control(Handler):
        def respond(self) -> None:
            request = self.read_json()
            if not hmac.compare_digest(self.headers.get("Authorization", ""), f"Bearer {token}"):
                self.reply(401, {"error": "The control token of the state file is needed."})
                return
            action = actions.get(request.pop("action", ""))
            if action is None:
                self.reply(404, {"error": f"Unknown action; known: {', '.join(sorted(actions))}."})
                return
            try:
                self.reply(200, {"result": action(**request)})
            except (LabError, TypeError) as problem:
                self.reply(400, {"error": str(problem)})

    return Server(Control)
