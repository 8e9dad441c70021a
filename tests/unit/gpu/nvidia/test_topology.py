# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Link
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.topology import (
    link,
    parse_matrix,
    without_links,
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


def matrix(links: t.Mapping[int, t.Mapping[int, int]], cards: int) -> t.List[t.Tuple[int, int, str]]:
    """Pairs of ``cards`` with NVLinks where ``links`` has some."""
    pairs = []
    for b in range(cards):
        for a in range(b):
            count = links.get(a, {}).get(b, 0)
            pairs.append((a, b, "NV%d" % count if count else "NODE"))
    return pairs


def all_but(*missing: int, count: int = 18) -> t.Dict[int, t.Dict[int, int]]:
    joined = [card for card in range(8) if card not in missing]
    return {a: {b: count for b in joined if b > a} for a in joined}


def test_one_card_without_links_among_linked_peers() -> None:
    assert without_links(matrix(all_but(3), 8)) == {3: "no NVLink, while its 7 peers have 18 each"}
    assert set(without_links(matrix(all_but(3, 5), 8))) == {3, 5}
    assert without_links(matrix(all_but(), 8)) == {}


def test_a_card_with_fewer_links_than_its_peers() -> None:
    links = all_but()
    for card in range(7):
        links[card][7] = 12
    found = without_links(matrix(links, 8))
    assert found == {7: "12 NVLinks, while its peers have 18"}


def test_bridges_and_meshes_say_nothing_about_the_others() -> None:
    bridges = {0: {1: 12}, 2: {3: 12}}
    assert without_links(matrix(bridges, 6)) == {}
    assert without_links(matrix({0: {1: 4}}, 4)) == {}
    mesh = {
        0: {1: 1, 2: 1, 3: 2},
        1: {2: 2, 3: 1},
        2: {3: 1},
        4: {5: 1, 6: 1, 7: 2},
        5: {6: 2, 7: 1},
        6: {7: 1},
    }
    assert without_links(matrix(mesh, 8)) == {}
    assert without_links(matrix({}, 8)) == {}
