# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make demo``: the main job from end to end, in the lab. No GPU and no internet needed.

Genuine: Ansible and this collection, the GPUStack server with its PostgreSQL, the engine that answers
(llama.cpp's own server, on this machine's processor).
Pretended: the GPUs (their nvidia-smi is a script that prints what a real card prints), the model hubs,
and the model behind the engine: a tiny one of random weights, whose words mean nothing.
See tests/README.md.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import httpx

from tests.lab import client
from tests.lab.process import LabError
from tests.lab.state import REPOSITORY

HOSTS = ("gpu-a=8xH200", "gpu-b=1xRTX4090", "gpu-c=2xL40S")
MODEL = "deepseek/deepseek-r1"
NAME = "deepseek-r1"
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class DemoFailed(Exception):
    """Something did not turn out as the demo promises."""


class Demo:
    """The steps, in order; each prints what a person would type and what came back."""

    def __init__(self, lab: client.Lab, folder: Path) -> None:
        self._lab = lab
        self._folder = folder
        self._router = folder / "modelscan.yaml"
        gpustack = lab.state["gpustack"]
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
            "GPUSTACK_URL": gpustack["url"],
            "GPUSTACK_API_KEY": gpustack["api_key"],
            "HF_ENDPOINT": lab.state["huggingface"]["url"],
            "MODELSCOPE_ENDPOINT": lab.state["modelscope"]["url"],
            "MODELS_DEV_URL": lab.state["models_dev"]["url"],
            "MODELSCAN_AUTOCONFIG_CACHE": str(folder / "cache"),
        }
        routers = [{"type": "modelscan", "path": str(self._router)}]
        self._variables = folder / "vars.json"
        self._variables.write_text(
            json.dumps({"model_deployment_model": MODEL, "model_deployment_routers": routers}),
            encoding="utf-8",
        )

    def run(self) -> None:
        self._router.write_text("# the team's own routing file\nserver: {port: 8080}\n", encoding="utf-8")
        say("1. Preview: --check --diff on an empty server")
        before = self._lab.mark()
        self._play("deploy", "--check", "--diff")
        self._expect_writes(before, none=True)

        say("2. Deploy: the same command without --check")
        self._expect_changes(self._play("deploy"), some=True)
        self._expect_writes(before, none=False)

        say("3. Again: nothing differs, so nothing is written")
        before = self._lab.mark()
        self._expect_changes(self._play("deploy"), some=False)
        self._expect_writes(before, none=True)

        say("4. What serves now: a completion through GPUStack, and the router's file")
        self._show_completion()
        print(self._router.read_text(encoding="utf-8"))
        self._play("list")

        say("5. Preview of a changed context length")
        before = self._lab.mark()
        self._play("deploy", "--check", "--diff", "-e", "model_deployment_context_tokens=16384")
        self._expect_writes(before, none=True)

        say("6. Remove: the route first, then the deployment")
        self._expect_changes(self._play("remove", "-e", f"model_deployment_name={NAME}"), some=True)
        print(self._router.read_text(encoding="utf-8"))

    def _play(self, playbook: str, *arguments: str) -> str:
        command = ["ansible-playbook", "-i", self._lab.state["inventory"], f"modelscan.autoconfig.{playbook}"]
        command += ["-e", f"@{self._variables}", *arguments]
        print("$", shlex.join(command), flush=True)
        program = Path(sys.executable).with_name(command[0])
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines = []
        for line in t.cast("t.IO[str]", process.stdout):
            lines.append(line)
            print(line, end="", flush=True)
        if process.wait() != 0:
            raise DemoFailed(f"{playbook} ended with status {process.returncode}")
        return "".join(lines)

    def _expect_changes(self, output: str, some: bool) -> None:
        changed = sum(int(row[2]) for row in RECAP.findall(output))
        print(f"--> changed={changed}")
        if (changed > 0) is not some:
            raise DemoFailed(f"changed={changed} was not expected here")

    def _expect_writes(self, mark: int, none: bool) -> None:
        writes = [f"{each['method']} {each['path']}" for each in self._lab.writes_since(mark)]
        print(f"--> writing requests that reached GPUStack: {len(writes)} {writes}")
        if bool(writes) is none:
            raise DemoFailed("not the number of writing requests that was expected here")

    def _show_completion(self) -> None:
        gpustack = self._lab.state["gpustack"]
        question = {"model": NAME, "messages": [{"role": "user", "content": "Are you there?"}]}
        print(f"$ curl {gpustack['url']}/v1/chat/completions -d {json.dumps(question)!r}")
        answer = httpx.post(
            gpustack["url"] + "/v1/chat/completions",
            json=question,
            headers={"Authorization": f"Bearer {gpustack['api_key']}"},
            timeout=30,
            trust_env=False,
        )
        print(json.dumps(answer.json(), indent=1))
        answer.raise_for_status()
        print("--> real tokens of llama.cpp's server, whose model is random here: words without meaning\n")


def say(text: str) -> None:
    """A heading that is found again in a long log."""
    print(f"\n{'=' * 100}\n{text}\n{'=' * 100}", flush=True)


def main() -> int:
    started = time.monotonic()
    print(__doc__)
    with tempfile.TemporaryDirectory(prefix="autoconfig-demo-") as name:
        folder = Path(name)
        state = folder / "lab.json"
        try:
            lab = client.up(state, HOSTS, owner_pid=os.getpid())
            print(f"lab up in {lab.state['started_in_s']} s; hosts: {', '.join(HOSTS)}")
            Demo(lab, folder).run()
        except (DemoFailed, LabError, httpx.HTTPError) as problem:
            print(f"\nThe demo failed: {problem}", file=sys.stderr)
            return 1
        finally:
            client.down(state)
    print(f"\nThe demo passed in {time.monotonic() - started:.0f} s. The lab is down and its data is gone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
