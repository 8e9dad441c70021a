# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read: lines for a host, a table for many, rows for a database."""

from __future__ import annotations

import csv
import io
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.filter.fleet_csv import fleet_csv
from ansible_collections.modelscan.autoconfig.plugins.filter.fleet_html import fleet_html
from ansible_collections.modelscan.autoconfig.plugins.filter.fleet_table import fleet_table
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import summary
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import gpu_facts, gpu_facts_told

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import FakeTools, facts, machine, pci_card

Fact = t.Dict[str, t.Any]
NOTHING = "GPU is lost"


@pytest.fixture
def one_lost(tmp_path: Path) -> Fact:
    """Eight cards, of which the fifth is lost and the second sits in a narrow slot."""
    gpus = []
    for number in range(8):
        pci_card(tmp_path, reports.address(number))
        changed: t.Dict[str, t.Any] = {}
        if number == 4:
            changed = {"product_name": NOTHING, "fb_memory": reports.memory(*[NOTHING] * 4)}
        elif number == 1:
            changed = {
                "clocks_event_reasons": "<clocks_event_reason_hw_slowdown>Active</clocks_event_reason_hw_slowdown>"
            }
        gpus.append(reports.gpu(number, **changed))
    tools = FakeTools({"-q -x": reports.xml(*gpus), reports.IDENTITY: reports.identity(*range(8))})
    fact = facts(machine(tmp_path), tools)
    fact["host"]["name"] = "gpu-a"
    return fact


def test_the_worst_card_comes_first(one_lost: Fact) -> None:
    host, lost, slow, *others = summary.lines(one_lost)
    assert host == (
        "gpu-a: 8 x NVIDIA H100 80GB HBM3, 7 usable, 546.9 of 557.5 GiB free, nvidia 570.124.06, CUDA 12.8"
    )
    assert lost.startswith(
        "GPU 4  0000:1b:00.0  NVIDIA H100 80GB HBM3  LOST, the card does not answer. Reset"
    )
    assert slow == (
        "GPU 1  0000:18:00.0  NVIDIA H100 80GB HBM3  ok, 78.1 of 79.6 GiB free, "
        "slowed down by the hardware: hardware slowdown"
    )
    assert [line.split()[1] for line in others] == ["0", "2", "3", "5", "6", "7"]


def test_warnings_of_ansible_say_what_to_do_and_leave_notes_out(one_lost: Fact) -> None:
    first, second = summary.raised(one_lost)
    assert first.startswith("0000:1b:00.0: the card does not answer. Reset the card or reboot")
    assert second.startswith("0000:18:00.0: slowed down by the hardware")
    note = dict(one_lost["warnings"][0], severity="note")
    assert summary.raised({"warnings": [note]}) == []


def test_what_holds_for_several_cards_is_said_once() -> None:
    def warning(card: str) -> Fact:
        text = "%s: the card does not answer" % card
        return {
            "code": "device_lost",
            "message": text,
            "hint": "Reboot.",
            "device": card,
            "severity": "error",
        }

    assert summary.raised({"warnings": [warning("0000:01:00.0"), warning("0000:02:00.0")]}) == [
        "0000:01:00.0, 0000:02:00.0: the card does not answer. Reboot."
    ]


def test_a_fleet_with_problems_first(one_lost: Fact) -> None:
    mismatch = {"code": "driver_mismatch", "message": "m", "hint": "h", "severity": "warning"}
    empty: Fact = {"devices": [], "warnings": [mismatch]}
    lines = fleet_table({"b": None, "a": dict(one_lost, warnings=[]), "c": one_lost, "d": empty})
    assert [line.split()[0] for line in lines[1:5]] == ["b", "c", "d", "a"]
    assert lines[1].endswith("no facts")
    assert lines[2].split("  ")[0] == "c"
    assert "7 of 8" in lines[2]
    assert lines[2].endswith("device_lost, throttled")
    assert lines[6].startswith("c: 0000:1b:00.0: the card does not answer")
    assert lines[3].endswith("no cards, driver_mismatch")
    assert fleet_table({}) == ["There is no host."]


