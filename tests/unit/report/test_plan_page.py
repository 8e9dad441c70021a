# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as files."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import typing as t
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.report_file import write_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.chart import (
    HEIGHT,
    WIDTH,
    Point,
    chart,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.plan_page import plan_page

from tests.unit.plan.builders import card, host, qwen3_32b, request

DATE = "2026-02-03 04:05 UTC"
Result = t.Dict[str, t.Any]


def planned(hosts: t.Sequence[Host], policy: t.Optional[Policy] = None) -> Result:
    outcome = make_plan(request(qwen3_32b(), hosts, policy))
    return {
        "plans": list(outcome.plans),
        "options": list(outcome.options),
        "rejected": [asdict(entry) for entry in outcome.rejected],
        "plan_lines": list(outcome.lines),
    }


@pytest.fixture(name="result")
def _result() -> Result:
    return planned([host("L40S", 2)])


class Page(HTMLParser):
    """Tags, attributes and the widths of the parts of all bars, in per cent."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: t.List[str] = []
        self.attributes: t.Set[str] = set()
        self.bars: t.List[t.List[float]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: t.List[t.Tuple[str, t.Optional[str]]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _value in attrs)
        given = dict(attrs)
        if given.get("class") == "bar":
            self.bars.append([])
        style = given.get("style") or ""
        if style.startswith("width:"):
            self.bars[-1].append(float(style[len("width:") : style.index("%")]))


def test_a_bar_is_whole_and_gpus_that_are_alike_share_one(result: Result) -> None:
    page = Page(plan_page(result, DATE))
    memory = result["plans"][0]["memory"]
    assert len(memory["gpus"]) == 2
    assert len(page.bars) == 1
    assert sum(page.bars[0]) == pytest.approx(100, abs=0.1)
    assert page.bars[0][0] == pytest.approx(100 * memory["weights_bytes"] / memory["free_bytes"], abs=0.05)


def test_what_others_hold_is_shown_on_their_gpu_with_their_name() -> None:
    busy = replace(card("L40S", 1, used_bytes=2 << 30), processes=(("process <python3> (pid 7)", 2 << 30),))
    there = Host("gpu-a", "default", (card("L40S", 0), busy))
    found = planned([there], Policy(tensor_parallel=2, quantizations=("bf16",)))
    memory = found["plans"][0]["memory"]
    text = plan_page(found, DATE)
    free, shared = Page(text).bars
    assert (len(free), len(shared)) == (4, 5)
    total = memory["gpus"][0]["total_bytes"]
    assert shared[3] == pytest.approx(100 * (2 << 30) / total, abs=0.05)
    assert shared[0] == free[0] == pytest.approx(100 * memory["weights_bytes"] / total, abs=0.05)
    assert "held by process &lt;python3&gt; (pid 7) 2.0 GiB" in text


def test_a_plan_file_of_an_older_release_without_totals_has_bars(result: Result) -> None:
    for gpu in result["plans"][0]["memory"]["gpus"]:
        del gpu["total_bytes"]
    assert sum(Page(plan_page(result, DATE)).bars[0]) == pytest.approx(100, abs=0.1)


def test_equal_plans_of_many_sites_are_one_section() -> None:
    many = [planned([host("H200", 2, "gpu-%02d" % number, "site-%02d" % number)]) for number in range(30)]
    joined = {key: [row for each in many for row in each[key]] for key in many[0]}
    text = plan_page(joined, DATE)
    assert len(Page(text).bars) == 1
    assert "site-11 and 18 more" in text
    assert len(text) < 2 * len(plan_page(many[0], DATE)) + 30 * len("\n".join(many[0]["plan_lines"]))


def test_cards_that_are_simulated_are_marked_and_others_not(result: Result) -> None:
    mark = "<span class=badge>simulated"
    assert mark not in plan_page(result, DATE)
    result["plans"][0]["evidence"]["total_bytes"] = "assumed"
    assert mark in plan_page(result, DATE)
    assert DATE in plan_page(result, DATE)


def test_cost_is_told_where_there_is_a_price(result: Result) -> None:
    assert "USD" not in plan_page(result, DATE)
    assert "2.00 USD/h" in plan_page(planned([host("H200", 1)], Policy(gpu_hour_usd=2.0)), DATE)


def test_what_was_rejected_is_told_once_with_its_sites(result: Result) -> None:
    row = {
        "variant": "a/b", "quantization": None, "backend": None, "gpu": "L4", "tensor": None, "pipeline": 1, "data": 1,
        "reason": "too <small>",
    }  # fmt: skip
    result["rejected"] = [{**row, "site": name} for name in ("north", "south")]
    text = plan_page(result, DATE)
    assert text.count("too &lt;small&gt;") == 1
    assert "north, south" in text


POINTS = [
    Point("P", 40960, 1000, 300.0, 1, is_plan=True),
    Point("1", 131072, 2000, 290.0, 8),
    Point("2", 131072, 9000, 290.0, 4096),
    Point("3", 1_000_000, 9000, 0.5, 2),
    Point("<4>", 4096, 9000, 5000.0, 1),
]


@pytest.mark.parametrize(
    "points",
    [POINTS, POINTS[:2], POINTS[1:3], POINTS[1:2] * 40, [POINTS[0], POINTS[0]._replace(tokens_per_s=0)]],
)
def test_a_chart_shows_every_point_inside_of_its_frame(points: t.Sequence[Point]) -> None:
    drawn = chart(points)
    circles = re.findall(r'<circle cx="([-.\d]+)" cy="([-.\d]+)"', drawn)
    assert len(circles) == len(points)
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in circles)
    assert "<4>" not in drawn
    assert chart(points[:1]) == ""


def test_a_chart_of_equal_contexts_shows_what_the_cache_holds() -> None:
    assert "tokens in the cache (context 40k for all)" in chart([POINTS[0], POINTS[0]._replace(label="1")])
    assert "context, tokens" in chart(POINTS)


EVIL = "<img src=http://192.0.2.1/x onerror=alert(1)>\"'&</style><time>"


def poisoned(value: t.Any) -> t.Any:
    """``value`` with all of its texts replaced, keys and choices of the planner aside."""
    if isinstance(value, dict):
        return {key: item if key == "backend" else poisoned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [poisoned(item) for item in value]
    return EVIL if isinstance(value, str) else value


def everything(result: Result) -> Result:
    """A result with all that a page can show."""
    site = result["plans"][0]["site"]
    load = {"first_token_ms": {"p50": 10}, "inter_token_ms": {"p50": 10}, "output_tokens_per_s": 10}
    return {
        **result,
        "states": [{"site": site, "state": "done", "why": "created", "lines": ["address x"]}],
        "answers": [{"site": site, "load": load}],
        "failed_sites": [{"site": "north", "reason": "does not fit " + "x" * 300}],
        "left_out": [{"host": "bastion", "reason": "no GPU"}],
        "warnings": ["some" + "thing" * 50],
        "predicted": True,
    }


def test_no_text_of_anybody_becomes_markup(result: Result) -> None:
    text = plan_page(poisoned(everything(result)), EVIL)
    page = Page(text)
    assert not {"img", "script", "link", "iframe", "object", "a"} & set(page.tags)
    assert (page.tags.count("style"), page.tags.count("time")) == (1, 1)
    assert not any(name.startswith("on") or name in ("src", "href", "srcset") for name in page.attributes)
    assert "&lt;img" in text


def test_a_page_loads_nothing(result: Result) -> None:
    text = plan_page(everything(result), DATE)
    assert not re.search(r"url\(|@import|https?:|//[a-z]", text)


def test_a_page_is_made_for_phones_dark_screens_and_paper(result: Result) -> None:
    text = plan_page(everything(result), DATE)
    assert "name=viewport content='width=device-width" in text
    assert all(media in text for media in ("max-width:44rem", "prefers-color-scheme:dark", "@media print"))
    widths = [float(found) for found in re.findall(r"[;{](?:min-)?width:([.\d]+)rem", text)]
    assert all(width <= 20 for width in widths), "nothing is wider than a phone by itself"
    cells = re.findall(r"<td[^>]*>", text)
    assert cells
    assert all("data-name=" in cell for cell in cells), "on a phone each value stands beside its name"


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MEASURE = """<!DOCTYPE html><body><iframe id=f width=%d height=900 style="border:0" srcdoc="%s"></iframe><script>
onload=()=>{const d=document.getElementById('f').contentDocument,r=d.documentElement,w=r.clientWidth;
const off=[...d.querySelectorAll('body *')].filter(e=>e.getBoundingClientRect().right>w+1).length;
const cut=[...d.querySelectorAll('td,dd,p,pre,.sizes')].filter(e=>e.clientWidth&&e.scrollWidth>e.clientWidth+1).length;
document.body.dataset.seen=[w,r.scrollWidth,off,cut].join(' ')}</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_cuts_nothing_off_and_scrolls_no_page_sideways(
    width: int, result: Result, tmp_path: Path
) -> None:
    opened = plan_page(everything(result), DATE).replace("<details>", "<details open>")
    (tmp_path / "frame.html").write_text(MEASURE % (width, html.escape(opened)), encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000",
        "--user-data-dir=%s" % (tmp_path / "profile"), "--virtual-time-budget=2000", "--dump-dom",
        (tmp_path / "frame.html").as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    found = re.search(r'data-seen="(\d+) (\d+) (\d+) (\d+)"', shown)
    assert found is not None
    client, scroll, off, cut = map(int, found.groups())
    assert width - 20 <= client <= width
    assert (scroll, off, cut) == (client, 0, 0)


@pytest.mark.parametrize("name", ["plan.html", "plan.json"])
def test_a_file_is_written_once(tmp_path: Path, name: str, result: t.Dict[str, t.Any]) -> None:
    path = tmp_path / name
    assert write_report(str(path), result, check_mode=True)
    assert not path.exists()
    assert write_report(str(path), result, check_mode=False)
    if name.endswith("html"):
        dated = re.sub("<time>[^<]*", "<time>1999-01-01", path.read_text(encoding="utf-8"))
        assert "1999-01-01" in dated
        path.write_text(dated, encoding="utf-8")
    before = path.read_bytes()
    assert not write_report(str(path), result, check_mode=False)
    assert path.read_bytes() == before
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
