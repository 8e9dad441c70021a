# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache: when it answers, when it asks, and what it never keeps."""

from __future__ import annotations

import fcntl
import json
import os
import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader,
    CachePolicy,
    DiskCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    InvalidInput,
    NotFound,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient

from tests.unit.wire import Wire


class Shop:
    """Readers over one folder at a time that the test sets; a new reader is a new task."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self.now = 1000.0
        self._wire = wire
        self._folder = folder

    def reader(self, **policy: t.Any) -> CachedReader:
        client = HttpClient("https://hub.example.com", "Hub", options=self._wire.options(retries=0))
        cache = DiskCache(str(self._folder), now=lambda: self.now)
        return CachedReader(client, cache, CachePolicy(str(self._folder), **policy))


@pytest.fixture
def shop(wire: Wire, tmp_path: Path) -> Shop:
    return Shop(wire, tmp_path / "cache")


def test_a_young_entry_answers_without_a_request(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one")
    assert shop.reader().get("/x").state == "live"
    shop.now += 10
    again = shop.reader(max_age_s=10).get("/x")
    assert (again.body, again.state, again.as_of) == (b"one", "cached", 1000.0)


def test_an_old_entry_is_read_again(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one")
    wire.expect("GET /x", 200, b"two")
    shop.reader().get("/x")
    shop.now += 11
    assert shop.reader(max_age_s=10).get("/x").body == b"two"


def test_refresh_asks_once_a_task_also_for_a_young_entry(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one")
    wire.expect("GET /x", 200, b"two")
    shop.reader().get("/x")
    task = shop.reader(refresh=True)
    assert [task.get("/x").body, task.get("/x").state] == [b"two", "live"]


def test_an_immutable_entry_is_never_asked_for_again(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one")
    shop.reader().get("/x", immutable=True)
    shop.now += 1e9
    assert shop.reader(refresh=True).get("/x", immutable=True).body == b"one"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_old_entry_serves_while_the_server_is_down(wire: Wire, shop: Shop, status: int) -> None:
    wire.expect("GET /x", 200, b"one")
    wire.expect("GET /x", status, b"")
    shop.reader().get("/x")
    shop.now += 1e9
    stale = shop.reader().get("/x")
    assert (stale.body, stale.state) == (b"one", "cached")
    assert str(status) in str(stale.problem)


def test_a_refusal_is_not_papered_over_by_an_old_entry(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one")
    wire.expect("GET /x", 401, b"")
    shop.reader().get("/x")
    shop.now += 1e9
    with pytest.raises(AuthenticationFailed):
        shop.reader().get("/x")


def test_a_server_that_cannot_be_reached_is_asked_once_a_task(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", error=OSError("no route"))
    task = shop.reader()
    for path in ("/x", "/y"):
        with pytest.raises(Unavailable, match="no route"):
            task.get(path)
    assert wire.calls() == ["GET /x"]


def test_offline_sends_nothing(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one")
    shop.reader().get("/x")
    shop.now += 1e9
    assert shop.reader(offline=True).get("/x").body == b"one"
    with pytest.raises(Unavailable, match="nothing is cached for /y and offline is set"):
        shop.reader(offline=True).get("/y")


def test_a_login_page_is_not_kept_as_json(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"<html>")
    wire.expect("GET /x", 200, {"a": 1})
    with pytest.raises(UnexpectedReply):
        shop.reader().get_json("/x")
    assert shop.reader().get_json("/x")[0] == {"a": 1}


def test_a_web_page_is_not_kept_as_a_file(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"<html>", headers={"content-type": "text/html; charset=utf-8"})
    wire.expect("GET /x", 206, b"ab")
    with pytest.raises(UnexpectedReply, match="web page"):
        shop.reader().get("/x", byte_range=(0, 1), immutable=True)
    assert shop.reader().get("/x", byte_range=(0, 1), immutable=True).body == b"ab"


@pytest.mark.parametrize(("status", "body"), [(206, b"2345"), (200, b"0123456789")])
def test_a_range_is_cut_when_the_server_ignores_it(wire: Wire, shop: Shop, status: int, body: bytes) -> None:
    wire.expect("GET /x", status, body)
    assert shop.reader().get("/x", byte_range=(2, 5)).body == b"2345"
    assert wire.seen[0].headers["range"] == "bytes=2-5"


def test_queries_and_ranges_are_entries_of_their_own(wire: Wire, shop: Shop) -> None:
    for call, body in (("GET /x", b"all"), ("GET /x?a=1", b"query"), ("GET /x", b"a")):
        wire.expect(call, 200, body)
    reader = shop.reader()
    assert reader.get("/x").body == b"all"
    assert reader.get("/x", {"a": 1}).body == b"query"
    assert reader.get("/x", byte_range=(0, 0)).body == b"a"


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"not json\nbody", b'{"key": 1}\nx'])
def test_a_damaged_entry_counts_as_absent(wire: Wire, shop: Shop, tmp_path: Path, damage: bytes) -> None:
    wire.expect("GET /x", 200, b"one")
    wire.expect("GET /x", 200, b"two")
    shop.reader().get("/x")
    for entry in (tmp_path / "cache").iterdir():
        entry.write_bytes(damage)
    assert shop.reader().get("/x").body == b"two"


def test_the_folder_belongs_to_its_owner_and_holds_no_leftovers(
    wire: Wire, shop: Shop, tmp_path: Path
) -> None:
    wire.expect("GET /x", 200, b"one")
    shop.reader().get("/x")
    folder = tmp_path / "cache"
    assert folder.stat().st_mode & 0o077 == 0
    assert len(os.listdir(folder)) == 1


def test_a_folder_that_cannot_be_written_costs_the_cache_and_not_the_run(wire: Wire, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    wire.expect("GET /x", 200, b"one")
    cache = DiskCache(str(tmp_path / "file" / "cache"))
    client = HttpClient("https://hub.example.com", "Hub", options=wire.options(retries=0))
    reader = CachedReader(client, cache, CachePolicy(str(tmp_path)))
    assert [reader.get("/x").body for _time in range(2)] == [b"one", b"one"]
    assert re.match(r"cache_dir .*/file/cache cannot be written: ", str(cache.problem))


def test_what_is_not_there_is_remembered_for_a_while(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 404, {"error": "no x"})
    for _time in range(2):
        with pytest.raises(NotFound, match="no x"):
            shop.reader().get("/x")
    shop.now += 601
    wire.expect("GET /x", 200, b"one")
    assert shop.reader().get("/x").body == b"one"


def test_what_is_not_there_is_asked_for_again_with_another_key(
    wire: Wire, shop: Shop, tmp_path: Path
) -> None:
    wire.expect("GET /x", 404, {"error": "no x"})
    with pytest.raises(NotFound):
        shop.reader().get("/x")
    wire.expect("GET /x", 200, b"one")
    headers = {"Authorization": "Bearer other"}
    client = HttpClient("https://hub.example.com", "Hub", headers, wire.options(retries=0))
    cache = DiskCache(str(tmp_path / "cache"), now=lambda: shop.now)
    assert CachedReader(client, cache, CachePolicy(str(tmp_path))).get("/x").body == b"one"


def test_what_killed_runs_left_is_removed_and_what_is_being_written_is_not(
    wire: Wire, shop: Shop, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    left, open_one = folder / ".modelscan-autoconfig-1.partial", folder / ".modelscan-autoconfig-2.partial"
    for path in (left, open_one):
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
    with open_one.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        wire.expect("GET /x", 200, b"one")
        shop.reader().get("/x")
        assert (left.exists(), open_one.exists()) == (False, True)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_to_is_refused(shop: Shop, tmp_path: Path, mode: int) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(mode)
    with pytest.raises(InvalidInput, match="others may write to it"):
        shop.reader()


def test_a_secret_in_a_url_is_in_no_entry(wire: Wire, shop: Shop, tmp_path: Path) -> None:
    wire.expect("GET /x?token=canary-7f3a", 200, b"one")
    shop.reader().get("/x?token=canary-7f3a")
    for path in (tmp_path / "cache").iterdir():
        assert b"canary" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("etag", ["a\nb", "\x1b[1m", "é", 5, {}, "x" * 5000, None])
def test_a_version_that_no_header_can_carry_counts_as_unknown(
    shop: Shop, tmp_path: Path, etag: t.Any
) -> None:
    cache = DiskCache(str(tmp_path / "cache"))
    cache.write("key", b"body", "v1")
    (path,) = (tmp_path / "cache").iterdir()
    head, body = path.read_bytes().split(b"\n")
    path.write_bytes(json.dumps(dict(json.loads(head), etag=etag)).encode() + b"\n" + body)
    found = cache.read("key")
    assert found is not None
    assert (found.body, found.etag) == (b"body", None)


@pytest.mark.parametrize("as_of", [float("nan"), float("inf"), 1e300, "now", None, 9e9])
def test_an_entry_of_no_time_counts_as_absent(tmp_path: Path, as_of: t.Any) -> None:
    cache = DiskCache(str(tmp_path / "cache"))
    cache.write("key", b"body")
    (path,) = (tmp_path / "cache").iterdir()
    head, body = path.read_bytes().split(b"\n")
    path.write_bytes(json.dumps(dict(json.loads(head), as_of=as_of)).encode() + b"\n" + body)
    assert cache.read("key") is None


def test_a_known_version_is_only_asked_after(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one", {"etag": '"v1"'})
    wire.expect("GET /x", 304, b"")
    wire.expect("GET /x", 200, b"two", {"etag": '"v2"'})
    wire.expect("GET /x", 304, b"")
    answers = [shop.reader(refresh=True).get("/x") for _time in range(4)]
    assert [(item.body, item.state) for item in answers] == [
        (b"one", "live"), (b"one", "live"), (b"two", "live"), (b"two", "live"),
    ]  # fmt: skip
    asked = [request.headers.get("if-none-match") for request in wire.seen]
    assert asked == [None, '"v1"', '"v1"', '"v2"']


def test_not_modified_makes_an_entry_young_again(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 200, b"one", {"etag": '"v1"'})
    shop.reader().get("/x")
    shop.now += 10 * 86400
    wire.expect("GET /x", 304, b"")
    shop.reader().get("/x")
    assert shop.reader().get("/x").as_of == shop.now


def test_not_modified_without_a_question_is_no_answer(wire: Wire, shop: Shop) -> None:
    wire.expect("GET /x", 304, b"")
    with pytest.raises(UnexpectedReply):
        shop.reader().get("/x")
