# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replays captured outputs of GPU tools, and descriptions of hosts, through the real code of gpu_facts.

    python tests/accuracy/replay_smi.py INDEX.csv

INDEX.csv has a row for each capture, with the columns ``file`` (beside the index), ``tool``, ``devices``
and ``odd_case``. The forms, by the word for the tool:

- a tool's output (``nvidia-smi -q``, ``rocm-smi``, ...; ``failure: nvidia-smi`` or ``failure text``): a stand-in
  executable prints it and ends with its status, on a host that has this tool and nothing else.
- ``kernel log``: put where the kernel has it.
- ``sysfs`` and ``layout``: JSON that describes cards or a host, see replay_hosts.py.
- ``nvml``: a Python file in place of the binding pynvml, on a host with the index's number of cards.

One JSON line is printed for each file: ``{"file", "devices", "links", "driver", "warnings"}``, or
``{"file", "skipped"}`` with the reason.
"""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import json
import re
import shlex
import sys
import tempfile
import typing as t
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import (  # noqa: E402
    VENDORS,
    Wishes,
    collect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values  # noqa: E402
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine  # noqa: E402
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import GATHER  # noqa: E402
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import (  # noqa: E402
    TOOL_DIRECTORIES,
    Deadline,
    Runner,
    TimedOut,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (  # noqa: E402
    csv_reports,
    nvml_binding,
)

from tests.accuracy import replay_hosts  # noqa: E402

Row = t.Mapping[str, str]
Line = t.Dict[str, t.Any]
Value = t.TypeVar("Value")

FAILED = 255


@dataclass(frozen=True)
class Kind:
    """Captures by the index's word for the tool. ``mark`` decides where that word is vague;
    without a ``program`` the capture is the kernel's log."""

    label: str
    vendor: str
    program: t.Optional[str]
    mark: t.Optional[str] = None


KINDS = (
    Kind(r"vulkaninfo|WMI", "amd", "rocm-smi", r"ROCm System Management|GPU\[\d+\]\s*:|VRAM Total Memory"),
    Kind(r"^rocm-smi(?!/)", "amd hygon", "rocm-smi"),
    Kind(r"^hy-smi", "hygon", "hy-smi"),
    Kind(r"^mx-smi", "metax", "mx-smi"),
    Kind(r"^mthreads-gmi", "mthreads", "mthreads-gmi"),
    Kind(r"^cnmon", "cambricon", "cnmon"),
    Kind(r"^ixsmi", "iluvatar", "ixsmi"),
    Kind(r"^ppu-smi", "thead", "ppu-smi"),
    Kind(r"^brsmi", "biren", "brsmi"),
    Kind(r"^xpu_smi", "kunlun", "xpu_smi"),
    Kind(r"^neuron-ls", "aws", "neuron-ls"),
    Kind(r"^amd-smi", "amd", "amd-smi"),
    Kind(r"^xpu-smi", "intel", "xpu-smi"),
    Kind(r"^hl-smi", "gaudi", "hl-smi"),
    Kind(r"^npu-smi", "ascend", "npu-smi"),
    Kind(r"^dmesg|^journalctl|kernel log", "nvidia", None, r"NVRM: |SXid"),
    # "same" is the index's word for a question to nvidia-smi that the row's source does not spell out.
    Kind(r"^nvidia-smi|^same$|^failure text", "nvidia", "nvidia-smi"),
)
_SKIPPED = (
    (r"^tt-smi", "tt-smi is not asked: Tenstorrent cards are known by the PCI bus alone"),
    (r"^gpustack-runtime|^GPUStack worker", "what GPUStack stores about a worker is no tool's output"),
    (r"vulkaninfo|WMI", "vulkaninfo and WMI are not asked: they tell no memory that can be used"),
    (r"meminfo", "the host's memory alone names no card"),
    (r"^$", "a list of field names, of which the index names no tool"),
)
_SECTION = re.compile(r"^#+\n# [^\n]* :: [^\n]*\n# \$ nvidia-smi ?([^\n]*)\n#+\n", re.MULTILINE)
_ASKED = tuple(
    "%s --format=csv,noheader,nounits" % csv_reports.query_argument(fields)
    for fields in (csv_reports.IDENTITY_FIELDS, csv_reports.MINIMAL_FIELDS)
)


