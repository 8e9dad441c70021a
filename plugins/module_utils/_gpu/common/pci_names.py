# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of PCI identities whose cards no driver names, for hosts that have no list of their own.

The rows are facts of the public PCI ID repository and of vendors' drivers. Cards of the table in
cards.py are left out where their identity tells the model.
"""

from __future__ import annotations

import typing as t

_ROWS = """
1002:6613 Radeon R7 240
1002:66a1 AMD Instinct MI50/MI60
1002:73bf AMD Radeon RX 6800/6900 series
1002:7480 AMD Radeon RX 7600
1002:744a AMD Radeon PRO W7900 Dual Slot
1002:745e AMD Radeon PRO W7800
1002:7470 AMD Radeon PRO W7700
1002:744c AMD Radeon RX 7900 series
1002:747e AMD Radeon RX 7700/7800 XT
1002:7550 AMD Radeon RX 9070 series
1002:7590 AMD Radeon RX 9060 XT
1002:7551 AMD Radeon AI PRO R9700
1002:738c AMD Instinct MI100
1002:7388 AMD Instinct MI100
1002:738e AMD Instinct MI100
1002:7408 AMD Instinct MI250X
1002:740c AMD Instinct MI250X/MI250
1002:740f AMD Instinct MI210
1002:74a0 AMD Instinct MI300A
1002:74a1 AMD Instinct MI300X
1002:74a2 AMD Instinct MI308X
1002:74a5 AMD Instinct MI325X
1002:74a9 AMD Instinct MI300X HF
1002:74b5 AMD Instinct MI300X VF
1002:75a0 AMD Instinct MI350X
1002:75a3 AMD Instinct MI355X
1002:1586 AMD Radeon 8060S
1002:150e AMD Radeon 880M/890M
1002:1114 AMD Radeon 840M/860M
1002:15bf AMD Radeon 780M/760M
1002:1900 AMD Radeon 780M
1002:1901 AMD Radeon 740M
8086:0bd5 Intel Data Center GPU Max 1550
8086:0bd6 Intel Data Center GPU Max 1550
8086:0bd9 Intel Data Center GPU Max 1100
8086:0bda Intel Data Center GPU Max 1100
8086:0bdb Intel Data Center GPU Max 1100
8086:56c0 Intel Data Center GPU Flex 170
8086:56c1 Intel Data Center GPU Flex 140
8086:56a0 Intel Arc A770
8086:56a1 Intel Arc A750
8086:56a2 Intel Arc A580
8086:56a5 Intel Arc A380
8086:56a6 Intel Arc A310
8086:56b0 Intel Arc Pro A30M
8086:56b1 Intel Arc Pro A40/A50
8086:56b3 Intel Arc Pro A60
8086:e20b Intel Arc B580
8086:e20c Intel Arc B570
8086:e210 Intel Arc Pro B50
8086:e211 Intel Arc Pro B60
8086:e212 Intel Arc Pro B50
1da3:1000 Gaudi
1da3:1020 Gaudi 2
1da3:1060 Gaudi 3
19e5:d100 Ascend 310
19e5:d107 Ascend 310B
19e5:d500 Ascend 310P
19e5:d801 Ascend 910
19e5:d802 Ascend 910B
19e5:d803 Ascend 910C
1d94:54b7 Hygon Z100
1d94:55b7 Hygon Z100L
1d94:62b7 Hygon K100
1d94:6210 Hygon K100_AI
1d94:6370 Hygon BW
1d0f:7064 AWS Inferentia
1d0f:7065 AWS Inferentia
1d0f:7066 AWS Inferentia
1d0f:7067 AWS Inferentia
1d0f:7164 AWS Trainium
1d0f:7264 AWS Inferentia2
1d0f:7364 AWS Trainium2
1e52:401e Tenstorrent Wormhole
1e52:b140 Tenstorrent Blackhole
1e52:faca Tenstorrent Grayskull
"""

NAMES: t.Mapping[str, str] = {row[:9]: row[10:] for row in _ROWS.strip().splitlines()}
