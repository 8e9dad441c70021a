# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No output of any tool, however broken, ends in an exception or in an absurd number."""

from __future__ import annotations

import json
import tempfile
import time
import typing as t
from pathlib import Path
from random import Random

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi, rocm_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.ascend import npu_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device, Findings
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.gaudi import probe as gaudi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.intel import xpu_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import kernel_log as nvidia_log
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    topology as nvidia_topology,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.smi import read_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.others import table as others
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accuracy.replay_smi import read_index
from tests.unit.gpu import reports, test_replay
from tests.unit.gpu.amd import test_probe as test_amd
from tests.unit.gpu.ascend import test_probe as test_ascend
from tests.unit.gpu.fakes import Answers, FakeTools, facts, machine, pci_card
from tests.unit.gpu.intel import test_probe as test_intel

INDEX = test_replay.INDEX
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
OTHERS = [json.dumps([test_amd.STATIC]), test_intel.TABLE, test_intel.HABANA_TABLE, test_ascend.TWO]
PARSERS: t.Sequence[t.Callable[[str], Findings]] = (
    amd_smi.parse,
    rocm_smi.parse,
    xpu_smi.parse,
    gaudi.parse,
    npu_smi.parse,
)
# What vendors' JSON has, in places where it should not be.
KEYS = [
    "gpu_data",
    "gpu",
    "asic",
    "bus",
    "bdf",
    "vram",
    "size",
    "value",
    "unit",
    "MB",
    "192",
    "-1",
    "mem_usage",
    "used_vram",
    "links",
    "card0",
    "system",
    "VRAM Total Memory (B)",
    "Device ID",
    "device_list",
    "device_id",
    "device_name",
    "memory_physical_size_byte",
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


def captures() -> t.List[str]:
    """The beginnings of the collected real outputs, where they are present."""
    if not INDEX.exists():
        return []
    files = [INDEX.parent / row["file"] for row in read_index(INDEX)]
    return [path.read_text(encoding="utf-8", errors="replace")[:20000] for path in files]


SAMPLES = WHOLE + OTHERS + captures()
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(KEYS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


def mutated(seed: int) -> str:
    """A sample with some pieces cut out, doubled, moved, or replaced by odd cells."""
    random = Random(seed)
    text = random.choice(SAMPLES)
    for _time in range(random.randint(1, 6)):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.randint(0, 60))
        piece = random.choice(["", text[start:end] * 2, random.choice(CELLS), random.choice(SAMPLES)[:80]])
        text = text[:start] + piece + text[end:]
    return text if random.random() < 0.8 else text[: random.randint(0, len(text))]


def check_findings(findings: Findings) -> None:
    for device in findings.devices:
        check(device)
        for process in device.processes:
            check_amount(process.used_bytes, None)
    for link in findings.links:
        assert link.a < link.b


def check_amount(amount: t.Optional[int], total: t.Optional[int]) -> None:
    assert amount is None or 0 <= amount <= values.MEMORY_LIMIT_BYTES
    assert amount is None or total is None or amount <= total


def check(device: Device) -> None:
    total = device.memory_total_bytes
    assert total != 0
    for amount in (total, device.memory_reserved_bytes, device.memory_used_bytes, device.memory_free_bytes):
        check_amount(amount, total)
    assert device.index is None or device.index >= 0
    for instance in device.mig.instances:
        check_amount(instance.memory_free_bytes, instance.memory_total_bytes)


def check_all_parsers(text: str) -> None:
    for parse in PARSERS:
        check_findings(parse(text))
    for device in read_report(text).devices:
        check(device)
    nvidia_log.parse(text)
    check_findings(others.parse(text, "metax", "mx-smi"))
    check_findings(others.parse_neuron(text))
    amd_smi.parse_processes(text)
    xpu_smi.parse_used(text)


def test_mutated_samples_end_in_no_exception_and_in_no_long_wait() -> None:
    for seed in range(600):
        text = mutated(seed)
        started = time.monotonic()
        check_all_parsers(text)
        assert time.monotonic() - started < 2, seed


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=300), JSON.map(json.dumps)))
def test_every_text_goes_through_every_parser(text: str) -> None:
    check_all_parsers(text)


@settings(max_examples=100)
@given(JSON.map(json.dumps), st.integers(0, 255))
def test_every_vendor_survives_every_answer(answer: str, rc: int) -> None:
    tools = {
        name: {"*": Outcome(rc, answer)} for name in ("amd-smi", "rocm-smi", "xpu-smi", "hl-smi", "npu-smi")
    }
    with tempfile.TemporaryDirectory() as root:
        fact = facts(machine(Path(root)), FakeTools({"*": Outcome(rc, answer)}, others=tools))
    assert "probe_failed" not in [warning["code"] for warning in fact["warnings"]]
    json.dumps(fact)


@settings(max_examples=200)
@given(st.one_of(damaged(), st.text(max_size=300)))
def test_every_text_gives_a_report(text: str) -> None:
    for device in read_report(text).devices:
        check(device)


@settings(max_examples=200)
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


@settings(max_examples=200)
@given(st.text(alphabet="GPU0123456789NVXPISY \t\n\x1b[4m", max_size=200))
def test_every_text_gives_a_topology(text: str) -> None:
    for a, b, _word in nvidia_topology.parse_matrix(text):
        assert a < b


def test_long_lines_take_no_longer_than_short_ones() -> None:
    for text in (" " * 2_000_000, "a " * 1_000_000, "|" + " 1" * 1_000_000, "GPU 0: " + "(" * 1_000_000):
        assert read_report(text).devices == ()
        check_all_parsers(text)


def test_deep_json_is_refused_and_not_followed() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000):
        check_all_parsers(text)
