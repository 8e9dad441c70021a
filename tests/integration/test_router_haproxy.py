# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAProxy's genuine program in front: by a map that router_register keeps, and before two LiteLLM proxies."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.routers import PER_SECOND, Engine, Stream, ask, call
from tests.lab import gpustack, haproxy, litellm, state

NAME, OLD, KEY, MASTER_KEY = "mapped", "old-name", "backend-key", "sk-master-key-of-two"
THEIRS = "# the team's map\ntheirs\tblue\n"

pytestmark = pytest.mark.skipif(haproxy.program() is None, reason="no haproxy on this machine")


@pytest.fixture
def engines() -> t.Iterator[dict[str, Engine]]:
    made = {name: Engine(name, [NAME], KEY) for name in ("blue", "green")}
    yield made
    for engine in made.values():
        engine.stop()


def test_a_name_of_a_map_moves_without_a_lost_request(engines: dict[str, Engine], tmp_path: Path) -> None:
    path = tmp_path / "models.map"
    path.write_text(THEIRS)

    def register(engine: str, name: str = NAME, **options: t.Any) -> dict[str, t.Any]:
        given: dict[str, t.Any] = {
            "type": "openai_list",
            "path": str(path),
            "line_name": r"^(\S+)",
            "name": name,
        }
        if options.get("state") != "absent":
            given.update(line=f"{name} {engine}", base_url=engines[engine].url, probe_api_key=KEY)
        return call(CORE, **given, **options)

    rules = (
        "  option http-buffer-request\n"
        "  http-request set-var(txn.model) req.body,json_query('$.model')\n"
        f"  http-request deny deny_status 404 unless {{ var(txn.model),map_str({path}) -m found }}\n"
        f"  use_backend %[var(txn.model),map_str({path})]\n"
    )
    backends = "".join(
        f"backend {name}\n  server one {engine.url.split('/')[2]}\n" for name, engine in engines.items()
    )
    with haproxy.running(rules, backends) as front:
        assert ask(front.url, KEY, NAME).status_code == 404
        register("blue", OLD)
        assert register("blue")["restart_required"]
        front.reload()
        assert not register("blue")["changed"]
        engines["blue"].delay_s = engines["green"].delay_s = 0.2
        with Stream(front.url, KEY, NAME, PER_SECOND) as stream:
            stream.run_for(2)
            register("green")
            front.reload()
            stream.run_for(1)
            at_switch = engines["blue"].answered
            register("blue", OLD, state="absent")
            front.reload()
            stream.run_for(2)
            assert engines["blue"].answered == at_switch
        print(stream.report())
        assert stream.failures == []
        assert engines["green"].answered > 0
        register("green", state="absent")
        front.reload()
        assert ask(front.url, KEY, NAME).status_code == 404
    assert path.read_text() == THEIRS


@pytest.fixture
def proxies(tmp_path: Path) -> t.Iterator[list[litellm.Proxy]]:
    """Two proxies in file mode, each with a file of its own, as on two hosts."""
    virtualenv = gpustack.default_servers_folder(state.REPOSITORY) / "litellm"
    started: list[litellm.Proxy] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        started.append(litellm.start(virtualenv, tmp_path / name, KEY, MASTER_KEY))
    for proxy in started:
        proxy.wait_ready()
    yield started
    for proxy in started:
        proxy.child.stop()


@pytest.mark.slow
def test_two_proxies_restarted_one_after_the_other_lose_no_request(
    proxies: list[litellm.Proxy], engines: dict[str, Engine]
) -> None:
    """LiteLLM reads its file at start only: alone it loses requests, one of two does not."""

    def register(engine: Engine, **options: t.Any) -> None:
        for proxy in proxies:
            given: dict[str, t.Any] = {
                "type": "litellm",
                "path": str(proxy.config_path),
                "name": NAME,
                "model": "served",
            }
            call(
                CORE,
                **given,
                base_url=engine.url,
                api_key_env="GPUSTACK_API_KEY",
                probe_api_key=KEY,
                **options,
            )

    def restart(number: int) -> None:
        proxies[number] = proxies[number].restarted()
        proxies[number].wait_ready()

    register(engines["blue"])
    servers = "backend pool\n  option http-server-close\n" + "".join(
        f"  server proxy{number} {proxy.url.split('/')[2]}\n" for number, proxy in enumerate(proxies)
    )
    for number in range(2):
        restart(number)
    with haproxy.running("  default_backend pool\n", servers) as front:
        with Stream(front.url, MASTER_KEY, NAME, PER_SECOND) as stream:
            stream.run_for(2)
            register(engines["green"])
            register(engines["blue"], state="absent")
            for number in range(2):
                front.drain(f"pool/proxy{number}")
                restart(number)
                front.ready(f"pool/proxy{number}")
            at_removal = engines["blue"].answered
            stream.run_for(2)
            assert engines["blue"].answered == at_removal
        print("one after the other:", stream.report())
        assert stream.failures == []
    with Stream(proxies[0].url, MASTER_KEY, NAME, PER_SECOND) as stream:
        stream.run_for(1)
        restart(0)
        stream.run_for(1)
    print("alone:", stream.report())
    assert stream.failures
