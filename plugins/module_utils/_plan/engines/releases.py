# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed with which release of an engine.

Read in the sources of every minor release from vLLM 0.7 to 0.33 (engine/arg_utils.py,
entrypoints/openai/cli_args.py, config/) and from SGLang 0.4.6 to 0.5.23 (server_args.py, arg_groups/).
Only what plans write or check has a row, and what users are likely to carry over from an older release.
"""

from __future__ import annotations

import re
import typing as t

Release = t.Tuple[int, ...]

# Stands for the latest release of an engine.
NEWEST: Release = (10**6,)


def read_release(version: t.Optional[str]) -> Release:
    """``(0, 5, 8, 1)`` of ``v0.5.8.post1``; NEWEST where there is no version, or no number in it."""
    numbers = re.match(r"v?(\d+(?:\.\d+)*)(?:\.?post(\d+))?", version or "")
    if numbers is None:
        return NEWEST
    parts = numbers.group(1).split(".") + ([numbers.group(2)] if numbers.group(2) else [])
    return tuple(int(part) for part in parts)


def known(release: Release) -> t.Optional[Release]:
    """A release that somebody named; None where the latest is only taken for it."""
    return None if release == NEWEST else release


def shown(release: Release) -> str:
    return ".".join(str(part) for part in release)


class Flag(t.NamedTuple):
    """One argument of an engine: the first release that has it, the first that has it no more.

    ``instead`` says what to write where it is gone.
    """

    name: str
    since: Release = ()
    gone: t.Optional[Release] = None
    instead: str = ""


_DROP = "leave it out: it has no successor"
_JSON = "--speculative-config with a JSON object"

_VLLM_FLAGS = (
    Flag("--data-parallel-size", (0, 8, 5)),
    Flag("-dp", (0, 8, 5)),
    Flag("--enable-expert-parallel", (0, 8, 0)),
    Flag("--speculative-config", (0, 8, 5), None, "--speculative-model and its companions"),
    Flag("--async-scheduling", (0, 10, 0)),
    Flag("--runner", (0, 10, 1), None, "--task"),
    Flag("--convert", (0, 10, 1), None, "--task"),
    Flag("--enable-log-requests", (0, 10, 1)),
    Flag("--no-enable-log-requests", (0, 10, 1), None, "--disable-log-requests"),
    Flag("--decode-context-parallel-size", (0, 10, 2)),
    Flag("--kv-cache-memory-bytes", (0, 10, 2), None, "--gpu-memory-utilization"),
    Flag("--mm-encoder-tp-mode", (0, 10, 2)),
    Flag("--structured-outputs-config", (0, 11, 0), None, "--guided-decoding-backend"),
    Flag("--pooler-config", (0, 11, 0), None, "--override-pooler-config"),
    Flag("--cudagraph-capture-sizes", (0, 11, 1)),
    Flag("--max-cudagraph-capture-size", (0, 11, 1)),
    Flag("--attention-backend", (0, 13, 0), None, "the variable VLLM_ATTENTION_BACKEND"),
    Flag("--performance-mode", (0, 17, 0)),
    Flag("--language-model-only", (0, 17, 0)),
    Flag("--quantization-config", (0, 22, 0)),
    Flag("--speculative-model", (), (0, 8, 5), _JSON),
    Flag("--num-speculative-tokens", (), (0, 8, 5), _JSON),
    Flag("--ngram-prompt-lookup-max", (), (0, 8, 5), _JSON),
    Flag("--ngram-prompt-lookup-min", (), (0, 8, 5), _JSON),
    Flag("--speculative-draft-tensor-parallel-size", (), (0, 8, 5), _JSON),
    Flag("--enable-reasoning", (), (0, 10, 0), "--reasoning-parser alone"),
    Flag("--use-v2-block-manager", (), (0, 10, 0), _DROP),
    Flag("--device", (), (0, 10, 0), _DROP),
    Flag("--num-scheduler-steps", (), (0, 10, 1), _DROP),
    Flag("--multi-step-stream-outputs", (), (0, 10, 1), _DROP),
    Flag("--enable-prompt-adapter", (), (0, 10, 2), _DROP),
    Flag("--preemption-mode", (), (0, 11, 0), _DROP),
    Flag("--scheduler-delay-factor", (), (0, 11, 0), _DROP),
    Flag("--disable-async-output-proc", (), (0, 11, 0), "--no-async-scheduling"),
    Flag(
        "--max-seq-len-to-capture",
        (),
        (0, 11, 0),
        "--cuda-graph-sizes, and from 0.11.1 on --max-cudagraph-capture-size",
    ),
    Flag("--rope-scaling", (), (0, 11, 1), "--hf-overrides with a JSON object that has rope_scaling"),
    Flag("--rope-theta", (), (0, 11, 1), "--hf-overrides with a JSON object that has rope_theta"),
    Flag("--enable-lora-bias", (), (0, 11, 1), _DROP),
    Flag("--guided-decoding-backend", (), (0, 12, 0), "--structured-outputs-config.backend"),
    Flag(
        "--guided-decoding-disable-fallback",
        (0, 9, 0),
        (0, 12, 0),
        "--structured-outputs-config.disable_fallback",
    ),
    Flag("--override-pooler-config", (), (0, 12, 0), "--pooler-config"),
    Flag("--num-lookahead-slots", (), (0, 12, 0), _DROP),
    Flag("--num-redundant-experts", (0, 9, 2), (0, 12, 0), "--eplb-config.num_redundant_experts"),
    Flag("--lora-extra-vocab-size", (), (0, 12, 0), _DROP),
    Flag("--task", (), (0, 13, 0), "--runner, and --convert for embeddings and rerankers"),
    Flag("--cuda-graph-sizes", (0, 9, 0), (0, 13, 0), "--cudagraph-capture-sizes"),
    Flag("--disable-mm-preprocessor-cache", (), (0, 13, 0), "--mm-processor-cache-gb=0"),
    Flag("--enable-multimodal-encoder-data-parallel", (0, 9, 1), (0, 13, 0), "--mm-encoder-tp-mode=data"),
    Flag("--disable-log-requests", (), (0, 17, 0), "--no-enable-log-requests"),
    Flag("--swap-space", (), (0, 18, 0), _DROP),
    Flag("--max-num-partial-prefills", (0, 7, 3), (0, 27, 0), _DROP),
    Flag("--max-long-partial-prefills", (0, 7, 3), (0, 27, 0), _DROP),
    Flag("--calculate-kv-scales", (0, 7, 3), (0, 28, 0), _DROP),
    Flag("--override-attention-dtype", (0, 9, 2), (0, 28, 0), _DROP),
)

_SGLANG_FLAGS = (
    Flag("--moe-a2a-backend", (0, 5, 1), None, "--enable-deepep-moe"),
    Flag("--moe-runner-backend", (0, 5, 1)),
    Flag("--attn-cp-size", (0, 5, 9)),
    Flag("--cuda-graph-max-bs-decode", (0, 5, 14), None, "--cuda-graph-max-bs"),
    Flag("--cuda-graph-bs-decode", (0, 5, 14), None, "--cuda-graph-bs"),
    Flag("--cuda-graph-backend-decode", (0, 5, 14), None, "--disable-cuda-graph"),
    Flag("--cuda-graph-backend-prefill", (0, 5, 14), None, "--disable-cuda-graph"),
    Flag("--dcp-size", (0, 5, 15)),
    Flag("--attn-dp-size", (0, 5, 22), None, "--dp-size with --enable-dp-attention"),
    Flag("--enable-flashinfer-mla", (), (0, 4, 8), "--attention-backend=flashinfer"),
    Flag("--enable-flashmla", (), (0, 4, 8), "--attention-backend=flashmla"),
    Flag("--enable-ep-moe", (), (0, 5, 5), "--ep-size with the number of GPUs"),
    Flag("--enable-deepep-moe", (), (0, 5, 5), "--moe-a2a-backend=deepep"),
    Flag("--enable-flashinfer-cutlass-moe", (0, 4, 10), (0, 5, 5), "--moe-runner-backend=flashinfer_cutlass"),
    Flag("--enable-flashinfer-trtllm-moe", (0, 4, 10), (0, 5, 5), "--moe-runner-backend=flashinfer_trtllm"),
    Flag("--enable-triton-kernel-moe", (0, 4, 10), (0, 5, 5), "--moe-runner-backend=triton_kernel"),
    Flag("--max-micro-batch-size", (), (0, 5, 4), "--pp-max-micro-batch-size"),
    Flag(
        "--speculative-ngram-max-match-window-size",
        (0, 5, 3),
        (0, 5, 10),
        "--speculative-ngram-max-trie-depth",
    ),
    Flag("--speculative-ngram-min-match-window-size", (0, 5, 3), (0, 5, 10), _DROP),
    Flag("--speculative-ngram-branch-length", (0, 5, 3), (0, 5, 10), _DROP),
    Flag("--enable-double-sparsity", (), (0, 5, 11), _DROP),
    Flag("--torchao-config", (), (0, 5, 18), "--quantization"),
    Flag("--cuda-graph-max-bs", (), (0, 5, 20), "--cuda-graph-max-bs-decode"),
    Flag("--cuda-graph-bs", (), (0, 5, 20), "--cuda-graph-bs-decode"),
    Flag("--disable-piecewise-cuda-graph", (0, 5, 10), (0, 5, 20), "--cuda-graph-backend-prefill=disabled"),
    Flag("--nsa-prefill-backend", (0, 5, 4), (0, 5, 20), "--dsa-prefill-backend"),
    Flag("--nsa-decode-backend", (0, 5, 4), (0, 5, 20), "--dsa-decode-backend"),
    Flag("--stream-output", (), (0, 5, 20), "--incremental-streaming-output"),
)

FLAGS: t.Mapping[str, t.Mapping[str, Flag]] = {
    "vLLM": {row.name: row for row in _VLLM_FLAGS},
    "SGLang": {row.name: row for row in _SGLANG_FLAGS},
}


def exists(engine: str, flag: str, release: Release) -> bool:
    """Whether a release takes the flag, as far as the table knows it."""
    row = FLAGS.get(engine, {}).get(flag)
    return row is None or row.since <= release and (row.gone is None or release < row.gone)


def complaint(engine: str, flag: str, release: Release) -> t.Optional[t.Tuple[str, str]]:
    """Why a release does not take the flag, and what to write instead; None where it does."""
    if exists(engine, flag, release):
        return None
    row = FLAGS[engine][flag]
    if row.gone is not None and release >= row.gone:
        return "is gone since %s %s" % (engine, shown(row.gone)), row.instead
    return "exists since %s %s only" % (engine, shown(row.since)), row.instead or _DROP
