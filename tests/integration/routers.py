# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of running routers share: engines that count, calls of a module's core, streams of requests."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import json
import threading
import time
import typing as t

import httpx
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task

from tests.lab import engine, web


class Engine:
    """A small OpenAI-compatible server with a name. Counts what it answers, by model and by key.

    ``key`` refuses other keys when set, ``broken`` everything; ``delay_s`` is how long an answer takes,
    of a streamed one each event. Its metrics tell what is under way, in vLLM's words.
    """

    def __init__(self, name: str, models: t.Sequence[str], key: t.Optional[str] = None) -> None:
        self.name, self.models, self.key = name, list(models), key
        self.delay_s = 0.0
        self.broken = False
        self.answered = 0
        self.under_way = 0
        self._lock = threading.Lock()
        self._server = web.Server(type("Handler", (_EngineHandler,), {"engine": self}))

    @property
    def url(self) -> str:
        """Where its OpenAI API begins."""
        return f"{self._server.url}/v1"

    @contextlib.contextmanager
    def counted(self) -> t.Iterator[None]:
        """Count an answer, and what is under way until the block ends."""
        with self._lock:
            self.answered += 1
            self.under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1

    def stop(self) -> None:
        self._server.stop()


class _EngineHandler(web.Handler):
    engine: t.ClassVar[Engine]

    def respond(self) -> None:
        body = self.read_json()
        this = self.engine
        if self.command == "GET" and self.path == "/metrics":
            self.reply(200, f'vllm:num_requests_running{{model_name="x"}} {this.under_way}\n', "text/plain")
            return
        if self.command == "GET":
            listing = engine.models(this.models)
            # sglang-router learns the served name from /server_info or /get_model_info.
            self.reply(200, {**listing, "served_model_name": this.models[0], "model_path": this.models[0]})
            return
        if this.key is not None and self.headers.get("Authorization") != f"Bearer {this.key}":
            self.reply(401, {"error": {"message": "wrong key"}})
            return
        if this.broken:
            self.reply(500, {"error": {"message": "broken"}})
            return
        with this.counted():
            if body.get("stream"):
                self._stream(body)
                return
            time.sleep(this.delay_s)
            self.reply(200, engine.answer(self.path, body, this.name))

    def _stream(self, body: dict[str, t.Any]) -> None:
        self.start_stream(200, "text/event-stream")
        for event in engine.events(self.path, body, self.engine.name):
            self.chunk(event)
            time.sleep(self.engine.delay_s)
        self.end_stream()


