# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flags of SGLang by release, from 0.4.6 to 0.5.23.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FIRST = "0.4.6"
LAST = "0.5.23"
FLAGS = """\
@0.4.6-0.4.6.post5 --attention-backend=flashinfer|triton|torch_native|fa3|flashmla
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp4|w8a8_int8|\
w8a8_fp8|moe_wna16
--tool-call-parser=qwen25|mistral|llama3|deepseekv3 @0.4.6-0.4.7 --n-share-experts-fusion=int
@0.4.6-0.4.7.post1 --enable-flashinfer-mla --enable-flashmla @0.4.6-0.4.9.post6
--disaggregation-transfer-backend=mooncake|nixl @0.4.6-0.4.10.post2
--load-balance-method=round_robin|shortest_queue @0.4.6-0.5.1 --schedule-policy=lpm|random|fcfs|dfs-weight
@0.4.6-0.5.2 --speculative-algorithm=EAGLE|EAGLE3|NEXTN @0.4.6-0.5.3 --enable-deepep-moe=bool
--enable-ep-moe=bool
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|remote
--lora-backend @0.4.6-0.5.4 --kv-cache-dtype=auto|fp8_e5m2|fp8_e4m3 @0.4.6-0.5.5.post3
--sampling-backend=flashinfer|pytorch @0.4.6-0.5.10 --context-length=int --max-prefill-tokens=int
--max-total-tokens=int --stream-output=bool @0.4.6-0.5.11 --ds-channel-config-path
--ds-heavy-channel-num=int --ds-heavy-channel-type --ds-heavy-token-num=int --ds-sparse-decode-threshold=int
--enable-double-sparsity=bool @0.4.6-0.5.13 --enable-nan-detection=bool @0.4.6-0.5.14
--debug-tensor-dump-inject --deepep-mode=normal|low_latency|auto --disable-cuda-graph=bool
--disaggregation-mode=null|prefill|decode @0.4.6-0.5.18 --torchao-config @0.4.6-0.5.20 --cuda-graph-bs=int
--cuda-graph-max-bs=int @0.4.6-0.5.22 --enable-dp-attention=bool @0.4.6 --allow-auto-truncate=bool --api-key
--base-gpu-id=int --chat-template --chunked-prefill-size=int --completion-template
--constrained-json-whitespace-pattern --cpu-offload-gb=int --data-parallel-size=int
--debug-tensor-dump-input-file --debug-tensor-dump-output-folder --decode-log-interval=int
--delete-ckpt-after-loading=bool --device --disable-chunked-prefix-cache=bool
--disable-cuda-graph-padding=bool --disable-custom-all-reduce=bool --disable-fast-image-processor=bool
--disable-outlines-disk-cache=bool --disable-overlap-schedule=bool --disable-radix-cache=bool
--disaggregation-bootstrap-port=int --disaggregation-ib-device --dist-init-addr --dist-timeout=int
--download-dir --dp-size=int --dtype=auto|half|float16|bfloat16|float|float32 --enable-cache-report=bool
--enable-custom-logit-processor=bool --enable-hierarchical-cache=bool --enable-memory-saver=bool
--enable-metrics=bool --enable-mixed-chunk=bool --enable-multimodal=bool --enable-nccl-nvls=bool
--enable-p2p-check=bool --enable-tokenizer-batch-encode=bool --enable-torch-compile=bool --ep-size=int
--expert-parallel-size=int --file-storage-path --flashinfer-mla-disable-ragged=bool --gpu-id-step=int
--grammar-backend=xgrammar|outlines|llguidance|none --hicache-ratio=float --hicache-size=int
--hicache-write-policy=write_back|write_through|write_through_selective --host --is-embedding=bool
--json-model-override-args --log-level --log-level-http --log-requests=bool --log-requests-level=int
--lora-paths --max-loras-per-batch=int --max-running-requests=int --mem-fraction-static=float --model-path
--moe-dense-tp-size=int --nccl-init-addr --nnodes=int --node-rank=int --num-continuous-decode-steps=int
--page-size=int --port=int --quantization-param-path --random-seed=int --reasoning-parser --revision
--schedule-conservativeness=float --served-model-name --show-time-cost=bool --skip-tokenizer-init=bool
--speculative-accept-threshold-acc=float --speculative-accept-threshold-single=float
--speculative-draft-model-path --speculative-eagle-topk=int --speculative-num-draft-tokens=int
--speculative-num-steps=int --speculative-token-map --stream-interval=int --tensor-parallel-size=int
--tokenizer-mode=auto|slow --tokenizer-path --torch-compile-max-bs=int --tp-size=int
--triton-attention-num-kv-splits=int --triton-attention-reduce-in-fp32=bool --trust-remote-code=bool
--warmups --watchdog-timeout=float @0.4.6.post5-0.4.7
--attention-backend=aiter|flashinfer|triton|torch_native|fa3|flashmla|cutlass_mla @0.4.6.post5-0.4.9.post6
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp4|w8a8_int8|\
w8a8_fp8|moe_wna16|qoq
--tool-call-parser=qwen25|mistral|llama3|deepseekv3|pythonic @0.4.6.post5-0.5.2 --pdlb-url
@0.4.6.post5-0.5.3 --mm-attention-backend=sdpa|fa3|triton_attn @0.4.6.post5-0.5.3.post3
--max-micro-batch-size=int @0.4.6.post5-0.5.11 --collect-tokens-histogram=bool @0.4.6.post5-0.5.14
--bucket-e2e-request-latency=float --bucket-inter-token-latency=float --bucket-time-to-first-token=float
@0.4.6.post5-0.5.18 --enable-expert-distribution-metrics=bool @0.4.6.post5 --deepep-config
--enable-dp-lm-head=bool --enable-eplb=bool --enable-request-time-stats-logging=bool --ep-dispatch-algorithm
--ep-num-redundant-experts=int --eplb-rebalance-num-iterations=int
--expert-distribution-recorder-buffer-size=int --expert-distribution-recorder-mode --init-expert-location
--kv-events-config --pipeline-parallel-size=int --pp-size=int --preferred-sampling-params @0.4.7-0.4.9
--attention-backend=aiter|cutlass_mla|fa3|flashinfer|flashmla|intel_amx|torch_native|triton
@0.4.7-0.4.9.post6 --impl @0.4.7 --disable-shared-experts-fusion=bool --enable-mscclpp=bool
--enable-two-batch-overlap=bool --eplb-algorithm --eplb-rebalance-layers-per-chunk=int
@0.4.7.post1-0.4.9.post6 --disable-overlap-cg-plan=bool @0.4.7.post1-0.5.3.post3
--debug-tensor-dump-prefill-only=bool @0.4.7.post1-0.5.10 --disaggregation-decode-dp=int
--disaggregation-decode-tp=int --disaggregation-prefill-pp=int @0.4.7.post1 --enable-profile-cuda-graph=bool
--enable-return-hidden-states=bool --num-reserved-decode-tokens=int --sleep-on-idle=bool @0.4.8-0.4.9.post6
--enable-flashinfer-moe=bool @0.4.8 --custom-weight-loader --weight-loader-disable-mmap=bool @0.4.8.post1
--model --model-loader-extra-config @0.4.9-0.4.10.post2
--attention-backend=aiter|cutlass_mla|fa3|flashinfer|flashmla|intel_amx|torch_native|ascend|triton
@0.4.9-0.5.8 --hybrid-kvcache-ratio=float @0.4.9 --crash-dump-folder
--enable-flashinfer-allreduce-fusion=bool --nccl-port=int --skip-server-warmup=bool @0.4.9.post6-0.4.10
--hicache-storage-backend=file
--tool-call-parser=qwen25|mistral|llama3|deepseekv3|pythonic|kimi_k2|qwen3_coder|glm45 @0.4.9.post6-0.5.1
--decode-attention-backend=flashinfer|triton|torch_native|fa3|flashmla|cutlass_mla
--prefill-attention-backend=flashinfer|triton|torch_native|fa3|flashmla|cutlass_mla
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp4|petit_nvfp\
4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8
@0.4.9.post6-0.5.2 --disaggregation-transfer-backend=mooncake|nixl|ascend @0.4.9.post6-0.5.3
--enable-flashinfer-cutlass-moe=bool --enable-flashinfer-trtllm-moe=bool --enable-triton-kernel-moe=bool
@0.4.9.post6-0.5.5.post3 --hicache-io-backend=direct|kernel @0.4.9.post6 --disable-hybrid-swa-memory=bool
--enable-lora=bool --enable-metrics-for-all-schedulers=bool --enable-pdmux=bool --lora-target-modules
--max-lora-rank=int --max-queued-requests=int --model-impl --sm-group-num=int --swa-full-tokens-ratio=float
@0.4.10-0.4.10.post2 --hicache-storage-backend=file|mooncake|hf3fs @0.4.10-0.5.1
--tool-call-parser=qwen25|mistral|llama3|deepseekv3|pythonic|kimi_k2|qwen3_coder|glm45|step3 @0.4.10
--ep=int @0.4.10.post2-0.5.1
--attention-backend=aiter|cutlass_mla|fa3|flashinfer|flashmla|intel_amx|torch_native|ascend|triton|trtllm_ml\
a
--moe-a2a-backend=deepep @0.4.10.post2-0.5.3 --hicache-mem-layout=layer_first|page_first
--hicache-storage-backend=file|mooncake|hf3fs|nixl @0.4.10.post2-0.5.7
--load-balance-method=round_robin|shortest_queue|minimum_tokens @0.4.10.post2 --enable-cudagraph-gc=bool
--enable-symm-mem=bool --max-loaded-loras=int @0.5.1-0.5.2 --attention-backend --decode-attention-backend
--flashinfer-mxfp4-moe-precision=mxfp4|bf16 --prefill-attention-backend @0.5.1-0.5.3
--enable-flashinfer-mxfp4-moe=bool
--moe-runner-backend=auto|triton|triton_kernel|flashinfer_trtllm|flashinfer_cutlass|flashinfer_mxfp4
--schedule-policy=lpm|random|fcfs|dfs-weight|lof @0.5.1-0.5.3.post3 --moe-a2a-backend=none|deepep
@0.5.1-0.5.4
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp4|petit_nvfp\
4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4
@0.5.1 --disable-flashinfer-cutlass-moe-fp4-allgather=bool --gc-warning-threshold-secs=float
--hicache-storage-prefetch-policy=best_effort|wait_complete|timeout --offload-group-size=int --offload-mode
--offload-num-in-group=int --offload-prefetch-step=int --scheduler-recv-interval=int
--tbo-token-distribution-threshold=float --tool-call-parser --tool-server --weight-version @0.5.1.post3
--hicache-storage-backend-extra-config @0.5.2-0.5.3
--attention-backend=triton|torch_native|cutlass_mla|fa3|flashinfer|flashmla|trtllm_mla|trtllm_mha|dual_chunk\
_flash_attn|hybrid_linear_attn|aiter|wave|intel_amx|ascend
--decode-attention-backend=triton|torch_native|cutlass_mla|fa3|flashinfer|flashmla|trtllm_mla|trtllm_mha|dua\
l_chunk_flash_attn|hybrid_linear_attn|aiter|wave|intel_amx|ascend
--prefill-attention-backend=triton|torch_native|cutlass_mla|fa3|flashinfer|flashmla|trtllm_mla|trtllm_mha|du\
al_chunk_flash_attn|hybrid_linear_attn|aiter|wave|intel_amx|ascend
--speculative-algorithm=EAGLE|EAGLE3|NEXTN|STANDALONE @0.5.2-0.5.8 --prefill-round-robin-balance=bool
@0.5.2-0.5.9 --disaggregation-transfer-backend=mooncake|nixl|ascend|fake --mamba-ssm-dtype=float32|bfloat16
@0.5.2-0.5.14 --flashinfer-mxfp4-moe-precision=default|bf16 --numa-node=int @0.5.2 --enable-lmcache=bool
--eplb-min-rebalancing-utilization-threshold=float --generation-tokens-buckets --max-mamba-cache-size=int
--prompt-tokens-buckets --speculative-attention-mode=prefill|decode --speculative-draft-model
--speculative-draft-model-revision --tokenizer-worker-num=int @0.5.3-0.5.3.post3
--moe-runner-backend=auto|triton|triton_kernel|flashinfer_trtllm|flashinfer_cutlass|flashinfer_mxfp4|flashin\
fer_cutedsl
@0.5.3-0.5.4
--attention-backend=triton|torch_native|flex_attention|nsa|cutlass_mla|fa3|fa4|flashinfer|flashmla|trtllm_ml\
a|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend
--decode-attention-backend=triton|torch_native|flex_attention|nsa|cutlass_mla|fa3|fa4|flashinfer|flashmla|tr\
tllm_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend
--nsa-decode=flashmla_prefill|flashmla_decode|fa3|tilelang|aiter
--nsa-prefill=flashmla_prefill|flashmla_decode|fa3|tilelang|aiter
--prefill-attention-backend=triton|torch_native|flex_attention|nsa|cutlass_mla|fa3|fa4|flashinfer|flashmla|t\
rtllm_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend
@0.5.3-0.5.4.post3 --enable-deepep-moe --enable-ep-moe --enable-flashinfer-cutedsl-moe
--enable-flashinfer-cutlass-moe --enable-flashinfer-mxfp4-moe --enable-flashinfer-trtllm-moe
--enable-triton-kernel-moe --oltp-traces-endpoint @0.5.3-0.5.5
--mm-attention-backend=sdpa|fa3|triton_attn|ascend_attn @0.5.3-0.5.5.post3
--hicache-mem-layout=layer_first|page_first|page_first_direct --lora-backend=triton|csgmv @0.5.3-0.5.6.post2
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|remote|remote_instan\
ce
@0.5.3-0.5.7 --load-watch-interval=float @0.5.3-0.5.8
--schedule-policy=lpm|random|fcfs|dfs-weight|lof|priority @0.5.3-0.5.10 --radix-eviction-policy=lru|lfu
--speculative-ngram-branch-length=int --speculative-ngram-max-match-window-size=int
--speculative-ngram-min-match-window-size=int @0.5.3-0.5.11
--hicache-storage-backend=file|mooncake|hf3fs|nixl|aibrix|dynamic|eic
--speculative-algorithm=EAGLE|EAGLE3|NEXTN|STANDALONE|NGRAM @0.5.3-0.5.14
--speculative-ngram-match-type=BFS|PROB @0.5.3-0.5.21 --keep-mm-feature-on-device=bool @0.5.3 --config
--disaggregation-decode-enable-offload-kvcache=bool --disaggregation-decode-polling-interval=int
--dynamic-batch-tokenizer-batch-size=int --dynamic-batch-tokenizer-batch-timeout=float
--enable-deterministic-inference=bool --enable-dynamic-batch-tokenizer=bool --enable-fp32-lm-head=bool
--enable-priority-scheduling=bool --enable-single-batch-overlap=bool --enable-torch-symm-mem=bool
--enable-trace=bool --enable-weights-cpu-backup=bool --max-lora-chunk-size=int
--priority-scheduling-preemption-threshold=int --remote-instance-weight-loader-seed-instance-ip
--remote-instance-weight-loader-seed-instance-service-port=int
--remote-instance-weight-loader-send-weights-group-ports --schedule-low-priority-values-first=bool
--speculative-ngram-capacity=int --speculative-ngram-max-bfs-breadth=int
--speculative-ngram-min-bfs-breadth=int --tokenizer-metrics-allowed-custom-labels
--tokenizer-metrics-custom-labels-header --triton-attention-split-tile-size=int @0.5.3.post3-0.5.4
--crash-on-nan @0.5.3.post3-0.5.4.post3 --enable-beta-spec=bool @0.5.3.post3-0.5.6
--moe-a2a-backend=none|deepep|mooncake @0.5.3.post3-0.5.6.post2
--speculative-draft-load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|re\
mote|remote_instance
@0.5.3.post3-0.5.8 --piecewise-cuda-graph-tokens @0.5.3.post3-0.5.10 --elastic-ep-backend=none|mooncake
--enable-piecewise-cuda-graph=bool
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_cutlass|flashinfer_mxf\
p4|flashinfer_cutedsl|cutlass
@0.5.3.post3-0.5.11 --multi-item-scoring-delimiter=int @0.5.3.post3-0.5.20
--piecewise-cuda-graph-max-tokens=int @0.5.3.post3 --constrained-json-disable-any-whitespace=bool
--grpc-mode=bool --lora-eviction-policy=lru|fifo --mamba-full-memory-ratio=float
--modelopt-checkpoint-restore-path --modelopt-checkpoint-save-path --modelopt-quant --mooncake-ib-device
--pdmux-config-path --pp-max-micro-batch-size=int --sampling-defaults=openai|model @0.5.4-0.5.4.post3
--kv-cache-dtype=auto|fp8_e5m2|fp8_e4m3|bf16|bfloat16
--nsa-decode-backend=flashmla_sparse|flashmla_kv|fa3|tilelang|aiter
--nsa-prefill-backend=flashmla_sparse|flashmla_kv|fa3|tilelang|aiter
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|modelopt_f\
p4|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|compressed-tensors
@0.5.4-0.5.5.post3 --kt-amx-method --kt-amx-weight-path @0.5.4-0.5.12
--attention-backend=triton|torch_native|flex_attention|nsa|cutlass_mla|fa3|fa4|flashinfer|flashmla|trtllm_ml\
a|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend|intel_xpu
--decode-attention-backend=triton|torch_native|flex_attention|nsa|cutlass_mla|fa3|fa4|flashinfer|flashmla|tr\
tllm_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend|intel_xpu
--prefill-attention-backend=triton|torch_native|flex_attention|nsa|cutlass_mla|fa3|fa4|flashinfer|flashmla|t\
rtllm_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend|intel_xpu
@0.5.4-0.5.20 --piecewise-cuda-graph-compiler=eager|inductor @0.5.4 --abort-on-priority-when-disabled=bool
--checkpoint-engine-wait-weights-before-ready=bool --disable-tokenizer-batch-decode=bool --kt-cpuinfer=int
--kt-num-gpu-experts=int --kt-threadpool-count=int --modelopt-export-path --quantize-and-serve=bool
@0.5.4.post3-0.5.6.post2
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|modelopt_f\
p4|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tensors
@0.5.4.post3-0.5.9 --nsa-decode-backend=flashmla_sparse|flashmla_kv|flashmla_auto|fa3|tilelang|aiter
--nsa-prefill-backend=flashmla_sparse|flashmla_kv|flashmla_auto|fa3|tilelang|aiter @0.5.4.post3-0.5.10
--mm-max-concurrent-calls=int --mm-per-request-timeout=int
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_cutlass|fl\
ashinfer_mxfp4|flashinfer_cutedsl|cutlass
@0.5.4.post3-0.5.14 --debug-tensor-dump-layers=int @0.5.4.post3-0.5.16
--kv-cache-dtype=auto|fp8_e5m2|fp8_e4m3|bf16|bfloat16|fp4_e2m1 @0.5.4.post3 --decrypted-config-file
--decrypted-draft-config-file --otlp-traces-endpoint --rl-on-policy-target=fsdp @0.5.5-0.5.9
--mm-attention-backend=sdpa|fa3|triton_attn|ascend_attn|aiter_attn @0.5.5
--kt-max-deferred-experts-per-token=int @0.5.5.post3-0.5.6
--hicache-mem-layout=layer_first|page_first|page_first_direct|page_first_kv_split @0.5.5.post3-0.5.6.post2
--lora-backend=triton|csgmv|ascend @0.5.5.post3-0.5.19 --sampling-backend=flashinfer|pytorch|ascend
@0.5.5.post3 --enable-attn-tp-input-scattered=bool --enable-broadcast-mm-inputs-process=bool
--enable-draft-weights-cpu-backup=bool --enable-layerwise-nvtx-marker=bool --export-metrics-to-file=bool
--export-metrics-to-file-dir --hicache-io-backend=direct|kernel|kernel_ascend --kt-method --kt-weight-path
@0.5.6-0.5.6.post2 --dllm-block-size=int --moe-a2a-backend=none|deepep|mooncake|ascend_fuseep @0.5.6-0.5.7
--enable-flashinfer-autotune=bool @0.5.6-0.5.13 --enable-nsa-prefill-context-parallel=bool @0.5.6
--dllm-algorithm --enable-torch-compile-debug-mode=bool --fastapi-root-path --forward-hooks
--hicache-mem-layout=layer_first|page_first|page_first_direct|page_first_kv_split|page_head
--mm-enable-dp-encoder=bool --mm-process-config @0.5.6.post2-0.5.7
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|flash_rl|remote|remo\
te_instance|private
--speculative-draft-load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|fl\
ash_rl|remote|remote_instance|private
@0.5.6.post2-0.5.8
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|modelopt_f\
p4|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tensors|modelslim
@0.5.6.post2-0.5.14 --fp8-gemm-runner-backend @0.5.6.post2-0.5.19 --moe-a2a-backend
--speculative-moe-a2a-backend @0.5.6.post2-0.5.23 --lora-backend=triton|csgmv|ascend|torch_native
@0.5.6.post2 --dllm-algorithm-config --enable-fused-qk-norm-rope=bool --fp8-gemm-backend --rl-quant-profile
@0.5.7-0.5.8 --load-balance-method=round_robin|decode_round_robin|shortest_queue|minimum_tokens @0.5.7-0.5.9
--disaggregation-decode-enable-fake-auto=bool @0.5.7-0.5.10
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|flash_rl|remote|remo\
te_instance|fastsafetensors|private
--remote-instance-weight-loader-backend=transfer_engine|nccl
--speculative-draft-load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|layered|fl\
ash_rl|remote|remote_instance|fastsafetensors|private
@0.5.7-0.5.11 --speculative-draft-model-quantization=unquant @0.5.7-0.5.13
--mamba-scheduler-strategy=auto|no_buffer|extra_buffer @0.5.7-0.5.17
--encoder-transfer-backend=zmq_to_scheduler|zmq_to_tokenizer|mooncake @0.5.7 --custom-sigquit-handler
--disable-flashinfer-autotune=bool --enable-dynamic-chunking=bool --enable-multi-layer-eagle=bool
--enable-precise-embedding-interpolation=bool --enable-prefix-mm-cache=bool
--enable-return-routed-experts=bool --encoder-only=bool --encoder-urls --language-only=bool
--limit-mm-data-per-request --log-requests-format=text|json --mamba-track-interval=int
--pp-async-batch-depth=int --prefill-max-requests=int
--remote-instance-weight-loader-start-seed-via-transfer-engine=bool --soft-watchdog-timeout=float
--speculative-draft-attention-backend @0.5.8-0.5.9
--quantization=awq|fp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|modelopt_f\
p4|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tensors|modelslim|quark_i\
nt4fp8_moe
@0.5.8-0.5.10 --disable-hicache-numa-detect=bool --hierarchical-sparse-attention-extra-config @0.5.8-0.5.14
--fp4-gemm-runner-backend --hybrid-kvcache-ratio --prefill-delayer-forward-passes-buckets=float
--prefill-delayer-wait-seconds-buckets=float @0.5.8-0.5.20
--nsa-prefill-cp-mode=in-seq-split|round-robin-split --piecewise-cuda-graph-tokens=int
--prefill-round-robin-balance --schedule-policy=lpm|random|fcfs|dfs-weight|lof|priority|routing-key @0.5.8
--admin-api-key --enable-lora-overlap-loading=bool --enable-prefill-delayer=bool --fp4-gemm-backend
--hf-chat-template-name
--load-balance-method=auto|round_robin|follow_bootstrap_room|total_requests|total_tokens
--log-requests-target --model-checksum --prefill-delayer-max-delay-passes=int
--prefill-delayer-token-usage-low-watermark=float --uvicorn-access-log-exclude-prefixes @0.5.9-0.5.10
--mm-attention-backend=sdpa|fa3|fa4|triton_attn|ascend_attn|aiter_attn
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tensors|modelslim|q\
uark_int4fp8_moe
@0.5.9-0.5.13 --disaggregation-transfer-backend=mooncake|nixl|ascend|fake|mori @0.5.9-0.5.16
--nsa-decode-backend=flashmla_sparse|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--nsa-prefill-backend=flashmla_sparse|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm @0.5.9
--attention-context-parallel-size=int --attn-cp-size=int --extra-metric-labels
--mamba-backend=triton|flashinfer --mamba-ssm-dtype=float32|bfloat16|float16 --moe-data-parallel-size=int
--moe-dp-size=int @0.5.10-0.5.11
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_trtllm_routed|flashinf\
er_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tens\
ors|modelslim|quark_int4fp8_moe
--radix-eviction-policy=lru|lfu|slru
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_trtllm_rou\
ted|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass
@0.5.10-0.5.13 --mm-attention-backend=sdpa|fa3|fa4|triton_attn|ascend_attn|aiter_attn|flashinfer_cudnn
@0.5.10-0.5.14 --context-length --disable-piecewise-cuda-graph=bool --enable-piecewise-cuda-graph
--enable-prefill-context-parallel=bool --enforce-piecewise-cuda-graph=bool --experts-shared-outer-loras
--gc-threshold=int --max-prefill-tokens --max-total-tokens
--remote-instance-weight-loader-backend=transfer_engine|nccl|modelexpress @0.5.10-0.5.15
--linear-attn-backend=triton|cutedsl|flashinfer --linear-attn-decode-backend=triton|cutedsl|flashinfer
--linear-attn-prefill-backend=triton|cutedsl|flashinfer @0.5.10-0.5.17
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|mistral|layered|flash_rl|rem\
ote|remote_instance|fastsafetensors|private|runai_streamer
--speculative-draft-load-format=auto|pt|safetensors|npcache|dummy|sharded_state|gguf|bitsandbytes|mistral|la\
yered|flash_rl|remote|remote_instance|fastsafetensors|private|runai_streamer
@0.5.10-0.5.20 --prefill-cp-mode=in-seq-split --stream-output @0.5.10 --default-priority-value=int
--disable-priority-preemption=bool --elastic-ep-backend=none|mooncake|nixl
--enable-adaptive-dispatch-to-encoder=bool --enable-aiter-allreduce-fusion=bool
--enable-elastic-expert-backup=bool --enable-fused-moe-sum-all-reduce=bool --enable-hisparse=bool
--enable-mfu-metrics=bool --enable-mm-global-cache=bool --enable-ssl-refresh=bool
--enable-streaming-session=bool --enforce-disable-flashinfer-allreduce-fusion=bool
--engine-info-bootstrap-port=int --hisparse-config --incremental-streaming-output=bool --modelexpress-config
--pre-warm-nccl=bool --speculative-ngram-max-trie-depth=int --ssl-ca-certs --ssl-certfile --ssl-keyfile
--ssl-keyfile-password --stream-response-default-include-usage=bool --use-ray=bool @0.5.11-0.5.12
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_trtllm_routed|flashinf\
er_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tens\
ors|modelslim|quark_int4fp8_moe|unquant
--speculative-algorithm=DFLASH|EAGLE|EAGLE3|NEXTN|STANDALONE|NGRAM
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_trtllm_rou\
ted|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter
@0.5.11-0.5.13 --record-nolora-graph @0.5.11-0.5.14 --enable-breakable-cuda-graph=bool --lora-strict-loading
@0.5.11-0.5.15 --hicache-storage-backend=file|mooncake|hf3fs|nixl|aibrix|dynamic|eic|simm @0.5.11-0.5.17
--speculative-draft-model-quantization=QUANTIZATION_CHOICES @0.5.11-0.5.20 --collect-tokens-histogram
--speculative-dflash-draft-window-size=int @0.5.11-0.5.21 --elastic-ep-rejoin=bool
--radix-eviction-policy=lru|lfu|slru|priority @0.5.11-0.5.23 --speculative-skip-dp-mlp-sync=bool @0.5.11
--batch-notify-size=int --debug-cuda-graph=bool --disaggregation-decode-enable-radix-cache=bool
--enable-dp-attention-local-control-broadcast=bool --enable-http2=bool --enable-mis=bool
--enable-quant-communications=bool --enforce-shared-experts-fusion=bool --grpc-http-sidecar-port=int
--lora-use-virtual-experts=bool --msprobe-dump-config --speculative-adaptive=bool
--speculative-adaptive-config --speculative-dflash-block-size=int
--speculative-ngram-external-corpus-max-tokens=int --speculative-ngram-external-corpus-path
--speculative-ngram-external-sam-budget=int --strip-thinking-cache=bool
--tokenizer-backend=huggingface|fastokens --weight-loader-prefetch-checkpoints=bool
--weight-loader-prefetch-num-threads=int @0.5.12-0.5.13
--attention-backend=triton|torch_native|flex_attention|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|flashinfer|fl\
ashmla|trtllm_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend|intel_xpu
--decode-attention-backend=triton|torch_native|flex_attention|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|flashi\
nfer|flashmla|trtllm_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend|intel_x\
pu
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_trtllm_routed|flashinf\
er_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin
--prefill-attention-backend=triton|torch_native|flex_attention|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|flash\
infer|flashmla|trtllm_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascend|intel_\
xpu
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tens\
ors|modelslim|quark|quark_int4fp8_moe|mlx_q4|mlx_q8|unquant
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|flashinfer_trtllm_rou\
ted|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin
@0.5.12-0.5.16 --enable-deepep-waterfill=bool @0.5.12 --detokenizer-worker-num=int
--enable-forward-pass-metrics=bool --enable-return-indexer-topk=bool --enable-strict-thinking=bool
--forward-pass-metrics-ipc-name --forward-pass-metrics-worker-id
--hierarchical-sparse-attention-extra-config --lora-drain-wait-threshold=float --model-config-parser
--prefill-delayer-max-delay-ms=float --prefill-delayer-queue-min-ratio=float
--prefill-only-disable-kv-cache=bool --speculative-algorithm --speculative-draft-window-size=int
--weight-loader-drop-cache-after-load=bool @0.5.13-0.5.14
--deepep-dispatcher-output-dtype=auto|bf16|fp8|int8|nvfp4 --enable-dsa-prefill-context-parallel=bool
--mamba-scheduler-strategy=auto|no_buffer|extra_buffer|extra_buffer_lazy
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|compressed-tens\
ors|modelslim|quark|quark_int4fp8_moe|quark_mxfp4|mlx_q4|mlx_q8|unquant
@0.5.13-0.5.16 --dsa-decode-backend=flashmla_sparse|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--dsa-prefill-backend=flashmla_sparse|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin
--optimistic-prefill-retries=int
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin
@0.5.13-0.5.17
--attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|flashinfe\
r|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_amx|ascen\
d|intel_xpu
--decode-attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|fl\
ashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_am\
x|ascend|intel_xpu
--prefill-attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|f\
lashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|aiter|wave|intel_a\
mx|ascend|intel_xpu
@0.5.13-0.5.20 --dsa-prefill-cp-mode=in-seq-split|round-robin-split --enable-nsa-prefill-context-parallel
@0.5.13 --asr-max-buffer-seconds=int --asr-max-concurrent-sessions=int --disable-attn-tp-gather=bool
--disaggregation-transfer-backend=mooncake|nixl|ascend|fake|mori|mooncake_tcp
--dsa-topk-backend=sgl-kernel|torch|flashinfer --enable-deepseek-v4-fp4-indexer=bool
--encoder-bootstrap-port=int --encoder-register-urls --kv-canary=none|log|raise --kv-canary-real-data
--kv-canary-sweep-interval=int --lmcache-config-file --load-snapshot-publish-interval=int
--mm-attention-backend=sdpa|fa3|fa4|triton_attn|ascend_attn|aiter_attn|flashinfer_cudnn|amx_attn|xpu_attn
--radix-cache-backend --stat-loggers --trace-modules @0.5.14-0.5.15
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|nvfp4_online|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|co\
mpressed-tensors|modelslim|quark|quark_int4fp8_moe|quark_mxfp4|mlx_q4|mlx_q8|unquant
@0.5.14-0.5.20 --disable-piecewise-cuda-graph --enable-breakable-cuda-graph
--enable-dsa-prefill-context-parallel --enable-prefill-context-parallel --enforce-piecewise-cuda-graph
--mamba-scheduler-strategy @0.5.14-0.5.22 --cuda-graph-tc-compiler @0.5.14 --bucket-e2e-request-latency
--bucket-inter-token-latency --bucket-time-to-first-token --context-length=int
--cp-strategy=zigzag|interleave --cuda-graph-backend-decode --cuda-graph-backend-prefill
--cuda-graph-bs-decode --cuda-graph-bs-prefill --cuda-graph-config --cuda-graph-max-bs-decode=int
--cuda-graph-max-bs-prefill=int --debug-tensor-dump-layers --deepep-dispatcher-output-dtype --deepep-mode
--disable-cuda-graph --disable-decode-cuda-graph=bool --disable-prefill-cuda-graph=bool
--disaggregation-decode-extra-slots=int --disaggregation-mode --enable-int8-mamba-checkpoint=bool
--enable-prefill-cp=bool --experts-shared-outer-loras=bool --flashinfer-allreduce-fusion-backend
--flashinfer-mxfp4-moe-precision --gc-threshold --int8-mamba-ckpt-size=int --lora-strict-loading=bool
--mamba-radix-cache-strategy=auto|no_buffer|extra_buffer|extra_buffer_lazy --max-prefill-tokens=int
--max-total-tokens=int --numa-node --prefill-delayer-forward-passes-buckets
--prefill-delayer-wait-seconds-buckets --remote-instance-weight-loader-backend
--speculative-ngram-match-type --speculative-use-rejection-sampling=bool @0.5.15-0.5.16
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|nvfp4_online|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|qoq|w4afp8|mxfp4|auto-round|au\
to-round-int8|compressed-tensors|modelslim|mxfp_w4a8|quark|quark_int4fp8_moe|quark_mxfp4|mlx_q4|mlx_q8|unqua\
nt
@0.5.15-0.5.17 --hicache-storage-backend=file|mooncake|hf3fs|nixl|aibrix|dynamic|eic|simm|mori
--linear-attn-backend=triton|cutedsl|flashinfer|flashkda
--linear-attn-decode-backend=triton|cutedsl|flashinfer|flashkda
--linear-attn-prefill-backend=triton|cutedsl|flashinfer|flashkda @0.5.15-0.5.19 --bf16-gemm-backend @0.5.15
--dcp-size=int --decode-context-parallel-size=int --decoupled-spec-bind-endpoint
--decoupled-spec-connect-endpoints --decoupled-spec-rank=int --decoupled-spec-role
--dsa-paged-mqa-logits-backend=auto|deepgemm|cutedsl|aiter --enable-linear-replayssm=bool
--enable-mamba-cache-stochastic-rounding=bool --enable-page-major-kv-layout=bool
--enable-session-radix-cache=bool --enable-tf32-matmul=bool --enable-unified-memory=bool
--linear-replayssm-cache-len=int --mamba-cache-philox-rounds=int --min-free-slots-delay=int --spec-trace-dir
@0.5.16-0.5.17
--dsa-decode-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--dsa-prefill-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--enable-gdn-replayssm-spec=bool
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humming|experime\
ntal_sgl_marlin
--nsa-decode-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--nsa-prefill-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|fa3|tilelang|aiter|trtllm
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humm\
ing|experimental_sgl_marlin
@0.5.16-0.5.20
--quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|mode\
lopt_fp4|nvfp4_online|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|w4afp8|mxfp4|auto-round|auto-r\
ound-int8|compressed-tensors|modelslim|mxfp_w4a8|quark|quark_int4fp8_moe|quark_mxfp4|mlx_q4|mlx_q8|unquant|h\
umming
@0.5.16-0.5.21 --kv-cache-dtype=auto|fp8_e5m2|fp8_e4m3|mxfp8|bf16|bfloat16|nvfp4|fp4_mx_block16|fp4_e2m1
@0.5.16 --default-chat-template-kwargs --dllm-fdfo=bool --elastic-ep-initial-size=int
--elastic-ep-join-mode=scale|recover --elastic-ep-join-rank-offset=int --elastic-ep-scale-timeout=float
--enable-dsa-cache-layer-split=bool --enable-flexkv=bool --enable-scattered-sconv=bool
--enable-waterfill=bool --flexkv-config-file --fuseep-mode --grpc-port=int --max-ep-size=int
--mm-feature-transport --optimistic-prefill-attempts=int --retraction-policy=length|priority --sidecar
--sidecar-args --smg-grpc-mode=bool --smg-http-sidecar-port=int
--speculative-dspark-align-verify-tokens-to-graph-tier=bool --speculative-dspark-block-size=int
--speculative-dspark-confidence-sts-path --speculative-dspark-sps-table-path @0.5.17-0.5.18
--linear-attn-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda
--linear-attn-decode-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda
--linear-attn-prefill-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humming|experime\
ntal_sgl_marlin|hpc_ops
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humm\
ing|experimental_sgl_marlin|hpc_ops
@0.5.17-0.5.19
--attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|flashinfe\
r|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|hpc_ops|aiter|wave|intel_a\
mx|ascend|intel_xpu
--decode-attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|fl\
ashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|hpc_ops|aiter|wave|\
intel_amx|ascend|intel_xpu
--hicache-storage-backend=file|mooncake|hf3fs|nixl|aibrix|dynamic|eic|simm|mori|shm
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|presharded|gguf|bitsandbytes|mistral|layered|f\
lash_rl|remote|remote_instance|fastsafetensors|private|runai_streamer
--prefill-attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|f\
lashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|hpc_ops|aiter|wave\
|intel_amx|ascend|intel_xpu
--speculative-draft-load-format=auto|pt|safetensors|npcache|dummy|sharded_state|presharded|gguf|bitsandbytes\
|mistral|layered|flash_rl|remote|remote_instance|fastsafetensors|private|runai_streamer
@0.5.17-0.5.20
--dsa-decode-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3|\
tilelang|aiter|trtllm
--dsa-prefill-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3\
|tilelang|aiter|trtllm
--enable-gdn-replayssm-spec
--nsa-decode-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3|\
tilelang|aiter|trtllm
--nsa-prefill-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3\
|tilelang|aiter|trtllm
--speculative-draft-model-quantization=awq|fp8|mxfp8|gptq|marlin|gptq_marlin|awq_marlin|bitsandbytes|gguf|mo\
delopt|modelopt_fp8|modelopt_fp4|nvfp4_online|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|w4afp8\
|mxfp4|auto-round|auto-round-int8|compressed-tensors|modelslim|mxfp_w4a8|quark|quark_int4fp8_moe|quark_mxfp4\
|mlx_q4|mlx_q8|unquant|humming
@0.5.17 --dcp-comm-backend=ag_rs|a2a|fi_a2a --dcp-replicate-q-proj=bool --dwdp-size=int
--enable-cp-decode-attn-tp=bool --enable-linear-replayssm-spec=bool
--encoder-transfer-backend=auto|zmq_to_scheduler|zmq_to_tokenizer|mooncake --flashinfer-autotune-skip-ops
--linear-attn-verify-backend --mamba-max-states-per-path=int --mm-io-worker-num=int
--mm-processor-worker-num=int --return-hidden-states-mode=last|full --weight-cache-mode=off|daemon|client
--weight-cache-socket --weight-cache-timeout=int @0.5.18-0.5.19
--linear-attn-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda|helion
--linear-attn-decode-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda|helion
--linear-attn-prefill-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda|helion
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humming|experime\
ntal_sgl_marlin|hpc_ops|megamoe
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humm\
ing|experimental_sgl_marlin|hpc_ops|megamoe
@0.5.18-0.5.20 --enable-expert-distribution-metrics @0.5.18-0.5.21
--disaggregation-decode-retraction-backup=cpu_tensor|host_pool @0.5.18 --allowed-media-domains
--c128-page-size=int --enable-tp-lm-head-all-to-all=bool --expert-balancedness-report-mode
--http2-max-concurrent-streams=int --image-processor-backend --language-model-only=bool
--media-url-max-file-size-mb=int --mlx-enable-sampling=bool --mm-global-cache-backend=mooncake
--mm-preprocess-cache-size-mb=int --speculative-draft-kv-cache-dtype=auto|fp8_e5m2|fp8_e4m3|bf16|bfloat16
--startup-weight-load-mode --trust-mm-content-hashes=bool @0.5.19-0.5.20
--attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|flashinfe\
r|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|hpc_ops|minicpm_flashattn|\
minicpm_flashinfer|aiter|wave|intel_amx|ascend|intel_xpu
--bf16-gemm-backend=auto|cutedsl|flashinfer_pr4266|gemv|torch
--decode-attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|fl\
ashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|hpc_ops|minicpm_fla\
shattn|minicpm_flashinfer|aiter|wave|intel_amx|ascend|intel_xpu
--hicache-storage-backend=file|sim|mooncake|hf3fs|nixl|aibrix|dynamic|eic|simm|mori|shm
--moe-a2a-backend=none|deepep|mooncake|nixl|mori|ascend_fuseep|flashinfer|megamoe|deepep_v2|pplx|ascend_tp
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humming|experime\
ntal_sgl_marlin|hpc_ops|megamoe|intel_xpu
--prefill-attention-backend=triton|torch_native|flex_attention|dsa|nsa|dsv4|compressed|cutlass_mla|fa3|fa4|f\
lashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|dual_chunk_flash_attn|hpc_ops|minicpm_fl\
ashattn|minicpm_flashinfer|aiter|wave|intel_amx|ascend|intel_xpu
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|cutlass|aiter|marlin|humm\
ing|experimental_sgl_marlin|hpc_ops|megamoe|intel_xpu
@0.5.19-0.5.22
--load-format=auto|pt|safetensors|npcache|dummy|sharded_state|presharded|gguf|expert_pack|bitsandbytes|mistr\
al|layered|flash_rl|remote|remote_instance|fastsafetensors|private|runai_streamer
--speculative-draft-load-format=auto|pt|safetensors|npcache|dummy|sharded_state|presharded|gguf|expert_pack|\
bitsandbytes|mistral|layered|flash_rl|remote|remote_instance|fastsafetensors|private|runai_streamer
@0.5.19 --deepep-v2-mode --dsv4-prefill-backend=auto|flashmla_sparse|flashmla_sparse_q8
--enable-dense-mlp-attn-tp=bool --enable-layernorm-sp=bool --enable-lean-attention=bool
--enable-shared-experts-attn-tp=bool --enable-w4a4-mxfp4-megamoe=bool --gated-launch-port=int
--hicache-host-memory-mode=cache|buffer_only --hicache-storage-prefetch-retry-max-attempts=int
--hicache-storage-prefetch-retry-poll-interval=int --http2-initial-connection-window-size=int
--linear-attn-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda|helion|intel_xpu
--linear-attn-decode-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda|helion|intel_xpu
--linear-attn-prefill-backend=triton|cutedsl|flashinfer|flashkda|nvidia_kda|ptx_kda|helion|intel_xpu
--load-publish-endpoint --prefill-decode-interval=int --sampling-backend
--speculative-dsa-topk-backend=sgl-kernel|torch|flashinfer
--speculative-moe-a2a-backend=none|deepep|mooncake|nixl|mori|ascend_fuseep|flashinfer|megamoe|deepep_v2|pplx\
|ascend_tp
@0.5.20-0.5.21
--hicache-storage-backend=file|sim|mooncake|npu_memcache|hf3fs|nixl|aibrix|dynamic|eic|simm|mori|shm
--schedule-policy=lpm|random|fcfs|dfs-weight|lof|priority|routing-key|hrrn @0.5.20-0.5.22
--attention-backend=triton|torch_native|flex_attention|dsa|nsa|qsa|dsv4|compressed|fa3|fa4|flashinfer|flashm\
la|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|hpc_ops|minicpm_flashattn|minicpm_flashinfer|aiter|wave|\
intel_amx|ascend|intel_xpu
--decode-attention-backend=triton|torch_native|flex_attention|dsa|nsa|qsa|dsv4|compressed|fa3|fa4|flashinfer\
|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|hpc_ops|minicpm_flashattn|minicpm_flashinfer|aite\
r|wave|intel_amx|ascend|intel_xpu
--dsa-decode-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3|\
tilelang|triton|aiter|trtllm
--dsa-prefill-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3\
|tilelang|triton|aiter|trtllm
--prefill-attention-backend=triton|torch_native|flex_attention|dsa|nsa|qsa|dsv4|compressed|fa3|fa4|flashinfe\
r|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|hpc_ops|minicpm_flashattn|minicpm_flashinfer|ait\
er|wave|intel_amx|ascend|intel_xpu
@0.5.20-0.5.23 --dsv4-attn-backend=auto|flashmla|trtllm
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|flashinfer_megamoe|cutlass|aiter|marl\
in|humming|experimental_sgl_marlin|hpc_ops|megamoe|intel_xpu
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|flashinfer_megamoe|cutlas\
s|aiter|marlin|humming|experimental_sgl_marlin|hpc_ops|megamoe|intel_xpu
--unified-cache-external-linker-backend=mooncake|mori @0.5.20 --bf16-gemm-backend=auto|cutedsl|gemv|torch
--enable-response-store=bool --enable-unified-cache-external-linker=bool --flashinfer-a2a-dispatch-type
--moe-a2a-backend=none|deepep|mooncake|nixl|mori|ascend_fuseep|flashinfer|megamoe|deepep_v2|pplx|ascend_tp|f\
lashinfer_megamoe
--ple-offload-backend=pinned|file --ple-offload-dir --ple-offload-embedding=bool
--quantization=awq|fp8|mxfp8|gptq|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|modelopt_fp8|modelopt_fp\
4|nvfp4_online|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|w4afp8|mxfp4|auto-round|auto-round-in\
t8|compressed-tensors|modelslim|mxfp_w4a8|quark|quark_int4fp8_moe|quark_mxfp4|mlx_q4|mlx_q8|unquant|humming
--radix-eviction-policy-config --return-input-ids=bool --return-output-ids=bool
--sampling-mask-max-tokens=int --speculative-domino-candidate-pool-size=int
--speculative-draft-model-quantization=awq|fp8|mxfp8|gptq|gptq_marlin|awq_marlin|bitsandbytes|gguf|modelopt|\
modelopt_fp8|modelopt_fp4|nvfp4_online|modelopt_mixed|petit_nvfp4|w8a8_int8|w8a8_fp8|moe_wna16|w4afp8|mxfp4|\
auto-round|auto-round-int8|compressed-tensors|modelslim|mxfp_w4a8|quark|quark_int4fp8_moe|quark_mxfp4|mlx_q4\
|mlx_q8|unquant|humming
--uno-lora-path @0.5.21-0.5.22
--hicache-storage-backend=file|sim|mooncake|npu_memcache|hf3fs|nixl|aibrix|dynamic|eic|simm|mori|shm|tensorc\
ast
@0.5.21 --boundary-reduction --constrained-json-max-whitespace-cnt=int --context-bucket=int
--cuda-graph-max-seq-len-prefill=int --cuda-graph-prefill-max-context=int
--disable-aiter-allreduce-fusion-in-decode=bool --disable-aiter-allreduce-fusion-in-prefill=bool
--disaggregation-decode-host-receive-threshold=float
--disaggregation-decode-retraction-backup=cpu_tensor|host_pool|none --disaggregation-enable-kv-checksum=bool
--enable-decoder-swa-bounded-replay=bool --enable-encoder-swa-bounded-replay=bool
--enable-linker-mla-dedup=bool --enable-pd-role-switch=bool --grpc-response-timeout-secs=int
--hicache-host-memory-fraction=float
--kv-cache-dtype=auto|fp8_e5m2|fp8_e4m3|mxfp8|bf16|bfloat16|nvfp4|fp4_mx_block16 --otlp-service-name
--prefill-kv-cache-dequant-dtype=auto|nvfp4|fp8_e4m3 --radix-eviction-policy=lru|lfu|slru|priority|tlru
--schedule-policy=lpm|random|fcfs|dfs-weight|lof|priority|routing-key|hrrn|shortest-prefill-first
--shared-experts-tp-size=int --speculative-draft-sink-size=int --swa-prefix-tails=int
--trust-request-chat-template=bool @0.5.22
--attention-backend=triton|torch_native|flex_attention|dsa|nsa|qsa|dsv4|compressed|fa3|fa4|flashinfer|llada2\
_cfg_flashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|hpc_ops|minicpm_flashattn|minicpm_\
flashinfer|aiter|wave|intel_amx|ascend|intel_xpu
--attention-data-parallel-size=int --attn-dp-size=int
--decode-attention-backend=triton|torch_native|flex_attention|dsa|nsa|qsa|dsv4|compressed|fa3|fa4|flashinfer\
|llada2_cfg_flashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|hpc_ops|minicpm_flashattn|m\
inicpm_flashinfer|aiter|wave|intel_amx|ascend|intel_xpu
--disaggregation-decode-allocation-policy
--dsa-decode-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|fa3|\
tilelang|triton|aiter|trtllm|intel_xpu
--dsa-prefill-backend=flashmla_sparse|flashmla_sparse_q8|flashmla_kv|flashmla_auto|flashinfer_sparse_mla|tri\
ton_sparse_mla|fa3|tilelang|triton|aiter|trtllm|intel_xpu
--dsa-triton-union=int --enable-dp-attention --enable-dsa-fused-indexer=bool --enable-kv-cache-sharding=bool
--enable-watermark=bool
--hicache-storage-backend=file|sim|mooncake|npu_memcache|hf3fs|nixl|aibrix|dynamic|eic|simm|mori|shm|tensorc\
ast|seaweedfs
--load-format=auto|pt|safetensors|instanttensor|npcache|dummy|sharded_state|presharded|gguf|expert_pack|bits\
andbytes|mistral|layered|flash_rl|remote|remote_instance|fastsafetensors|private|runai_streamer
--prefill-attention-backend=triton|torch_native|flex_attention|dsa|nsa|qsa|dsv4|compressed|fa3|fa4|flashinfe\
r|llada2_cfg_flashinfer|flashmla|trtllm_mla|cutedsl_mla|tokenspeed_mla|trtllm_mha|hpc_ops|minicpm_flashattn|\
minicpm_flashinfer|aiter|wave|intel_amx|ascend|intel_xpu
--qsa-indexer-dtype=auto|bfloat16|fp8_e4m3
--speculative-draft-load-format=auto|pt|safetensors|instanttensor|npcache|dummy|sharded_state|presharded|ggu\
f|expert_pack|bitsandbytes|mistral|layered|flash_rl|remote|remote_instance|fastsafetensors|private|runai_str\
eamer
--speculative-enable-w4a4-mxfp4-megamoe=bool --speculative-use-block-verification=bool --watermark-config
@0.5.23 --dsv4-attn-backend=auto|flashmla|flashmla_mega|trtllm --enable-amd-monokernel=bool
--enable-hicache=bool --enable-http-worker-reuseport=bool --enable-megamoe-for-layernorm-sp=bool
--enable-nvidia-megakernel=bool --enable-paged-experts=bool --enable-return-aux-hidden-states=bool
--lora-backend=triton|csgmv|ascend|torch_native|triton_v2
--moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtllm|flashinfe\
r_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|flashinfer_megamoe|cutlass|aiter|marl\
in|humming|experimental_sgl_marlin|lora_cutedsl|lora_triton|lora_marlin|hpc_ops|megamoe|intel_xpu
--monokernel-backend=amd --paged-experts-num-resident=int --prefill-decode-interval-min-bs=int
--return-aux-hidden-state-layer-ids
--speculative-moe-runner-backend=auto|deep_gemm|triton|triton_kernel|flashinfer_trtllm|experimental_sgl_trtl\
lm|flashinfer_trtllm_routed|flashinfer_cutlass|flashinfer_mxfp4|flashinfer_cutedsl|flashinfer_megamoe|cutlas\
s|aiter|marlin|humming|experimental_sgl_marlin|lora_cutedsl|lora_triton|lora_marlin|hpc_ops|megamoe|intel_xp\
u
--unified-cache-external-linker-backend=mooncake|mori|dynamic --unified-cache-external-linker-config
"""
