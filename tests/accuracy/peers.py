# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner beside llm-cal, hf-mem and GPUStack's own selectors, on the same questions in one run.

    python tests/accuracy/peers.py --scorer score_planner.py --configs DIR [--configs DIR ...]

llm-cal and hf-mem are called as they are installed (``pip install llm-cal==0.2.0 hf-mem==0.5.6``), GPUStack's
selectors in a virtual environment of their own, that of the lab; one that is absent is left out. All are given
the same configs and the same bytes of weights, so that the table compares their rules for the cache and for
what fits.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib.util
import json
import statistics
import subprocess
import sys
import typing as t
from pathlib import Path
from types import ModuleType

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    text_config,
)

from tests.accuracy.answer import answer
from tests.accuracy.questions import Case, Library, read_case

Answer = t.Dict[str, t.Any]
Peer = t.Callable[[Case, int], t.Optional[Answer]]

ROW = "%-14s %28s %9s %9s %9s %9s %9s"

HERE = Path(__file__).resolve().parent
GPUSTACK_PYTHON = HERE.parents[1] / ".venv" / "servers" / "gpustack" / "bin" / "python"
# GPUStack's names of what a case fixes, by engine: context, tensor-parallel size, share of the memory.
FLAGS = {
    "vLLM": ("--max-model-len=%d", "--tensor-parallel-size=%d", "--gpu-memory-utilization=%g"),
    "SGLang": ("--context-length=%d", "--tp-size=%d", "--mem-fraction-static=%g"),
}
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


class Gpustack:
    """GPUStack's selectors in a process of ``python``, which must be that of its virtual environment."""

    def __init__(self, python: Path) -> None:
        self._python = python

    @functools.cached_property
    def _process(self) -> subprocess.Popen[str]:
        if not self._python.exists():
            raise ImportError("there is no %s" % self._python)
        return subprocess.Popen(
            [str(self._python), str(HERE / "gpustack_selector.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, case: Case, weights_bytes: int) -> t.Optional[Answer]:
        if not case.total_bytes:
            return None
        backend = "SGLang" if "sglang" in str(case.question.get("backend")).lower() else "vLLM"
        fixed = case.number("max_model_len"), case.number("tp"), case.decimal("gpu_memory_utilization")
        asking = {
            "config": case.config,
            "weights_bytes": weights_bytes,
            "backend": backend,
            "parameters": [flag % value for flag, value in zip(FLAGS[backend], fixed, strict=True) if value],
            "memory_bytes": case.total_bytes,
            "gpus": case.gpus,
        }
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None
        assert answers is not None
        print(json.dumps(asking), file=questions, flush=True)
        return t.cast(Answer, json.loads(answers.readline()))

    def close(self) -> None:
        """End the process where one was started, which it does when its input ends."""
        if "_process" in self.__dict__:
            self._process.communicate(timeout=30)


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
    parser.add_argument("--gpustack-python", type=Path, default=GPUSTACK_PYTHON)
    options = parser.parse_args()
    with contextlib.closing(Gpustack(options.gpustack_python)) as gpustack:
        compare(options, {"llm-cal": llm_cal, "hf-mem": hf_mem, "GPUStack": gpustack})
    return 0


def compare(options: argparse.Namespace, peers: t.Mapping[str, Peer]) -> None:
    """Print a row for the planner and for each peer."""
    library, scorer = Library(options.configs), load_scorer(options.scorer)
    facts = scorer.load_truth(scorer.DATA / "truth.yaml", set(scorer.DEFAULT_EXCLUDED))
    questions = {key: scorer.question(key, fact) for key, fact in facts.items()}
    tools: t.Dict[str, t.Callable[[Answer], Answer]] = {"this planner": lambda each: answer(each, library)}
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


if __name__ == "__main__":
    sys.exit(main())
