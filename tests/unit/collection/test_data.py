# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reviewed data files, and the modules that are made from them."""

from __future__ import annotations

import ast
import csv
import shutil
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.cards import Card
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.cards import (
    by_name as gpu_card,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import Row
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.format_support_table import (
    ROWS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import FORMATS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import ENGINES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model import families
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.family_table import TRAITS

from data import generate
from data.generate import TABLES, WrongData

A_CARD = "X1,Maker X1,nvidia,next,13.0,98304,reported,9000,3000,6000,12000,nvlink,2000,1500,10de:ffff,K\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data files that a test may change."""
    for path in generate.DATA.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    monkeypatch.setattr(generate, "DATA", tmp_path)
    return tmp_path


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_modules_are_what_their_data_makes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == TABLES[path](), "make data"


def test_a_row_is_a_card(folder: Path) -> None:
    add(folder / "cards.csv", A_CARD)
    table = t.cast(ast.AnnAssign, ast.parse(generate.cards()).body[-1]).value
    assert table is not None
    card = Card(*ast.literal_eval(table)[-1])
    assert (card.key, card.usable_mib, card.fp4_tflops, card.source) == ("X1", 98304, 12000.0, "K")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (A_CARD.replace(",K\n", ",\n"), "X1 has no source"),
        (A_CARD + A_CARD, "X1 is there twice"),
        (A_CARD.replace(",reported,", ",some,"), "memory of X1 is 'some'"),
        (A_CARD.replace(",next,", ","), "not as many cells"),
    ],
)
def test_a_card_that_breaks_a_rule_is_named(row: str, words: str, folder: Path) -> None:
    add(folder / "cards.csv", row)
    with pytest.raises(WrongData, match=words):
        generate.cards()


FORMAT_CELLS = "nvidia,vLLM,bf16,99.1-,native,,,,x\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (FORMAT_CELLS.replace(",x\n", ",\n"), "nvidia vLLM bf16 99.1- has no source"),
        (FORMAT_CELLS.replace("native", "slowly"), "bf16 runs 'slowly'"),
        (FORMAT_CELLS.replace("99.1-", "8.9"), "'8.9' is no range of compute capabilities"),
        (FORMAT_CELLS.replace("99.1-", "9.0-8.9"), "'9.0-8.9' is no range"),
        (FORMAT_CELLS.replace("99.1-", "newest-"), "'newest-' is no range"),
        (FORMAT_CELLS.replace("99.1-", "7.9-8.1"), r"nvidia vLLM bf16 \(\(7, 9\), \(8, 1\)\) is there twice"),
        ("amd,SGLang,bf16,gfx94,native,,,,x\n", "amd SGLang bf16 gfx94 is there twice"),
    ],
)
def test_a_format_that_two_rows_decide_or_that_breaks_a_rule_is_named(
    row: str, words: str, folder: Path
) -> None:
    add(folder / "format_support.csv", row)
    with pytest.raises(WrongData, match=words):
        generate.format_support()


def test_a_new_chip_is_a_row(folder: Path) -> None:
    add(folder / "format_support.csv", "amd,SGLang,bf16,gfx125,native,,,,x\n")
    assert (
        '("amd", ("SGLang",), ("bf16",), ("gfx125",), "native", None, None, None),'
        in generate.format_support()
    )


def test_rows_of_formats_name_formats_and_engines_and_every_format_has_one() -> None:
    rows = [Row(*cells) for cells in ROWS]
    assert {name for row in rows for name in row.formats} == set(FORMATS)
    assert {name for row in rows for name in row.engines} <= set(ENGINES)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("  - family: zzz\n", "zzz has no source"),
        ("  - family: zzz\n    source: x\n    traits: [flying]\n", "zzz has flying"),
        ("  - family: zzz\n    source: x\n    default: {}\n", "zzz has default"),
        ("  - family: abc\n    source: x\n", "order of the alphabet"),
        ("  - family: zzz\n    source: x\n  - family: zzz\n    source: x\n", "there twice"),
    ],
)
def test_a_family_that_breaks_a_rule_is_named(row: str, words: str, folder: Path) -> None:
    add(folder / "model_families.yml", row)
    with pytest.raises(WrongData, match=words):
        generate.model_families()


@pytest.mark.parametrize("path", sorted(generate.DATA.glob("*.csv")), ids=lambda path: path.stem)
def test_every_row_of_every_file_has_a_source(path: Path) -> None:
    columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert generate.rows_of(path.name, *columns)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("CLOSED,acme,rocket.*,\n", "CLOSED acme rocket.* has no source"),
        ("OPENED,acme,rocket.*,maker\n", "no table OPENED"),
        ("CLOSED,acme,rocket.*,maker\n" * 2, "there twice"),
    ],
)
def test_a_name_that_breaks_a_rule_is_named(row: str, words: str, folder: Path) -> None:
    add(folder / "closed_models.csv", row)
    with pytest.raises(WrongData, match=words):
        generate.closed_models()


def test_a_long_pattern_and_one_with_quotes_stay_what_they_are(folder: Path) -> None:
    pattern = 'rocket-"x"\\d+' + "|comet" * 40
    with (folder / "closed_models.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(["CLOSED", "acme", pattern, "maker"])
    made: t.Dict[str, t.Any] = {}
    exec(compile(generate.closed_models(), "closed_table", "exec"), made)
    assert made["CLOSED"]["acme"] == (pattern,)


def test_every_trait_is_read_by_the_planner() -> None:
    read = {id(value) for value in vars(families).values()}
    assert [trait for trait, found in TRAITS.items() if id(found) not in read] == []


def test_every_card_of_the_tables_is_known_by_its_name() -> None:
    rows = generate.rows_of("cards.csv", "key")
    assert [row["key"] for row in rows if gpu_card(row["product"]) is None] == []
    named = [row["name"] for row in generate.rows_of("card_families.csv", "name")]
    assert [name for name in named if card_of(name) is None] == []
