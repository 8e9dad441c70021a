# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages that tell messages and advice, beside the code that says them; the check of links."""

from __future__ import annotations

import inspect
import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status import failure_messages

from tests.docs import links
from tests.docs.messages import AREAS, FILLED, ROOT, UTILS, codes, messages, page, plain

RST = ROOT / "docs" / "docsite" / "rst"
TROUBLESHOOTING = (RST / "troubleshooting.rst").read_text(encoding="utf-8")


def rows(title: str) -> t.List[t.List[str]]:
    """Cells of the table below a heading, without its head."""
    part = TROUBLESHOOTING.split("\n%s\n---" % title, 1)[1].split("\n---", 1)[0]
    found = re.findall(r"^   \* - (.+)((?:\n     - .+)+)", part, re.MULTILINE)
    return [[first, *re.findall(r"\n     - (.+)", rest)] for first, rest in found][1:]


def test_every_code_of_an_error_is_told_as_the_code_tells_it() -> None:
    told = {cells[0].strip("`"): cells[1] for cells in rows("By code")}
    every = {each.code: inspect.getdoc(each) or "" for each in codes().values() if each.code != "error"}
    assert told.pop("missing_library").startswith("A Python library is not installed")
    assert told == {code: text for code, text in every.items() if code in told}
    assert set(told) | {"missing_library"} == set(every)


def test_advice_for_failed_deployments_is_what_is_given() -> None:
    table = {
        cells[0].strip("`"): cells[1].replace("`", "") for cells in rows("What engines and GPUStack say")
    }
    assert {words: failure_messages.hint_for(words) for words in table} == table
    assert set(table.values()) == {advice for _pattern, advice in failure_messages._HINTS}


def raised() -> t.Set[str]:
    """Every text of the code in which something is filled in, with … for it."""
    literals = set()
    for path in UTILS.rglob("*.py"):
        literals |= set(re.findall(r"(?<![\w\"])\"((?:[^\"\\\n]|\\.)*)\"", path.read_text(encoding="utf-8")))
    return {FILLED.sub("…", text.replace('\\"', '"')) for text in literals}


def test_frequent_messages_are_raised() -> None:
    known = {each.text for each in messages()} | raised()
    told = [cells[0].strip("`") for cells in rows("Frequent messages")]
    assert len(told) >= 8
    assert [text for text in told if text not in known] == []


def test_messages_with_advice_are_found_in_every_area() -> None:
    every = messages()
    assert len(every) > 150
    assert {each.where for each in every} == set(AREAS)
    assert not [each for each in every if "%s" in each.text or "%d" in each.advice]
    text = page()
    assert all(plain(each.advice) in text for each in every)


def test_words_mean_nothing_to_the_markup() -> None:
    assert plain("HF_TOKEN *x* `y` |z|") == r"HF\_TOKEN \*x\* \`y\` \|z\|"


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("other.html#there", ""),
        ("#here", ""),
        ("https://example.com/#anything", ""),
        ("other.html#gone", "the page has no such place"),
        ("gone.html", "there is no such file"),
        ("sub/../other.html", ""),
    ],
)
def test_links_within_the_site_are_followed(tmp_path: Path, link: str, complaint: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "page.html").write_text(f'<p id="here"><a href="{link}">x</a></p>', encoding="utf-8")
    (tmp_path / "other.html").write_text('<h1 id="there">x</h1>', encoding="utf-8")
    assert links.broken(tmp_path) == ([f"page.html: {link}: {complaint}"] if complaint else [])
