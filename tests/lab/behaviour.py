# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How pretend workers behave: what tests wish of downloads and starts."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field

_DOWNLOAD_SECONDS = 0.3
Json = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Download:
    """A download of ``size`` bytes that is reported in ``steps``, and may fail in the end."""

    seconds: float = _DOWNLOAD_SECONDS
    steps: int = 1
    size: int = 0
    failure: t.Optional[str] = None


@dataclass(frozen=True)
class Change:
    """What a worker reports of a model file, so many seconds after the report before."""

    seconds: float
    fields: Json


@dataclass
class Behaviour:
    """How instances start and answer: shared by all workers, changed through the control endpoint."""

    start_seconds: float = 0.3
    event_seconds: float = 0.0
    slow: t.Dict[str, float] = field(default_factory=dict)
    failures: t.Dict[str, t.List[str]] = field(default_factory=dict)
    downloads: t.Dict[str, Download] = field(default_factory=dict)
    pretended: t.Set[str] = field(default_factory=set)
    full: t.Set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_failure(self, model: str) -> t.Optional[str]:
        """The message with which the next instance of this model must fail, used up by asking."""
        with self.lock:
            waiting = self.failures.get(model)
            return waiting.pop(0) if waiting else None

    def seconds_to_start(self, model: str) -> float:
        """How long an instance of this model stays in ``starting``."""
        return self.slow.get(model, self.start_seconds)

    def pretends(self, model: str) -> bool:
        """Whether the pretended engine answers for this model, because a real one cannot do what is wished."""
        return model in self.pretended or self.event_seconds > 0

    def download(self, file: Json) -> t.Iterator[Change]:
        """What a worker reports of the download of a model file, one after the other."""
        name = file.get("local_path") or file.get("huggingface_repo_id") or file.get("model_scope_model_id")
        wish = self.downloads.get(str(name), Download())
        size = wish.size or file.get("size") or 1
        for step in range(1, wish.steps):
            share = round(100 * step / wish.steps, 2)
            yield Change(wish.seconds / wish.steps, {"size": size, "download_progress": share})
        if wish.failure is None:
            there = {"state": "ready", "download_progress": 100, "resolved_paths": [f"/models/{name}"]}
        else:
            there = {"state": "error", "state_message": wish.failure}
        yield Change(wish.seconds / wish.steps, {"size": size, **there})

    def reset(self) -> None:
        """Forget all wishes."""
        with self.lock:
            self.failures.clear()
        self.slow.clear()
        self.event_seconds = 0.0
        for wishes in (self.downloads, self.pretended, self.full):
            wishes.clear()
