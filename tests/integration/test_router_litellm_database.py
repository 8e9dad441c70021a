# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router_register against LiteLLM's genuine proxy with a genuine database: routes change while it runs."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    ProbeFailed,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.routers import (
    PER_SECOND,
    Engine,
    SlowStream,
    Stream,
    ask,
    call,
    remove_under_a_stream,
    switch_under_load,
)
from tests.lab import client, litellm_db

NAME, KEY, OTHER_KEY = "public-chat", "backend-key-one", "backend-key-two"


@pytest.fixture
def engines() -> t.Iterator[tuple[Engine, Engine]]:
    made = Engine("blue", ["served"], KEY), Engine("green", ["served"], KEY)
    yield made
    for engine in made:
        engine.stop()


def register(proxy: litellm_db.DatabaseProxy, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    given: dict[str, t.Any] = {"name": NAME, "router_url": proxy.url, "router_api_key": proxy.master_key}
    given.update({"model": "served", "drain_s": 0, "probe_patience_s": 5, **options})
    return call(CORE, check_mode, type="litellm", **given)


def counted(proxy: litellm_db.DatabaseProxy, engines: t.Sequence[Engine], count: int) -> list[int]:
    """Which engine answered how many of so many requests."""
    before = [engine.answered for engine in engines]
    for _number in range(count):
        assert ask(proxy.url, proxy.master_key, NAME).status_code == 200
    return [engine.answered - start for engine, start in zip(engines, before, strict=True)]


def test_a_route_lives_from_registration_to_removal(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    blue: dict[str, t.Any] = {"base_url": engines[0].url, "api_key": KEY}
    green: dict[str, t.Any] = {"base_url": engines[1].url, "api_key": KEY}
    made = register(proxy, **blue, weight=95, model_info={"max_input_tokens": 32768})
    assert made["changed"]
    assert made["verified"] == "completion"
    assert not made["restart_required"]
    assert counted(proxy, engines, 5) == [5, 0]
    again = register(proxy, **blue, weight=95, model_info={"max_input_tokens": 32768})
    assert not again["changed"]
    assert again["diff"]["before"] == again["diff"]["after"] == {}
    assert again["route"] == made["route"]

    register(proxy, **green, weight=5)
    assert counted(proxy, engines, 60)[0] > 45
    register(proxy, **green, weight=25)
    register(proxy, **blue, weight=75)
    assert 3 < counted(proxy, engines, 60)[1] < 32
    register(proxy, **blue, weight=0)
    assert counted(proxy, engines, 20) == [0, 20]

    assert register(proxy, base_url=engines[0].url, state="absent")["changed"]
    assert counted(proxy, engines, 5) == [0, 5]
    assert register(proxy, state="absent")["changed"]
    assert not register(proxy, state="absent")["changed"]
    assert ask(proxy.url, proxy.master_key, NAME).status_code == 400


def test_the_proxy_bills_with_the_price_of_the_route(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    route: dict[str, t.Any] = {"base_url": engines[0].url, "api_key": KEY}
    prices: dict[str, t.Any] = {"input_usd_per_million_tokens": 0.55, "output_usd_per_million_tokens": 2.19}
    made = register(proxy, **route, **prices)
    assert not register(proxy, **route, **prices)["changed"]
    with proxy.administrator() as api:
        shown = [each for each in api.get("/model/info").json()["data"] if each["model_name"] == NAME]
    assert shown[0]["model_info"]["id"] == made["route"]["id"]
    assert shown[0]["model_info"]["input_cost_per_token"] == 5.5e-07
    assert shown[0]["model_info"]["output_cost_per_token"] == 2.19e-06

    answer = ask(proxy.url, proxy.master_key, NAME)
    usage = answer.json()["usage"]
    cost = usage["prompt_tokens"] * 5.5e-07 + usage["completion_tokens"] * 2.19e-06
    assert cost > 0
    assert float(answer.headers["x-litellm-response-cost"]) == pytest.approx(cost)

    register(proxy, **route, input_usd_per_million_tokens=5.5)
    answer = ask(proxy.url, proxy.master_key, NAME)
    more = cost + usage["prompt_tokens"] * 9 * 5.5e-07
    assert float(answer.headers["x-litellm-response-cost"]) == pytest.approx(more)
    register(proxy, state="absent")


def test_a_changed_key_is_seen_and_never_shown(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    url = engines[0].url
    first = register(proxy, base_url=url, api_key=KEY)
    engines[0].key = OTHER_KEY
    second = register(proxy, base_url=url, api_key=OTHER_KEY)

    assert second["diff"]["before"] == {"api_key": "(set)"}
    assert second["diff"]["after"] == {"api_key": "(changed)"}
    assert not register(proxy, base_url=url, api_key=OTHER_KEY)["changed"]
    for key in (KEY, OTHER_KEY):
        assert key not in json.dumps([first, second])
    assert counted(proxy, engines, 2) == [2, 0]
    register(proxy, state="absent")


def test_fallbacks_answer_in_their_order_when_the_first_fails(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    register(proxy, base_url=engines[0].url, api_key=KEY, fallback=False)
    register(proxy, base_url=engines[1].url, api_key=KEY, fallback=True)
    last = Engine("last", ["served"], KEY)
    made = register(proxy, base_url=last.url, api_key=KEY, fallback_order=1)
    assert made["diff"]["after"]["fallback_order"] == 1
    moved = register(proxy, base_url=last.url, api_key=KEY, fallback_order=2)
    assert moved["diff"]["after"] == {"fallback_order": 2}
    assert not register(proxy, base_url=last.url, api_key=KEY, fallback_order=2)["changed"]
    all_three = (*engines, last)
    assert counted(proxy, all_three, 10) == [10, 0, 0]

    engines[0].broken = True
    assert counted(proxy, all_three, 3) == [0, 3, 0]
    engines[1].broken = True
    assert counted(proxy, all_three, 3) == [0, 0, 3]
    for engine in all_three:
        register(proxy, base_url=engine.url, state="absent")
    last.stop()


def test_what_does_not_answer_is_not_registered_or_withdrawn(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    with pytest.raises(ProbeFailed, match="401"):
        register(proxy, base_url=engines[0].url, probe_api_key="wrong", api_key=KEY, probe_patience_s=0)
    with pytest.raises(ProbeFailed, match="cannot be reached"):
        register(proxy, base_url="http://127.0.0.1:9/v1", probe_patience_s=0)
    # The backend answers to the probe's key, and the router is given a wrong one.
    options: dict[str, t.Any] = {"base_url": engines[0].url, "probe_api_key": KEY, "probe_patience_s": 1}
    with pytest.raises(ProbeFailed) as caught:
        register(proxy, api_key="not-the-key", **options)
    assert "withdrawn" in (caught.value.hint or "")
    assert not register(proxy, state="absent")["changed"]

    # The proxy lets a backend that failed rest for some seconds.
    register(proxy, api_key=KEY, weight=3, **{**options, "probe_patience_s": 20})
    with pytest.raises(ProbeFailed) as caught:
        register(proxy, api_key=KEY, weight=4, router_inference_key="sk-wrong", **options)
    assert "The former settings were put back." in (caught.value.hint or "")
    assert register(proxy, api_key=KEY, **options)["route"]["weight"] == 3
    register(proxy, state="absent")


def test_check_mode_and_foreign_entries(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    assert register(proxy, check_mode=True, base_url=engines[0].url, weight=2)["route"]["weight"] == 2
    assert not register(proxy, state="absent")["changed"]

    theirs = {
        "model_name": NAME,
        "litellm_params": {"model": "openai/served", "api_base": engines[0].url, "api_key": KEY, "weight": 1},
        "model_info": {"id": "theirs"},
    }
    with proxy.administrator() as api:
        api.post("/model/new", json=theirs).raise_for_status()
    assert not register(proxy, base_url=engines[0].url, weight=1)["changed"]
    for options in ({"weight": 2}, {"state": "absent"}):
        with pytest.raises(Conflict, match="not made by this collection"):
            register(proxy, base_url=engines[0].url, **options)
    assert register(proxy, base_url=engines[0].url, probe_api_key=KEY, weight=2, adopt=True)["route"][
        "id"
    ] == ("theirs")
    assert register(proxy, state="absent")["changed"]


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"router_url": "ftp://x"}, InvalidInput, "router_url is not a URL"),
        ({"base_url": None}, InvalidInput, "needs base_url"),
        ({"entry": {"a": 1}}, InvalidInput, "entry has no place"),
    ],
)
def test_bad_input_is_said(
    proxy: litellm_db.DatabaseProxy, options: dict[str, t.Any], kind: type[AutoconfigError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        register(proxy, **{"base_url": "http://127.0.0.1:9/v1", "probe": False, **options})

    assert words in caught.value.message


def test_a_proxy_without_a_database_says_so(clean_lab: client.Lab) -> None:
    described = clean_lab.state["litellm"]
    options = {"router_url": described["url"], "router_api_key": described["master_key"], "probe": False}

    with pytest.raises(AutoconfigError, match="the proxy has no database"):
        call(CORE, type="litellm", name=NAME, base_url="http://127.0.0.1:9/v1", **options)


def test_something_else_at_the_address_is_noticed(engines: tuple[Engine, Engine]) -> None:
    url = engines[0].url[: -len("/v1")]
    options: dict[str, t.Any] = {"type": "sglang_router", "name": "served", "router_url": url, "probe": False}

    with pytest.raises(UnexpectedReply, match="without a usable list of workers"):
        call(CORE, base_url="http://127.0.0.1:9/v1", **options)


def test_an_answer_under_way_is_served_whole(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    url = engines[0].url
    remove_under_a_stream(
        SlowStream(proxy.url, proxy.master_key, NAME),
        engines[0],
        lambda: register(proxy, base_url=url, api_key=KEY),
        lambda: register(proxy, base_url=url, state="absent", drain_s=60),
    )


@pytest.mark.slow
def test_no_request_fails_while_backends_are_switched(
    proxy: litellm_db.DatabaseProxy, engines: tuple[Engine, Engine]
) -> None:
    switch_under_load(
        Stream(proxy.url, proxy.master_key, NAME, PER_SECOND),
        engines,
        lambda engine: register(proxy, base_url=engine.url, api_key=KEY, weight=1, timeout_s=90),
        lambda engine: register(proxy, base_url=engine.url, state="absent", drain_s=8, timeout_s=90),
    )
    register(proxy, state="absent")
