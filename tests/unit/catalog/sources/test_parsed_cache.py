# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records that are kept: equal to parsed ones, and never older than their catalog or the code."""

from __future__ import annotations

import datetime
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import (
    gpustack_sets,
    models_dev,
    parsed_cache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.parsed_cache import (
    RecordKeeper,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import DiskCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply

from tests.unit.catalog.fake_hubs import CATALOG

SETS: t.Dict[str, t.Any] = {
    "model_sets": [
        {
            "name": "Rocket-8B", "size": 8, "licenses": ["mit"], "categories": ["llm"],
            "specs": [
                {
                    "mode": "standard", "source": "huggingface", "huggingface_repo_id": "Acme/Rocket-8B-FP8",
                    "quantization": "FP8", "backend": "vLLM", "backend_parameters": ["--x"],
                    "gpu_filters": {"compute_capability": ">=9.0"}, "backend_version": 0.9,
                }
            ],
        }
    ]
}  # fmt: skip


def never() -> models_dev_records.Records:
    raise AssertionError("parsed again")


@pytest.fixture
def keeper(tmp_path: Path) -> RecordKeeper:
    return RecordKeeper(DiskCache(str(tmp_path / "cache")))


@pytest.mark.parametrize(
    "parse",
    [
        lambda: models_dev_records.parse(models_dev.bundled()),
        lambda: models_dev_records.parse(CATALOG),
        lambda: gpustack_sets.parse(SETS),
    ],
    ids=["bundled", "models.dev", "gpustack"],
)
def test_kept_records_are_equal_to_parsed_ones(
    keeper: RecordKeeper, parse: t.Callable[[], models_dev_records.Records]
) -> None:
    assert keeper.records("a", [b"1"], parse) == parse()
    again = keeper.records("a", [b"1"], never)
    assert again == parse()
    assert hash(again[0].repositories + again[0].provider_ids + again[0].categories)


@pytest.mark.parametrize("changed", [("b", [b"1", b"2"]), ("a", [b"12"]), ("a", [b"1", b"3"])])
def test_another_catalog_is_parsed(keeper: RecordKeeper, changed: t.Tuple[str, t.List[bytes]]) -> None:
    keeper.records("a", [b"1", b"2"], lambda: gpustack_sets.parse(SETS))
    assert keeper.records(*changed, lambda: ()) == ()


def test_other_code_parses_anew(keeper: RecordKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.records("a", [b"1"], lambda: gpustack_sets.parse(SETS))
    monkeypatch.setattr(parsed_cache, "_code", lambda: b"of another version")
    assert keeper.records("a", [b"1"], lambda: ()) == ()


def test_the_code_that_decides_is_found() -> None:
    assert b"def parse(document" in parsed_cache._code()


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keeper = RecordKeeper(DiskCache(str(tmp_path / "file")))
    for _time in range(2):
        assert keeper.records("a", [b"1"], lambda: gpustack_sets.parse(SETS)) == gpustack_sets.parse(SETS)


def test_what_json_lacks_is_parsed_each_time(keeper: RecordKeeper) -> None:
    day = datetime.date(2026, 1, 1)
    spec = dict(SETS["model_sets"][0]["specs"][0], gpu_filters={"since": day})
    for _time in range(2):
        found = keeper.records(
            "a", [b"1"], lambda: gpustack_sets.parse({"model_sets": [{"name": "x", "specs": [spec]}]})
        )
        assert found[0].specs[0].gpu_filters == {"since": day}


def test_a_catalog_that_cannot_be_parsed_is_not_kept(keeper: RecordKeeper) -> None:
    for _time in range(2):
        with pytest.raises(UnexpectedReply):
            keeper.records("a", [b"1"], lambda: gpustack_sets.parse({}))


@pytest.mark.parametrize("body", [b"[[1]]", b"7", b"not json", b"[null]"])
def test_rows_that_cannot_be_read_are_parsed_again(tmp_path: Path, body: bytes) -> None:
    cache = DiskCache(str(tmp_path))
    keeper = RecordKeeper(cache)
    keeper.records("a", [b"1"], lambda: gpustack_sets.parse(SETS))
    key, state = (
        "records of %s" % parsed_cache._checksum([b"a"]),
        parsed_cache._checksum([parsed_cache._code(), b"1"]),
    )
    assert cache.read(key) is not None
    cache.write(key, body, state)
    assert keeper.records("a", [b"1"], lambda: gpustack_sets.parse(SETS)) == gpustack_sets.parse(SETS)


def test_the_place_of_a_catalog_is_not_written_down(tmp_path: Path) -> None:
    RecordKeeper(DiskCache(str(tmp_path))).records("https://x/?token=canary", [b"1"], lambda: ())
    assert all(b"canary" not in path.read_bytes() for path in tmp_path.iterdir())
