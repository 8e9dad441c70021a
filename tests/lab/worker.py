# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pretend GPU workers that speak GPUStack's genuine worker protocol.

Real: registration, heartbeat, scheduling, placement, booking of memory, proxying, deletion. Pretended:
the cards (gpus.json of the host), the download and the start of an instance. Instances of all workers
share one real engine (llama.py); engine.py answers where a test wishes it.
"""

from __future__ import annotations

import json
import logging
import threading
import typing as t
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.lab.behaviour import Behaviour
from tests.lab.shapes import used_mib, write_document
from tests.lab.web import Server
from tests.lab.worker_endpoint import handler_for

_LOG = logging.getLogger(__name__)
_MIB = 1 << 20
_HEARTBEAT_SECONDS = 10.0
_DELETED = 3
Json = t.Dict[str, t.Any]


class Host:
    """The cards of one host, kept in the gpus.json that its nvidia-smi prints from."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._path = directory / "gpus.json"
        self._lock = threading.Lock()

    def read(self) -> Json:
        """The document as it is now."""
        return t.cast(Json, json.loads(self._path.read_text(encoding="utf-8")))

    def update(self, change: t.Callable[[Json], None]) -> None:
        """Apply ``change`` to the document and store it in one step."""
        with self._lock:
            document = self.read()
            change(document)
            write_document(self._path, document)

    def set_claims(self, instance: str, mib_by_gpu: t.Mapping[int, int]) -> None:
        """What an instance holds on each card; an empty mapping frees everything."""

        def change(document: Json) -> None:
            for gpu in document["gpus"]:
                gpu["claims"].pop(instance, None)
                if gpu["index"] in mib_by_gpu:
                    gpu["claims"][instance] = mib_by_gpu[gpu["index"]]

        self.update(change)

    def claimants(self) -> t.Set[str]:
        """Instances that hold memory here."""
        return {name for gpu in self.read()["gpus"] for name in gpu["claims"]}


