# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of engines that GPUStack has, with the runtimes and chips that they are made for.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

RELEASE = "0.1.31.post4"
IMAGES = """\
mindie 2.1.rc1 cann: 8.2/310p! 8.2/910b!
mindie 2.1.rc2 cann: 8.2/310p 8.2/910b 8.2/a3
mindie 2.2.rc1 cann: 8.3/310p 8.3/910b 8.3/a3
mindie 2.3.0 cann: 8.5/310p 8.5/910b 8.5/a3
sglang 0.5.1.post3 cann: 8.2/910b! 8.2/a3!
sglang 0.5.12.post1 cann: 8.5/910b 8.5/a3
sglang 0.5.12.post1 cuda: 12.9 13.0
sglang 0.5.12.post1 rocm: 7.2
sglang 0.5.14 cann: 9.0/910b 9.0/a3
sglang 0.5.14 cuda: 12.9 13.0
sglang 0.5.14 rocm: 7.2
sglang 0.5.15.post1 cann: 9.0/910b 9.0/a3
sglang 0.5.15.post1 cuda: 12.9 13.0
sglang 0.5.15.post1 rocm: 7.2
sglang 0.5.18 cann: 9.0/910b 9.0/a3
sglang 0.5.18 cuda: 12.9 13.0
sglang 0.5.18 rocm: 7.2
sglang 0.5.2 cann: 8.2/910b! 8.2/a3!
sglang 0.5.20 cann: 9.0/910b 9.0/a3
sglang 0.5.21 cuda: 13.0
sglang 0.5.21 rocm: 7.2
sglang 0.5.22 cuda: 13.0
sglang 0.5.22 rocm: 7.2
sglang 0.5.4.post3 cuda: 12.8!
sglang 0.5.5 cuda: 12.8!
sglang 0.5.5.post3 cuda: 12.8
sglang 0.5.5.post3 rocm: 6.4!
sglang 0.5.6.post2 cann: 8.3/910b 8.3/a3
sglang 0.5.6.post2 cuda: 12.8 12.9
sglang 0.5.6.post2 rocm: 6.4! 7.0
sglang 0.5.7 cann: 8.3/910b 8.3/a3
sglang 0.5.7 cuda: 12.8 12.9
sglang 0.5.7 rocm: 6.4! 7.0
sglang 0.5.8.post1 cann: 8.5/910b 8.5/a3
sglang 0.5.8.post1 cuda: 12.8 12.9
sglang 0.5.8.post1 rocm: 6.4! 7.0
sglang 0.5.9 cann: 8.5/910b 8.5/a3
sglang 0.5.9 cuda: 12.8 12.9
sglang 0.5.9 rocm: 7.0
vllm 0.10.0 cann: 8.2/310p 8.2/910b
vllm 0.10.0 cuda: 12.4! 12.6! 12.8!
vllm 0.10.0 rocm: 6.3!
vllm 0.10.1.1 cann: 8.2/910b! 8.2/a3!
vllm 0.10.1.1 cuda: 12.4! 12.6! 12.8!
vllm 0.10.1.1 rocm: 6.3!
vllm 0.10.2 cann: 8.2/910b 8.2/a3
vllm 0.10.2 cuda: 12.4! 12.6! 12.8
vllm 0.10.2 rocm: 6.4!
vllm 0.11.0 cann: 8.3/910b 8.3/a3
vllm 0.11.0 cuda: 12.4! 12.6! 12.8!
vllm 0.11.0 rocm: 7.0!
vllm 0.11.2 cuda: 12.6! 12.8 12.9
vllm 0.11.2 rocm: 6.4! 7.0
vllm 0.12.0 cann: 8.3/910b 8.3/a3
vllm 0.12.0 cuda: 12.6! 12.8 12.9
vllm 0.12.0 rocm: 6.4! 7.0
vllm 0.13.0 cann: 8.5/910b 8.5/a3
vllm 0.13.0 cuda: 12.6! 12.8 12.9
vllm 0.13.0 rocm: 6.4! 7.0
vllm 0.14.1 cann: 8.5/310p 8.5/910b 8.5/a3
vllm 0.14.1 cuda: 12.6! 12.8 12.9
vllm 0.14.1 rocm: 6.4! 7.0
vllm 0.15.0 cann: 8.5/310p 8.5/910b 8.5/a3
vllm 0.15.1 cuda: 12.6! 12.8 12.9
vllm 0.15.1 rocm: 6.4! 7.0
vllm 0.16.0 cann: 8.5/310p 8.5/910b 8.5/a3
vllm 0.16.0 cuda: 12.8 12.9
vllm 0.16.0 rocm: 6.4! 7.0
vllm 0.17.0 cann: 8.5/310p 8.5/910b 8.5/a3
vllm 0.17.1 cuda: 12.8 12.9
vllm 0.17.1 rocm: 7.1
vllm 0.18.0 cann: 8.5/310p 8.5/910b 8.5/a3
vllm 0.18.1 cuda: 12.9 13.0
vllm 0.18.1 rocm: 7.0
vllm 0.19.1 cuda: 12.9 13.0
vllm 0.19.1 rocm: 7.2
vllm 0.20.2 cann: 9.0/310p 9.0/910b 9.0/a3
vllm 0.20.2 cuda: 12.9 13.0
vllm 0.20.2 rocm: 7.2
vllm 0.21.0 cuda: 12.9 13.0
vllm 0.21.0 rocm: 7.2
vllm 0.22.1 cuda: 12.9 13.0
vllm 0.22.1 rocm: 7.2
vllm 0.23.0 cann: 9.1/310p 9.1/910b 9.1/950 9.1/a3
vllm 0.24.0 cuda: 12.9 13.0
vllm 0.24.0 rocm: 7.2
vllm 0.25.1 cuda: 12.9 13.0
vllm 0.25.1 rocm: 7.2
vllm 0.27.1 cann: 9.1/310p 9.1/910b 9.1/950 9.1/a3
vllm 0.27.1 cuda: 12.9 13.0
vllm 0.27.1 rocm: 7.2
vllm 0.29.0 cuda: 12.9 13.0
vllm 0.29.0 rocm: 7.2
vllm 0.30.0 cann: 9.1/310p 9.1/910b 9.1/950 9.1/a3 9.2/310p 9.2/910b 9.2/950 9.2/a3
vllm 0.30.0 cuda: 13.0
vllm 0.30.0 rocm: 7.2
vllm 0.31.0 cuda: 12.9 13.0
vllm 0.31.0 rocm: 7.2
vllm 0.32.0 cuda: 12.9 13.0
vllm 0.32.0 rocm: 7.2
vllm 0.9.1 cann: 8.2/910b
vllm 0.9.2 cann: 8.2/310p! 8.2/910b!
"""
