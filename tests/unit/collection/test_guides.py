# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides for developers name what is there."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.unit.collection.test_structure import LAYERS, ROOT, UTILS

RST = ROOT / "docs" / "docsite" / "rst"
ARCHITECTURE = RST / "architecture.rst"
GUIDES = (ARCHITECTURE, ROOT / "CONTRIBUTING.md", ROOT / "data" / "README.md", ROOT / "README.md")
# What is written as code and looks like a path of this repository or of the core.
_PATH = re.compile(
    r"`((?:_[a-z]+|plugins|tests|data|docs|roles|changelogs|benchmarks|playbooks)/[\w./-]+|[\w-]+\.(?:md|csv))`"
)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_CALL = re.compile(r"``(_[\w/]+\.py)``: ``(\w+)(?:\.(\w+))?``")


def places(guide: Path) -> t.Iterator[str]:
    text = guide.read_text(encoding="utf-8")
    yield from _PATH.findall(text.replace("``", "`"))
    yield from _LINK.findall(text)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_path_in_a_guide_exists(guide: Path) -> None:
    found = list(places(guide))
    missing = [
        place for place in found if not any((base / place).exists() for base in (ROOT, UTILS, guide.parent))
    ]
    assert found
    assert missing == []


def test_every_function_on_the_way_of_a_value_is_where_it_is_said_to_be() -> None:
    found = _CALL.findall(ARCHITECTURE.read_text(encoding="utf-8"))
    assert len(found) > 5
    for path, name, member in found:
        source = (UTILS / path).read_text(encoding="utf-8")
        for each in filter(None, (name, member)):
            assert re.search(r"^\s*(?:def|class) %s\b" % each, source, re.MULTILINE), f"{path}: {each}"


def test_the_line_that_decides_the_utilization_is_there() -> None:
    assert "permille = max(" in (UTILS / "_plan" / "memory" / "fit.py").read_text(encoding="utf-8")


def test_every_layer_is_on_the_map() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    parts = {part for row in LAYERS for package in row for part in package.split(".")}
    vendors = {"nvidia", "amd", "intel", "ascend", "gaudi"}
    assert [part for part in sorted(parts - vendors) if f"``{part}``" not in text] == []


def test_every_guide_is_in_the_table_of_contents() -> None:
    sections = yaml.safe_load((RST.parent / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    assert {name for section in sections for name in section["toctree"]} == {p.stem for p in RST.iterdir()}
