# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start-up logs of several releases, and what plans learn from them."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, MEASURED
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import (
    ACTIVATION,
    CACHE,
    GRAPHS,
    RUNTIME,
    TERMS,
    TOKENS,
    WEIGHTS,
    Correction,
    as_record,
    compare,
    corrected,
    corrections_from,
    from_record,
    merged,
    relevant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import Overhead
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.startup_log import (
    StartupLog,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.builders import gib, host, llama_8b, request

# vLLM's first engine, up to 0.8.
VLLM_0_7 = """
INFO 02-13 08:00:00 api_server.py:840] vLLM API server version 0.7.3
INFO 02-13 08:00:30 model_runner.py:1115] Loading model weights took 14.9888 GB
INFO 02-13 08:00:40 worker.py:267] Memory profiling takes 3.31 seconds
INFO 02-13 08:00:40 worker.py:267] the current vLLM instance can use total_gpu_memory (79.22GiB) x gpu_memory_utilization (0.90) = 71.30GiB
INFO 02-13 08:00:40 worker.py:267] model weights take 14.99GiB; non_torch_memory takes 1.79GiB; \
PyTorch activation peak memory takes 1.26GiB; the rest of the memory reserved for KV Cache is 53.29GiB.
INFO 02-13 08:00:41 executor_base.py:111] # cuda blocks: 27284, # CPU blocks: 2048
INFO 02-13 08:00:41 executor_base.py:116] Maximum concurrency for 8192 tokens per request: 53.29x
INFO 02-13 08:00:59 model_runner.py:1562] Graph capturing finished in 18 secs, took 0.23 GiB
"""

# The engine of today: two ranks of a group, of which the second has less left.
VLLM_0_26 = """
\x1b[0;36m(APIServer pid=1)\x1b[0;0m INFO 08-20 17:20:00 [api_utils.py:339]   █▄█▀ █ version 0.26.0
(EngineCore pid=2) INFO 08-20 17:20:09 [core.py:94] Initializing a V1 LLM engine (v0.26.0) with config: model='example/model'
(Worker_TP0 pid=3) INFO 08-20 17:27:00 [gpu_model_runner.py:2653] Model loading took 30.41 GiB memory and 41.3 seconds
(Worker_TP1 pid=4) INFO 08-20 17:27:00 [gpu_model_runner.py:2653] Model loading took 30.43 GiB memory and 41.4 seconds
(Worker_TP1 pid=4) INFO 08-20 17:27:30 [gpu_worker.py:690] Estimated CUDA graph memory: 0.60 GiB total
(Worker_TP0 pid=3) INFO 08-20 17:27:31 [gpu_worker.py:692] Available KV cache memory: 37.70 GiB
(Worker_TP1 pid=4) INFO 08-20 17:27:31 [gpu_worker.py:692] Available KV cache memory: 37.50 GiB
(EngineCore pid=2) INFO 08-20 17:27:32 [kv_cache_utils.py:2464] GPU KV cache size: 307,200 tokens, Maximum concurrency for 32,768 tokens per request: 9.38x
(Worker_TP0 pid=3) INFO 08-20 17:28:08 [gpu_worker.py:793] CUDA graph pool memory: 0.71 GiB (actual), 0.60 GiB (estimated), difference: 0.11 GiB (15.5%).
"""

SUMMARY = (
    "INFO [gpu_worker.py:955] Free memory on device (78.84/79.25 GiB) on startup. Desired GPU memory "
    "utilization is (0.92, 72.91 GiB). Actual usage is 32.06 GiB for consumed memory (weights + non-torch), "
    "1.44 GiB for peak activation, and 0.71 GiB for CUDAGraph memory.\n"
)

SGLANG_0_5 = """
[2026-05-15 08:39:01] server_args=ServerArgs(model_path='example/model', tp_size=2, mem_fraction_static=0.87)
[2026-05-15 08:39:03 TP0] Load weight begin. avail mem=78.20 GB
[2026-05-15 08:39:40 TP0] Load weight end. elapsed=37.12 s, type=Qwen3ForCausalLM, avail mem=47.60 GB, mem usage=30.55 GB.
[2026-05-15 08:39:40 TP1] Load weight end. elapsed=37.30 s, type=Qwen3ForCausalLM, avail mem=47.58 GB, mem usage=30.57 GB.
[2026-05-15 08:39:53 TP0] KV Cache is allocated. dtype: torch.bfloat16, #tokens: 300000, K size: 18.31 GB, V size: 18.31 GB
[2026-05-15 08:39:53 TP0] Memory pool end. avail mem=10.18 GB
[2026-05-15 08:40:32 TP0] Capture piecewise CUDA graph end. Time elapsed: 54.61 s. mem usage=0.93 GB. avail mem=8.16 GB.
[2026-05-15 08:40:33 TP1] Capture target decode CUDA graph end. elapsed=25.74 s, mem usage=2.04 GB, avail mem=6.12 GB.
[2026-05-15 08:40:33 TP0] Capture target decode CUDA graph end. elapsed=25.74 s, mem usage=2.06 GB, avail mem=6.10 GB.
[2026-05-15 08:40:40 TP0] max_total_num_tokens=300000, chunked_prefill_size=8192, max_prefill_tokens=16384, \
max_running_requests=2048, context_len=40960, available_gpu_mem=6.10 GB
"""


def told(text: str) -> StartupLog:
    log = parse(text)
    assert log is not None
    return log


def test_the_first_engine_of_vllm() -> None:
    log = told(VLLM_0_7)
    assert (log.engine, log.version) == ("vLLM", "0.7.3")
    assert log.weights_bytes == int(14.9888 * GIB)
    assert (log.runtime_bytes, log.activation_bytes) == (int(1.79 * GIB), int(1.26 * GIB))
    assert (log.requested_bytes, log.kv_cache_bytes) == (int(71.30 * GIB), int(53.29 * GIB))
    assert (log.context_tokens, log.concurrency, log.graphs_bytes) == (8192, 53.29, int(0.23 * GIB))


def test_the_engine_of_today_and_its_fullest_rank() -> None:
    log = told(VLLM_0_26)
    assert (log.engine, log.version) == ("vLLM", "0.26.0")
    assert (log.weights_bytes, log.kv_cache_bytes) == (int(30.43 * GIB), int(37.50 * GIB))
    assert (log.kv_cache_tokens, log.context_tokens, log.concurrency) == (307_200, 32_768, 9.38)
    assert (log.graphs_bytes, log.graphs_estimate_bytes) == (int(0.71 * GIB), int(0.60 * GIB))
    assert log.activation_bytes is None


def test_a_start_that_failed_still_tells_what_was_left() -> None:
    refusal = (
        "ValueError: To serve at least one request with the model's max seq len (30000), (6.66 GiB KV cache is "
        "needed, which is larger than the available KV cache memory (5.44 GiB). Based on the available memory"
    )
    assert told(refusal).kv_cache_bytes == int(5.44 * GIB)
    assert told("Available KV cache memory: -2.14 GiB").kv_cache_bytes == int(-2.14 * GIB)


@pytest.mark.parametrize(
    "line",
    [
        "Actual usage is 51.75 GiB for weight, 1.02 GiB for peak activation, 0.94 GiB for non-torch, and 2.37 GiB "
        "for CUDAGraph memory. Current kv cache memory in use is 8.64 GiB.",
        "Actual usage: 51.75 GiB for weights, 1.02 GiB for peak activation, 0.94 GiB for non-torch memory, 2.37 GiB "
        "for NPU graph memory. Current KV cache memory: 8.64 GiB.",
    ],
)
def test_summaries_of_other_releases_and_platforms(line: str) -> None:
    log = told(line)
    found = (log.weights_bytes, log.activation_bytes, log.runtime_bytes, log.graphs_bytes, log.kv_cache_bytes)
    assert found == tuple(int(size * GIB) for size in (51.75, 1.02, 0.94, 2.37, 8.64))


def test_sglang() -> None:
    log = told(SGLANG_0_5)
    assert (log.engine, log.version) == ("SGLang", None)
    assert (log.weights_bytes, log.graphs_bytes) == (int(30.57 * GIB), int(0.93 * GIB) + int(2.06 * GIB))
    assert (log.kv_cache_bytes, log.kv_cache_tokens) == (2 * int(18.31 * GIB), 300_000)
    assert log.context_tokens == 40_960
    assert told(SGLANG_0_5 + "sglang_version=0.5.9\n").version == "0.5.9"
    single = told("KV Cache is allocated. #tokens: 314304, KV size: 29.32 GB\n")
    assert (single.kv_cache_tokens, single.kv_cache_bytes) == (314_304, int(29.32 * GIB))


def test_sglang_that_sizes_its_cache_after_the_graphs() -> None:
    log = told(
        "KV Cache VA upper bound. dtype: torch.bfloat16, #tokens: 400000, K size: 24.41 GB, V size: 24.41 GB\n"
        "Post-capture KV sizing: KV cache allocated. dtype: torch.bfloat16, #tokens: 290000, KV size: 35.40 GB, "
        "avail mem=3.00 GB\n"
        "Post-capture KV sizing: draft KV cache allocated. dtype: torch.bfloat16, #tokens: 1000, KV size: 0.10 GB\n"
    )
    assert (log.kv_cache_tokens, log.kv_cache_bytes) == (290_000, int(35.40 * GIB))


def test_of_several_starts_the_last_that_came_so_far_counts() -> None:
    start = (
        "INFO [api_server.py:1839] vLLM API server version 0.%d.0\nINFO Available KV cache memory: %s GiB\n"
    )
    log = told(start % (10, "10.0") + start % (11, "20.0") + "INFO vLLM API server version 0.11.0\n")
    assert (log.version, log.kv_cache_bytes) == ("0.11.0", 20 * GIB)


def test_of_two_engines_in_one_file_the_plans_is_read() -> None:
    both = VLLM_0_26 + SGLANG_0_5
    found = [parse(both, engine) for engine in ("vLLM", "SGLang")]
    assert [log and log.engine for log in found] == ["vLLM", "SGLang"]
    assert [log and log.kv_cache_tokens for log in found] == [307_200, 300_000]


def test_colours_ray_and_a_cut_end_are_no_obstacle() -> None:
    coloured = "".join(
        "\x1b[36m(RayWorkerWrapper pid=%d, ip=10.0.0.%d)\x1b[0m \x1b[2K%s\n" % (number, number % 9, line)
        for number, line in enumerate(VLLM_0_26.splitlines())
    )
    assert told(coloured) == told(VLLM_0_26)
    cut = told(coloured[: coloured.index("GPU KV cache size")])
    assert (cut.weights_bytes, cut.kv_cache_tokens) == (int(30.43 * GIB), None)


@pytest.mark.parametrize("text", ["", "Started server process [1]\nApplication startup complete.\n"])
def test_other_logs_are_no_start_up_logs(text: str) -> None:
    assert parse(text) is None


PLAN: t.Dict[str, t.Any] = {
    "memory": {
        WEIGHTS: gib(30), ACTIVATION: gib(2), RUNTIME: gib(1), GRAPHS: gib(1), CACHE: gib(38), TOKENS: 311_000,
    }
}  # fmt: skip


def rows_of(text: str) -> t.Dict[str, t.Optional[int]]:
    return {row.term: row.measured for row in compare(PLAN, told(text))}


def test_terms_that_the_log_has() -> None:
    found = rows_of(VLLM_0_26 + SUMMARY)
    assert list(found) == list(TERMS)
    assert found[RUNTIME] == pytest.approx((32.06 - 30.43) * GIB, abs=2)
    assert found[ACTIVATION] == int(1.44 * GIB)
    assert found[GRAPHS] == int(0.71 * GIB)


def test_activations_are_what_is_left_where_the_log_has_no_line_for_them() -> None:
    asked = "Desired GPU memory utilization is (0.92, 72.91 GiB).\n"
    found = rows_of(VLLM_0_26 + asked)
    assert found[RUNTIME] is None
    assert found[ACTIVATION] == pytest.approx((72.91 - 30.43 - 37.50 - 0.60 - 1.0) * GIB, abs=8)


def test_sglang_has_no_line_for_activations() -> None:
    found = rows_of(SGLANG_0_5)
    assert (found[ACTIVATION], found[RUNTIME]) == (None, None)
    assert found[GRAPHS] == int(0.93 * GIB) + int(2.06 * GIB)


def test_factors_are_of_the_terms_that_belong_to_the_engine() -> None:
    learned = corrections_from(compare(PLAN, told(VLLM_0_26 + SUMMARY)), "vLLM", "0.26.0", "H100")
    assert [each.term for each in learned] == [ACTIVATION, RUNTIME, GRAPHS]
    assert learned[0].factor == pytest.approx(0.72, abs=1e-4)
    assert from_record(as_record(learned[0])) == learned[0]


def test_a_log_of_another_model_is_refused() -> None:
    other = {"memory": {**PLAN["memory"], WEIGHTS: gib(15)}}
    with pytest.raises(InvalidInput, match=r"30\.43 GiB of weights on a GPU, the plan 15\.00 GiB"):
        corrections_from(compare(other, told(VLLM_0_26 + SUMMARY)), "vLLM", "0.26.0", "H100")


def test_a_log_of_something_else_is_refused() -> None:
    other = {"memory": {**PLAN["memory"], ACTIVATION: gib(0.05)}}
    with pytest.raises(InvalidInput, match="not of the same deployment"):
        corrections_from(compare(other, told(VLLM_0_26 + SUMMARY)), "vLLM", "0.26.0", "H100")


SIZES = st.integers(2**20, gib(20))


@given(predicted=SIZES, factors=st.lists(st.floats(0.2, 5), min_size=1, max_size=4))
def test_what_was_measured_is_never_undercut(predicted: int, factors: t.List[float]) -> None:
    learned: t.List[Correction] = []
    measured = [int(predicted * factor) for factor in factors]
    for size in measured:
        log = StartupLog("vLLM", "1.0", activation_bytes=size, runtime_bytes=size, graphs_bytes=size)
        plan = {"memory": {**PLAN["memory"], ACTIVATION: predicted, RUNTIME: predicted, GRAPHS: predicted}}
        learned = merged(learned, corrections_from(compare(plan, log), "vLLM", "1.0", "H100"))
    again = corrected(Overhead(predicted, predicted, predicted), learned)
    assert min(again.activation_bytes, again.runtime_bytes, again.graphs_bytes) >= max(measured)


def test_a_small_model_still_pays_for_what_runs_beside_it() -> None:
    learned = Correction("vLLM", "1.0", "H100", RUNTIME, 1.0, gib(2))
    assert corrected(Overhead(1, gib(1), 1), [learned]).runtime_bytes == gib(2)


def test_merging_keeps_the_largest_of_each_and_all_others() -> None:
    one = Correction("vLLM", "0.26.0", "H100", ACTIVATION, 0.9, 10)
    more, other = replace(one, factor=1.1, measured_bytes=12), replace(one, card="L40S")
    assert merged([one, other], [more]) == [more, other]
    assert merged([more, other], [one]) == merged([one], [other, more])


def test_the_newest_release_stands_for_an_unknown_one() -> None:
    old, new = (Correction("vLLM", each, "H100", ACTIVATION, 1.0, 1) for each in ("0.9.2", "0.26.0"))
    assert relevant([new, old], "vLLM", "H100", None) == (new,)
    assert relevant([new, old], "vLLM", "H100", "0.9.2") == (old,)
    assert relevant([new, old], "SGLang", "H100", None) == ()
    assert relevant([new, old], "vLLM", "L40S", None) == ()


@pytest.mark.parametrize(
    "change", [{"term": WEIGHTS}, {"factor": 100}, {"factor": "much"}, {"measured_bytes": None}]
)
def test_a_broken_record_is_refused(change: t.Dict[str, t.Any]) -> None:
    record = {**as_record(Correction("vLLM", "1.0", "H100", ACTIVATION, 1.0, 1)), **change}
    with pytest.raises(InvalidInput, match="correction"):
        from_record(record)


def test_later_plans_count_with_what_was_measured() -> None:
    plain = make_plan(request([llama_8b()], [host("4090")])).plans[0]
    memory = plain["memory"]
    learned = Correction("vLLM", "0.26.0", plain["gpu"], ACTIVATION, 1.5, gib(3))
    again = make_plan(request([llama_8b()], [host("4090")], policy=Policy(corrections=(learned,)))).plans[0]
    assert again["memory"][ACTIVATION] == pytest.approx(1.5 * memory[ACTIVATION], abs=1)
    assert again["memory"][CACHE] < memory[CACHE]
    assert again["evidence"][ACTIVATION] == MEASURED
    assert (plain["evidence"][ACTIVATION], again["evidence"][GRAPHS]) == ("estimated", "estimated")
    assert again["plan_id"] == plain["plan_id"], "a measurement moves nothing that runs"
