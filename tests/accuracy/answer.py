# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers questions about models, cards and layouts through the real planner.

    python tests/accuracy/answer.py --configs DIR [--configs DIR ...] < questions.jsonl > answers.jsonl

Questions and answers are JSON lines; a field that cannot be computed is absent, never guessed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import typing as t
from dataclasses import replace
from pathlib import Path

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import parameters_in
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import count_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import (
    CONTEXT_RANKS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_context_ranks,
    broken_rule,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
    read_release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    NATIVE,
    support,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    HALF_BITS,
    Format,
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import Card
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    NVIDIA,
    Chip,
    Room,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import (
    settings_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.cache_types import CACHE_TYPES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    COMFORTABLE_PERMILLE,
    SGLANG,
    VLLM,
    Engine,
    Settings,
    vllm_default_step,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import Load
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import (
    KvCache,
    kv_cache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import (
    ACTIVATION_FLOOR_BYTES,
    FULL_GRAPHS_BYTES,
    runtime_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import (
    Weights,
    from_config,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import (
    MTP,
    Speculation,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import (
    known as speculations,
)

from tests.accuracy.questions import Case, Library, joined, layouts, read_case, runs_gguf

Answer = t.Dict[str, t.Any]

# A context for questions that name none, and the fraction that a user may go up to.
SHORT_CONTEXT_TOKENS = 4096
MOST_PERMILLE = 970
FEW_SEQUENCES = 16

# See weights_of.
USUAL_VOCABULARY = 128_000
CUBED_WIDTH_SHARE = 5.8


def answer(question: t.Mapping[str, t.Any], library: Library) -> Answer:
    """What the planner says to one question."""
    given: Answer = {"fact": question.get("fact")}
    try:
        case = read_case(question, library)
    except NotServable:
        return given
    if case.card is not None:
        given["native"] = _is_native(case.card, case.quantization.format)
    arch = _architecture(case)
    if arch is None:
        given.update(_by_count(case))
    else:
        given.update(Model(case, arch, from_config(arch, case.quantization)).answer())
    return given


def _is_native(card: Card, fmt: Format) -> bool:
    """By the kernels of the card's vendor; of vendors that have no table of kernels, by the card's units."""
    chips = {
        "gfx": Chip(AMD, target=card.architecture),
        "910": Chip(ASCEND, target="Ascend" + card.architecture.upper()),
        "310": Chip(ASCEND, target="Ascend" + card.architecture.upper()),
        "Asc": Chip(ASCEND, target=card.architecture),
    }
    chip = Chip(NVIDIA, card.capability) if card.capability else chips.get(card.architecture[:3])
    if chip is None or fmt.precision == BF16:
        return card.computes_in(fmt.precision)
    return support(fmt, chip) == NATIVE


def _architecture(case: Case) -> t.Optional[Architecture]:
    try:
        return None if case.config is None else read_architecture(case.config)
    except AutoconfigError:
        return None


def _by_count(case: Case) -> Answer:
    """Without a usable config: from the number of parameters or the size that the question gives."""
    question, total = case.question, case.total_bytes
    name = joined(str(question.get("model") or question.get("repo_id")))
    counted = case.number("params_total") or parameters_in(name)[0] or 0
    weights = case.number("weights_bytes") or int(case.decimal("approx_weights_gb") * 1e9)
    weights = weights or weights_of(counted, case.quantization)
    given: Answer = {"weights_bytes": weights} if weights else {}
    if case.number("tp") == 1:
        given["allowed"] = True
    if weights and total:
        gpus = max(layout.gpus for layout in layouts(case))
        permille = _fixed_permille(case) or (COMFORTABLE_PERMILLE if _is_fact(case) else MOST_PERMILLE)
        room = total * permille // 1000
        certainly = most_bytes(weights, counted or 2 * weights, gpus) <= room
        if certainly or (least_bytes(weights, gpus) > room and not runs_gguf(question)):
            given["fits"] = certainly
    return given


def weights_of(parameters: int, quantization: Quantization) -> int:
    """Bytes of a model of which only the number of ``parameters`` is known, in a format.

    Embedding and head stay in 16 bits. Their width is the cube root of 5.8 times the parameters and their
    rows are 128,000, the medians of the published models of the unit tests; at most half are theirs.
    """
    kept = min(parameters // 2, int(2 * USUAL_VOCABULARY * (CUBED_WIDTH_SHARE * parameters) ** (1 / 3)))
    return int((kept * HALF_BITS + (parameters - kept) * quantization.bits_per_weight()) / 8)


def least_bytes(weights_bytes: int, gpus: int) -> int:
    """What each of ``gpus`` holds at the very least before any cache."""
    return weights_bytes // gpus + ACTIVATION_FLOOR_BYTES + FULL_GRAPHS_BYTES + runtime_bytes(gpus)


def most_bytes(weights_bytes: int, parameters: int, gpus: int) -> int:
    """What each of ``gpus`` holds at most for one short request of a model of so many ``parameters``.

    Every layer keeps keys and values as wide as the model, whole on each GPU: 4 bytes for each layer and its
    width, which are a twelfth of the parameters by the square of the width. A step of as many tokens as the
    request has buffers as wide as ten times the model.
    """
    width = (CUBED_WIDTH_SHARE * parameters) ** (1 / 3)
    cache = SHORT_CONTEXT_TOKENS * 4 * parameters / (12 * width)
    buffers = SHORT_CONTEXT_TOKENS * 2 * 10 * width
    return int(least_bytes(weights_bytes, gpus) + cache + buffers)


def _is_fact(case: Case) -> bool:
    """Facts say how an engine ran, rows of the table only that a model ran on a card at all."""
    return "kind" in case.question


def _fixed_permille(case: Case) -> int:
    return round(1000 * case.decimal("gpu_memory_utilization"))


class Model(t.NamedTuple):
    """A model that the planner understands, on the card and in the layouts of a question."""

    case: Case
    arch: Architecture
    weights: Weights

    def answer(self) -> Answer:
        case = self.case
        given: Answer = {"weights_bytes": case.number("weights_bytes") or self._file_bytes()}
        ways = [(layout, self._rule(layout, NEWEST)) for layout in layouts(case)]
        if case.question.get("tp"):
            given["allowed"] = self._rule(ways[0][0], None) is None
        if case.total_bytes is None:
            return {**given, **self._without_card(ways[0][0])}
        told = [(rule, self._memory(layout, case.total_bytes)) for layout, rule in ways]
        if case.question.get("tp"):
            given.update(told[0][1])
        fits = any(memory["fits"] for rule, memory in told if rule is None)
        if fits or not runs_gguf(case.question):
            given["fits"] = fits
        return given

    def _file_bytes(self) -> int:
        """Engines load files in 32 bits as 16."""
        return self.weights.file_bytes * (2 if self.case.question.get("quantization") == "fp32" else 1)

    def _rule(self, layout: Layout, release: t.Optional[Release]) -> t.Optional[str]:
        ranks = count_of(_flags(self.case), CONTEXT_RANKS) or 1
        return broken_context_ranks(self.arch, layout.tensor, ranks) or broken_rule(
            self.arch,
            self.case.quantization,
            layout,
            self._engine().name,
            engines_view=True,
            release=release,
        )

    def _engine(self) -> Engine:
        return SGLANG if "sglang" in str(self.case.question.get("backend")).lower() else VLLM

    def _loaded_bytes(self, layout: Layout) -> int:
        capability = self.case.card.capability if self.case.card is not None else None
        own = self._engine().weights_bytes(
            self.weights, self.arch, self.case.quantization, layout, self._release(), capability
        )
        known = self.case.number("weights_bytes")
        loaded = own * known // self.weights.file_bytes if known else own
        draft = self._draft()
        return loaded + (ceil_div(draft.weights_bytes, layout.tensor) if draft else 0)

    def _draft(self) -> t.Optional[Speculation]:
        """The model's own draft layers (MTP), where the question's flags say how many tokens they propose."""
        told = re.search(r"\bMTP n=(\d+)", str(self.case.question.get("flags") or ""))
        found = speculations(self.arch, self.weights, (), None).get(MTP) if told else None
        return replace(found, tokens=int(told.group(1))) if told and found else None

    def _cache(self, layout: Layout, settings: Settings) -> KvCache:
        draft = self._draft()
        if draft is None:
            return self._engine().cache(self.arch, layout, settings)
        arch = replace(self.arch, layers=self.arch.layers + draft.layers)
        return self._engine().cache(arch, layout, replace(settings, draft_tokens=draft.tokens))

    def _settings(self, total: int) -> Settings:
        """The engine's defaults where the question is about a log, small steps where about a card."""
        case, engine = self.case, self._engine()
        settings = settings_of(engine, total, 1, _flags(case), _cache_type(case), release=self._release())
        flags = {argument.flag for argument in _flags(case)}
        tokens, sequences = vllm_default_step(total, case.card)
        if case.question.get("kind") not in ("log", "constraint"):
            tokens, sequences = min(tokens, settings.batched_tokens), FEW_SEQUENCES
        if engine is VLLM and "--max-num-batched-tokens" not in flags:
            settings = replace(settings, batched_tokens=tokens)
        return settings if "--max-num-seqs" in flags else replace(settings, sequences=sequences)

    def _release(self) -> Release:
        """Of the engine; the newest where a question names none, or no number."""
        return read_release(str(self.case.question.get("engine_version") or ""))

    def _context(self) -> int:
        """The context of a log; rows of the table name the model's own, which a user may shorten."""
        asked = self.case.number("max_model_len") or 10**9
        return min(asked if _is_fact(self.case) else SHORT_CONTEXT_TOKENS, self.arch.position_limit)

    def _without_card(self, layout: Layout) -> Answer:
        settings = self._settings(80 * GIB)
        cache = self._cache(layout, settings)
        return {
            "weights_gib_per_gpu": self._loaded_bytes(layout) / GIB,
            "kv_bytes_per_token": self._pool_bytes_per_token(cache, layout, settings),
        }

    def _pool_bytes_per_token(self, cache: KvCache, layout: Layout, settings: Settings) -> float:
        """Bytes of the pool by the tokens that the engine prints: SGLang's knows nothing of requests."""
        if self._engine() is VLLM:
            return cache.bytes_per_token(self._context())
        return kv_cache(self.arch, layout.tensor, settings.kv_dtype, None, paged_states=False).growing_bytes

    def _memory(self, layout: Layout, total: int) -> Answer:
        engine, settings, context = self._engine(), self._settings(total), self._context()
        load = Load(
            weights_bytes=self._loaded_bytes(layout),
            overhead=engine.overhead(self.arch, layout, settings),
            cache=self._cache(layout, settings),
            position_limit=self.arch.position_limit,
        )
        room = Room(total, total, 0, total)
        budget = engine.budget(room, self.arch, layout, settings, 0.0)
        permille = _fixed_permille(self.case) or budget.comfortable
        if not _is_fact(self.case):
            permille = min(budget.limit, MOST_PERMILLE)
        fixed = load.fixed_bytes + load.overhead.context_bytes(context)
        # vLLM refuses to start where one request of the longest context has no room; SGLang shortens it.
        shortest = context if engine is VLLM else min(context, SHORT_CONTEXT_TOKENS)
        beside = engine.graphs_beside(load.overhead, settings)
        left, held = budget.bytes_at(permille) - fixed + beside, load.cache.request_bytes(shortest)
        # vLLM sets the buffer for a packed cache aside while it loads, and logs it with the weights.
        packed = CACHE_TYPES[settings.kv_dtype].packed
        loaded = load.weights_bytes + packed * load.overhead.per_context_token * context
        return {
            "weights_gib_per_gpu": loaded / GIB,
            "kv_bytes_per_token": self._pool_bytes_per_token(load.cache, layout, settings),
            "kv_gib_per_gpu": left / GIB,
            "fits": left >= held and fixed + held <= total,
        }


def _flags(case: Case) -> t.List[arguments.Argument]:
    """Engine flags of the question; facts also write them as "max_num_seqs 1"."""
    text = str(case.question.get("flags") or "")
    pairs = re.findall(r"(?:--)?((?:m[a-z]+|decode|dcp)[_-][a-z_-]+)[ =]([\d.]+)", text)
    found = [arguments.Argument("--" + name.replace("_", "-"), value) for name, value in pairs]
    return found + ([arguments.Argument("--enforce-eager")] if "enforce-eager" in text else [])


def _cache_type(case: Case) -> str:
    name = str(case.question.get("kv_dtype") or "auto")
    if name == "auto":
        return case.quantization.kv_cache or name
    return name if name in CACHE_TYPES else "auto"


def _question(line: str) -> t.Mapping[str, t.Any]:
    """The question of a line; one without fields where the line is none."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--configs", action="append", type=Path, default=[], help="folder of owner__name.json"
    )
    library = Library(parser.parse_args().configs)
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(_question(line), library)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
