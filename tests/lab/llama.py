# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's engine: llama.cpp's own server on a tiny model, one process behind all pretended workers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.lab import llama_model
from tests.lab.process import Child, LabError, base_environment, free_port

# The name that the server gives its model in answers.
ALIAS = "lab-engine"


@dataclass(frozen=True)
class Engine:
    """The server's process, and where it listens."""

    child: Child
    url: str

    def description(self) -> t.Dict[str, str]:
        """For the state file."""
        return {"url": self.url, "log": str(self.child.log)}

    def wait_ready(self) -> None:
        """Return when it says that it is healthy, half a second after a start."""
        self.child.wait_until(self._healthy, 60)

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


def start(virtualenv: Path, folder: Path) -> Engine:
    """Start the server; it is not ready yet when this returns."""
    python = virtualenv / "bin" / "python"
    if not python.exists():
        raise LabError(
            f"No llama.cpp server in {virtualenv}: install xllamacpp into it, for example with make setup."
        )
    model = folder / "engine.gguf"
    model.write_bytes(llama_model.model_bytes())
    port = free_port()
    script = Path(__file__).with_name("llama_server.py")
    command = (str(python), str(script), str(model), ALIAS, str(llama_model.CONTEXT), str(port))
    child = Child.start("the engine", command, folder / "engine.log", base_environment())
    return Engine(child, f"http://127.0.0.1:{port}")
