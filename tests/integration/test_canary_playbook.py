# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary in every input of every module, through ansible-playbook -vvvv: it is nowhere in what a run leaves.

The inputs are those of the unit test, made from the argument specs. All servers are one that refuses each request and
repeats in its answer what it was sent, keys among it.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.lab import state
from tests.unit.module import test_canary as inputs

CALLBACK = """
import json
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "notification", "whole"

    def _tell(self, result, **more):
        with open("results.json", "a") as sink:
            sink.write(json.dumps(result._result, default=str) + "\\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = v2_runner_on_skipped = _tell
"""
# What a user keeps a key in on purpose.
_OWN = ("vars.json", "c.yml")


class Repeating(http.server.BaseHTTPRequestHandler):
    """Refuses everything, and says what it was asked."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
        told = {"detail": "refused: %s %s %s" % (self.path, dict(self.headers), body)}
        answer = json.dumps(told).encode()
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: t.Any) -> None:
        """Nothing."""


for _method in ("POST", "PUT", "DELETE", "PATCH", "HEAD"):
    setattr(Repeating, "do_" + _method, Repeating.do_GET)


@pytest.fixture
def server() -> t.Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repeating) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield "http://127.0.0.1:%d" % running.server_port
        running.shutdown()
        thread.join()


def tasks_of(folder: Path, chosen: t.Sequence[t.Tuple[str, str, int]], server: str) -> t.List[t.Any]:
    """A task for each input, which may fail."""
    made = []
    for number, (module, option, place) in enumerate(chosen):
        own = folder / ("%04d" % number)
        own.mkdir()
        row = inputs.core_of(module).argument_spec[option]
        given = dict(inputs.base_of(module, own), **{option: inputs.planted(row)[place]})
        # The playbook itself does not hold the canary: it comes from a file of variables.
        text = json.dumps(given).replace(inputs.NOWHERE, server).replace("127.0.0.1:9/", server[7:] + "/")
        given = json.loads(text.replace(inputs.CANARY, "{{ planted }}"))
        made.append(
            {
                "name": "%s %s %d" % (module, option, place),
                "modelscan.autoconfig.%s" % module: given,
                "ignore_errors": True,
                "diff": True,
            }
        )
    return made


class Arguments:
    """The arguments of all programs that a run starts, as others on the machine see them."""

    def __init__(self, session: int) -> None:
        self.seen: t.Set[bytes] = set()
        self._session = session
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Arguments:
        self._thread.start()
        return self

    def __exit__(self, *_problem: t.Any) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            for name in os.listdir("/proc"):
                with contextlib.suppress(OSError, ValueError):
                    if os.getsid(int(name)) == self._session:
                        self.seen.add(Path("/proc", name, "cmdline").read_bytes())


def run(folder: Path, chosen: t.Sequence[t.Tuple[str, str, int]], server: str) -> t.Tuple[str, t.Set[bytes]]:
    """What ansible-playbook prints, and the arguments of its programs."""
    (folder / "callback_plugins").mkdir()
    (folder / "callback_plugins" / "whole.py").write_text(CALLBACK)
    (folder / "vars.json").write_text(json.dumps({"planted": inputs.CANARY}))
    tasks = [*tasks_of(folder, chosen, server), {"modelscan.autoconfig.gpu_facts": {"simulate": "1xL4"}}]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
    environment = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=str(state.REPOSITORY / ".build"),
        ANSIBLE_HOME=str(folder / "home"),
        ANSIBLE_LOG_PATH=str(folder / "ansible.log"),
        ANSIBLE_CALLBACK_PLUGINS=str(folder / "callback_plugins"),
        ANSIBLE_CALLBACKS_ENABLED="whole",
        ANSIBLE_CACHE_PLUGIN="jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(folder / "facts"),
        ANSIBLE_LOCALHOST_WARNING="False",
        HOME=str(folder / "home"),
    )
    command = [os.path.join(os.path.dirname(sys.executable), "ansible-playbook"), "-vvvv", "--diff"]
    with subprocess.Popen(
        [*command, "-e", "@vars.json", "play.yml"],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, start_new_session=True,
    ) as process, Arguments(process.pid) as arguments:  # fmt: skip
        output, _nothing = process.communicate()
    return output, arguments.seen


def check(folder: Path, chosen: t.Sequence[t.Tuple[str, str, int]], server: str) -> None:
    began = time.monotonic()
    output, arguments = run(folder, chosen, server)
    results = (folder / "results.json").read_text().splitlines()
    assert len(results) == len(chosen) + 1, output[-3000:]
    assert "Traceback" not in output
    assert "did not foresee" not in output
    # What is printed is wrapped, the log is not.
    lines = output.splitlines() + (folder / "ansible.log").read_text().splitlines()
    assert [line[:1000] for line in lines if inputs.CANARY in line] == []
    assert [each for each in arguments if inputs.CANARY.encode() in each] == []
    assert arguments
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in _OWN]
    assert [str(path) for path in files if inputs.CANARY.encode() in path.read_bytes()] == []
    print("%d inputs x %d places, %.0f s" % (len(chosen), len(files) + 2, time.monotonic() - began))


EACH = sorted({t.cast("t.Tuple[str, str, int]", each.values) for each in inputs.INPUTS})


FIRSTS = [each for each in EACH if each[2] == 0]


def test_the_first_form_of_each_option(tmp_path: Path, server: str) -> None:
    check(tmp_path, FIRSTS, server)


@pytest.mark.slow
def test_each_form_of_each_option(tmp_path: Path, server: str) -> None:
    check(tmp_path, EACH, server)
