# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's genuine proxy in file mode: routes come from a YAML file, read at start only."""

from __future__ import annotations

import secrets
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import yaml

from tests.lab.process import Child, LabError, base_environment, free_port

_LOOPBACK = Path(__file__).with_name("loopback")


@dataclass(frozen=True)
class Proxy:
    """The proxy, its configuration file and the key that clients must send."""

    child: Child
    url: str
    config_path: Path
    master_key: str
    command: t.Tuple[str, ...]
    environment: t.Mapping[str, str]

    def description(self) -> t.Dict[str, str]:
        """For the state file."""
        return {
            "url": self.url,
            "config_path": str(self.config_path),
            "master_key": self.master_key,
            "log": str(self.child.log),
        }

    def wait_ready(self) -> None:
        """Return when the proxy says that it is alive (8 to 15 s after a start on 2 cores)."""
        self.child.wait_until(self._alive, 420)

    def _alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/liveliness", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def restarted(self) -> Proxy:
        """End the process and start it on the same port: a changed file is seen only then."""
        self.child.stop()
        return replace(self, child=Child.start("LiteLLM", self.command, self.child.log, self.environment))


def start(virtualenv: Path, folder: Path, backend_key: str, master_key: t.Optional[str] = None) -> Proxy:
    """Start with an empty list of models. ``backend_key`` becomes GPUSTACK_API_KEY in its environment.

    ``master_key`` is made where none is given.
    """
    program = virtualenv / "bin" / "litellm"
    if not program.exists():
        raise LabError(
            f"No LiteLLM in {virtualenv}: install litellm[proxy] into it, for example with make setup."
        )
    config = folder / "litellm.yaml"
    general = {"master_key": "os.environ/LITELLM_MASTER_KEY"}
    config.write_text(yaml.safe_dump({"model_list": [], "general_settings": general}), encoding="utf-8")
    port, master_key = free_port(), master_key or f"sk-{secrets.token_hex(16)}"
    environment = base_environment(
        PYTHONPATH=str(_LOOPBACK),
        LAB_NETWORK_LOG=str(folder / "network.log"),
        LITELLM_MASTER_KEY=master_key,
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        GPUSTACK_API_KEY=backend_key,
        HOME=str(folder),
    )
    command = (str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port))
    child = Child.start("LiteLLM", command, folder / "litellm.log", environment)
    return Proxy(child, f"http://127.0.0.1:{port}", config, master_key, command, environment)
