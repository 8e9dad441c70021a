# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Link
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.topology import (
    link,
    parse_matrix,
)

FOUR = """\
        GPU0    GPU1    GPU2    GPU3    mlx5_0  CPU Affinity
GPU0     X      NV12    SYS     NODE    PIX     0-23,48-71
GPU1    NV12     X      PHB     PXB     PIX     0-23,48-71
GPU2    SYS     PHB      X      NV4     SYS     24-47
GPU3    NODE    PXB     NV4      X
mlx5_0  PIX     PIX     SYS     SYS      X

Legend:
  NV#  = Connection traversing a bonded set of # NVLinks
"""


def test_every_pair_once() -> None:
    assert parse_matrix(FOUR) == [
        (0, 1, "NV12"),
        (0, 2, "SYS"),
        (0, 3, "NODE"),
        (1, 2, "PHB"),
        (1, 3, "PXB"),
        (2, 3, "NV4"),
    ]


def test_a_matrix_that_is_cut_gives_what_it_has() -> None:
    assert parse_matrix("\tGPU0\tGPU1\tGPU2\nGPU0\t X \tNV6\n") == [(0, 1, "NV6")]
    assert parse_matrix("GPU0\n") == []
    assert parse_matrix("") == []


def test_speed_counts_both_directions() -> None:
    assert link(0, 1, "NV18", "9.0") == Link(0, 1, "nvlink", "NV18", 900.0)
    assert link(0, 1, "NV12", "8.0").gbps == 600.0
    assert link(0, 1, "NV4", "8.6").gbps == 112.5
    assert link(0, 1, "NV18", "10.0").gbps == 1800.0
    assert link(0, 1, "NV4", None).gbps is None
    assert link(0, 1, "SYS", "9.0") == Link(0, 1, "pcie", "SYS", None)
