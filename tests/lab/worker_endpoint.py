# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server calls on a worker: health, files of local models, logs, and inference."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.lab import engine
from tests.lab.web import Handler

Json = t.Dict[str, t.Any]


class Worker(t.Protocol):
    """What the endpoint must know of its worker."""

    @property
    def name(self) -> str: ...

    @property
    def event_seconds(self) -> float: ...

    def served_models(self) -> t.Iterable[str]: ...


def handler_for(worker: Worker) -> type[Handler]:
    """The handler of one worker's port."""
    return type("Endpoint", (_Endpoint,), {"worker": worker})


class _Endpoint(Handler):
    worker: t.ClassVar[Worker]

    def respond(self) -> None:
        """A question about the worker, or inference."""
        if self.command == "POST":
            self._infer(self.read_json())
        else:
            self._look_up()

    def _look_up(self) -> None:
        url = urlsplit(self.path)
        if url.path in ("/healthz", "/readyz"):
            self.reply(200, "ok", "text/plain")
        elif url.path == "/v1/models":
            self.reply(200, engine.models(self.worker.served_models()))
        elif url.path.startswith("/serveLogOptions"):
            self.reply(200, {"restarts": []})
        elif url.path.startswith("/serveLogs"):
            self.reply(200, f"engine log of the lab on {self.worker.name}\n", "text/plain")
        else:
            answer = _local_model(url.path, Path(dict(parse_qsl(url.query)).get("path", "")))
            self.reply(404 if answer is None else 200, answer or {"detail": "Not Found"})

    def _infer(self, asked: Json) -> None:
        path = self.path.partition("?")[0]
        if "/v1/" not in path:
            self.reply(404, {"detail": "Not Found"})
        elif asked.get("stream"):
            self.start_stream(200, "text/event-stream")
            for event in engine.events(path, asked, self.worker.name):
                self.chunk(event)
                time.sleep(self.worker.event_seconds)
            self.end_stream()
        else:
            self.reply(200, engine.answer(path, asked, self.worker.name))


def _local_model(question: str, path: Path) -> t.Optional[Json]:
    """What a worker says of a model folder on its own disk, which here is this machine's."""
    if question == "/files/file-exists":
        kinds = {"is_file": path.is_file(), "is_dir": path.is_dir()}
        return {"exists": path.exists(), "path": str(path), **kinds}
    if question == "/files/model-config" and path.is_file():
        return t.cast(Json, json.loads(path.read_text(encoding="utf-8")))
    if question == "/files/model-weight-size" and path.is_dir():
        return {"size": sum(file.stat().st_size for file in path.glob("*.safetensors"))}
    return None
