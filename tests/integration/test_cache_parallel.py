# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One cache folder under eight processes at once, one of which is killed while it writes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader,
    CachePolicy,
    DiskCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient

from tests.lab import state, web

RUNS, FILES, ROUNDS = 8, 12, 2
BODY_BYTES = 200_000

READ_ALL = """
import hashlib, json, sys
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader, CachePolicy, DiskCache)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient
url, folder, files, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sums = {}
with HttpClient(url, "Hub") as client:
    for _time in range(rounds):
        reader = CachedReader(client, DiskCache(folder), CachePolicy(folder, refresh=True))
        for number in range(files):
            body = reader.get("/%d" % number).body
            sums[number] = hashlib.sha256(body).hexdigest()
            print("read", flush=True)
print(json.dumps(sums))
"""


def body(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest() * (BODY_BYTES // 32)


class Answers(web.Handler):
    def respond(self) -> None:
        self.reply(200, body(int(self.path.strip("/"))), "application/octet-stream")


@pytest.fixture
def url() -> t.Iterator[str]:
    server = web.Server(Answers)
    yield server.url
    server.stop()


def test_parallel_runs_share_a_cache_and_survive_the_death_of_one(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    command = [sys.executable, "-c", READ_ALL, url, str(folder), str(FILES), str(ROUNDS)]
    environment = {**os.environ, "PYTHONPATH": str(state.REPOSITORY / ".build")}
    runs = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _time in range(RUNS)
    ]
    victim, others = runs[0], runs[1:]
    assert victim.stdout is not None
    for _time in range(FILES // 2):
        victim.stdout.readline()
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    expected = {str(number): hashlib.sha256(body(number)).hexdigest() for number in range(FILES)}
    for run in others:
        said, _errors = run.communicate(timeout=120)
        assert run.returncode == 0
        assert json.loads(said.splitlines()[-1]) == expected
    with HttpClient("http://127.0.0.1:1", "Hub") as client:
        policy = CachePolicy(str(folder), offline=True)
        client.base_url = url
        reader = CachedReader(client, DiskCache(str(folder)), policy)
        kept = {str(n): hashlib.sha256(reader.get("/%d" % n).body).hexdigest() for n in range(FILES)}
    assert kept == expected
    whole = [entry for entry in folder.iterdir() if not entry.name.startswith(".partial-")]
    assert len(whole) == FILES
    assert len(list(folder.iterdir())) <= FILES + 1
