# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as files."""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.report_file import write_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.html_report import (
    html_report,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import card, host, qwen3_32b, request


@pytest.fixture(name="result")
def _result() -> t.Dict[str, t.Any]:
    outcome = make_plan(request(qwen3_32b(), [host("L40S", 2)]))
    return {
        "plans": list(outcome.plans),
        "options": list(outcome.options),
        "rejected": [asdict(entry) for entry in outcome.rejected],
        "plan_lines": list(outcome.lines),
    }


class Bars(HTMLParser):
    """The widths of the parts of all bars, in per cent."""

    def __init__(self) -> None:
        super().__init__()
        self.widths: t.List[float] = []

    def handle_starttag(self, tag: str, attrs: t.List[t.Tuple[str, t.Optional[str]]]) -> None:
        style = dict(attrs).get("style") or ""
        if style.startswith("width:"):
            self.widths.append(float(style[len("width:") : style.index("%")]))


def test_a_bar_is_whole_and_its_parts_are_those_of_the_memory(result: t.Dict[str, t.Any]) -> None:
    bars = Bars()
    bars.feed(html_report(result))
    memory = result["plans"][0]["memory"]
    assert len(bars.widths) == 4 * len(memory["gpus"]) == 8
    assert sum(bars.widths) == pytest.approx(200, abs=0.1)
    assert bars.widths[0] == pytest.approx(100 * memory["weights_bytes"] / memory["free_bytes"], abs=0.05)


def test_each_gpu_has_a_bar_of_its_own() -> None:
    busy = card("L40S", 1, used_bytes=2 << 30)
    there = Host("gpu-a", "default", (card("L40S", 0), busy))
    policy = Policy(tensor_parallel=2, quantizations=("bf16",))
    outcome = make_plan(request(qwen3_32b(), [there], policy))
    plan = outcome.plans[0]
    bars = Bars()
    bars.feed(html_report({"plans": [plan], "options": [], "rejected": [], "plan_lines": []}))
    usable = [gpu["usable_bytes"] for gpu in plan["memory"]["gpus"]]
    assert usable[0] - usable[1] == 2 << 30
    assert len(bars.widths) == 8
    for start, size in zip((0, 4), usable, strict=True):
        assert sum(bars.widths[start : start + 4]) == pytest.approx(100, abs=0.05)
        assert bars.widths[start] == pytest.approx(100 * plan["memory"]["weights_bytes"] / size, abs=0.05)


class Markup(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: t.Set[str] = set()
        self.attributes: t.Set[str] = set()

    def handle_starttag(self, tag: str, attrs: t.List[t.Tuple[str, t.Optional[str]]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)


EVIL = "<img src=http://192.0.2.1/x onerror=alert(1)>\"'&"


def poisoned(value: t.Any) -> t.Any:
    """``value`` with all of its texts replaced, keys and choices of the planner aside."""
    if isinstance(value, dict):
        return {key: item if key == "backend" else poisoned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [poisoned(item) for item in value]
    return EVIL if isinstance(value, str) else value


def test_no_text_of_anybody_becomes_markup(result: t.Dict[str, t.Any]) -> None:
    page = html_report(poisoned(result))
    markup = Markup()
    markup.feed(page)
    assert not {"img", "script", "link", "iframe"} & markup.tags
    assert markup.attributes <= {"lang", "charset", "name", "content", "class", "style", "title"}
    assert "&lt;img" in page


@pytest.mark.parametrize("name", ["plan.html", "plan.json"])
def test_a_file_is_written_once(tmp_path: Path, name: str, result: t.Dict[str, t.Any]) -> None:
    path = tmp_path / name
    assert write_report(str(path), result, check_mode=True)
    assert not path.exists()
    assert write_report(str(path), result, check_mode=False)
    assert not write_report(str(path), result, check_mode=False)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    if name.endswith("json"):
        assert json.loads(path.read_text(encoding="utf-8"))["plan_lines"] == result["plan_lines"]


@pytest.mark.parametrize(
    ("name", "words"), [("plan.pdf", "neither in .json"), ("no/such/plan.html", "cannot be written")]
)
def test_what_cannot_be_written_is_said(
    tmp_path: Path, name: str, words: str, result: t.Dict[str, t.Any]
) -> None:
    with pytest.raises(InvalidInput, match=words):
        write_report(str(tmp_path / name), result, check_mode=False)
