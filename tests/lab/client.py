# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab from the outside: start, use and end it, from Python."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.lab import recorder, state
from tests.lab.gpustack import default_servers_folder
from tests.lab.hosts import DEFAULT_HOSTS, split_definition
from tests.lab.process import LabError, open_folder, patience
from tests.lab.shapes import parse_shape

DEFAULT_TTL_SECONDS = 3600.0
_SPREAD_SECONDS = 20.0


@dataclass(frozen=True)
class Lab:
    """A running lab; ``state`` is the content of its state file."""

    state: state.Description

    @classmethod
    def running(cls, path: t.Optional[Path] = None) -> t.Optional[Lab]:
        """The lab of this state file, or None."""
        description = state.read(path or state.default_path())
        return None if description is None else cls(description)

    def mark(self) -> int:
        """A point in time of the recorder's log, for writes_since and requests_since."""
        return Path(self.state["recorder"]["log"]).stat().st_size

    def requests_since(self, mark: int) -> t.List[t.Dict[str, t.Any]]:
        """All requests that went through the recorder after ``mark``."""
        return recorder.read_log(Path(self.state["recorder"]["log"]), mark)[0]

    def writes_since(self, mark: int) -> t.List[t.Dict[str, t.Any]]:
        """Those of them that asked the server to change something."""
        return [request for request in self.requests_since(mark) if recorder.is_write(request)]

    def control(self, action: str, **arguments: t.Any) -> t.Any:
        """Ask the supervisor; the actions are the methods of Fleet and Hub.

        :raises LabError: with the supervisor's words when it refuses.
        """
        endpoint = self.state["control"]
        answer = httpx.post(
            endpoint["url"],
            json={"action": action, **arguments},
            headers={"Authorization": f"Bearer {endpoint['token']}"},
            timeout=200,
            trust_env=False,
        )
        body = answer.json()
        if answer.status_code != 200:
            raise LabError(body["error"])
        return body["result"]

    def gpus(self, host: str) -> t.List[t.Dict[str, t.Any]]:
        """The cards of a host as its gpus.json has them now."""
        directory = next(item["directory"] for item in self.state["hosts"] if item["name"] == host)
        document = json.loads((Path(directory) / "gpus.json").read_text(encoding="utf-8"))
        return t.cast("list[dict[str, t.Any]]", document["gpus"])

    def _left(self, client: httpx.Client, prefix: str) -> t.List[str]:
        """Instances that the server still has, or that still hold memory of a card."""
        known = [
            item["name"]
            for item in _items(client, "/v2/model-instances")
            if item["model_name"].startswith(prefix)
        ]
        holding = [
            name for host in self.state["hosts"] for gpu in self.gpus(host["name"]) for name in gpu["claims"]
        ]
        return known + [name for name in holding if name.startswith(prefix)]

    def remove_worker(self, name: str) -> None:
        """Let a pretend worker fall silent and delete it from the server."""
        self.control("remove_worker", name=name)
        with self.server() as client:
            for worker in _items(client, "/v2/workers"):
                if worker["name"] == name:
                    client.delete(f"/v2/workers/{worker['id']}").raise_for_status()

    def server(self) -> httpx.Client:
        """A client of GPUStack that goes past the recorder, with the full key."""
        gpustack = self.state["gpustack"]
        headers = {"Authorization": f"Bearer {gpustack['api_key']}", "User-Agent": "lab-client"}
        return httpx.Client(base_url=gpustack["direct_url"], headers=headers, timeout=60, trust_env=False)

    def clean(self, prefix: str = "") -> None:
        """Remove models and routes whose name starts with ``prefix`` and undo all faults.

        Returns when no instance of them is left, so that the memory of the cards is free again.
        """
        with self.server() as client:
            for kind in ("/v2/models", "/v2/model-routes"):
                for item in _items(client, kind):
                    if item["name"].startswith(prefix):
                        answer = client.delete(f"{kind}/{item['id']}")
                        if answer.status_code == 500:  # 2.1, while the model takes its own route with it
                            answer = client.delete(f"{kind}/{item['id']}")
                        if answer.status_code not in (200, 404):
                            raise LabError(f"Cannot delete {kind}/{item['id']}: {answer.text[:200]}")
            _wait_until(lambda: not self._left(client, prefix), f"instances of {prefix!r} to be gone")
        for action in ("reset_workers", "hub_reset"):
            self.control(action)


