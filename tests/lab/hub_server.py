# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the servers of the hub stand-in share: faults, the log, tokens, and sending files in ranges."""

from __future__ import annotations

import json
import re
import threading
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.lab.hub_files import File, Repository
from tests.lab.web import Handler

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_STEP = 1 << 20


@dataclass
class Fault:
    """How a source misbehaves: ``429``, ``500``, ``slow`` or ``down``; ``left`` requests, None = all."""

    kind: str
    seconds: float = 1.0
    left: t.Optional[int] = None


@dataclass
class Shared:
    """What all handlers of one lab see."""

    repositories: t.List[Repository]
    log: Path
    tokens: t.Dict[str, str]
    cdn_url: str = ""
    faults: t.Dict[str, Fault] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.by_lower_id = {each.id.lower(): each for each in self.repositories}
        self.by_modelscope_id = {each.modelscope_id: each for each in self.repositories}

    def take_fault(self, source: str) -> t.Optional[Fault]:
        """The fault that the next request of a source meets, counted down."""
        with self.lock:
            fault = self.faults.get(source)
            if fault is None or fault.left is None:
                return fault
            fault.left -= 1
            if fault.left <= 0:
                del self.faults[source]
            return fault


class HubHandler(Handler):
    """A request to one source. Subclasses implement answer()."""

    hub: t.ClassVar[Shared]
    source: t.ClassVar[str] = ""

    def answer(self) -> None:
        """Serve one request."""
        raise NotImplementedError

    def respond(self) -> None:
        """Meet the fault that a test wished for, or answer."""
        fault = self.hub.take_fault(self.source)
        if fault is None:
            self.answer()
        elif fault.kind == "slow":
            time.sleep(fault.seconds)
            self.answer()
        elif fault.kind == "429":
            seconds = str(int(fault.seconds))
            limit = {"Retry-After": seconds, "RateLimit": f'"api";r=0;t={seconds}'}
            self.reply(429, {"error": "too many requests"}, headers=limit)
        elif fault.kind == "500":
            self.reply(500, {"error": "internal error"})
        else:  # down: the socket is closed already, this is a connection from before
            self.close_connection = True

    @property
    def own_url(self) -> str:
        """The address that the client used."""
        return f"http://{self.headers.get('Host')}"

    def cdn_url(self, repository: Repository, file: File, query: str) -> str:
        """Where a large file really is: another port, so that clients treat it as another host."""
        return f"{self.hub.cdn_url}/{quote(repository.id)}/{quote(file.path)}?{query}"

    def has_token(self) -> bool:
        """Whether the right token of this source was sent."""
        return self.headers.get("Authorization") == f"Bearer {self.hub.tokens[self.source]}"

    def send_file(
        self,
        file: File,
        etag: str,
        headers: t.Optional[t.Mapping[str, str]] = None,
        content_type: str = "application/octet-stream",
    ) -> None:
        """The file or the asked range of it, in steps of 1 MiB."""
        said = {"ETag": f'"{etag}"', "Accept-Ranges": "bytes", **(headers or {})}
        start, end, status = 0, file.size, 200
        asked = _RANGE.fullmatch(self.headers.get("Range") or "")
        if asked:
            start = int(asked[1])
            end = min(int(asked[2]) + 1, file.size) if asked[2] else file.size
            if start >= file.size:
                self.reply(416, headers={"Content-Range": f"bytes */{file.size}"})
                return
            status, said["Content-Range"] = 206, f"bytes {start}-{end - 1}/{file.size}"
        self.start_reply(status, content_type, said)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        while self.command != "HEAD" and start < end:
            step = min(start + _STEP, end)
            self.wfile.write(file.read(start, step))
            start = step

    def log_request(self, code: t.Any = "-", size: t.Any = "-") -> None:
        """One JSON line: whether credentials were sent, never which."""
        line = {
            "time": round(time.time(), 3),
            "source": self.source,
            "method": self.command,
            "path": self.path.partition("?")[0],
            "range": self.headers.get("Range"),
            "credentials": bool(self.headers.get("Authorization")),
            "cookie": bool(self.headers.get("Cookie")),
            "status": int(code),
        }
        with self.hub.lock, self.hub.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
