# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernels of SGLang by release, from 0.4.6 to 0.5.23.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FIRST = "0.4.6"
LAST = "0.5.23"
QUANTIZATION = """\
@0.4.6-0.4.9.post6 awq_marlin=? @0.4.6-0.5.1 fbgemm_fp8=? @0.4.6-0.5.3.post3 modelopt=89 @0.4.6-0.5.4.post3
aqlm=? bitsandbytes=? deepspeedfp=? experts_int8=? gguf=? gptq_marlin_24=? marlin=80 qqq=? tpu_int8=?
@0.4.6-0.5.13 modelopt_fp4=100 @0.4.6 awq=75 blockwise_int8=80 compressed-tensors=70 fp8=80 gptq=60
gptq_marlin=80 moe_wna16=70 w8a8_fp8=89 w8a8_int8=75 @0.4.6.post5-0.5.16 qoq=80 @0.4.9.post6 awq_marlin=80
petit_nvfp4=90 w4afp8=90 @0.5.1-0.5.5.post3 quark=80 @0.5.1-0.5.16 fbgemm_fp8=80 @0.5.1 mxfp4=80
@0.5.3.post3 modelopt_fp8=89 @0.5.4 modelopt=89 @0.5.4.post3 auto-round=60 gguf=60 @0.5.5.post3 quark=70
@0.5.8 bitsandbytes=70 modelslim=0 quark_int4fp8_moe=70 @0.5.9-0.5.16 mxfp8=100 @0.5.10-0.5.13
modelopt_mixed=100 @0.5.13 modelopt_fp4=80 modelopt_mixed=80 quark_mxfp4=70 @0.5.14 nvfp4_online=100 @0.5.15
auto-round-int8=75 mxfp_w4a8=0 @0.5.16 humming=75 mxfp8=? @0.5.23 minimax_m3_nvfp4=90
"""
ATTENTION = """\
0.4.6-0.5.1 fa3
0.4.6-0.5.1 flashinfer
0.4.6-0.5.1 flashmla
0.4.6-0.5.1 torch_native
0.4.6-0.5.1 triton
0.4.6.post5-0.5.1 aiter
0.4.6.post5-0.5.1 cutlass_mla
0.4.7-0.5.1 intel_amx
0.4.9-0.5.1 ascend
0.4.10.post2-0.5.1 trtllm_mla
0.5.2-0.5.3 hybrid_linear_attn
0.5.2-0.5.20 cutlass_mla
0.5.2-0.5.20 dual_chunk_flash_attn
0.5.2 aiter
0.5.2 ascend
0.5.2 fa3
0.5.2 flashinfer
0.5.2 flashmla
0.5.2 intel_amx
0.5.2 torch_native
0.5.2 triton
0.5.2 trtllm_mha
0.5.2 trtllm_mla
0.5.2 wave
0.5.3 fa4
0.5.3 flex_attention
0.5.3 nsa
0.5.4 intel_xpu
0.5.12 compressed
0.5.12 dsv4
0.5.12 tokenspeed_mla
0.5.13 cutedsl_mla
0.5.13 dsa
0.5.17 hpc_ops
0.5.19 minicpm_flashattn
0.5.19 minicpm_flashinfer
0.5.20 qsa
0.5.22 llada2_cfg_flashinfer
"""
CACHE_TYPES = """\
@0.4.6 auto fp8_e4m3 fp8_e5m2 @0.5.4 bf16 bfloat16 @0.5.4.post3-0.5.21 fp4_e2m1 @0.5.16 fp4_mx_block16 mxfp8
nvfp4
"""