def _items(client: httpx.Client, path: str) -> t.List[t.Dict[str, t.Any]]:
    answer = client.get(path, params={"perPage": 1000})
    if answer.status_code == 404:  # 2.0 has no routes
        return []
    return t.cast("list[dict[str, t.Any]]", answer.raise_for_status().json()["items"])


def _wait_until(done: t.Callable[[], bool], what: str) -> None:
    began = time.monotonic()
    while not done():
        waited = time.monotonic() - began
        if waited > patience(_SPREAD_SECONDS):
            raise LabError(f"Waited {waited:.0f} s in vain for {what}.")
        time.sleep(0.1)


def up(
    path: t.Optional[Path] = None,
    hosts: t.Sequence[str] = DEFAULT_HOSTS,
    ttl: float = DEFAULT_TTL_SECONDS,
    owner_pid: t.Optional[int] = None,
    servers_dir: t.Optional[Path] = None,
) -> Lab:
    """The running lab of this state file; started first if there is none (about 30 s on 2 cores).

    :param ttl: seconds after which the lab ends by itself.
    :param owner_pid: the lab ends when this process does.
    """
    for definition in hosts:  # a wrong shape must not cost a start
        parse_shape(split_definition(definition)[1])
    path = path or state.default_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = Lab.running(path)
        if running is not None:
            return running
        _remove_leftovers(path)
        _start_supervisor(
            path, hosts, ttl, owner_pid, servers_dir or default_servers_folder(state.REPOSITORY)
        )
    started = Lab.running(path)
    if started is None:
        raise LabError("The lab ended right after its start.")
    return started


def _start_supervisor(
    path: Path, hosts: t.Sequence[str], ttl: float, owner_pid: t.Optional[int], servers_dir: Path
) -> None:
    folder = open_folder("autoconfig-lab-")
    options = {"folder": folder, "state": path.resolve(), "servers-dir": servers_dir.resolve(), "ttl": ttl}
    command = [sys.executable, "-m", "tests.lab.supervisor"]
    command += [f"--{name}={value}" for name, value in options.items()]
    command += [f"--host={host}" for host in hosts]
    command += [] if owner_pid is None else [f"--owner-pid={owner_pid}"]
    with (folder / "supervisor.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=state.REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
    except BaseException:  # also an impatient Ctrl-C must not leave a half-started lab
        process.terminate()
        raise
    finally:
        process.stdout.close()
    if not said:
        text = (folder / "supervisor.log").read_text(errors="replace") if folder.exists() else ""
        raise LabError(f"The lab's supervisor ended without a word.\n{text}")
    message = json.loads(said)
    if "error" in message:
        process.wait(60)
        raise LabError(message["error"])


def down(path: t.Optional[Path] = None, seconds: float = 40.0) -> bool:
    """End the lab of this state file and wait until all is gone; False when none was running."""
    path = path or state.default_path()
    running = Lab.running(path)
    if running is None:
        _remove_leftovers(path)
        return False
    folder = Path(running.state["folder"])
    os.kill(running.state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while folder.exists() or Lab.running(path) is not None:
        if time.monotonic() > deadline:
            raise LabError(
                f"The lab did not end within {seconds:.0f} s; its supervisor is {running.state['pid']}."
            )
        time.sleep(0.1)
    return True


def _remove_leftovers(path: Path) -> None:
    """After a supervisor that was killed: the kernel ended its children, the files are still there."""
    if not path.exists():
        return
    folder = Path(json.loads(path.read_text(encoding="utf-8"))["folder"])
    if folder.name.startswith("autoconfig-lab-"):
        shutil.rmtree(folder, ignore_errors=True)
    path.unlink()
