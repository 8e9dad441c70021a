# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which card runs which format how; the knowledge is in ``data/format_support.csv``.

``native``: the card computes in this format. ``weight_only``: it unpacks to 16 bits, which saves
memory and no time. ``no``: the engine does not start.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.format_support_table import (
    ROWS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import Format
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    NVIDIA,
    Capability,
    Chip,
)

NATIVE = "native"
WEIGHT_ONLY = "weight_only"
NO = "no"


class Row(t.NamedTuple):
    """How some engines run some formats on some chips of a vendor.

    ``chips`` are (from, below) compute capabilities of NVIDIA, the beginnings of others' names (gfx942).
    ``computes_in`` where it is not the format's own type; ``made_for`` names the tool that has to have made
    the weights for the chip; ``toolkit`` is the oldest CUDA with the kernels.
    """

    vendor: str
    engines: t.Tuple[str, ...]
    formats: t.Tuple[str, ...]
    chips: t.Tuple[t.Any, ...]
    runs: str
    computes_in: t.Optional[str]
    made_for: t.Optional[str]
    toolkit: t.Optional[t.Tuple[int, int]]

    def speaks_of(self, chip: Chip) -> bool:
        """Whether the chip, of the row's vendor, is one of its chips."""
        if self.vendor != NVIDIA:
            return chip.target.startswith(self.chips)
        return any(_within(chip.capability, since, below) for since, below in self.chips)


def _within(capability: t.Optional[Capability], since: Capability, below: Capability) -> bool:
    return capability is not None and since <= capability < below


def _by_case() -> t.Mapping[t.Tuple[str, str, str], t.Sequence[Row]]:
    found: t.Dict[t.Tuple[str, str, str], t.List[Row]] = {}
    for row in map(Row._make, ROWS):
        for engine in row.engines:
            for name in row.formats:
                found.setdefault((row.vendor, engine, name), []).append(row)
    return found


_BY_CASE = _by_case()


def _row(name: str, chip: Chip, engine: str) -> t.Optional[Row]:
    rows = _BY_CASE.get((chip.vendor, engine, name), ())
    return next((row for row in rows if row.speaks_of(chip)), None)


def support(fmt: Format, chip: Chip, engine: str = "vLLM") -> str:
    """``native``, ``weight_only`` or ``no``."""
    row = _row(fmt.name, chip, engine)
    return NO if row is None else row.runs


def lacks_bf16(chip: Chip) -> bool:
    """Whether 16-bit weights have to run as float16."""
    row = _row("bf16", chip, "vLLM")
    return row is not None and row.computes_in == "float16"


def needs_own_format(fmt: Format, chip: Chip, engine: str) -> bool:
    """Whether quantized weights have to be made for the chip: a CUDA repository of the format does not load."""
    row = _row(fmt.name, chip, engine)
    return row is not None and row.made_for is not None


def least_cuda(fmt: Format, chip: Chip) -> t.Optional[t.Tuple[int, int]]:
    """The oldest CUDA with which a card computes in the format; None where it does not matter."""
    row = _row(fmt.name, chip, "vLLM")
    return None if row is None else row.toolkit