@dataclass(frozen=True)
class Printed:
    """What a stand-in says to one question."""

    text: str
    rc: int = 0


class ReplayTools(Runner):
    """The real runner, without the libraries of the machine that replays."""

    def call(self, function: t.Callable[[], Value]) -> Value:
        raise RuntimeError("a replay has no library")


class LibraryTools(Runner):
    """The real runner, for a binding of NVML that a replay has put in place."""


def replay(row: Row, folder: Path) -> Line:
    """The JSON line of one row of the index."""
    path = folder / row["file"]
    text = path.read_text(encoding="utf-8", errors="replace")
    form = row["tool"].strip().lower()
    with tempfile.TemporaryDirectory() as here:
        root = Path(here)
        if form in ("sysfs", "layout"):
            return line_of(row, described(root, text))
        if form == "nvml":
            return line_of(row, bound(root, path, row))
        kind = kind_of(row["tool"], text)
        if isinstance(kind, str):
            return {"file": row["file"], "skipped": kind}
        if kind.program is None:
            write_kernel_log(root, text)
        else:
            write_stand_in(root, kind.program, answers(text, row))
        if re.search(r"(?<!no )container", row["odd_case"]):
            (root / ".dockerenv").touch()
        tools = ReplayTools(Deadline(10), {"PATH": here}, directories=[])
        return line_of(row, facts_of(root, tools, kind.vendor.split(), {}))


def facts_of(
    root: Path, tools: Runner, vendors: t.Sequence[str], environ: t.Mapping[str, str]
) -> t.Dict[str, t.Any]:
    """All that gpu_facts finds on the host below ``root``."""
    return collect(Machine(root=str(root), environ=environ), tools, Wishes(vendors=vendors, gather=GATHER))


def line_of(row: Row, facts: t.Mapping[str, t.Any]) -> Line:
    return {
        "file": row["file"],
        "devices": facts["devices"],
        "links": facts["topology"]["links"],
        "driver": next(iter(facts["driver"].values()), None),
        "warnings": [warning for warning in facts["warnings"] if warning["code"] != "no_gpu"],
    }


def described(root: Path, text: str) -> t.Dict[str, t.Any]:
    """The facts of a host that JSON describes, with its folders and no others."""
    host = replay_hosts.write_host(root, json.loads(text))
    folders = [str(root) + folder for folder in TOOL_DIRECTORIES]
    tools = ReplayTools(Deadline(10), {"PATH": str(host.bin)}, directories=folders)
    return facts_of(root, tools, VENDORS, host.environ)


def bound(root: Path, path: Path, row: Row) -> t.Dict[str, t.Any]:
    """The facts of a host whose NVML is a Python file's, with cards where that says that they are."""
    tools = LibraryTools(Deadline(10), {"PATH": str(root)}, directories=[])
    with binding(path) as module:
        try:
            addresses = tools.call(
                lambda: [_address(module, index) for index in range(module.nvmlDeviceGetCount())]
            )
        except (Exception, TimedOut):
            addresses = []
        wanted = int(row["devices"] or 0) or len(addresses)
        cards = [
            {"pci_id": "10de:2330", "driver": "nvidia", "address": address}
            for address in completed((addresses + [None] * wanted)[:wanted])
        ]
        replay_hosts.write_host(root, cards)
        (root / "dev").mkdir()
        (root / "dev/nvidiactl").touch()
        return facts_of(root, tools, ["nvidia"], {})


@contextlib.contextmanager
def binding(path: Path) -> t.Iterator[t.Any]:
    """A file in place of the module pynvml."""
    loader = SourceFileLoader("pynvml", str(path))
    module = importlib.util.module_from_spec(ModuleSpec("pynvml", loader))
    before = sys.modules.get("pynvml"), nvml_binding.pynvml  # type: ignore[attr-defined]
    try:
        loader.exec_module(module)
        bound: t.Any = module
    except Exception:  # as a host has it whose binding cannot be loaded
        bound = None
    sys.modules["pynvml"], nvml_binding.pynvml = module, bound  # type: ignore[attr-defined]
    try:
        yield module
    finally:
        nvml_binding.pynvml = before[1]  # type: ignore[attr-defined]
        del sys.modules["pynvml"]
        if before[0] is not None:
            sys.modules["pynvml"] = before[0]