def call(core: Core, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The core's result for these options, validated as Ansible does."""
    checked = ArgumentSpecValidator(dict(core.argument_spec), **dict(core.rules)).validate(options)
    assert not checked.error_messages, checked.error_messages
    return core.run(Task(checked.validated_parameters, check_mode))


def ask(url: str, key: str, model: str, content: str = "hi") -> httpx.Response:
    """One chat completion through a router."""
    return httpx.post(
        f"{url}/v1/chat/completions",
        json={"model": model, "messages": [{"role": "user", "content": content}]},
        headers=_authorization(key),
        timeout=60,
        trust_env=False,
    )


class SlowStream(threading.Thread):
    """One streamed answer, read in the background: ``text`` so far, ``is_whole`` when its end has come."""

    def __init__(self, url: str, key: str, model: str) -> None:
        super().__init__(daemon=True)
        self._url, self._key, self._model = f"{url}/v1/chat/completions", key, model
        self._begun = threading.Event()
        self.text = ""
        self.is_whole = False

    def begin(self) -> None:
        """Start, and return when the first words are there."""
        self.start()
        assert self._begun.wait(30)

    def run(self) -> None:
        body = {"model": self._model, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
        headers = _authorization(self._key)
        with (
            httpx.Client(timeout=60, trust_env=False) as client,
            client.stream("POST", self._url, json=body, headers=headers) as answer,
        ):
            for line in answer.iter_lines():
                self._take(line.removeprefix("data: "))

    def _take(self, data: str) -> None:
        if data == "[DONE]":
            self.is_whole = True
        elif data.startswith("{"):
            choices = json.loads(data).get("choices") or [{}]
            self.text += choices[0].get("delta", {}).get("content") or ""
            if self.text:
                self._begun.set()


def _authorization(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


MOST_UNDER_WAY = 30


class Stream:
    """Requests at a steady rate until the block ends; ``failures`` holds what was not a 200.

    With ``MOST_UNDER_WAY`` requests under way it waits: a router that is too slow for the rate gets
    fewer, and the report says how many.
    """

    def __init__(self, url: str, key: str, model: str, per_second: float) -> None:
        self._url, self._model, self._interval = f"{url}/v1/chat/completions", model, 1 / per_second
        self._stop = threading.Event()
        self.sent = 0
        self.answered = 0
        self.failures: list[str] = []
        self._room = threading.Semaphore(MOST_UNDER_WAY)
        limits = httpx.Limits(max_connections=MOST_UNDER_WAY, max_keepalive_connections=MOST_UNDER_WAY)
        self._client = httpx.Client(headers=_authorization(key), timeout=60, limits=limits, trust_env=False)
        self._pool = concurrent.futures.ThreadPoolExecutor(max_workers=MOST_UNDER_WAY)
        self._thread = threading.Thread(target=self._run)
        self._lock = threading.Lock()
        self._started = 0.0
        self.seconds = 0.0

    def __enter__(self) -> Stream:
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._stop.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._started
        self._pool.shutdown(wait=True)
        self._client.close()

    def run_for(self, seconds: float) -> None:
        """Let so much time pass."""
        self._stop.wait(seconds)

    def report(self) -> str:
        """What was sent, for the log of the test run."""
        rate = self.sent / self.seconds
        return f"{self.sent} requests in {self.seconds:.1f} s ({rate:.1f}/s), {len(self.failures)} failed"

    def _run(self) -> None:
        due = self._started
        for number in itertools.count():
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            self._room.acquire()
            due = max(due + self._interval, time.monotonic() - self._interval)
            self.sent += 1
            self._pool.submit(self._one, number)

    def _one(self, number: int) -> None:
        body = {"model": self._model, "messages": [{"role": "user", "content": f"number {number}"}]}
        try:
            answer = self._client.post(self._url, json=body)
            problem = "" if answer.status_code == 200 else f"{answer.status_code} {answer.text[:200]}"
        except httpx.HTTPError as exc:
            problem = repr(exc)
        finally:
            self._room.release()
        with self._lock:
            self.answered += not problem
            if problem:
                self.failures.append(problem)


PER_SECOND = 50.0


def switch_under_load(
    stream: Stream,
    engines: t.Sequence[Engine],
    register: t.Callable[..., t.Any],
    remove: t.Callable[..., t.Any],
) -> None:
    """Blue serves; green joins; blue goes; and all requests since the start are answered.

    ``register`` and ``remove`` take the engine.
    """
    blue, green = engines
    for engine_ in engines:
        engine_.delay_s = 0.2  # so that requests are under way at every step
    register(blue)
    with stream:
        stream.run_for(3)
        register(green)
        stream.run_for(3)
        remove(blue)
        at_removal = blue.answered
        stream.run_for(3)
        assert blue.answered == at_removal  # the removal returned after its last request
    print(stream.report())
    assert stream.failures == []
    assert stream.answered == stream.sent
    assert green.answered > 0


def remove_under_a_stream(
    stream: SlowStream, engine_: Engine, register: t.Callable[[], t.Any], remove: t.Callable[[], t.Any]
) -> None:
    """The only backend goes while it streams an answer of several seconds, which comes whole."""
    register()
    engine_.delay_s = 1.0
    stream.begin()
    assert not stream.is_whole
    remove()
    assert engine_.under_way == 0  # the removal has waited for it
    stream.join(timeout=10)
    assert stream.is_whole
    assert stream.text == f"pong from {engine_.name}"
