# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All pretend workers of a lab, and the wishes that tests may have of them."""

from __future__ import annotations

import typing as t
from pathlib import Path

from tests.lab.behaviour import Behaviour, Download
from tests.lab.process import LabError
from tests.lab.worker import Host, PretendWorker

BROKEN_MODES = ("driver_not_loaded", "driver_mismatch", "no_devices", "unknown_error", "device_lost", "hang")


class Fleet:
    """Workers by the name of their host."""

    def __init__(self, server_url: str, registration_token: str, engine_url: str) -> None:
        self._server_url = server_url
        self._engine_url = engine_url
        self._token = registration_token
        self._behaviour = Behaviour()
        self._workers: t.Dict[str, PretendWorker] = {}

    def add(self, name: str, directory: str) -> None:
        """Register a worker whose cards are those of the gpus.json in ``directory``."""
        if name in self._workers:
            raise LabError(f"There is a worker {name} already.")
        host = Host(name, Path(directory))
        self._workers[name] = PretendWorker(
            self._server_url, self._token, host, self._behaviour, self._engine_url
        )

    def remove(self, name: str) -> None:
        """Let a worker fall silent; the server notices by the missing heartbeat."""
        self._of(name).stop()
        del self._workers[name]

    def fail_next(self, model: str, message: str) -> None:
        """The next instance of ``model`` that starts ends in ``error`` with this message."""
        with self._behaviour.lock:
            self._behaviour.failures.setdefault(model, []).append(message)

    def slow(self, model: str, seconds: float) -> None:
        """Instances of ``model`` stay in ``starting`` for so long."""
        self._behaviour.slow[model] = seconds

    def pretend(self, model: str) -> None:
        """The pretended engine answers for ``model``: the same words each time, with the worker's name."""
        self._behaviour.pretended.add(model)

    def full(self, model: str) -> None:
        """Requests to ``model`` do not wait for a free slot: without one they are refused."""
        self._behaviour.full.add(model)

    def stream_slowly(self, seconds: float) -> None:
        """The pretended engine answers for all models, and pauses for so long behind each streamed event."""
        self._behaviour.event_seconds = seconds

    def download(
        self, repository: str, seconds: float, steps: int, size: int, failure: t.Optional[str] = None
    ) -> None:
        """Downloads of ``repository`` take so long, are reported in steps, and may fail in the end."""
        self._behaviour.downloads[repository] = Download(seconds, steps, size, failure)

    def set_used(self, host: str, mib: int, gpu: t.Optional[int] = None) -> None:
        """Memory that foreign processes hold, on one card or on all cards of a host."""
        worker = self._of(host)

        def change(document: t.Dict[str, t.Any]) -> None:
            for card in document["gpus"]:
                if gpu in (None, card["index"]):
                    card["foreign_used_mib"] = mib

        worker.host.update(change)

    def set_broken(self, host: str, mode: t.Optional[str]) -> None:
        """Make nvidia-smi of a host fail in one of BROKEN_MODES, or work again (None)."""
        if mode is not None and mode not in BROKEN_MODES:
            raise LabError(f"Unknown mode {mode!r}: one of {', '.join(BROKEN_MODES)}.")
        self._of(host).host.update(lambda document: document.update(broken=mode))

    def reset(self) -> None:
        """Forget all wishes: no failures, no slowness, no downloads, no foreign memory, no broken driver.

        The real engine answers again.
        """
        self._behaviour.reset()
        for name in self._workers:
            self.set_used(name, 0)
            self.set_broken(name, None)

    def stop(self) -> None:
        """Stop all workers."""
        for name in list(self._workers):
            self.remove(name)

    def _of(self, name: str) -> PretendWorker:
        if name not in self._workers:
            raise LabError(f"No worker {name}; there are {', '.join(sorted(self._workers)) or 'none'}.")
        return self._workers[name]