def _address(module: t.Any, index: int) -> t.Optional[str]:
    """Where NVML says that the card is; None for one that it does not open."""
    try:
        told = module.nvmlDeviceGetPciInfo(module.nvmlDeviceGetHandleByIndex(index)).busId
    except Exception:
        return None
    return values.pci_address(told.decode() if isinstance(told, bytes) else str(told))


def completed(addresses: t.Sequence[t.Optional[str]]) -> t.List[str]:
    """``addresses`` with one on the bus for each that is not told, after the one before it."""
    found: t.List[str] = []
    for address in addresses:
        after = int(found[-1].split(":")[1], 16) + 1 if found else 0x10
        found.append(address or "0000:%02x:00.0" % after)
    return found


def kind_of(tool: str, text: str) -> t.Union[Kind, str]:
    """What printed a capture; the reason where it is nothing that gpu_facts asks."""
    tool = re.sub(r"^failure: *", "", tool)
    for kind in KINDS:
        if re.search(kind.label, tool) and (kind.mark is None or re.search(kind.mark, text)):
            return kind
    for label, reason in _SKIPPED:
        if re.search(label, tool):
            return reason
    return "%s is not a tool that is read" % (tool or "an unnamed source")


def answers(text: str, row: Row) -> t.Dict[str, Printed]:
    """Question -> answer; the empty question stands for all others."""
    sections = _SECTION.split(text)[1:]
    if not sections:
        return {"": Printed(text, status(row))}
    captured: t.Dict[str, str] = {}
    for question, answer in zip(sections[::2], sections[1::2], strict=True):
        captured.setdefault(question.strip(), answer.split("\n####", 1)[0])
    table = {
        "-q -x": captured.get("-q", ""),
        "-L": captured.get("-L", ""),
        "topo -m": captured.get("topo -m", ""),
    }
    printed = {question: Printed(answer) for question, answer in table.items()}
    full = next((answer for question, answer in captured.items() if question.startswith("--query-gpu=")), "")
    printed.update({question: selected(full, question) for question in _ASKED})
    printed[""] = Printed("Invalid combination of input arguments.", 2)
    return printed


def selected(full: str, question: str) -> Printed:
    """The asked columns of a CSV that has them all and a header."""
    rows = list(csv.reader(full.strip().splitlines(), skipinitialspace=True))
    names = [cell.split(" [")[0].strip() for cell in rows[0]] if rows else []
    fields = question.split()[0].partition("=")[2].split(",")
    unknown = [field for field in fields if field not in names]
    if unknown:
        return Printed('Field "%s" is not a valid field to query.' % unknown[0], 2)
    lines = [", ".join(cells[names.index(field)] for field in fields) for cells in rows[1:]]
    return Printed("\n".join(lines) + "\n")


def status(row: Row) -> int:
    """The status that the index tells, else that of success or failure."""
    told = re.search(r"\brc (\d+)", row["odd_case"])
    if told:
        return int(told.group(1))
    return FAILED if row["tool"].startswith("failure") else 0


def write_kernel_log(root: Path, text: str) -> None:
    """The log where the kernel has it, on a host whose NVIDIA module is loaded: it wrote the log."""
    (root / "dev").mkdir()
    (root / "dev/kmsg").write_text(text, encoding="utf-8")
    (root / "sys/module/nvidia").mkdir(parents=True)


def write_stand_in(folder: Path, program: str, printed: t.Mapping[str, Printed]) -> None:
    """An executable ``program`` in ``folder``."""
    cases = []
    for number, question in enumerate(sorted(printed, reverse=True)):
        file = folder / ("answer-%d" % number)
        file.write_text(printed[question].text, encoding="utf-8")
        pattern = shlex.quote(question) if question else "*"
        cases.append("%s) /bin/cat %s; exit %d ;;" % (pattern, shlex.quote(str(file)), printed[question].rc))
    stand_in = folder / program
    stand_in.write_text('#!/bin/sh\ncase "$*" in\n%s\nesac\n' % "\n".join(cases))
    stand_in.chmod(0o755)


def read_index(path: Path) -> t.List[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(arguments: t.Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: replay_smi.py INDEX.csv", file=sys.stderr)
        return 2
    index = Path(arguments[0])
    for row in read_index(index):
        print(json.dumps(replay(row, index.parent)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
