# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hub stand-in: Hugging Face, ModelScope, models.dev and a CDN, each on a loopback port of its own.

The official clients accept it (see tests/integration/test_lab_hub_official_clients.py). What no
client looks at may differ from the real hubs.
"""

from __future__ import annotations

import secrets
import typing as t
from pathlib import Path
from urllib.parse import unquote

from tests.lab import models_dev
from tests.lab.hub_files import load_repositories
from tests.lab.hub_huggingface import HuggingFace
from tests.lab.hub_modelscope import ModelScope
from tests.lab.hub_server import Fault, HubHandler, Shared
from tests.lab.process import LabError
from tests.lab.web import Server

_FAULTS = ("429", "500", "slow", "down")


class _Cdn(HubHandler):
    """Large files. A client that sends its token here has a leak: the log shows it."""

    source = "cdn"

    def answer(self) -> None:
        owner, name, path = unquote(self.path.partition("?")[0]).lstrip("/").split("/", 2)
        file = self.hub.by_lower_id[f"{owner}/{name}".lower()].files[path]
        self.send_file(file, file.sha256)


class _ModelsDev(HubHandler):
    """The three generated files of models.dev."""

    source = "models_dev"
    documents: t.ClassVar[t.Mapping[str, t.Any]] = {}

    def answer(self) -> None:
        document = self.documents.get(self.path.partition("?")[0])
        self.reply(200, document) if document is not None else self.reply(404, "not found", "text/plain")


class Hub:
    """The running stand-in."""

    def __init__(self, folder: Path) -> None:
        tokens = {"huggingface": f"hf_{secrets.token_hex(16)}", "modelscope": f"ms-{secrets.token_hex(16)}"}
        self.log = folder / "hub.jsonl"
        self.log.touch(mode=0o600)
        self._shared = Shared(load_repositories(), self.log, tokens)
        handlers: t.Tuple[type[HubHandler], ...] = (HuggingFace, ModelScope, _ModelsDev, _Cdn)
        self._handlers = {handler.source: self._bound(handler) for handler in handlers}
        self._servers = {source: Server(handler) for source, handler in self._handlers.items()}
        self._ports = {source: server.server_address[1] for source, server in self._servers.items()}
        self._shared.cdn_url = self.url("cdn")

    def url(self, source: str) -> str:
        """The base URL of ``huggingface``, ``modelscope``, ``models_dev`` or ``cdn``."""
        return f"http://127.0.0.1:{self._ports[source]}"

    def description(self) -> t.Dict[str, t.Dict[str, str]]:
        """For the state file."""
        tokens = self._shared.tokens
        return {
            "huggingface": {"url": self.url("huggingface"), "token": tokens["huggingface"]},
            "modelscope": {"url": self.url("modelscope"), "token": tokens["modelscope"]},
            "models_dev": {"url": self.url("models_dev")},
            "hub": {"log": str(self.log), "cdn_url": self.url("cdn")},
        }

    def set_fault(self, source: str, kind: str, seconds: float = 1.0, count: t.Optional[int] = None) -> None:
        """Make a source misbehave: ``429``, ``500``, ``slow`` (seconds) or ``down`` (port closed)."""
        if source not in self._ports or kind not in _FAULTS:
            raise LabError(f"Sources: {', '.join(self._ports)}. Faults: {', '.join(_FAULTS)}.")
        self._shared.faults[source] = Fault(kind, seconds, None if kind == "down" else count)
        if kind == "down" and source in self._servers:
            self._servers.pop(source).stop()

    def clear_faults(self) -> None:
        """All sources behave again, on the same ports."""
        self._shared.faults.clear()
        for source, port in self._ports.items():
            if source not in self._servers:
                self._servers[source] = Server(self._handlers[source], port)

    def stop(self) -> None:
        """Close all ports."""
        for server in self._servers.values():
            server.stop()

    def _bound(self, handler: type[HubHandler]) -> type[HubHandler]:
        members: t.Dict[str, t.Any] = {"hub": self._shared}
        if handler is _ModelsDev:
            members["documents"] = models_dev.documents()
        return type(handler.__name__, (handler,), members)
