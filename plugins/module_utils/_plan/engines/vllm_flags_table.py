# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flags of vLLM by release, from 0.7.3 to 0.33.0.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FIRST = "0.7.3"
LAST = "0.33.0"
FLAGS = """\
@0.7.3-0.8.2 --guided-decoding-backend=outlines|lm-format-enforcer|xgrammar --port=int
--reasoning-parser=str @0.7.3-0.8.3 --disable-logprobs-during-spec-decoding=bool
--ngram-prompt-lookup-max=int --ngram-prompt-lookup-min=int --num-speculative-tokens=int
--spec-decoding-acceptance-method=rejection_sampler|typical_acceptance_sampler
--speculative-disable-by-batch-size=int --speculative-disable-mqa-scorer=bool
--speculative-draft-tensor-parallel-size=int --speculative-max-model-len=int --speculative-model=str
--speculative-model-quantization=str --typical-acceptance-sampler-posterior-alpha=float
--typical-acceptance-sampler-posterior-threshold=float -spec-draft-tp=int @0.7.3-0.8.5 --block-size=int
--device=str --enable-lora-bias=bool --kv-cache-dtype=auto|fp8|fp8_e5m2|fp8_e4m3
--long-prefill-token-threshold=float --lora-dtype=auto|float16|bfloat16 --scheduler-delay-factor=float
--scheduling-policy=fcfs|priority --tokenizer-pool-size=int --tokenizer-pool-type=str @0.7.3-0.9.0
--collect-detailed-traces=str --config-format --ignore-patterns=str --quantization=str
--served-model-name=str -q=str @0.7.3-0.10.0 --api-key --chat-template --chat-template-content-format=str
--config=str --enable-reasoning=bool --long-lora-scaling-factors --max-prompt-adapter-token=int
--max-prompt-adapters=int --prompt-adapters --qlora-adapter-name-or-path=str --response-role
--task=auto|generate|embedding|embed|classify|score|reward|transcription --tokenizer-pool-extra-config
--use-v2-block-manager=bool @0.7.3-0.10.1 --load-format=str --multi-step-stream-outputs=bool
--num-scheduler-steps=int @0.7.3-0.10.2 --distributed-executor-backend=ray|mp|uni|external_launcher
--enable-prompt-adapter=bool --override-neuron-config @0.7.3-0.11.0 --disable-async-output-proc=bool
--max-seq-len-to-capture=int --preemption-mode=str @0.7.3-0.11.1 --rope-scaling --rope-theta=float
@0.7.3-0.12.0 --lora-extra-vocab-size=int --num-lookahead-slots=int --override-pooler-config
--tokenizer-mode=auto|slow|mistral|custom -O @0.7.3-0.13.0 --disable-mm-preprocessor-cache=bool
@0.7.3-0.14.0 --uvicorn-log-level=debug|info|warning|error|critical|trace @0.7.3-0.17.0
--disable-log-requests=bool --logits-processor-pattern=str --max-lora-rank=int @0.7.3-0.18.0
--swap-space=float @0.7.3-0.19.0 --disable-frontend-multiprocessing=bool @0.7.3-0.25.0 --log-level=str
@0.7.3-0.27.0 --max-long-partial-prefills=int --max-num-partial-prefills=int @0.7.3-0.28.0
--calculate-kv-scales=bool @0.7.3 --additional-config --allow-credentials=bool --allowed-headers
--allowed-local-media-path=str --allowed-methods --allowed-origins --code-revision=str --compilation-config
--cpu-offload-gb=float --disable-custom-all-reduce=bool --disable-fastapi-docs=bool --disable-log-stats=bool
--disable-sliding-window=bool --download-dir=str --dtype=auto|half|float16|bfloat16|float|float32
--enable-auto-tool-choice=bool --enable-chunked-prefill=bool --enable-lora=bool --enable-prefix-caching=bool
--enable-prompt-tokens-details=bool --enable-request-id-headers=bool --enable-sleep-mode=bool
--enforce-eager=bool --fully-sharded-loras=bool --generation-config=str --gpu-memory-utilization=float
--hf-overrides --host=str --kv-transfer-config --limit-mm-per-prompt --lora-modules --max-cpu-loras=int
--max-log-len=int --max-logprobs=int --max-loras=int --max-model-len=int --max-num-batched-tokens=int
--max-num-seqs=int --max-parallel-loading-workers=int --middleware --mm-processor-kwargs --model=str
--model-impl=str --model-loader-extra-config --num-gpu-blocks-override=int --otlp-traces-endpoint=str
--override-generation-config --pipeline-parallel-size=int --ray-workers-use-nsight=bool
--return-tokens-as-token-ids=bool --revision=str --root-path=str --scheduler-cls --seed=int
--skip-tokenizer-init=bool --ssl-ca-certs=str --ssl-cert-reqs=int --ssl-certfile=str --ssl-keyfile=str
--tensor-parallel-size=int --tokenizer=str --tokenizer-revision=str --tool-call-parser=str
--tool-parser-plugin=str --trust-remote-code=bool --worker-cls=str -pp=int -tp=int @0.8.2-0.8.3
--reasoning-parser=deepseek_r1 @0.8.2-0.9.0 --guided-decoding-backend=str @0.8.2-0.10.0 --port @0.8.2
--disable-cascade-attn=bool --disable-uvicorn-access-log=bool --enable-expert-parallel=bool
--enable-server-load-tracking=bool --enable-ssl-refresh=bool --hf-config-path=str
--show-hidden-metrics-for-version=str --speculative-config --use-tqdm-on-load=bool
--worker-extension-cls=str @0.8.3-0.8.5 --reasoning-parser=str @0.8.3-0.10.0
--prefix-caching-hash-algo=builtin|sha256 @0.8.3 --data-parallel-size=int -dp=int @0.8.4-0.21.0
--hf-token=str @0.8.4 --disable-chunked-mm-input=bool @0.8.5-0.10.0
--device=auto|cuda|neuron|cpu|tpu|xpu|hpu --tokenizer-pool-size --tokenizer-pool-type @0.8.5-0.11.0
--reasoning-parser --scheduler-delay-factor @0.8.5-0.11.1 --enable-lora-bias @0.8.5-0.18.0 --block-size
@0.8.5 --kv-cache-dtype --long-prefill-token-threshold=int --lora-dtype --scheduling-policy @0.9.0-0.9.2
--quantization=aqlm|awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gg\
uf|gptq_marlin_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_i\
nt8|neuron_quant|ipex|quark|moe_wna16|torchao|auto-round
-q=aqlm|awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gguf|gptq_marl\
in_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_int8|neuron_q\
uant|ipex|quark|moe_wna16|torchao|auto-round
@0.9.0-0.11.0 --guided-decoding-backend --guided-decoding-disable-additional-properties
--guided-decoding-disable-any-whitespace --guided-decoding-disable-fallback @0.9.0-0.13.0 --cuda-graph-sizes
@0.9.0-0.17.0 --pt-load-map-location=str @0.9.0 --collect-detailed-traces --config-format=str
--data-parallel-address=str --data-parallel-rpc-port=int --data-parallel-size-local=int
--data-parallel-start-rank=int --enable-prompt-embeds=bool --headless=bool --ignore-patterns
--kv-events-config --served-model-name -dpa=str -dpl=int -dpp=int -dpr=int @0.9.1-0.13.0
--enable-multimodal-encoder-data-parallel=bool @0.9.1 --api-server-count=int --data-parallel-backend=str
--disable-hybrid-kv-cache-manager=bool --log-config-file=str -asc=int -dpb=str @0.9.2-0.10.0
--expand-tools-even-if-tool-choice-none=bool
--quantization=aqlm|awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gg\
uf|gptq_marlin_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_i\
nt8|neuron_quant|ipex|quark|moe_wna16|torchao|auto-round|rtn
-q=aqlm|awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gguf|gptq_marl\
in_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_int8|neuron_q\
uant|ipex|quark|moe_wna16|torchao|auto-round|rtn
@0.9.2-0.12.0 --eplb-log-balancedness=bool --eplb-step-interval=int --eplb-window-size=int
--num-redundant-experts=int @0.9.2-0.28.0 --override-attention-dtype=str @0.9.2 --data-parallel-rank=int
--enable-eplb=bool --enable-force-include-usage=bool --media-io-kwargs -dpn=int @0.10.0-0.10.1 --api-key=str
--quantization=aqlm|awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gg\
uf|gptq_marlin_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_i\
nt8|neuron_quant|ipex|quark|moe_wna16|torchao|auto-round|rtn|inc
-q=aqlm|awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gguf|gptq_marl\
in_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_int8|neuron_q\
uant|ipex|quark|moe_wna16|torchao|auto-round|rtn|inc
@0.10.0-0.10.2 --logprobs-mode=raw_logprobs|raw_logits|processed_logprobs|processed_logits
--prefix-caching-hash-algo=builtin|sha256|sha256_cbor_64bit @0.10.0-0.13.0
--task=auto|generate|embedding|embed|classify|score|reward|transcription|draft @0.10.0
--async-scheduling=bool --chat-template=str --chat-template-content-format --config
--data-parallel-hybrid-lb=bool --default-mm-loras --enable-tokenizer-info-endpoint=bool
--interleave-mm-strings=bool --port=int --response-role=str @0.10.1-0.10.2 --mm-processor-cache-gb=int
--quantization=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gguf|gp\
tq_marlin_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_int8|n\
euron_quant|ipex|quark|moe_wna16|torchao|auto-round|rtn|inc|mxfp4
-q=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|marlin|bitblas|gguf|gptq_marlin_24\
|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|qqq|hqq|experts_int8|neuron_quant|\
ipex|quark|moe_wna16|torchao|auto-round|rtn|inc|mxfp4
@0.10.1-0.13.0 --mamba-cache-dtype=auto|float32 --mamba-ssm-cache-dtype=auto|float32 @0.10.1-0.14.0
--convert=auto|none|embed|classify|reward @0.10.1 --api-key --enable-log-outputs=bool
--enable-log-requests=bool --exclude-tools-when-tool-choice-none=bool --kv-sharing-fast-prefill=bool
--load-format --logits-processors --runner=auto|generate|pooling|draft --skip-mm-profiling=bool
--tool-server=str --uds=str @0.10.1.1 --h11-max-header-count=int --h11-max-incomplete-event-size=int
@0.10.2-0.11.0 --logprobs-mode @0.10.2-0.11.1
--quantization=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|bitblas|gguf|gptq_marl\
in_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipex|quark|m\
oe_wna16|torchao|auto-round|rtn|inc|mxfp4|petit_nvfp4
-q=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|modelopt|modelopt_fp4|bitblas|gguf|gptq_marlin_24|gptq_m\
arlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipex|quark|moe_wna16|tor\
chao|auto-round|rtn|inc|mxfp4|petit_nvfp4
@0.10.2-0.13.0 --prefix-caching-hash-algo=sha256|sha256_cbor @0.10.2-0.24.0 --safetensors-load-strategy=str
@0.10.2 --decode-context-parallel-size=int --distributed-executor-backend --eplb-config
--io-processor-plugin=str --kv-cache-memory-bytes=int --log-error-stack=bool
--mm-encoder-tp-mode=weights|data --mm-processor-cache-gb=float -dcp=int @0.11.0 --allowed-media-domains
--dbo-decode-token-threshold=int --dbo-prefill-token-threshold=int --enable-dbo=bool
--expert-placement-strategy=linear|round_robin
--logprobs-mode=raw_logits|raw_logprobs|processed_logits|processed_logprobs
--mm-processor-cache-type=shm|lru --mm-shm-cache-max-object-size-mb=int --pooler-config
--reasoning-parser=str --structured-outputs-config --trust-request-chat-template=bool
--video-pruning-rate=float @0.11.1-0.12.0
--quantization=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|\
gptq_marlin_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipe\
x|quark|moe_wna16|torchao|auto-round|rtn|inc|mxfp4|petit_nvfp4
-q=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|gptq_marlin_\
24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipex|quark|moe_\
wna16|torchao|auto-round|rtn|inc|mxfp4|petit_nvfp4
@0.11.1-0.17.0 --all2all-backend=str @0.11.1 --aggregate-engine-logging=bool --cudagraph-capture-sizes
--data-parallel-external-lb=bool --dcp-kv-cache-interleave-size=int
--disable-nccl-for-dp-synchronization=bool --ec-transfer-config --enable-mm-embeds=bool
--kv-offloading-backend=native|lmcache --kv-offloading-size=float --mamba-block-size=int --master-addr=str
--master-port=int --max-cudagraph-capture-size=int --mm-encoder-attn-backend --nnodes=int --node-rank=int
--reasoning-parser-plugin=str --stream-interval=int --tokens-only=bool -dpe=bool -dph=bool -n=int -r=int
@0.12.0-0.14.0
--quantization=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|\
gptq_marlin_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipe\
x|quark|moe_wna16|torchao|auto-round|rtn|inc|mxfp4|petit_nvfp4|cpu_gptq|cpu_awq
-q=awq|deepspeedfp|tpu_int8|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|gptq_marlin_\
24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipex|quark|moe_\
wna16|torchao|auto-round|rtn|inc|mxfp4|petit_nvfp4|cpu_gptq|cpu_awq
@0.12.0 --cp-kv-cache-interleave-size=int --kv-cache-metrics=bool --kv-cache-metrics-sample=float
--optimization-level --prefill-context-parallel-size=int --tokenizer-mode -cc -pcp=int @0.13.0-0.22.0
--mamba-cache-dtype=auto|float32|float16 --mamba-ssm-cache-dtype=auto|float32|float16 @0.13.0
--attention-backend --attention-config --cudagraph-metrics=bool --enable-layerwise-nvtx-tracing=bool
--prefix-caching-hash-algo=sha256|sha256_cbor|xxhash|xxhash_cbor --profiler-config -ac @0.14.0-0.15.0
--quantization=awq|deepspeedfp|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|gptq_marl\
in_24|gptq_marlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipex|quark|m\
oe_wna16|torchao|auto-round|rtn|inc|mxfp4|petit_nvfp4|cpu_awq
-q=awq|deepspeedfp|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|gptq_marlin_24|gptq_m\
arlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|hqq|experts_int8|ipex|quark|moe_wna16|tor\
chao|auto-round|rtn|inc|mxfp4|petit_nvfp4|cpu_awq
@0.14.0-0.16.0 --convert=auto|none|embed|classify|reward|mm_encoder_only @0.14.0-0.18.0
--disable-log-stats-server=bool @0.14.0 --allow-deprecated-quantization=bool --default-chat-template-kwargs
--enable-log-deltas=bool --enable-logging-iteration-details=bool --enable-mfu-metrics=bool
--enable-offline-docs=bool --enable-return-routed-experts=bool --enable-tower-connector-lora=bool
--ubatch-size=int --uvicorn-log-level=critical|error|warning|info|debug|trace -ep=bool @0.15.0-0.16.0
--quantization=awq|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|gptq_marlin_24|gptq_m\
arlin|gptq_bitblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|experts_int8|ipex|quark|moe_wna16|torchao\
|inc|mxfp4|petit_nvfp4|cpu_awq
-q=awq|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|bitblas|gguf|gptq_marlin_24|gptq_marlin|gptq_b\
itblas|awq_marlin|gptq|compressed-tensors|bitsandbytes|experts_int8|ipex|quark|moe_wna16|torchao|inc|mxfp4|p\
etit_nvfp4|cpu_awq
@0.15.0-0.32.0 --mamba-cache-mode=all|align|none @0.15.0 --mm-encoder-only=bool --ssl-ciphers=str
@0.16.0-0.17.0
--quantization=awq|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|modelopt_mxfp8|gguf|gptq_marlin|aw\
q_marlin|gptq|compressed-tensors|bitsandbytes|experts_int8|quark|moe_wna16|torchao|inc|mxfp4|petit_nvfp4|cpu\
_awq
-q=awq|fp8|ptpc_fp8|fbgemm_fp8|fp_quant|modelopt|modelopt_fp4|modelopt_mxfp8|gguf|gptq_marlin|awq_marlin|gpt\
q|compressed-tensors|bitsandbytes|experts_int8|quark|moe_wna16|torchao|inc|mxfp4|petit_nvfp4|cpu_awq
@0.16.0 --convert=auto|none|embed|classify --disable-access-log-for-endpoints=str
--enable-flashinfer-autotune=bool --kernel-config --specialize-active-lora=bool --weight-transfer-config
@0.17.0-0.18.0
--all2all-backend=naive|pplx|deepep_high_throughput|deepep_low_latency|mori|allgather_reducescatter|flashinf\
er_all2allv
--use-gpu-for-pooling-score=bool @0.17.0-0.20.0
--moe-backend=auto|triton|deep_gemm|cutlass|flashinfer_trtllm|flashinfer_cutlass|flashinfer_cutedsl|marlin|a\
iter
@0.17.0 --cpu-offload-params --enable-elastic-ep=bool --fail-on-environ-validation=bool
--language-model-only=bool --max-lora-rank --offload-backend=str --offload-group-size=int
--offload-num-in-group=int --offload-params --offload-prefetch-step=int
--performance-mode=balanced|interactivity|throughput --pt-load-map-location --quantization -q @0.18.0-0.22.0
--gdn-prefill-backend=flashinfer|triton @0.18.0-0.23.0
--all2all-backend=naive|pplx|deepep_high_throughput|deepep_low_latency|mori|nixl_ep|allgather_reducescatter|\
flashinfer_all2allv|flashinfer_nvlink_two_sided|flashinfer_nvlink_one_sided
@0.18.0 --block-size=int --dcp-comm-backend=ag_rs|a2a --distributed-timeout-seconds=int
--enable-ep-weight-filter=bool --grpc=bool --shutdown-timeout=int @0.19.0 --kv-cache-dtype-skip-layers
--lora-target-modules --mm-tensor-ipc=direct_rpc|torch_shm --reasoning-config --renderer-num-workers=int
--scheduler-reserve-full-isl=bool -sc @0.20.0-0.21.0
--moe-backend=auto|triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_cutlass|flashinf\
er_cutedsl|marlin|aiter|emulation
@0.20.0 --enable-flash-late-interaction=bool --enable-mamba-cache-stochastic-rounding --ir-op-priority
--mamba-backend --mamba-cache-philox-rounds --numa-bind=bool --numa-bind-cpus --numa-bind-nodes
@0.21.0-0.22.0
--moe-backend=auto|triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_cutlass|flashinf\
er_cutedsl|marlin|humming|triton_unfused|aiter|emulation
@0.21.0 --fingerprint-mode=full|hash|custom|none --fingerprint-value=str --hf-token=bool
--mm-encoder-attn-dtype=str --mm-encoder-fp8-scale-path=str --mm-encoder-fp8-scale-save-margin=float
--mm-encoder-fp8-scale-save-path=str --safetensors-prefetch-block-size=int
--safetensors-prefetch-num-threads=int @0.22.0-0.24.0
--linear-backend=auto|cutlass|flashinfer_cutlass|flashinfer_trtllm|flashinfer_cudnn|marlin|triton|deep_gemm|\
torch|aiter|machete|fbgemm|conch|exllama|emulation
--moe-backend=auto|triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_cutlass|flashinf\
er_cutedsl|flashinfer_b12x|marlin|humming|triton_unfused|aiter|emulation
@0.22.0-0.32.0 --gdn-prefill-backend=flashinfer|triton|cutedsl @0.22.0 --cpu-distributed-timeout-seconds=int
--data-parallel-multi-port-external-lb=bool --data-parallel-supervisor-port=int
--dp-supervisor-probe-failure-threshold=int --dp-supervisor-probe-interval-s=float
--dp-supervisor-probe-timeout-s=float --enable-cumem-allocator=bool --enable-mixed-moe-lora-format=bool
--mamba-cache-dtype=auto|float32|float16|bfloat16 --mamba-ssm-cache-dtype=auto|float32|float16|bfloat16
--quantization-config --spec-method --spec-model=str --spec-tokens --use-fp64-gumbel=bool -dpm=bool
@0.23.0-0.24.0
--all2all-backend=naive|pplx|deepep_high_throughput|deepep_low_latency|mori_high_throughput|mori_low_latency\
|nixl_ep|allgather_reducescatter|flashinfer_all2allv|flashinfer_nvlink_two_sided|flashinfer_nvlink_one_sided
@0.24.0-0.25.0
--linear-backend=auto|cutlass|flashinfer_cutlass|flashinfer_cutedsl|flashinfer_trtllm|flashinfer_cudnn|flash\
infer_b12x|marlin|triton|deep_gemm|torch|aiter|machete|fbgemm|conch|exllama|emulation
--moe-backend=auto|triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_cutlass|flashinf\
er_cutedsl|flashinfer_b12x|marlin|humming|triton_unfused|aiter|flydsl|emulation
@0.24.0-0.31.0
--all2all-backend=naive|pplx|deepep_high_throughput|deepep_low_latency|deepep_v2|mori_high_throughput|mori_l\
ow_latency|nixl_ep|allgather_reducescatter|flashinfer_all2allv|flashinfer_nvlink_two_sided|flashinfer_nvlink\
_one_sided
@0.24.0 --device-ids --diffusion-config --jit-monitor-verbose=bool --prefill-schedule-interval=int
--safetensors-load-strategy=lazy|eager|prefetch|torchao --watermark=float -dc @0.25.0-0.27.0
--moe-backend=auto|triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_cutlass|flashinf\
er_cutedsl|flashinfer_b12x|marlin|humming|triton_unfused|aiter|flydsl|hpc|emulation
@0.25.0-0.28.0
--linear-backend=auto|cutlass|flashinfer_cutlass|flashinfer_cutedsl|flashinfer_trtllm|flashinfer_cudnn|flash\
infer_b12x|marlin|humming|triton|deep_gemm|torch|aiter|machete|fbgemm|conch|exllama|emulation|xpu|xpu_woq
@0.25.0 --enable-per-request-metrics=bool --jit-monitor-mode=warn|error --mm-ipc-gpu-memory-gb=float
--model-class-overrides @0.26.0-0.30.0 --enable-bf16x3-router-gemm=bool @0.26.0
--enable-moe-shared-loras=bool --max-num-scheduled-tokens=int --prefix-match-unit=int @0.27.0-0.29.0
--moe-backend=auto|triton|batched_triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_c\
utlass|flashinfer_cutedsl|flashinfer_b12x|marlin|humming|triton_unfused|aiter|flydsl|hpc|emulation
@0.27.0-0.30.0 --kda-prefill-backend=auto|triton|flashkda @0.27.0 --cohere-format=str
--cohere-is-reasoning-model=bool --enable-fault-tolerance=bool --fault-tolerance-config
--mamba-ssu-algorithm --mm-hasher-algorithm=blake3|sha256|sha512 --replayssm-buffer-len=int
--use-replayssm=bool --video-pruning-method=str @0.28.0 --ec-manager-config
--linear-backend=auto|cutlass|flashinfer_cutlass|flashinfer_cutedsl|flashinfer_trtllm|flashinfer_cudnn|flash\
infer_b12x|b12x|marlin|humming|triton|deep_gemm|torch|aiter|machete|fbgemm|conch|exllama|emulation|xpu|xpu_w\
oq
--mm-device-do-normalize=bool --mm-processor-device --return-sampling-mask=bool @0.29.0-0.30.0
--moe-backend=auto|triton|batched_triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_c\
utlass|flashinfer_cutedsl|flashinfer_b12x|b12x|flashinfer_moe_ep_mega_deep_gemm|flashinfer_moe_ep_mega_cuted\
sl|marlin|humming|triton_unfused|aiter|flydsl|hpc|emulation
@0.29.0 --dcp-q-replicate=bool --enable-batch-sharded-sampling=bool --enable-trace-replay=bool
--max-num-queued-reqs=int --max-num-queued-tokens=int
--per-request-spec-decode-metrics=none|summary|detailed --prefix-cache-retention-interval=int
--sse-keep-alive-interval=int @0.30.0-0.31.0 --enable-mamba-fine-grained-prefix-cache=bool @0.30.0-0.32.0
--moe-backend=auto|triton|batched_triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_c\
utlass|flashinfer_cutedsl|flashinfer_b12x|b12x|flashinfer_moe_ep_mega_deep_gemm|flashinfer_moe_ep_mega_cuted\
sl|marlin|humming|triton_unfused|aiter|aiter_triton_mxfp4_bf16|flydsl|hpc|emulation|rdna3
--sparse-indexer-topk-backend=auto|deep_select|cooperative|persistent|per_row|flashinfer|torch @0.30.0
--dp-sync-interval=int --elastic-ep-max-dp-size=int --enable-nccl-comm-suspend=bool --enable-scale-out=bool
--engram-config --kda-decode-backend=auto|native|flashinfer|triton
--kda-prefill-backend=auto|triton|flashkda|flashinfer|fused --watermark-config @0.31.0-0.32.0
--all2all-backend=naive|pplx|deepep_high_throughput|deepep_low_latency|deepep_v2|mori_high_throughput|mori_l\
ow_latency|moonep|nixl_ep|allgather_reducescatter|flashinfer_all2allv|flashinfer_nvlink_two_sided|flashinfer\
_nvlink_one_sided
@0.31.0 --anthropic-disabled-thinking-effort --aux-output-config --device-memory-utilization=float
--enable-mamba-shared-prefix-checkpoint=bool --log-level=CRITICAL|ERROR|WARNING|INFO|DEBUG|NOTSET
--logging-config --long-prefill-token-threshold-adaptive=bool --max-lora-cls-labels=int
--max-num-active-seqs=int --sleep-preserve-parameter-names --snapshot-dir --swa-bounded-replay=bool
--tool-strict-level --trust-request-mm-kwargs=bool --weight-cache-draft-master-port=int
--weight-cache-health-host=str --weight-cache-health-port=int --weight-cache-master-port=int
--weight-cache-socket-dir=str @0.32.0-0.33.0 --gdn-prefill-backend=flashinfer|triton|cutedsl|aiter_flydsl
--moe-backend=auto|triton|batched_triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_c\
utlass|flashinfer_cutedsl|flashinfer_moe_ep_cutedsl|flashinfer_b12x|b12x|flashinfer_moe_ep_mega_deep_gemm|ma\
rlin|humming|triton_unfused|aiter|aiter_mega_moe|aiter_triton_mxfp4_bf16|flydsl|hpc|emulation|rdna3
@0.32.0
--all2all-backend=naive|pplx|deepep_high_throughput|deepep_low_latency|deepep_v2|mori_high_throughput|mori_l\
ow_latency|moonep|nixl_ep|allgather_reducescatter|flashinfer_all2allv|flashinfer_nvlink_two_sided|flashinfer\
_nvlink_one_sided|passthrough
--custom-histogram-buckets --dry-run=bool --enable-hc-sp=bool --enable-shm-tensor-arena=bool --grpc-port=int
--mamba-cache-mode=align|none --sleep-mode-offload-cudagraph=bool
--sparse-indexer-topk-backend=auto|deep_select|cooperative|persistent|per_row|flashinfer|torch|aiter @0.33.0
--gdn-prefill-backend=flashinfer|triton|cutedsl|aiter_flydsl|sycl
--moe-backend=auto|triton|batched_triton|deep_gemm|deep_gemm_mega_moe|cutlass|flashinfer_trtllm|flashinfer_c\
utlass|flashinfer_cutedsl|flashinfer_moe_ep_cutedsl|flashinfer_b12x|b12x|flashinfer_moe_ep_mega_deep_gemm|ma\
rlin|humming|triton_unfused|aiter|aiter_mega_moe|aiter_triton_mxfp4_bf16|aiter_triton_mxfp4_mxfp4|flydsl|hpc\
|emulation|rdna3
--monokernel=bool --reasoning-effort-map --seed-listen-host=str --seed-listen-port=int
--seed-source-host=str --seed-source-port=int --seed-token=str --sleep-mode-backend=str --watchdog-config
"""
