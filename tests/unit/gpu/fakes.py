# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that exist only in a temporary folder, and tools that answer from a table."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes, collect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Fact

MIB = 1024 * 1024
MEMINFO = "MemTotal:       127000000 kB\nMemFree:  5 kB\nMemAvailable:   118000000 kB\n"

Answers = t.Mapping[str, t.Union[str, Outcome]]


class FakeTools:
    """``answers`` maps the arguments of ``tool``, joined by blanks, to what it prints.

    Without a table there is no tool; ``others`` are tools beside it. Calls are recorded.
    """

    def __init__(
        self,
        answers: t.Optional[Answers] = None,
        tool: str = "nvidia-smi",
        others: t.Optional[t.Mapping[str, Answers]] = None,
    ) -> None:
        self._tools = dict(others or {}, **({} if answers is None else {tool: answers}))
        self.asked: t.List[str] = []
        self.shares: t.List[int] = []

    def share(self, parts: int) -> FakeTools:
        self.shares.append(parts)
        return self

    def find(self, tool: str) -> t.Optional[str]:
        return "/usr/bin/" + tool if tool in self._tools else None

    def run(self, argv: t.Sequence[str]) -> Outcome:
        question = " ".join(argv[1:])
        self.asked.append(question)
        answers = self._tools[argv[0].rpartition("/")[2]]
        refused = Outcome(2, "Invalid combination of input arguments.")
        answer = answers.get(question, answers.get("*", refused))
        return answer if isinstance(answer, Outcome) else Outcome(0, answer)

    @contextlib.contextmanager
    def limited(self) -> t.Iterator[FakeTools]:
        yield self

    def call(self, function: t.Callable[[], t.Any]) -> t.Any:
        """No library answers here, however the test's own Python is equipped."""
        raise RuntimeError


def machine(root: Path, files: t.Optional[t.Mapping[str, str]] = None) -> Machine:
    """A host with these files, the clock at one fixed moment, and none of the real environment."""
    for name, content in dict({"proc/meminfo": MEMINFO}, **(files or {})).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return Machine(root=str(root), environ={}, now=lambda: 1767225600.0)


def pci_card(
    root: Path,
    address: str,
    ids: str = "10de:2330",
    driver: t.Optional[str] = "nvidia",
    device_class: str = "0x030200",
) -> None:
    """Put a card on the bus of the host below ``root``."""
    folder = root / "sys/bus/pci/devices" / address
    folder.mkdir(parents=True)
    vendor, device = ids.split(":")
    for name, content in (
        ("vendor", "0x" + vendor),
        ("device", "0x" + device),
        ("class", device_class),
        ("numa_node", "1"),
    ):
        (folder / name).write_text(content + "\n")
    if driver is not None:
        (folder / "driver").symlink_to("../../../bus/pci/drivers/" + driver)


def facts(host: Machine, tools: FakeTools, wishes: t.Optional[Wishes] = None) -> Fact:
    return collect(host, tools, wishes or Wishes())


def codes(fact: Fact) -> t.List[str]:
    return [warning["code"] for warning in fact["warnings"]]
