# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server calls on a worker: health, files of local models, logs, and inference."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import typing as t
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.lab import engine, llama
from tests.lab.behaviour import Behaviour
from tests.lab.web import Handler, Relay

_PATIENCE_S = 600.0
# What the real engine serves. One process has one kind: vectors and ranks are pretended.
_WRITING = ("/v1/chat/completions", "/v1/completions")
Json = t.Dict[str, t.Any]


class Worker(t.Protocol):
    """What the endpoint must know of its worker."""

    @property
    def name(self) -> str: ...

    behaviour: Behaviour
    engine_address: str

    def served_models(self) -> t.Iterable[str]: ...


def handler_for(worker: Worker) -> type[Handler]:
    """The handler of one worker's port."""
    members = {"worker": worker, "address": worker.engine_address}
    return type("Endpoint", (_Endpoint,), members)


class _Endpoint(Relay):
    worker: t.ClassVar[Worker]

    def respond(self) -> None:
        """A question about the worker, or inference."""
        if self.command == "POST":
            self._infer(self.read_body())
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

    def _infer(self, body: bytes) -> None:
        _before, begin, endpoint = self.path.partition("?")[0].partition("/v1/")
        if not begin:
            self.reply(404, {"detail": "Not Found"})
            return
        self.path, asked = begin + endpoint, json.loads(body or b"{}")
        if self.path in _WRITING and not self.worker.behaviour.pretends(asked.get("model")):
            self._ask_the_engine(body, asked.get("model"))
        else:
            self._pretend(asked)

    def _ask_the_engine(self, body: bytes, model: str) -> None:
        """The real engine's answer under the name of the model that was asked for."""
        if model in self.worker.behaviour.full and self._is_full():
            return
        with self.ask(body, _PATIENCE_S) as answer:
            kind = answer.getheader("Content-Type") or "application/json"
            if answer.getheader("Content-Length") is not None:
                self.reply(answer.status, _renamed(answer.read(), model), kind)
                return
            self.start_stream(answer.status, kind)
            try:
                for line in answer:
                    self.chunk(_renamed(line, model))
            except http.client.HTTPException:  # it broke off: without an end, the caller sees it
                self.close_connection = True
                return
            self.end_stream()

    def _is_full(self) -> bool:
        """Whether the engine has no free slot; its own refusal is the reply then."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/slots?fail_on_no_slot=1")
            answer = connection.getresponse()
            said = answer.read()
        if answer.status == 503:
            self.reply(503, said)
        return answer.status == 503

    def _pretend(self, asked: Json) -> None:
        refused = engine.refusal(self.path, asked, asked.get("model") in self.worker.behaviour.full)
        if refused is not None:
            self.reply(refused["error"]["code"], refused)
        elif asked.get("stream"):
            self.start_stream(200, "text/event-stream")
            for event in engine.events(self.path, asked, self.worker.name):
                self.chunk(event)
                time.sleep(self.worker.behaviour.event_seconds)
            self.end_stream()
        else:
            self.reply(200, engine.answer(self.path, asked, self.worker.name))


def _renamed(data: bytes, model: str) -> bytes:
    """All instances share one process, which knows one name. Quotes within JSON's strings are escaped."""
    return data.replace(b'"model":"%s"' % llama.ALIAS.encode(), b'"model":' + json.dumps(model).encode())


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
