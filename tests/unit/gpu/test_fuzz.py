# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No output of any tool, however broken, ends in an exception or in an absurd number."""

from __future__ import annotations

import tempfile
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import nvidia_topology, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import read_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.types import Device
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import Answers, FakeTools, facts, machine, pci_card

WHOLE = [
    reports.xml(reports.gpu(0), reports.gpu(1)),
    reports.xml(
        reports.gpu(
            0,
            mig_mode="<current_mig>Enabled</current_mig>",
            mig_devices=reports.MIG_CHILD.format(index=0, gi=1, ci=0, mib=9984, free=9972),
        )
    ),
    reports.LOG,
    reports.TABLE,
    reports.LISTING,
    reports.identity(0, 1),
]
CELLS = [
    "N/A",
    "[Not Supported]",
    "-5 MiB",
    "ERR!",
    "9" * 30,
    "GPU is lost",
    "\x00",
    "\x1b[4m",
    "<",
    "\r\n",
    "٣",
    "||",
    " : ",
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A report with a piece cut out, replaced or moved."""
    text = draw(st.sampled_from(WHOLE))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 200)))
    put = draw(st.one_of(st.sampled_from(CELLS), st.text(max_size=20)))
    kept = text[:start] + put + text[end:]
    return kept[: draw(st.integers(0, len(kept)))] if draw(st.booleans()) else kept


def check_amount(amount: t.Optional[int], total: t.Optional[int]) -> None:
    assert amount is None or 0 <= amount <= values.MEMORY_LIMIT_BYTES
    assert amount is None or total is None or amount <= total


def check(device: Device) -> None:
    total = device.memory_total_bytes
    assert total != 0
    for amount in (total, device.memory_reserved_bytes, device.memory_used_bytes, device.memory_free_bytes):
        check_amount(amount, total)
    for instance in device.mig.instances:
        check_amount(instance.memory_free_bytes, instance.memory_total_bytes)


@settings(max_examples=200, deadline=1000)
@given(st.one_of(damaged(), st.text(max_size=300)))
def test_every_text_gives_a_report(text: str) -> None:
    for device in read_report(text).devices:
        check(device)


@settings(max_examples=200, deadline=1000)
@given(damaged(), damaged(), damaged(), st.integers(0, 255))
def test_every_tool_gives_facts(query: str, rows: str, listing: str, rc: int) -> None:
    answers: Answers = {
        "-q -x": Outcome(rc, query),
        reports.IDENTITY: rows,
        reports.MINIMAL: rows,
        "-L": listing,
        "topo -m": listing,
    }
    with tempfile.TemporaryDirectory() as root:
        pci_card(Path(root), reports.address(0))
        fact = facts(machine(Path(root)), FakeTools(answers))
    assert fact["devices"]
    assert "probe_failed" not in [warning["code"] for warning in fact["warnings"]]


@settings(max_examples=200, deadline=1000)
@given(st.text(alphabet="GPU0123456789NVXPISY \t\n\x1b[4m", max_size=200))
def test_every_text_gives_a_topology(text: str) -> None:
    for a, b, _word in nvidia_topology.parse_matrix(text):
        assert a < b


def test_long_lines_take_no_longer_than_short_ones() -> None:
    for text in (" " * 2_000_000, "a " * 1_000_000, "|" + " 1" * 1_000_000, "GPU 0: " + "(" * 1_000_000):
        assert read_report(text).devices == ()
