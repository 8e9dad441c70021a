# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one process that owns a lab: starts its parts, keeps the state file, ends everything.

It ends on SIGTERM or SIGINT, when its time is over, when its owner is gone, or when a server that it
owns dies. Started by ``client.up``; it says one JSON line on standard output: ready, or the error.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import json
import logging
import os
import queue
import secrets
import select
import shutil
import signal
import sys
import time
import typing as t
from pathlib import Path

import httpx

from tests.lab import control, gpustack, hosts, hub, litellm, llama, postgres, recorder, state
from tests.lab.fleet import Fleet
from tests.lab.process import Child, LabError, patience

_LOG = logging.getLogger(__name__)
_TICK_SECONDS = 0.2
_WORKERS_READY_SECONDS = 60


class Supervisor:
    """A lab's life from start to end. All children are started from the main thread."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._folder = Path(options.folder)
        self._started = time.monotonic()
        self._children: t.List[Child] = []
        self._cleanups = contextlib.ExitStack()
        self._proxy: t.Optional[litellm.Proxy] = None
        self._server: t.Optional[gpustack.Server] = None
        self._jobs: queue.Queue[t.Tuple[t.Callable[[], None], concurrent.futures.Future[str]]] = queue.Queue()
        self._serving = False
        self._stopping = False

    def run(self) -> int:
        """Start, serve until there is a reason to end, take down. Returns the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            description = self._start()
            state.write(Path(self._options.state), description)
            _announce({"ready": True})
            reason = self._serve()
            _LOG.info("ending: %s", reason)
            return 0
        except (LabError, httpx.HTTPError, OSError) as problem:
            _announce({"error": str(problem)})
            return 1
        finally:
            self._take_down()

    def _ask_to_stop(self, *_: t.Any) -> None:
        self._stopping = True
        if not self._serving:
            raise LabError("The lab was told to end while it started.")

    def _start(self) -> state.Description:
        stand_in = hub.Hub(self._folder)
        self._cleanups.callback(stand_in.stop)
        engine = llama.start(self._virtualenv("llama"), self._folder)
        self._own(engine.child)
        server = self._start_gpustack(stand_in)
        keys = gpustack.make_keys(server)
        proxy = self._proxy = litellm.start(self._virtualenv("litellm"), self._folder, keys["api_key"])
        self._cleanups.callback(self._stop_litellm)
        fleet = Fleet(server.url, server.registration_token, engine.url)
        self._cleanups.callback(fleet.stop)
        simulated = [hosts.make_host(self._folder / "hosts", each) for each in self._options.host]
        for host in simulated:
            fleet.add(host.name, host.directory)
        hosts.write_inventory(self._folder / "inventory.yml", simulated)
        log = self._folder / "recorder.jsonl"
        front = recorder.start(server.url, log)
        self._cleanups.callback(front.stop)
        self._wait_for_workers(server.url, keys["api_key"], len(simulated))
        proxy.wait_ready()
        engine.wait_ready()
        return {
            "pid": os.getpid(),
            "folder": str(self._folder),
            "started_in_s": round(time.monotonic() - self._started, 1),
            "gpustack": {"url": front.url, **server.description(), **keys},
            "recorder": {"log": str(log)},
            "litellm": proxy.description(),
            "engine": engine.description(),
            "hosts": [host.as_dict() for host in simulated],
            "inventory": str(self._folder / "inventory.yml"),
            "network_log": str(self._folder / "network.log"),
            "control": self._start_control(fleet, stand_in),
            **stand_in.description(),
        }

    def _start_gpustack(self, stand_in: hub.Hub) -> gpustack.Server:
        virtualenv = self._virtualenv("gpustack")
        database = postgres.start(virtualenv, self._folder / "postgres")
        self._own(database.child)
        server = self._server = gpustack.start(virtualenv, self._folder, database.url, stand_in)
        self._cleanups.callback(self._stop_gpustack)
        gpustack.wait_ready(server)
        return server

    def _stop_gpustack(self) -> None:
        self._gpustack().child.stop()

    def _gpustack(self) -> gpustack.Server:
        """The server that runs now: a restart replaces it."""
        assert self._server is not None
        return self._server

    def _own(self, child: Child) -> None:
        self._children.append(child)
        self._cleanups.callback(child.stop)

    def _virtualenv(self, name: str) -> Path:
        return Path(self._options.servers_dir) / name

    def _stop_litellm(self) -> None:
        """The one that runs at the end: a restart has put another in the place of the first."""
        self._litellm().child.stop()

    def _litellm(self) -> litellm.Proxy:
        """The proxy that runs now: a restart replaces it."""
        assert self._proxy is not None
        return self._proxy

    def _wait_for_workers(self, url: str, key: str, count: int) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        began = time.monotonic()
        with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
            while True:
                items = client.get("/v2/workers", params={"perPage": 1000}).raise_for_status().json()["items"]
                if sum(worker["state"] == "ready" for worker in items) >= count:
                    return
                if time.monotonic() - began > patience(_WORKERS_READY_SECONDS) or self._stopping:
                    states = {worker["name"]: worker["state_message"] for worker in items}
                    raise LabError(f"The pretend workers did not get ready: {states}")
                time.sleep(0.3)

    def _start_control(self, fleet: Fleet, stand_in: hub.Hub) -> t.Dict[str, str]:
        token = secrets.token_hex(16)
        actions: t.Dict[str, control.Action] = {
            "fail_next": fleet.fail_next,
            "slow": fleet.slow,
            "pretend": fleet.pretend,
            "full": fleet.full,
            "stream_slowly": fleet.stream_slowly,
            "download": fleet.download,
            "set_used": fleet.set_used,
            "set_broken": fleet.set_broken,
            "add_worker": fleet.add,
            "remove_worker": fleet.remove,
            "reset_workers": fleet.reset,
            "hub_fault": stand_in.set_fault,
            "hub_reset": stand_in.clear_faults,
            "restart_litellm": lambda: self._in_main_thread(self._restart_litellm),
            "restart_gpustack": lambda: self._in_main_thread(self._restart_gpustack),
        }
        endpoint = control.start(actions, token)
        self._cleanups.callback(endpoint.stop)
        return {"url": endpoint.url, "token": token}

    def _in_main_thread(self, job: t.Callable[[], None]) -> str:
        """Run a job where children may be started."""
        done: concurrent.futures.Future[str] = concurrent.futures.Future()
        self._jobs.put((job, done))
        return done.result(timeout=180)

    def _restart_litellm(self) -> None:
        self._proxy = self._litellm().restarted()
        self._proxy.wait_ready()

    def _restart_gpustack(self) -> None:
        self._server = self._gpustack().restarted()
        gpustack.wait_ready(self._server)

    def _serve(self) -> str:
        """Do jobs until there is a reason to end; returns the reason."""
        self._serving = True
        owner = _open_process(self._options.owner_pid)
        deadline = self._started + self._options.ttl
        while not self._stopping:
            if time.monotonic() > deadline:
                return f"the {self._options.ttl:.0f} s of its life are over"
            if owner is not None and select.select([owner], [], [], 0)[0]:
                return "its owner is gone"
            children = [*self._children, self._gpustack().child]
            dead = [child.name for child in children if child.process.poll() is not None]
            if dead:
                return f"{dead[0]} died"
            try:
                self._do(*self._jobs.get(timeout=_TICK_SECONDS))
            except queue.Empty:
                continue
        return "it was asked to"

    @staticmethod
    def _do(job: t.Callable[[], None], done: concurrent.futures.Future[str]) -> None:
        try:
            job()
            done.set_result("restarted")
        except LabError as problem:
            done.set_exception(problem)

    def _take_down(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._cleanups.close()
        state.remove(Path(self._options.state), os.getpid())
        shutil.rmtree(self._folder, ignore_errors=True)


def _open_process(pid: t.Optional[int]) -> t.Optional[int]:
    """A descriptor that turns readable when the process ends: unlike a pid it is never used again."""
    if pid is None:
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError as problem:
        raise LabError(f"There is no process {pid} that could own the lab.") from problem


def _announce(message: t.Mapping[str, t.Any]) -> None:
    """Tell the starter, which may be gone, then let go of its pipe."""
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(message), flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> int:
    """Entry point of ``python -m tests.lab.supervisor``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--servers-dir", required=True)
    parser.add_argument("--ttl", type=float, required=True)
    parser.add_argument("--owner-pid", type=int)
    parser.add_argument("--host", action="append", default=[])
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Supervisor(options).run()


if __name__ == "__main__":
    sys.exit(main())
