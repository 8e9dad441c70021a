# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan in lines that people can read in the middle of the night."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ASSUMED,
    DERIVED,
    GIB,
    gib,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import ENGINES

Plan = t.Mapping[str, t.Any]

# (key of plan.memory, words); the parts below the line add up to what is usable.
_AMOUNTS = (
    ("total_bytes", "usable by programs"),
    ("free_bytes", "free now"),
    ("credited_bytes", "credited, our own instance"),
)
_PARTS = (
    ("weights_bytes", "weights"),
    ("activation_bytes", "activations, sampler"),
    ("runtime_bytes", "runtime"),
    ("cuda_graphs_bytes", "CUDA graphs"),
    ("kv_cache_bytes", "KV cache"),
    ("left_bytes", "left free"),
)


def plan_lines(plan: Plan, kept: bool, gpu_name: str, speculation: str, engine: str) -> t.List[str]:
    """One plan: what runs where, then the memory of its tightest GPU with the evidence of each number."""
    variant, parallel, memory = plan["variant"], plan["parallelism"], plan["memory"]
    per_replica = parallel["tensor"] * parallel["pipeline"] * parallel["data"]
    lines = [
        "%s (site %s, plan %s%s)"
        % (plan["name"], plan["site"], plan["plan_id"], _said(plan, kept)),
        "  serves      %s, %s, %s of weights" % (
            variant["repository"], _quantization(variant), gib(variant["weights_bytes"]),
        ),
        "  with        %d x %s, each on %d x %s" % (plan["replicas"], engine, per_replica, gpu_name),
        "  context     %d tokens for one request; %s" % (
            plan["context_tokens"], _cache(parallel["data"], memory),
        ),
    ]  # fmt: skip
    lines += _level(plan)
    lines += _layout(parallel)
    lines += ["  speculates  %s" % speculation] if speculation else []
    lines += _speed(plan.get("performance")) + _cost(plan.get("cost"))
    lines += ["  place       %s" % _place(entry, parallel["hosts"]) for entry in plan["placement"]]
    lines += _memory(plan)
    lines.append("  arguments   %s" % " ".join(plan["backend_parameters"]))
    return lines


def _quantization(variant: Plan) -> str:
    """The class, of a model in GGUF its own name and what it loses."""
    gguf = variant.get("gguf")
    if not gguf:
        return str(variant["quantization"])
    return "%s (%.1f bits per weight: %s)" % (gguf["quantization"], gguf["bits_per_weight"], gguf["loss"])


def _said(plan: Plan, kept: bool) -> str:
    """What else is to be said of a plan as a whole."""
    simulated = _grade(plan, "total_bytes") == ASSUMED
    return (", kept as it runs" if kept else "") + (", simulated" if simulated else "")


def _level(plan: Plan) -> t.List[str]:
    """What the plan aims at, and what it misses of that."""
    level = plan.get("level")
    if level is None:
        return []
    aims = "%d requests of %d tokens at once, one of %d, and a token in %.0f ms" % (
        plan["concurrency"], level["request_tokens"], level["context_tokens"], level["inter_token_ms"],
    )  # fmt: skip
    missed = " and ".join(level["missed"])
    lines = ["  level       %s: %s" % ("missed in %s" % missed if missed else "reached", aims)]
    held = level.get("requests_held")
    if held is not None and held < plan["concurrency"]:
        lines.append(
            "  waiting     the caches hold %.1f such requests at once; the others wait for them" % held
        )
    return lines


def _memory(plan: Plan) -> t.List[str]:
    """The account of the tightest GPU, where today's facts give one."""
    memory = plan["memory"]
    if not memory or "left_bytes" not in memory:
        return ["  memory      as it runs; today's facts do not tell of its GPUs"]
    lines = ["  memory of the tightest GPU"]
    lines += [_amount(words, memory[key], _grade(plan, key)) for key, words in _AMOUNTS]
    lines += _kept_back(memory)
    lines.append("    %-28s %8s" % ("", "-" * 8))
    lines += [_amount(words, memory[key], _grade(plan, key)) for key, words in _PARTS]
    return [*lines, "    %s" % _arithmetic(plan)]


def _kept_back(memory: Plan) -> t.List[str]:
    """What is free and not for this plan: other plans and deployments, and the host's share of its memory."""
    there = min(memory["total_bytes"], memory["free_bytes"] + memory["credited_bytes"])
    size = there - sum(memory[key] for key, _words in _PARTS)
    return [_amount("of these, for others", size, DERIVED)] if size > 0 else []


