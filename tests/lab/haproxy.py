# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAProxy, genuine, with a configuration of the caller; where Debian's package is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Child, base_environment, free_port

_HEAD = """\
global
  stats socket {folder}/admin.sock mode 600 level admin expose-fd listeners
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:{port}
"""


@dataclass(frozen=True)
class HAProxy:
    """A running HAProxy and its administration socket."""

    child: Child
    url: str
    admin: Path

    def reload(self) -> None:
        """Let it read its files again; the former worker ends what is under way."""
        before = self._workers()
        os.kill(self.child.process.pid, signal.SIGUSR2)
        self.child.wait_until(lambda: self._workers() not in (before, []), 20)
        self.child.wait_until(lambda: bool(self.command("show info")), 20)

    def command(self, words: str) -> str:
        """One command of the administration socket; empty while nobody listens."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.admin))
            admin.sendall(words.encode() + b"\n")
            return b"".join(iter(lambda: admin.recv(4096), b"")).decode()
        return ""

    def drain(self, server: str) -> None:
        """Give ``backend/name`` no new request, and return when those under way have ended."""
        self.command(f"set server {server} state drain")
        deadline = time.monotonic() + 30
        while self._under_way(server) and time.monotonic() < deadline:
            time.sleep(0.1)

    def ready(self, server: str) -> None:
        """Give it requests again."""
        self.command(f"set server {server} state ready")

    def _under_way(self, server: str) -> int:
        for row in self.command("show stat").splitlines():
            fields = row.split(",")
            if "/".join(fields[:2]) == server:
                return int(fields[4])
        return 0

    def _workers(self) -> list[str]:
        pid = self.child.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def program() -> t.Optional[str]:
    """Where it is installed, None where it is not."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


@contextlib.contextmanager
def running(rules: str, backends: str) -> t.Iterator[HAProxy]:
    """A front on a loopback port with these lines; ended with the block."""
    found = program()
    assert found is not None
    with tempfile.TemporaryDirectory(prefix="autoconfig-haproxy-") as name:
        folder, port = Path(name), free_port()
        configuration = folder / "haproxy.cfg"
        configuration.write_text(_HEAD.format(folder=folder, port=port) + rules + backends)
        command = [found, "-W", "-db", "-f", str(configuration)]
        child = Child.start("HAProxy", command, folder / "haproxy.log", base_environment())
        made = HAProxy(child, f"http://127.0.0.1:{port}", folder / "admin.sock")
        try:
            child.wait_until(lambda: bool(made.command("show info")), 20)
            yield made
        finally:
            child.stop()
