# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recording proxy in front of GPUStack: proves what a playbook sent, and what it did not send.

One JSON line per request: time (seconds since the epoch), method, path, names of query parameters,
status and caller. Bodies, query values and credentials are never recorded.
"""

from __future__ import annotations

import json
import threading
import time
import typing as t
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.lab.web import Relay, Server

PATIENCE_S = 600.0

_WRITING = {"POST", "PUT", "PATCH", "DELETE"}
# POST because the question is long, not because anything is stored. The collection imports dry only.
_READING_POSTS = ("/v2/model-evaluations", "/v2/models/import", "/v1/", "/v1-openai/")


def is_write(record: t.Mapping[str, t.Any]) -> bool:
    """Whether a recorded request asked the server to change something."""
    if record["method"] not in _WRITING:
        return False
    return not (record["method"] == "POST" and record["path"].startswith(_READING_POSTS))


def read_log(log: Path, start: int = 0) -> t.Tuple[t.List[t.Dict[str, t.Any]], int]:
    """The records from byte ``start`` on, and the offset to go on from."""
    with log.open("rb") as lines:
        lines.seek(start)
        data = lines.read()
    return [json.loads(line) for line in data.splitlines()], start + len(data)


def start(upstream: str, log: Path) -> Server:
    """Serve a proxy for ``upstream``; its own address is the returned server's."""
    log.touch(mode=0o600)
    members = {"address": urlsplit(upstream).netloc, "log_path": log}
    return Server(type("Recorder", (_Recorder,), members))


class _Recorder(Relay):
    log_path: t.ClassVar[Path]
    _log_lock = threading.Lock()

    def respond(self) -> None:
        """Pass one request on and record it."""
        body = self.read_body()
        try:
            answer = self.ask(body, PATIENCE_S)
        except OSError as problem:
            self._record(502)
            self.reply(502, {"message": f"the lab's server does not answer: {problem}"})
            return
        # Recorded before the answer goes out: a caller that reads the log next finds its request there.
        self._record(answer.status)
        with answer:
            self.pass_on(answer)

    def _record(self, status: int) -> None:
        url = urlsplit(self.path)
        line = {
            "time": round(time.time(), 3),
            "method": self.command,
            "path": url.path,
            "query": sorted({name for name, _value in parse_qsl(url.query, keep_blank_values=True)}),
            "status": status,
            "caller": self.headers.get("User-Agent", ""),
        }
        with self._log_lock, self.log_path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
