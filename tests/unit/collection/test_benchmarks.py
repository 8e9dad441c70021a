# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What benchmarks print becomes figures, and figures a page with plots."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import page, suite
from benchmarks.suite import BENCHMARKS, Row

PRINTED = {
    "facts": (
        '{"hosts": 2, "kind": "no GPU", "of": "wall", "seconds": {"ping": 2.0, "gpu_facts": 3.0, "setup": 6.0}, "starts_per_host": 0}\n',
        [
            Row("no GPU, by the clock, beside ping", "s", 3.0, 2.0),
            Row("no GPU, by the clock, beside setup", "s", 3.0, 6.0),
        ],
    ),
    "catalog": (
        '{"load_ms": 90.0, "search_median_ms": 2.0, "search_worst_ms": 9.0,\n"task": {"debug_ms": 10.0, "catalog_search_ms": 40.0}}',
        [
            Row("the first search: load and index", "ms", 90.0),
            Row("a later search, median", "ms", 2.0),
            Row("a later search, worst", "ms", 9.0),
            Row("a task", "ms", 40.0, 10.0),
        ],
    ),
    "plan": (
        '{"case": "two hosts", "seconds": 0.5, "one_by_one_s": 1.0}\n{"case": "three", "seconds": 1.0, "one_by_one_s": null}\n',
        [Row("two hosts", "s", 0.5, 1.0), Row("three", "s", 1.0, None)],
    ),
    "playbook": ('{"tasks": 9, "plan_s": 3.0, "empty_s": 1.5}\n', [Row("9 tasks", "s", 3.0, 1.5)]),
    "routers": (
        '{"kind": "text", "entries": 5, "cpu_s": {"add": 0.2, "same": 0.1, "change": 0.2, "remove": 0.3, "plain": 0.1}}\n',
        [
            Row("text: add", "s", 0.2, 0.1),
            Row("text: same", "s", 0.1, 0.1),
            Row("text: change", "s", 0.2, 0.1),
            Row("text: remove", "s", 0.3, 0.1),
        ],
    ),
    "probe": (
        '{"concurrency": 4, "first_token_ms": {"probe": 251.0, "engine": 250.0}, "inter_token_ms": {"probe": 20.1, "engine": 20.0}}\n',
        [
            Row("first token, 4 at once", "ms", 251.0, 250.0),
            Row("between tokens, 4 at once", "ms", 20.1, 20.0),
        ],
    ),
    "deployments": (
        json.dumps(
            {
                step: {
                    "script": {"seconds": 2.0, "requests": 7},
                    "playbook": {"seconds": 3.0, "requests": 8},
                }
                for step in ("create", "unchanged", "describe", "remove")
            }
        ),
        [
            row
            for step in ("create", "unchanged", "describe", "remove")
            for row in (
                Row(step + ": seconds", "s", 3.0, 2.0),
                Row(step + ": requests", "", 8, 7),
            )
        ],
    ),
    "accuracy": (
        "               cache per token, % off     right\n"
        "this planner      0.00 median, 1 worst of 9        90         1         2         0     0.960\n"
        "llm-cal        is not installed\n"
        "GPUStack                          no answer        50         9         9         9     0.600\n",
        [Row("balanced accuracy, beside GPUStack", "", 0.96, 0.6)],
    ),
}


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda each: each.name)
def test_output_is_read(benchmark: suite.Benchmark) -> None:
    text, rows = PRINTED[benchmark.name]
    assert benchmark.read(text) == rows


def results() -> t.List[t.Dict[str, t.Any]]:
    return [
        {
            **{key: getattr(each, key) for key in ("name", "title", "plain", "more_is_better")},
            "machine": "2 processors, Python 3.11",
            "day": "2026-01-02",
            "rows": [row._asdict() for row in PRINTED[each.name][1]],
        }
        for each in BENCHMARKS
    ]


def test_the_page_has_a_table_and_a_plot_for_each(tmp_path: Path) -> None:
    page.write(results(), tmp_path)
    text = (tmp_path / "benchmarks.rst").read_text(encoding="utf-8")
    for each in BENCHMARKS:
        assert "\n%s\n%s\n" % (each.title, "-" * len(each.title)) in text
    images = re.findall(r"image:: (\S+)", text)
    assert sorted(images) == sorted(path.name for path in tmp_path.glob("*.svg"))
    assert "   * - two hosts\n     - s\n     - 0.5\n     - 1\n     - 0.5\n" in text
    assert "   * - three\n     - s\n     - 1\n     - \n     - \n" in text


def test_a_bar_begins_at_one_and_is_green_where_ours_is_better() -> None:
    rows = [
        Row("a & b", "s", 1.0, 2.0)._asdict(),
        Row("c", "s", 8.0, 2.0)._asdict(),
        Row("d", "s", 1.0)._asdict(),
    ]
    result = {"title": "x", "more_is_better": False, "rows": rows}
    svg = ElementTree.fromstring(page.plot(result))
    name = "{http://www.w3.org/2000/svg}"
    less, more = svg.findall(name + "rect")
    one = next(line for line in svg.findall(name + "line") if line.get("stroke") == "#444").get("x1")
    assert more.get("x") == one
    assert float(less.get("x", "")) + float(less.get("width", "")) == pytest.approx(float(one or ""), abs=0.2)
    # 4 is as far from 1 as twice the way to a half.
    assert float(more.get("width", "")) == pytest.approx(2 * float(less.get("width", "")), abs=0.3)
    assert less.get("fill") != more.get("fill")
    other = ElementTree.fromstring(page.plot({**result, "more_is_better": True}))
    assert [bar.get("fill") for bar in other.findall(name + "rect")] == [more.get("fill"), less.get("fill")]


def test_nothing_to_compare_has_no_plot() -> None:
    assert page.plot({"title": "x", "more_is_better": False, "rows": [Row("a", "s", 1.0)._asdict()]}) == ""


def test_a_page_without_figures_says_how_to_get_them() -> None:
    assert "run ``make bench``" in page.page([])


def test_figures_of_one_benchmark_replace_its_former_ones(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    for name, figure in (("routers", 1), ("facts", 2), ("routers", 3)):
        suite.keep({"name": name, "rows": [figure]}, path)
    assert json.loads(path.read_text()) == [{"name": "facts", "rows": [2]}, {"name": "routers", "rows": [3]}]


def test_a_failure_is_told_and_the_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = suite.Benchmark("playbook", "x", "y", ("-c", "print('{}')"), lambda _text: [Row("a", "s", 1.0)])
    bad = good._replace(name="facts", command=("-c", "raise SystemExit(3)"))
    lacking = good._replace(name="catalog", needs=(tmp_path / "absent",))
    path = tmp_path / "figures.json"
    assert suite.collect([bad, lacking, good], path) == ["facts"]
    assert [each["name"] for each in json.loads(path.read_text())] == ["playbook"]
    assert "catalog is left out: there is no" in capsys.readouterr().err


def test_every_command_is_there() -> None:
    for each in BENCHMARKS:
        place = suite.ROOT / (
            each.command[1].replace(".", "/") + ".py" if each.command[0] == "-m" else each.command[0]
        )
        assert place.is_file()
