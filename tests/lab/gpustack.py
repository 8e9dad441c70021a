# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The genuine GPUStack server, headless and on loopback, with keys made through its own API."""

from __future__ import annotations

import os
import re
import secrets
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import yaml

from tests.lab import gguf_parser
from tests.lab.hub import Hub
from tests.lab.process import Child, LabError, base_environment, free_port
from tests.lab.state import REPOSITORY

_LOOPBACK = Path(__file__).with_name("loopback")


@dataclass(frozen=True)
class Server:
    """A running GPUStack and the two secrets that it was started with."""

    child: Child
    url: str
    admin_password: str
    registration_token: str
    command: t.Tuple[str, ...]
    environment: t.Mapping[str, str]

    def description(self) -> t.Dict[str, str]:
        """For the state file."""
        return {
            "direct_url": self.url,
            "admin_password": self.admin_password,
            "registration_token": self.registration_token,
            "log": str(self.child.log),
        }

    def restarted(self) -> Server:
        """End the process and start it on the same port and database."""
        self.child.stop()
        return replace(self, child=Child.start("GPUStack", self.command, self.child.log, self.environment))


def start(virtualenv: Path, folder: Path, database_url: str, hubs: Hub) -> Server:
    """Start the server; it is not ready yet when this returns, see wait_ready."""
    program = virtualenv / "bin" / "gpustack"
    if not program.exists():
        raise LabError(
            f"No GPUStack in {virtualenv}: install gpustack==2.3.0 into it, for example with make setup."
        )
    port = free_port()
    admin_password, token = f"Lab-{secrets.token_hex(8)}-1", secrets.token_hex(16)
    settings = _settings(virtualenv, folder, database_url, port)
    settings.update(bootstrap_password=admin_password, token=token)
    config = folder / "gpustack.yaml"
    config.touch(mode=0o600)  # a file, because every user of the machine can read a command line
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    network_log = folder / "network.log"
    network_log.touch()
    third_party = folder / "third_party"
    gguf_parser.install(third_party, REPOSITORY)
    environment = base_environment(
        PYTHONPATH=str(_LOOPBACK),
        LAB_THIRD_PARTY=str(third_party),
        LAB_NETWORK_LOG=str(network_log),
        HF_ENDPOINT=hubs.url("huggingface"),
        MODELSCOPE_DOMAIN=hubs.url("modelscope"),
        HF_HUB_DISABLE_TELEMETRY="1",
        HOME=str(folder),
    )
    command = (str(program), "start", "--config-file", str(config))
    child = Child.start("GPUStack", command, folder / "gpustack.log", environment)
    return Server(child, f"http://127.0.0.1:{port}", admin_password, token, command, environment)


def _settings(virtualenv: Path, folder: Path, database_url: str, port: int) -> t.Dict[str, t.Any]:
    package = max(virtualenv.glob("lib/python3*/site-packages/gpustack"))
    data = folder / "gpustack"
    data.mkdir(mode=0o700)
    wished = {
        "data_dir": str(data),
        "database_url": database_url,
        "gateway_mode": "disabled",
        "disable_worker": True,
        "disable_metrics": True,
        "disable_builtin_observability": True,
        "disable_update_check": True,
        "advertise_address": "127.0.0.1",
        "api_port": port,
        "port": free_port(),
        "proxy_port": free_port(),
        "metrics_port": free_port(),
        # Any value: without one the server asks two registries, without a file two hubs.
        "system_default_container_registry": "registry.example",
        "model_catalog_file": str(package / "assets" / "model-catalog.yaml"),
        "ota_server_url": "http://127.0.0.1:9",
        # Before 2.2 a caller from this machine needs no key.
        "force_auth_localhost": True,
    }
    # Older versions refuse settings that they do not know.
    known = (package / "config" / "config.py").read_text(encoding="utf-8")
    return {key: value for key, value in wished.items() if re.search(rf"^ +{key}: ", known, re.MULTILINE)}


def wait_ready(server: Server) -> None:
    """Return when /readyz answers 200."""
    server.child.wait_until(lambda: _answers(f"{server.url}/readyz"), 420)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def make_keys(server: Server) -> t.Dict[str, str]:
    """API keys by the name under which the state file holds them."""
    scopes = {"api_key": ["*"], "inference_only_key": ["inference"], "management_only_key": ["management"]}
    login = ("admin", server.admin_password)
    keys = {}
    with httpx.Client(base_url=server.url, auth=login, timeout=30, trust_env=False) as client:
        for name, scope in scopes.items():
            answer = client.post("/v2/api-keys", json={"name": name.replace("_", "-"), "scope": scope})
            answer.raise_for_status()
            keys[name] = answer.json()["value"]
    return keys


def default_servers_folder(repository: Path) -> Path:
    """The folder with the virtual environments ``gpustack`` and ``litellm``."""
    return Path(os.environ.get("AUTOCONFIG_LAB_SERVERS", repository / ".venv" / "servers"))
