# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner beside llm-cal, hf-mem and GPUStack's own rule, on the same questions in one run.

    python tests/accuracy/peers.py --scorer score_planner.py --configs DIR [--configs DIR ...]

llm-cal and hf-mem are called as they are installed (``pip install llm-cal==0.2.0 hf-mem==0.5.6``); one
that is absent is left out. All are given the same configs and the same bytes of weights, so that the
table compares their rules for the cache and for what fits. GPUStack's function needs a server, and is
written down here: weights by 1.2 and 2 GiB within nine tenths of the memory, heads divided by the GPUs.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import statistics
import sys
import typing as t
from pathlib import Path
from types import ModuleType

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.config_fields import text_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import GIB

from tests.accuracy.answer import answer
from tests.accuracy.questions import Case, Library, read_case

Answer = t.Dict[str, t.Any]
Peer = t.Callable[[Case, int], t.Optional[Answer]]

ROW = "%-14s %28s %9s %9s %9s %9s %9s"

GPUSTACK_FACTOR, GPUSTACK_RESERVE_BYTES, GPUSTACK_SHARE = 1.2, 2 * GIB, 0.9
SHORT_CONTEXT_TOKENS = 4096


def context_of(case: Case) -> int:
    return case.number("max_model_len") or SHORT_CONTEXT_TOKENS


def llm_cal(case: Case, weights_bytes: int) -> t.Optional[Answer]:
    """Its detector, its formula for the cache, and its fleet planner for the number of GPUs asked."""
    from llm_cal.architecture.detector import detect
    from llm_cal.architecture.formulas.kv_cache import compute_kv_cache_bytes
    from llm_cal.fleet.planner import plan
    from llm_cal.hardware.loader import GPUSpec, load_database

    profile, context = detect(case.config or {}), context_of(case)
    held = compute_kv_cache_bytes(profile, context).value
    given: Answer = {"kv_bytes_per_token": held / context} if held else {}
    if held and case.total_bytes:
        known: GPUSpec = load_database().gpus[0]
        card = known.model_copy(update={"memory_gb": round(case.total_bytes / 1e9)})
        option = plan(profile, weights_bytes, held, card, forced_gpu_count=case.gpus).options[0]
        given["fits"] = option.max_concurrent_at_reference_ctx >= 1
    return given


def hf_mem(case: Case, weights_bytes: int) -> t.Optional[Answer]:
    """Its cache of one request beside the weights, against the sum of the cards."""
    from hf_mem.safetensors.kv_cache import compute_safetensors_kv_cache_size

    config, context = dict(text_config(case.config or {})), context_of(case)
    dtype = "F8_E4M3" if case.quantization.format.precision == "fp8" else "BF16"
    held = compute_safetensors_kv_cache_size(config, dtype, context)
    given: Answer = {"kv_bytes_per_token": held / context / max(1, case.number("tp"))}
    if case.total_bytes:
        given["fits"] = weights_bytes + held <= case.total_bytes * case.gpus
    return given


def gpustack(case: Case, weights_bytes: int) -> t.Optional[Answer]:
    """GPUStack 2.3, policies/utils.py and the vLLM selector."""
    if not case.total_bytes:
        return None
    claim = weights_bytes * GPUSTACK_FACTOR + GPUSTACK_RESERVE_BYTES
    heads = text_config(case.config or {}).get("num_attention_heads") or case.gpus
    return {"fits": claim <= GPUSTACK_SHARE * case.total_bytes * case.gpus and heads % case.gpus == 0}


def asked(peer: Peer, library: Library, question: t.Mapping[str, t.Any]) -> Answer:
    """A peer's answer; none where it fails on the model, as it would for its user."""
    case = read_case(question, library)
    weights = case.number("weights_bytes") or answer(question, library).get("weights_bytes")
    if not weights or case.config is None:
        return {}
    try:
        return peer(case, int(weights)) or {}
    except ImportError:
        raise
    except Exception:
        return {}


class Score(t.NamedTuple):
    """How one tool did: errors of the cache per token in per cent, and (truth, answer) of what fits."""

    cache: t.List[float]
    fits: t.List[t.Tuple[bool, t.Optional[bool]]]

    def balanced(self) -> float:
        """Mean of the shares of each truth that was answered rightly; no answer is a wrong one."""
        shares = []
        for truth in (True, False):
            said = [answer for true, answer in self.fits if true is truth]
            shares.append(said.count(truth) / len(said))
        return statistics.mean(shares)


def scored(facts: t.Mapping[str, t.Any], answers: t.Mapping[str, Answer]) -> Score:
    cache, fits = [], []
    for key, fact in facts.items():
        given = answers.get(key, {})
        if (
            fact.get("kv_tokens")
            and (fact.get("kv_gib_per_gpu") or 0) > 0
            and given.get("kv_bytes_per_token")
        ):
            true = fact["kv_gib_per_gpu"] * GIB / fact["kv_tokens"]
            cache.append(100 * abs(given["kv_bytes_per_token"] / true - 1))
        if fact.get("fits") is not None and fact["kind"] in ("log", "fits"):
            fits.append((bool(fact["fits"]), given.get("fits")))
    return Score(cache, fits)


def _counts(score: Score) -> t.Tuple[int, int, int, int]:
    right = sum(truth is said for truth, said in score.fits)
    wrong = [score.fits.count((not said, said)) for said in (True, False)]
    return right, wrong[0], wrong[1], sum(said is None for _truth, said in score.fits)


def load_scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_planner", path)
    if spec is None or spec.loader is None:
        raise SystemExit("%s is not a Python file" % path)
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--configs", action="append", type=Path, default=[])
    options = parser.parse_args()
    library, scorer = Library(options.configs), load_scorer(options.scorer)
    facts = scorer.load_truth(scorer.DATA / "truth.yaml", set(scorer.DEFAULT_EXCLUDED))
    questions = {key: scorer.question(key, fact) for key, fact in facts.items()}
    tools: t.Dict[str, t.Callable[[Answer], Answer]] = {"this planner": lambda each: answer(each, library)}
    peers: t.Dict[str, Peer] = {"llm-cal": llm_cal, "hf-mem": hf_mem, "GPUStack": gpustack}
    tools.update((name, functools.partial(asked, peer, library)) for name, peer in peers.items())
    print(ROW % ("", "cache per token, % off", "right", "false yes", "false no", "none", "balanced"))
    for name, tool in tools.items():
        try:
            score = scored(facts, {key: tool(each) for key, each in questions.items()})
        except ImportError:
            print("%-14s is not installed" % name)
            continue
        middle = "%.2f median, %.0f worst of %d" % (
            statistics.median(score.cache), max(score.cache), len(score.cache),
        ) if score.cache else "no answer"  # fmt: skip
        print(ROW % (name, middle, *_counts(score), "%.3f" % score.balanced()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
