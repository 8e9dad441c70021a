# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was reviewed by hand, because the syntax of the engines does not show it.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

REVIEWED = """\
0-0.9.0	vllm cards	7.0-9.0
0.9.0-0.20.0	vllm cards	7.0-12.1
0.20.0	vllm cards	7.5-12.1
0-0.4.8	sglang cards	7.5-9.0
0.4.8	sglang cards	7.5-12.1
0.11.0-0.11.1	vllm attention FLASHMLA_SPARSE	cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfl\
oat16 cache=auto,fp8_ds_mla
0.20.0-0.23.0	vllm attention FLASHMLA_SPARSE_DSV4	cuda mla sparse cards=9.0,10.0,10.3 sinks=9.0,10.0,10.3 he\
ads=512 dtypes=bfloat16 cache=auto,fp8,fp8_ds_mla
0.5.3-0.5.17	sglang attention dsa	cuda mla sparse cards=9.0,10.0,10.3 sinks=* heads=* dtypes=bfloat16 cache=\
auto,bfloat16,fp8_e4m3
0.5.17	sglang attention dsa	cuda mla sparse cards=9.0,10.0,10.3,12.0,12.1 sinks=* heads=* dtypes=bfloat16 ca\
che=auto,bfloat16,fp8_e4m3
0.5.12-0.5.13	sglang attention DSV4	cuda mla sparse cards=9.0,10.0,10.3 sinks=* heads=* dtypes=bfloat16 cach\
e=auto,fp8_e4m3
0.5.13	sglang attention DSV4	cuda mla sparse cards=9.0,10.0,10.3,12.0,12.1 sinks=* heads=* dtypes=bfloat16 c\
ache=auto,fp8_e4m3
0.5.21	sglang attention DSV41	cuda mla sparse cards=9.0,10.0,10.3,12.0,12.1 sinks=* heads=* dtypes=bfloat16 \
cache=auto,fp8_e4m3
0.12.0	vllm status sparse	gfx942=verified gfx950=verified gfx=no Ascend910=should sm120=should
0.20.0-0.24.0	vllm status compressed	gfx950=verified gfx=no Ascend910=should sm120=no
0.24.0	vllm status compressed	gfx942=verified gfx950=verified gfx=no Ascend910=should sm120=verified
0.8.5	vllm status latent	gfx942=verified gfx950=verified gfx90a=should gfx11=should gfx12=should gfx=no Asce\
nd910=verified Ascend310P=no sm120=should
0.8.5	vllm status plain	gfx942=verified gfx950=verified gfx90a=verified gfx11=should gfx12=should gfx=no Asc\
end910=verified Ascend310P=should sm120=verified
0.5.5	sglang status sparse	gfx942=should gfx950=verified gfx=no Ascend910=should sm120=should
0.5.12	sglang status compressed	gfx942=should gfx950=verified gfx=no Ascend910=should sm120=should
0.4.6	sglang status latent	gfx942=verified gfx950=verified gfx=no Ascend910=should sm120=should
0.4.6	sglang status plain	gfx942=verified gfx950=verified gfx=no Ascend910=should sm120=should
0.9.2	vllm status nvfp4	sm120=should gfx=no Ascend=no
0.10.1	vllm status mxfp4	gfx942=verified gfx950=verified sm120=should
0.9.0	vllm status fp8_block	sm120=should
0.5.4	sglang status nvfp4	sm120=should gfx=no Ascend=no
"""
