# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's genuine proxy with a genuine PostgreSQL: routes are changed by its management API, live.

Its database layer starts a query engine that is downloaded from a vendor's host. Here the same
engine, published on npm as WASM, runs behind ``litellm_engine.cjs``. Everything else is unmodified.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import secrets
import shutil
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from tests.lab import postgres
from tests.lab.process import Child, LabError, base_environment, free_port, open_folder

PACKAGES = (
    "prisma@5.17.0",
    "@prisma/client@5.17.0",
    "@prisma/adapter-pg@5.17.0",
    "pg@8.13.1",
    "graphql@16.9.0",
)
_LOOPBACK = Path(__file__).with_name("loopback")
_ENGINE = Path(__file__).with_name("litellm_engine.cjs")
# What the Python client asks of a schema engine before it starts the query engine.
_SCHEMA_ENGINE = '#!/bin/sh\necho "schema-engine-cli 393aa359c9ad4a4bb28630fb5613f9c281cde053"\n'


@dataclass(frozen=True)
class DatabaseProxy:
    """The running proxy and the key of its administrator."""

    url: str
    master_key: str
    log: Path

    def administrator(self) -> httpx.Client:
        """A client with the master key."""
        headers = {"Authorization": f"Bearer {self.master_key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


def missing(servers: Path) -> t.Optional[str]:
    """Why this machine cannot run it, None when it can."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"no {program} on this machine"
    for name in ("litellm/bin/prisma", "gpustack/bin/python"):
        if not (servers / name).exists():
            return f"no {servers / name}"
    return None


@contextlib.contextmanager
def running(servers: Path) -> t.Iterator[DatabaseProxy]:
    """The proxy on an empty database, 20 to 30 s after the call on 2 cores; ended with the block."""
    virtualenv = servers / "litellm"
    modules = _prepared(virtualenv)
    with contextlib.ExitStack() as cleanups:
        folder = open_folder("autoconfig-litellm-")
        cleanups.callback(shutil.rmtree, folder, ignore_errors=True)
        database = postgres.start(servers / "gpustack", folder / "postgres")
        cleanups.callback(database.child.stop)
        _migrate(servers / "gpustack", virtualenv, database.url)
        port, master_key = free_port(), f"sk-{secrets.token_hex(16)}"
        config = folder / "config.yaml"
        general = {"master_key": "os.environ/LITELLM_MASTER_KEY", "store_model_in_db": True}
        general["database_url"] = "os.environ/DATABASE_URL"
        general["disable_spend_logs"] = True  # a row per request costs more than the request itself
        config.write_text(yaml.safe_dump({"model_list": [], "general_settings": general}))
        environment = base_environment(
            **_engine_environment(folder, modules),
            PYTHONPATH=str(_LOOPBACK),
            LAB_NETWORK_LOG=str(folder / "network.log"),
            DATABASE_URL=database.url,
            LITELLM_MASTER_KEY=master_key,
            LITELLM_SALT_KEY=f"sk-{secrets.token_hex(16)}",
            LITELLM_LOCAL_MODEL_COST_MAP="True",
            DISABLE_SCHEMA_UPDATE="True",
            STORE_MODEL_IN_DB="True",
            HOME=str(folder),
        )
        program = str(virtualenv / "bin" / "litellm")
        command = (program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port))
        child = Child.start("LiteLLM", command, folder / "litellm.log", environment)
        cleanups.callback(child.stop)
        url = f"http://127.0.0.1:{port}"
        child.wait_until(lambda: _is_connected(url), 180)
        yield DatabaseProxy(url, master_key, child.log)


def _is_connected(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/health/readiness", timeout=5, trust_env=False)
        return answer.status_code == 200 and answer.json().get("db") == "connected"
    except httpx.HTTPError:
        return False


def _prepared(virtualenv: Path) -> Path:
    """The folder of npm packages; they and the generated Python client are made once per virtualenv."""
    folder = virtualenv / "npm"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = folder / "ready"
        if not ready.exists():
            (folder / "package.json").write_text("{}")
            # Without scripts npm does not fetch engine binaries.
            _run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *PACKAGES, cwd=folder)
            _generate_client(virtualenv, folder)
            ready.touch()
    return folder / "node_modules"


def _generate_client(virtualenv: Path, folder: Path) -> None:
    source = _site_packages(virtualenv) / "litellm" / "proxy" / "schema.prisma"
    schema = folder / "schema.prisma"
    text = source.read_text(encoding="utf-8")
    schema.write_text(re.sub(r"binaryTargets = .*", 'binaryTargets = ["native"]', text), encoding="utf-8")
    environment = base_environment(**_engine_environment(folder, folder / "node_modules"))
    environment["PATH"] = f"{virtualenv / 'bin'}:{environment['PATH']}"
    command = str(folder / "node_modules" / "prisma" / "build" / "index.js")
    _run("node", command, "generate", "--schema", str(schema), cwd=folder, environment=environment)


def _engine_environment(folder: Path, modules: Path) -> t.Dict[str, str]:
    engine, library, schema = (folder / name for name in ("query-engine", "library.node", "schema-engine"))
    engine.write_text("#!/usr/bin/env node\n" + _ENGINE.read_text(encoding="utf-8"), encoding="utf-8")
    library.touch()
    schema.write_text(_SCHEMA_ENGINE)
    for program in (engine, schema):
        program.chmod(0o755)
    return {
        "PRISMA_NODE_MODULES": str(modules),
        "PRISMA_CLI_QUERY_ENGINE_TYPE": "binary",
        "PRISMA_QUERY_ENGINE_BINARY": str(engine),
        "PRISMA_QUERY_ENGINE_LIBRARY": str(library),
        "PRISMA_SCHEMA_ENGINE_BINARY": str(schema),
        "PRISMA_HIDE_UPDATE_MESSAGE": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def _migrate(postgres_environment: Path, virtualenv: Path, database_url: str) -> None:
    """All migrations of the wheel in name order; a folder's name may contain spaces."""
    files = sorted(_site_packages(virtualenv).glob("litellm_proxy_extras/migrations/*/migration.sql"))
    program = postgres.program(postgres_environment, "psql")
    command = [str(program), "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", database_url]
    _run(*command, *(part for file in files for part in ("-f", str(file))), cwd=virtualenv)


def _site_packages(virtualenv: Path) -> Path:
    return next(virtualenv.glob("lib/python3*/site-packages"))


def _run(*command: str, cwd: Path, environment: t.Optional[t.Mapping[str, str]] = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=environment or base_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LabError(f"{Path(command[0]).name} ended with code {done.returncode}: {done.stderr[-800:]}")