def _cache(ranks: int, memory: t.Optional[Plan]) -> str:
    tokens = (memory or {}).get("kv_cache_tokens")
    if not tokens:
        return "it keeps no cache" if tokens == 0 else "the cache is as it runs"
    return "the cache%s holds %d tokens" % (" of each rank" if ranks > 1 else "", tokens)


def _arithmetic(plan: Plan) -> str:
    """How the engine's fraction covers the parts: of the whole card, or of what is free at start."""
    memory, fraction = plan["memory"], plan["utilization"]
    parts = {words: memory[key] for key, words in _PARTS if key != "left_bytes"}
    cards, outside = memory["total_bytes"], {}
    if not ENGINES[plan["backend"]].of_total:
        usable = sum(memory[key] for key, _words in _PARTS)
        cards = usable - memory["runtime_bytes"]
        outside = {words: parts.pop(words) for words in ("activations, sampler", "runtime", "CUDA graphs")}
    inside = " + ".join("%.1f %s" % (size / GIB, words.split(",")[0]) for words, size in parts.items())
    beside = ", ".join("%.1f %s" % (size / GIB, words.split(",")[0]) for words, size in outside.items())
    return "%.3f of %.1f = %.1f GiB = %s%s" % (
        fraction, cards / GIB, fraction * cards / GIB, inside, "; beside it %s" % beside if beside else "",
    )  # fmt: skip


def _layout(parallel: Plan) -> t.List[str]:
    """What the GPUs of a replica are to each other, where that is more than one tensor-parallel group."""
    words = []
    if parallel["data"] > 1:
        what = "attention" if parallel["attention_data"] else "the model"
        words.append("%d data-parallel ranks of %s" % (parallel["data"], what))
    if parallel["pipeline"] > 1:
        words.append("%d stages" % parallel["pipeline"])
    if parallel["hosts"] > 1:
        words.append("distributed over %d hosts" % parallel["hosts"])
    if parallel["expert"]:
        words.append("each expert whole on a GPU")
    if not words:
        return []
    words.append("tensor parallel %d" % parallel["tensor"])
    return ["  layout      %s" % ", ".join(words)]


def _speed(performance: t.Optional[Plan]) -> t.List[str]:
    if performance is None:
        return []
    return [
        "  speed       first token in %.0f to %.0f ms, then one in %.0f to %.0f ms; %.0f to %.0f tokens/s"
        % (*performance["first_token_ms"], *performance["inter_token_ms"], *performance["tokens_per_s"]),
        "              (%d at once, %d tokens in, %d out; estimated)"
        % (performance["concurrency"], performance["input_tokens"], performance["output_tokens"]),
    ]


def _cost(cost: t.Optional[Plan]) -> t.List[str]:
    heads = itertools.chain(("  cost        ",), itertools.repeat(" " * 14))
    return [head + each for head, each in zip(heads, cost_sentences(cost))]


def cost_sentences(cost: t.Optional[Plan]) -> t.List[str]:
    """What a plan's ``cost`` says; nothing without prices."""
    if cost is None:
        return []
    low, high = cost["usd_per_million_output_tokens"]
    said = [
        "%.2f USD/h%s; %.2f to %.2f USD for a million tokens out"
        % (cost["usd_per_hour"], _power(cost["power_usd_per_hour"]), low, high)
    ]
    if cost["break_even_output_tokens_per_hour"] is not None:
        more = "" if cost["reachable"] else ", more than the GPUs are expected to serve"
        said.append(
            "%s costs as much at %d tokens out per hour%s"
            % (cost["api_provider"], cost["break_even_output_tokens_per_hour"], more)
        )
    return said


def _power(usd_per_hour: float) -> str:
    return ", %.2f of it for power" % usd_per_hour if usd_per_hour else ""


def _place(entry: t.Mapping[str, t.Any], hosts: int) -> str:
    replica = "replica %d, " % (entry["replica"] + 1) if hosts > 1 else ""
    return "%s%s: GPU %s" % (replica, entry["host"], ", ".join(_card(gpu) for gpu in entry["gpus"]))


def _card(gpu: Plan) -> str:
    return "%s slice %s" % (gpu["index"], gpu["uuid"]) if gpu.get("profile") else str(gpu["index"])


def _amount(words: str, size_bytes: int, grade: str) -> str:
    return ("    %-28s %8.1f GiB  %s" % (words, size_bytes / GIB, grade)).rstrip()


def _grade(plan: Plan, key: str) -> str:
    return str(plan["evidence"].get(key, ""))
