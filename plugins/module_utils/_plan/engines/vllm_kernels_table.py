# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernels of vLLM by release, from 0.7.3 to 0.33.0.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FIRST = "0.7.3"
LAST = "0.33.0"
QUANTIZATION = """\
@0.7.3-0.10.1 aqlm=60 @0.7.3-0.10.2 marlin=80 neuron_quant=? qqq=80 @0.7.3-0.12.0
compressed-tensors/WNA16=80 @0.7.3-0.14.0 awq_marlin=80 fp8=80 gptq_marlin=80 tpu_int8=? @0.7.3-0.15.0
deepspeedfp=60 hqq=80 @0.7.3-0.16.0 compressed-tensors/W4A16Sparse24=80 compressed-tensors/W8A16Fp8=80
gptq_marlin_24=80 ipex=? @0.7.3-0.19.0 compressed-tensors/24=90 ptpc_fp8=? @0.7.3-0.24.0 gguf=60
@0.7.3-0.27.0 modelopt=89 @0.7.3-0.28.0 bitsandbytes=70 @0.7.3 awq=75 compressed-tensors=70
compressed-tensors/Scheme=? compressed-tensors/W8A8Fp8=89 compressed-tensors/W8A8Int8=75 experts_int8=80
fbgemm_fp8=80 gptq=60 moe_wna16=70 quark=70 @0.8.2-0.9.0 nvfp4=100 @0.8.4 torchao=75 @0.8.5-0.9.0
gptq_bitblas=70 @0.8.5-0.16.0 bitblas=70 @0.9.0-0.14.0 modelopt_fp4=80 @0.9.0-0.16.0
compressed-tensors/W4A16Fp4=80 gptq_bitblas=80 @0.9.0-0.24.0 auto-round=60 @0.9.1-0.9.2
compressed-tensors/W4A4Fp4=80 @0.9.2-0.15.0 rtn=80 @0.9.2-0.16.0 compressed-tensors/W4A4Fp4=? @0.10.0-0.15.0
inc=? @0.10.1 compressed-tensors/W4A8Int=1 mxfp4=80 @0.10.2-0.20.0 petit_nvfp4=90 @0.10.2
compressed-tensors/W4A8Fp8=90 @0.11.1 fp_quant=100 @0.12.0-0.14.0 cpu_gptq=? @0.12.0-0.23.0 cpu_awq=?
@0.12.0 compressed-tensors/WNA16=75 @0.14.0-0.22.0 compressed-tensors/W4A16Mxfp4=80 gptq_marlin=75 @0.14.0
awq_marlin=75 fp8=75 modelopt_fp4=75 @0.15.0 inc=60 @0.16.0-0.20.0 modelopt_mxfp8=100 @0.16.0-0.23.0
compressed-tensors/W4A16Fp4=75 @0.16.0 compressed-tensors/W4A4Fp4=75 compressed-tensors/W8A16Fp8=75
@0.17.0-0.24.0 modelopt_mixed=89 @0.19.0-0.20.0 mxfp8=100 @0.19.0-0.22.0 compressed-tensors/24=?
@0.20.0-0.24.0 mxfp8=? @0.20.0 compressed-tensors/W8A8Mxfp8=75 deepseek_v4_fp8=? fp8_per_block=?
fp8_per_tensor=? gpt_oss_mxfp4=80 humming=75 int8_per_channel_weight_only=? modelopt_mxfp8=80 online=75
@0.22.0 auto_gptq=60 compressed-tensors/W4A4Mxfp4=80 gptq_marlin=60 @0.23.0 compressed-tensors/WNA8O8Int=70
@0.24.0 auto_awq=75 fp8_per_channel=? modelopt_mixed=75 mxfp8=80 @0.26.0 compressed-tensors/WNA4Int=75
compressed-tensors/WNA8Int=75 nvfp4_per_token=? @0.27.0 modelopt=80
"""
ATTENTION = """\
0.11.1-0.12.0 FLASH_ATTN=cuda rocm cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=9.0,10.0,10.3 he\
ads=32,64,96,128,160,192,224,256 dtypes=float16,bfloat16 cache=auto,fp8,fp8_e4m3,fp8_e5m2,fp8_inc,fp8_ds_mla
0.11.1-0.12.0 XFORMERS=cuda cards=* sinks= heads=32,40,64,72,80,96,112,120,128,160,192,224,256 dtypes=float1\
6,bfloat16 cache=auto
0.11.1-0.14.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks= heads=32,64,96,128,160,192,224,256 dtypes=float16,\
bfloat16 cache=auto
0.11.1-0.14.0 ROCM_ATTN=rocm cards=* sinks= heads=32,64,96,128,160,192,224,256 dtypes=float16,bfloat16 cache\
=auto
0.11.1-0.15.0 CUTLASS_MLA=cuda mla cards=10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,fp8,f\
p8_e4m3
0.11.1-0.15.0 FLASHINFER=cuda cards=7.5,8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=6\
4,128,256 dtypes=float16,bfloat16 cache=auto,fp8,fp8_e4m3,fp8_e5m2
0.11.1-0.15.0 FLASHINFER_MLA=cuda mla cards=10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,fp\
8,fp8_e4m3
0.11.1-0.15.0 FLASHMLA=cuda mla cards=9.0,10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,fp8,\
fp8_e4m3
0.11.1-0.15.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=aut\
o,fp8_ds_mla
0.11.1-0.15.0 FLASH_ATTN_MLA=cuda mla cards=9.0 sinks= heads=576 dtypes=float16,bfloat16 cache=auto
0.11.1-0.15.0 FLEX_ATTENTION=cuda rocm cards=* sinks= heads=* dtypes=* cache=auto
0.11.1-0.15.0 ROCM_AITER_FA=rocm cards=* sinks= heads=64,128,256 dtypes=float16,bfloat16 cache=auto
0.11.1-0.15.0 ROCM_AITER_MLA=rocm mla cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto
0.11.1-0.15.0 TRITON_ATTN=cuda rocm cards=* sinks=* heads=* dtypes=* cache=auto,fp8,fp8_e4m3,fp8_e5m2
0.11.1-0.15.0 TRITON_MLA=cuda rocm mla cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto
0.12.0-0.15.0 FLASH_ATTN=cuda rocm cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=9.0,10.0,10.3 he\
ads=32,40,64,72,80,96,112,120,128,160,192,224,256 dtypes=float16,bfloat16 cache=auto,fp8,fp8_e4m3,fp8_e5m2,f\
p8_inc,fp8_ds_mla
0.12.0-0.15.0 ROCM_AITER_MLA_SPARSE=rocm cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto
0.12.0-0.15.0 ROCM_AITER_TRITON_MLA=rocm mla cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto
0.14.0-0.15.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks= heads=32,64,96,128,160,192,224,256 dtypes=* cache=\
auto
0.14.0-0.15.0 ROCM_ATTN=rocm cards=* sinks= heads=32,64,96,128,160,192,224,256 dtypes=* cache=auto
0.15.0-0.17.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks= heads=32,64,96,128,160,192,224,256 dtypes=* cache=\
auto,bfloat16
0.15.0-0.17.0 ROCM_ATTN=rocm cards=* sinks= heads=32,64,96,128,160,192,224,256 dtypes=* cache=auto,bfloat16
0.15.0-0.18.0 CUTLASS_MLA=cuda mla cards=10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bfloa\
t16,fp8,fp8_e4m3
0.15.0-0.18.0 FLASHINFER=cuda cards=7.5,8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=6\
4,128,256 dtypes=float16,bfloat16 cache=auto,bfloat16,fp8,fp8_e4m3,fp8_e5m2
0.15.0-0.18.0 FLASHINFER_MLA=cuda mla cards=10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bf\
loat16,fp8,fp8_e4m3
0.15.0-0.18.0 FLASHMLA=cuda mla cards=9.0,10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bflo\
at16,fp8,fp8_e4m3
0.15.0-0.18.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=aut\
o,bfloat16,fp8_ds_mla
0.15.0-0.18.0 FLASH_ATTN=cuda rocm cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=9.0,10.0,10.3 he\
ads=32,40,64,72,80,96,112,120,128,160,192,224,256 dtypes=float16,bfloat16 cache=auto,bfloat16,fp8,fp8_e4m3,f\
p8_e5m2,fp8_inc,fp8_ds_mla
0.15.0-0.18.0 FLASH_ATTN_MLA=cuda mla cards=9.0 sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bfloat16
0.15.0-0.18.0 FLEX_ATTENTION=cuda rocm cards=* sinks= heads=* dtypes=* cache=auto,bfloat16
0.15.0-0.18.0 ROCM_AITER_FA=rocm cards=* sinks= heads=64,128,256 dtypes=float16,bfloat16 cache=auto,bfloat16
0.15.0-0.18.0 ROCM_AITER_MLA=rocm mla cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bfloat16
0.15.0-0.18.0 ROCM_AITER_MLA_SPARSE=rocm cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bfloat1\
6
0.15.0-0.18.0 ROCM_AITER_TRITON_MLA=rocm mla cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bfl\
oat16
0.15.0-0.18.0 TRITON_ATTN=cuda rocm cards=* sinks=* heads=* dtypes=* cache=auto,bfloat16,fp8,fp8_e4m3,fp8_e5\
m2
0.15.0-0.18.0 TRITON_MLA=cuda rocm mla cards=* sinks= heads=576 dtypes=float16,bfloat16 cache=auto,bfloat16
0.17.0-0.18.0 FLASHINFER_MLA_SPARSE=cuda mla sparse cards=10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16\
 cache=auto,bfloat16
0.17.0-0.18.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks= heads=32,64,80,96,128,160,192,224,256 dtypes=* cac\
he=auto,bfloat16
0.17.0-0.18.0 ROCM_ATTN=rocm cards=* sinks= heads=32,64,80,96,128,160,192,224,256 dtypes=* cache=auto,bfloat\
16
0.18.0-0.19.0 ROCM_ATTN=rocm cards=* sinks=* heads=32,64,80,96,128,160,192,224,256 dtypes=* cache=auto,float\
16,bfloat16,fp8,fp8_e4m3,fp8_e5m2
0.18.0-0.20.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=aut\
o,bfloat16,fp8,fp8_ds_mla
0.18.0-0.20.0 FLASH_ATTN=cuda rocm cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=9.0,10.0,10.3 he\
ads=32,40,64,72,80,96,112,120,128,160,192,224,256 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp\
8_e4m3,fp8_e5m2,fp8_inc,fp8_ds_mla
0.18.0-0.20.0 TRITON_ATTN=cuda rocm cards=* sinks=* heads=* dtypes=* cache=auto,float16,bfloat16,fp8,fp8_e4m\
3,fp8_e5m2
0.18.0-0.21.0 FLASHINFER=cuda cards=7.5,8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=6\
4,128,256 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2
0.18.0-0.21.0 ROCM_AITER_MLA_SPARSE=rocm mla sparse cards=* sinks= heads=* dtypes=float16,bfloat16 cache=aut\
o,float16,bfloat16
0.18.0-0.23.0 ROCM_AITER_FA=rocm cards=* sinks= heads=64,128,256 dtypes=float16,bfloat16 cache=auto,float16,\
bfloat16,fp8,fp8_e4m3,fp8_e5m2
0.18.0-0.25.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks=* heads=* dtypes=* cache=auto,float16,bfloat16,fp8,\
fp8_e4m3,fp8_e5m2
0.18.0-0.30.0 CUTLASS_MLA=cuda mla cards=10.0,10.3 sinks= heads=320,576 dtypes=float16,bfloat16 cache=auto,f\
loat16,bfloat16,fp8,fp8_e4m3
0.18.0-0.30.0 FLASHINFER_MLA=cuda mla cards=10.0,10.3 sinks= heads=320,576 dtypes=float16,bfloat16 cache=aut\
o,float16,bfloat16,fp8,fp8_e4m3
0.18.0-0.30.0 FLASHINFER_MLA_SPARSE=cuda mla sparse cards=10.0,10.3 sinks= heads=576 dtypes=float16,bfloat16\
 cache=auto,float16,bfloat16,fp8,fp8_e4m3
0.18.0-0.30.0 FLASHMLA=cuda mla cards=9.0,10.0,10.3 sinks= heads=320,576 dtypes=float16,bfloat16 cache=auto,\
float16,bfloat16,fp8,fp8_e4m3
0.18.0-0.30.0 FLASH_ATTN_MLA=cuda mla cards=9.0 sinks= heads=320,576 dtypes=float16,bfloat16 cache=auto,floa\
t16,bfloat16
0.18.0 FLEX_ATTENTION=cuda cards=* sinks= heads=* dtypes=* cache=auto,float16,bfloat16
0.18.0 ROCM_AITER_MLA=rocm mla cards=* sinks= heads=* dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp\
8,fp8_e4m3,fp8_e5m2
0.18.0 ROCM_AITER_TRITON_MLA=rocm mla cards=* sinks= heads=* dtypes=float16,bfloat16 cache=auto,float16,bflo\
at16,fp8,fp8_e4m3,fp8_e5m2
0.18.0 TRITON_MLA=cuda rocm mla cards=* sinks= heads=* dtypes=float16,bfloat16 cache=auto,float16,bfloat16,f\
p8,fp8_e4m3
0.19.0 ROCM_ATTN=rocm cards=* sinks= heads=32,64,80,96,128,160,192,224,256 dtypes=* cache=auto,float16,bfloa\
t16,fp8,fp8_e4m3,fp8_e5m2
0.20.0-0.22.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=512,576 dtypes=bfloat16 cache\
=auto,bfloat16,fp8,fp8_ds_mla
0.20.0-0.22.0 FLASH_ATTN=cuda rocm cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=9.0,10.0,10.3 he\
ads=* dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,fp8_inc,fp8_ds_mla,turboquan\
t_k8v4,turboquant_4bit_nc,turboquant_k3v4_nc,turboquant_3bit_nc,int8_per_token_head,fp8_per_token_head,nvfp4
0.20.0-0.25.0 TRITON_ATTN=cuda rocm cards=* sinks=* heads=* dtypes=* cache=auto,float16,bfloat16,fp8,fp8_e4m\
3,fp8_e5m2,int8_per_token_head,fp8_per_token_head
0.20.0 TURBOQUANT=cuda rocm cards=* sinks= heads=* dtypes=float16,bfloat16 cache=turboquant_k8v4,turboquant_\
4bit_nc,turboquant_k3v4_nc,turboquant_3bit_nc
0.21.0-0.22.0 FLASHINFER=cuda cards=7.5,8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=6\
4,128,256 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,nvfp4
0.21.0-0.30.0 TOKENSPEED_MLA=cuda mla cards=10.0,10.3 sinks= heads=320,576 dtypes=float16,bfloat16 cache=fp8\
,fp8_e4m3
0.21.0 ROCM_AITER_MLA_SPARSE=rocm mla sparse cards=* sinks= heads=* dtypes=float16,bfloat16 cache=auto,float\
16,bfloat16,fp8,fp8_e4m3
0.22.0-0.24.0 FLASHINFER=cuda cards=7.5,8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=6\
4,128,256,512 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,nvfp4
0.22.0-0.30.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=aut\
o,bfloat16,fp8,fp8_ds_mla
0.22.0 FLASH_ATTN=cuda rocm cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=9.0,10.0,10.3 heads=* d\
types=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3
0.23.0-0.24.0 FLASHINFER_MLA_SPARSE_DSV4=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=512 dtypes=bfloat1\
6 cache=auto,bfloat16,fp8,fp8_ds_mla
0.23.0-0.24.0 FLASHMLA_SPARSE_DSV4=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=512 dtypes=bfloat16 cach\
e=auto,bfloat16,fp8,fp8_ds_mla
0.23.0-0.24.0 ROCM_FLASHMLA_SPARSE_DSV4=rocm mla sparse cards=9.0,10.0,10.3 sinks= heads=512 dtypes=bfloat16\
 cache=auto,bfloat16,fp8,fp8_ds_mla
0.23.0 ROCM_AITER_FA=rocm cards=* sinks=* heads=64,128,256 dtypes=float16,bfloat16 cache=auto,float16,bfloat\
16,fp8,fp8_e4m3,fp8_e5m2
0.24.0-0.25.0 FLASHINFER=cuda cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=64,12\
8,256,512 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,nvfp4
0.24.0-0.30.0 FLASHINFER_MLA_SPARSE_SM120=cuda mla sparse cards=12.0,12.1 sinks= heads=576 dtypes=bfloat16 c\
ache=auto,fp8,fp8_e4m3,fp8_ds_mla
0.24.0 FLASHINFER_MLA_SPARSE_DSV4=cuda mla sparse cards=10.0,10.3,12.0,12.1 sinks=10.0,10.3,12.0,12.1 heads=\
512 dtypes=bfloat16 cache=auto,bfloat16,fp8,fp8_e4m3,fp8_ds_mla
0.24.0 FLASHMLA_SPARSE_DSV4=cuda mla sparse cards=9.0,10.0,10.3 sinks=9.0,10.0,10.3 heads=512 dtypes=bfloat1\
6 cache=auto,fp8,fp8_ds_mla
0.24.0 MINIMAX_M3_SPARSE=cuda sparse cards=* sinks= heads=128 dtypes=float16,bfloat16 cache=bfloat16,fp8,fp8\
_e4m3,fp8_e5m2
0.24.0 ROCM_FLASHMLA_SPARSE_DSV4=rocm mla sparse cards=9.0,10.0,10.3 sinks=9.0,10.0,10.3 heads=512 dtypes=bf\
loat16 cache=auto,fp8,fp8_ds_mla
0.25.0-0.26.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks=* heads=* dtypes=bfloat16 cache=auto,bfloat16,fp8,f\
p8_e4m3
0.25.0-0.32.0 FLASHINFER=cuda cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=64,12\
8,256,512 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,fp8_inc,fp8_ds_mla,turbo\
quant_k8v4,turboquant_4bit_nc,turboquant_k3v4_nc,turboquant_3bit_nc,int4_per_token_head,int8_per_token_head,\
fp8_per_token_head
0.25.0 FLASH_ATTN_MLA_SPARSE=cuda mla sparse cards=9.0 sinks= heads=* dtypes=float16,bfloat16 cache=auto,flo\
at16,bfloat16
0.25.0 TRITON_ATTN=cuda rocm cards=* sinks=* heads=* dtypes=* cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e\
5m2,int4_per_token_head,int8_per_token_head,fp8_per_token_head
0.26.0 ROCM_AITER_UNIFIED_ATTN=rocm cards=* sinks=* heads=* dtypes=float16,bfloat16 cache=auto,float16,bfloa\
t16,fp8,fp8_e4m3,fp8_e5m2
0.27.0 CUTLASS_MSA=cuda sparse cards=* sinks= heads=128 dtypes=float16,bfloat16 cache=bfloat16,fp8,fp8_e4m3,\
fp8_e5m2
0.27.0 TRITON_MSA=cuda sparse cards=* sinks= heads=128 dtypes=float16,bfloat16 cache=bfloat16,fp8,fp8_e4m3,f\
p8_e5m2
0.30.0-0.31.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=aut\
o,bfloat16,fp8,fp8_ds_mla,nvfp4_ds_mla
0.30.0 CUTLASS_MLA=cuda mla cards=10.0,10.3 sinks= heads=320,512,576 dtypes=float16,bfloat16 cache=auto,floa\
t16,bfloat16,fp8,fp8_e4m3
0.30.0 FLASHINFER_MLA=cuda mla cards=10.0,10.3 sinks= heads=320,512,576 dtypes=float16,bfloat16 cache=auto,f\
loat16,bfloat16,fp8,fp8_e4m3
0.30.0 FLASHINFER_MLA_SPARSE=cuda mla sparse cards=10.0,10.3 sinks= heads=512,576 dtypes=float16,bfloat16 ca\
che=auto,float16,bfloat16,fp8,fp8_e4m3
0.30.0 FLASHINFER_MLA_SPARSE_DSV41=cuda mla sparse cards=10.0,10.3,12.0,12.1 sinks=10.0,10.3,12.0,12.1 heads\
=512 dtypes=bfloat16 cache=auto,bfloat16,fp8,fp8_e4m3,fp8_ds_mla
0.30.0 FLASHINFER_MLA_SPARSE_SM120=cuda mla sparse cards=12.0,12.1 sinks= heads=512,576 dtypes=bfloat16 cach\
e=auto,fp8,fp8_e4m3,fp8_ds_mla
0.30.0 FLASHINFER_MLA_SPARSE_SM90=cuda mla sparse cards=9.0 sinks= heads=512,576 dtypes=bfloat16 cache=auto,\
bfloat16,fp8,fp8_e4m3
0.30.0 FLASHMLA=cuda mla cards=9.0,10.0,10.3 sinks= heads=320,512,576 dtypes=float16,bfloat16 cache=auto,flo\
at16,bfloat16,fp8,fp8_e4m3
0.30.0 FLASHMLA_SPARSE_DSV41=cuda mla sparse cards=9.0,10.0,10.3 sinks=9.0,10.0,10.3 heads=512 dtypes=bfloat\
16 cache=auto,fp8,fp8_ds_mla
0.30.0 FLASH_ATTN_MLA=cuda mla cards=9.0 sinks= heads=320,512,576 dtypes=float16,bfloat16 cache=auto,float16\
,bfloat16
0.30.0 TOKENSPEED_MLA=cuda mla cards=10.0,10.3 sinks= heads=320,512,576 dtypes=float16,bfloat16 cache=fp8,fp\
8_e4m3
0.31.0 FLASHMLA_MEGA_ATTN_DSV41=cuda mla sparse cards=10.0,10.3 sinks=10.0,10.3 heads=512 dtypes=bfloat16 ca\
che=auto,fp8,fp8_ds_mla,nvfp4_ds_mla
0.31.0 FLASHMLA_SPARSE=cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=512,576 dtypes=bfloat16 cache=auto,b\
float16,fp8,fp8_ds_mla,nvfp4_ds_mla
0.32.0-0.33.0 FLASHINFER=cuda cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=64,12\
8,256,512 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,fp8_inc,fp8_ds_mla,nvfp4\
_ds_mla,turboquant_k8v4,turboquant_4bit_nc,turboquant_k3v4_nc,turboquant_3bit_nc,ultraquant_4bit,int4_per_to\
ken_head,int8_per_token_head,fp8_per_token_head,nvfp4,nvfp4_4over6
0.32.0 ULTRAQUANT=rocm cards=* sinks= heads=* dtypes=bfloat16 cache=ultraquant_4bit
0.33.0 FLASHINFER=cuda cards=8.0,8.6,8.7,8.9,9.0,10.0,10.3,11.0,12.0,12.1 sinks=10.0,10.3 heads=64,128,256,5\
12 dtypes=float16,bfloat16 cache=auto,float16,bfloat16,fp8,fp8_e4m3,fp8_e5m2,fp8_inc,fp8_ds_mla,nvfp4_ds_mla\
,turboquant_k8v4,turboquant_4bit_nc,turboquant_k3v4_nc,turboquant_3bit_nc,octave_k3v4,octave_k3v3,octave_k3v\
3_compact,ultraquant_4bit,int4_per_token_head,int8_per_token_head,fp8_per_token_head,nvfp4,nvfp4_4over6
0.33.0 FLASH_ATTN_MLA_SPARSE_FA4=cuda mla sparse cards=10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=auto\
,bfloat16
0.33.0 ROCM_FLASHMLA_SPARSE_DSV41=rocm mla sparse cards=9.0,10.0,10.3 sinks=9.0,10.0,10.3 heads=512 dtypes=b\
float16 cache=auto,fp8,fp8_ds_mla
0.33.0 ROCM_OCTAVE=rocm cards= sinks= heads=* dtypes=float16,bfloat16 cache=octave_k3v4,octave_k3v3,octave_k\
3v3_compact
0.33.0 STEP5_DSA=cuda sparse cards=9.0,10.0,10.3 sinks= heads=192 dtypes=float16,bfloat16 cache=auto,bfloat1\
6,fp8,fp8_e4m3
"""
CACHE_TYPES = """\
@0.8.5 auto fp8 fp8_e4m3 fp8_e5m2 @0.10.0 fp8_inc @0.11.0 bfloat16 @0.11.1 fp8_ds_mla @0.18.0 float16
@0.20.0 fp8_per_token_head int8_per_token_head nvfp4 turboquant_3bit_nc turboquant_4bit_nc
turboquant_k3v4_nc turboquant_k8v4 @0.25.0 int4_per_token_head @0.28.0 nvfp4_4over6 @0.30.0 nvfp4_ds_mla
@0.32.0 ultraquant_4bit @0.33.0 octave_k3v3 octave_k3v3_compact octave_k3v4
"""
FLOAT16_REFUSED = """\
@0.9.1-0.27.0 plamo2 @0.9.1 gemma2 gemma3 glm4 @0.10.2 gemma3_text
"""
