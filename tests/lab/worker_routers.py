# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sglang-router and vllm-router, genuine, in their multi-model mode; nothing is kept on disk."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.lab.process import Child, base_environment, free_port

# sglang-router reads this table at start, from a vendor's host unless it is told where a copy is.
_TABLE = "o200k_base.tiktoken"
# The copy that the LiteLLM wheel brings, under the digest of its address.
_TABLE_IN_LITELLM = "litellm/litellm_core_utils/tokenizers/fb374d419588a4632f3f557e76b4b70aebbca790"


@dataclass(frozen=True)
class WorkerRouter:
    """A running router. vllm-router asks nobody for a key, so its keys are empty."""

    url: str
    control_key: str
    inference_key: str


def missing(servers: Path, kind: str) -> t.Optional[str]:
    """Why this machine cannot run ``sglang_router`` or ``vllm_router``, None when it can."""
    program = _program(servers, kind)
    if not program.exists():
        return f"no {program}"
    if kind == "sglang_router" and not _tables(servers):
        return f"no virtual environment with LiteLLM in {servers}, whose tokenizer table it needs"
    return None


@contextlib.contextmanager
def running(servers: Path, kind: str) -> t.Iterator[WorkerRouter]:
    """The router without workers, 2 to 5 s after the call; ended with the block."""
    control_key, inference_key = (
        (secrets.token_hex(16), secrets.token_hex(16)) if kind == "sglang_router" else ("", "")
    )
    port = free_port()
    command = [str(_program(servers, kind))]
    command += ["launch"] if kind == "sglang_router" else []
    command += ["--enable-igw", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", str(free_port())]
    command += ["--policy", "random"]
    if control_key:
        command += ["--api-key", inference_key, "--control-plane-api-keys", f"lab:lab:admin:{control_key}"]
    with contextlib.ExitStack() as cleanups:
        folder = Path(cleanups.enter_context(tempfile.TemporaryDirectory(prefix="autoconfig-router-")))
        environment = base_environment(HOME=str(folder))
        if kind == "sglang_router":
            (folder / _TABLE).symlink_to(_tables(servers)[0])
            environment["TIKTOKEN_ENCODINGS_BASE"] = str(folder)
        child = Child.start(kind, command, folder / "router.log", environment)
        cleanups.callback(child.stop)
        url = f"http://127.0.0.1:{port}"
        child.wait_until(lambda: _is_alive(url), 60)
        yield WorkerRouter(url, control_key, inference_key)


def _program(servers: Path, kind: str) -> Path:
    return servers / kind / "bin" / {"sglang_router": "smg", "vllm_router": "vllm-router"}[kind]


def _tables(servers: Path) -> t.List[Path]:
    return sorted(servers.glob(f"litellm*/lib/python3*/site-packages/{_TABLE_IN_LITELLM}"))


def _is_alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/liveness", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