BROKEN = {"devices": [{"vendor": "nvidia", "index": 0, "processes": ["x"]}]}


def test_a_host_with_broken_facts_is_named_and_takes_no_other_with_it(
    one_lost: Fact, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = {"bad\n\x1b[31m": BROKEN, "good": one_lost}
    lines = fleet_table(hosts)
    assert any(line.startswith("bad\\n\\x1b[31m") and line.endswith("broken facts") for line in lines)
    told = (
        "its GPU facts are broken: devices[0].processes[0] is a text of 1 characters where an object belongs"
    )
    assert "bad\\n\\x1b[31m: %s" % told in lines
    warnings: t.List[str] = []
    monkeypatch.setattr("ansible.utils.display.Display.warning", lambda _self, line: warnings.append(line))
    assert len(fleet_csv(hosts).splitlines()) == len(fleet_csv({"good": one_lost}).splitlines())
    assert len(warnings) == 1
    assert "devices[0].processes[0]" in warnings[0]


def test_a_row_for_each_card(one_lost: Fact) -> None:
    one_lost["devices"][0]["name"] = "=cmd()"
    rows = list(csv.DictReader(io.StringIO(fleet_csv({"gpu-a": one_lost, "gpu-b": None}))))
    assert [row["index"] for row in rows] == [str(number) for number in range(8)]
    lost = rows[4]
    assert (lost["state"], lost["schedulable"], lost["memory_total_bytes"]) == ("device_lost", "false", "")
    assert rows[0]["name"] == "'=cmd()"
    assert (rows[1]["host"], rows[1]["driver"], rows[1]["temperature_c"]) == ("gpu-a", "570.124.06", "")


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan"), 1e12])
def test_a_time_limit_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        gpu_facts_told.check({"simulate": None, "timeout_s": seconds})
    assert "timeout_s" in str(caught.value)


def test_the_module_returns_lines_and_warnings() -> None:
    params = {"simulate": "2xL40S"}
    result = gpu_facts_told.told(gpu_facts.read(params), params, "gpu-a")
    assert (len(result["summary"]), len(result["warnings"])) == (4, 1)
    assert result["ansible_facts"]["autoconfig_gpu"]["devices"][0]["name"] == "NVIDIA L40S"


def test_a_page_by_shape_and_site_with_alike_cards_as_one_bar(one_lost: Fact) -> None:
    healthy = dict(
        one_lost, warnings=[], devices=one_lost["devices"][:2], collected_at="2026-02-03T04:05:06Z"
    )
    hosts = {"a": healthy, "b": healthy, "<c>": one_lost, "d": None, "e": BROKEN}
    page = fleet_html(hosts, {"a": "https://one", "b": "https://two", "<c>": None})
    assert "https://one, https://two" in page
    assert "2: a, b" in page
    assert "2026-02-03T04:05:06Z" in page
    assert "<c>" not in page
    assert "&lt;c&gt;" in page
    assert "does not answer" in page
    assert "devices[0].processes[0]" in page
    assert "it gave no GPU facts" in page
    assert "a: GPU 0-1, b: GPU 0-1" in page
    assert "simulated" not in page.partition("<body>")[2]
    pretended = dict(healthy, devices=[dict(each, source="simulated") for each in healthy["devices"]])
    assert "<span class=badge>simulated" in fleet_html({"a": pretended})
    assert "0 hosts, 0 cards" in fleet_html({})


def test_a_page_tells_what_is_wrong_with_many_hosts_once(one_lost: Fact) -> None:
    page = fleet_html({"gpu-%02d" % number: one_lost for number in range(30)})
    assert page.count("does not answer") == 1
    assert "gpu-11 and 18 more" in page
    assert "<i class=free>" in page
    assert "<i class=weights>" not in page