class PretendWorker:
    """One registered worker: an HTTP endpoint, a heartbeat and two watches, each in a thread."""

    def __init__(
        self, server_url: str, registration_token: str, host: Host, behaviour: Behaviour, engine_url: str
    ) -> None:
        self.host = host
        self.behaviour = behaviour
        self.engine_address = urlsplit(engine_url).netloc
        self._stopped = threading.Event()
        self._running: t.Dict[int, Json] = {}
        self._endpoint = Server(handler_for(self))
        self._api = _client(server_url, registration_token)
        # 2.0 takes workers with the same uuid, also an empty one, for the same worker.
        uuid = f"worker-{host.name}"
        registration = {**self._status(uuid), "name": host.name, "worker_version": "v2.3.0"}
        registration["labels"] = {"os": "linux", "arch": "amd64", "worker-name": host.name}
        registration["labels"]["gpustack.existence-check"] = "true"
        me = self._send("POST", "/v2/workers", registration)
        self.id: int = me["id"]
        self._uuid: str = me.get("worker_uuid") or uuid
        self._api.close()
        self._api = _client(server_url, me["token"])
        for work in (self._beat, self._watch_files, self._watch_instances):
            threading.Thread(target=self._repeat, args=(work,), daemon=True).start()

    def stop(self) -> None:
        """Fall silent, as a machine does that loses its power; memory of the cards is free again."""
        self._stopped.set()
        self._endpoint.stop()
        self._api.close()
        for name in self.host.claimants():
            self.host.set_claims(name, {})

    @property
    def name(self) -> str:
        """The host's name, which is the worker's too."""
        return self.host.name

    def served_models(self) -> t.Set[str]:
        """Names of the models with a running instance here."""
        return {instance["model_name"] for instance in self._running.values()}

    def _repeat(self, work: t.Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                work()
            except (httpx.HTTPError, RuntimeError, ValueError) as problem:
                if not self._stopped.is_set():
                    _LOG.warning("%s: %s: %s", self.host.name, type(problem).__name__, problem)
            self._stopped.wait(1.0)

    def _beat(self) -> None:
        while True:
            self._send("POST", "/v2/worker-status", self._status(self._uuid))
            self._send("POST", "/v2/worker-heartbeat", {})
            if self._stopped.wait(_HEARTBEAT_SECONDS):
                return

    def _watch_files(self) -> None:
        begun: t.Set[int] = set()
        for event in self._watch("/v2/model-files"):
            item = event.get("data") or {}
            if event["type"] == _DELETED or item.get("state") != "downloading":
                begun.discard(event["id"])
            elif item["id"] not in begun:
                begun.add(item["id"])
                threading.Thread(target=self._download, args=(item,), daemon=True).start()

    def _download(self, item: Json) -> None:
        """Report a download as it goes on; each PUT comes back as an event."""
        try:
            for change in self.behaviour.download(item):
                # 2.0 forgets the instance of a file that is there before the instance waits for it.
                self._stopped.wait(change.seconds)
                self._send("PUT", f"/v2/model-files/{item['id']}", {**item, **change.fields})
        except (httpx.HTTPError, RuntimeError) as problem:
            _LOG.info("%s: the download %s went away: %s", self.host.name, item["id"], problem)

    def _watch_instances(self) -> None:
        listed = self._send("GET", "/v2/model-instances", params={"worker_id": self.id, "perPage": 1000})
        alive = {item["name"] for item in listed["items"]}
        for name in self.host.claimants() - alive:
            self.host.set_claims(name, {})
        for event in self._watch("/v2/model-instances"):
            item = event.get("data") or self._running.get(event["id"])
            if item:
                self._follow(item, gone=event["type"] == _DELETED)

    def _follow(self, item: Json, gone: bool) -> None:
        """React to one state of an instance; each PUT comes back as the next event."""
        if (gone or item["state"] != "running") and self._running.pop(item["id"], None):
            self.host.set_claims(item["name"], {})
        if gone:
            return
        if item["state"] == "scheduled":
            port = 40000 + item["id"] % 20000
            self._move(item, {"state": "initializing", "port": port, "ports": [port]})
        elif item["state"] == "starting":
            delay = self.behaviour.seconds_to_start(item["model_name"])
            timer = threading.Timer(delay, self._finish_start, args=(item["id"],))
            timer.daemon = True
            timer.start()
        elif item["state"] == "running" and item["id"] not in self._running:
            self._running[item["id"]] = item
            self._claim(item)

    def _finish_start(self, instance_id: int) -> None:
        try:
            item = self._send("GET", f"/v2/model-instances/{instance_id}")
            if item["state"] != "starting":
                return
            failure = self.behaviour.next_failure(item["model_name"])
            change: dict[str, t.Any] = {"state": "running", "state_message": "", "pid": 4242}
            if failure is not None:
                change = {"state": "error", "state_message": failure}
            self._move(item, change)
        except (httpx.HTTPError, RuntimeError) as problem:
            _LOG.info("%s: instance %s went away while it started: %s", self.host.name, instance_id, problem)

    def _claim(self, item: Json) -> None:
        vram = (item.get("computed_resource_claim") or {}).get("vram") or {}
        self.host.set_claims(item["name"], {int(index): int(size) // _MIB for index, size in vram.items()})

    def _move(self, item: Json, change: Json) -> None:
        self._send("PUT", f"/v2/model-instances/{item['id']}", {**item, **change})

    def _watch(self, path: str) -> t.Iterator[Json]:
        query: t.Dict[str, t.Union[str, int]] = {"watch": "true", "worker_id": self.id}
        with self._api.stream("GET", path, params=query, timeout=httpx.Timeout(30, read=None)) as answer:
            _expect_success(answer)
            for line in answer.iter_lines():
                if self._stopped.is_set():
                    return
                event = json.loads(line) if line.strip() else {}
                # The filter of a watch is the server's; rows of other workers are dropped here again.
                if event.get("type") and (event.get("data") or {}).get("worker_id", self.id) == self.id:
                    yield event

    def _send(self, method: str, path: str, body: t.Any = None, params: t.Any = None) -> Json:
        answer = self._api.request(method, path, json=body, params=params)
        _expect_success(answer)
        return t.cast(Json, answer.json()) if answer.content else {}

    def _status(self, worker_uuid: str) -> Json:
        port = self._endpoint.server_address[1]
        document = self.host.read()
        return {
            "hostname": self.host.name,
            "ip": "127.0.0.1",
            "ifname": "lo",
            "port": port,
            "metrics_port": port,
            "advertise_address": "127.0.0.1",
            "worker_uuid": worker_uuid,
            "machine_id": f"machine-{self.host.name}",
            "proxy_mode": "worker",
            "system_reserved": {"ram": 0, "vram": 0},
            "state_message": None,  # null clears the not_ready that registration sets
            "status": {**_MACHINE, "gpu_devices": [_device(document, gpu) for gpu in document["gpus"]]},
        }


_MACHINE: Json = {
    "cpu": {"total": 192, "utilization_rate": 1.0},
    "memory": {"total": 2 << 40, "used": 8 << 30, "utilization_rate": 1.0, "is_unified_memory": False},
    "swap": {"total": 0, "used": 0},
    "filesystem": [
        {
            "name": "/",
            "mount_point": "/",
            "mount_from": "/dev/sda1",
            "total": 8 << 40,
            "used": 1 << 40,
            "free": 7 << 40,
            "available": 7 << 40,
        }
    ],
    "os": {"name": "Ubuntu", "version": "22.04"},
    "kernel": {"name": "Linux", "release": "6.8", "version": "1", "architecture": "x86_64"},
    "uptime": {"uptime": 1000.0, "boot_time": "2026-01-01 00:00:00"},
}


def _device(document: Json, gpu: Json) -> Json:
    total, used = gpu["memory_total_mib"] * _MIB, used_mib(gpu) * _MIB
    return {
        "vendor": "nvidia",
        "type": "cuda",
        "index": gpu["index"],
        "device_index": gpu["index"],
        "device_chip_index": 0,
        "arch_family": gpu["architecture"],
        "name": gpu["product"],
        "uuid": gpu["uuid"],
        "driver_version": document["driver_version"],
        "runtime_version": document["cuda_version"],
        "compute_capability": gpu["compute_capability"],
        "core": {"total": 0, "utilization_rate": 0},
        "memory": {
            "total": total,
            "used": used,
            "utilization_rate": round(100 * used / total, 2),
            "is_unified_memory": False,
        },
        "temperature": 31,
        "power": gpu["power_limit_w"],
        "power_used": gpu["power_limit_w"] // 10,
    }


def _client(url: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "lab-worker"}
    return httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)


def _expect_success(answer: httpx.Response) -> None:
    if answer.status_code >= 400:
        answer.read()
        raise RuntimeError(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}"
        )
