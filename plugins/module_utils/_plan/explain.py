# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: a plan in lines that people can read in the middle of the night."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import GIB, gib

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


def plan_lines(plan: Plan, kept: bool, gpu_name: str) -> t.List[str]:
    """One plan: what runs where, then the memory of its tightest GPU with the evidence of each number."""
    variant, parallel, memory = plan["variant"], plan["parallelism"], plan["memory"]
    per_replica = parallel["tensor"] * parallel["pipeline"] * parallel["data"]
    lines = [
        "%s (site %s, plan %s%s)"
        % (plan["name"], plan["site"], plan["plan_id"], ", kept as it runs" if kept else ""),
        "  serves      %s, %s, %s of weights" % (
            variant["repository"], variant["quantization"], gib(variant["weights_bytes"]),
        ),
        "  with        %d x %s, each on %d x %s" % (plan["replicas"], plan["backend"], per_replica, gpu_name),
        "  context     %d tokens, %d requests at once; the cache%s holds %d tokens" % (
            plan["context_tokens"], plan["concurrency"],
            " of each rank" if parallel["data"] > 1 else "", memory["kv_cache_tokens"],
        ),
    ]  # fmt: skip
    lines += _layout(parallel)
    lines += _speed(plan.get("performance")) + _cost(plan.get("cost"))
    lines += ["  place       %s" % _place(entry, parallel["hosts"]) for entry in plan["placement"]]
    lines.append("  memory of the tightest GPU")
    lines += [_amount(words, memory[key], _grade(plan, key)) for key, words in _AMOUNTS]
    lines.append("    %-28s %8s" % ("", "-" * 8))
    lines += [_amount(words, memory[key], _grade(plan, key)) for key, words in _PARTS]
    lines.append("  arguments   %s" % " ".join(plan["backend_parameters"]))
    return lines


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
    if cost is None:
        return []
    low, high = cost["usd_per_million_output_tokens"]
    lines = [
        "  cost        %.2f USD/h%s; %.2f to %.2f USD for a million tokens out"
        % (cost["usd_per_hour"], _power(cost["power_usd_per_hour"]), low, high)
    ]
    if cost["break_even_output_tokens_per_hour"] is not None:
        more = "" if cost["reachable"] else ", more than the GPUs are expected to serve"
        lines.append(
            "              %s costs as much at %d tokens out per hour%s"
            % (cost["api_provider"], cost["break_even_output_tokens_per_hour"], more)
        )
    return lines


def _power(usd_per_hour: float) -> str:
    return ", %.2f of it for power" % usd_per_hour if usd_per_hour else ""


def rejected_lines(rejected: t.Sequence[Rejection]) -> t.List[str]:
    """Aligned: what was not taken, and the first limit that it breaks."""
    rows = [(_subject(entry), entry.reason) for entry in rejected]
    width = max((len(subject) for subject, _reason in rows), default=0)
    lines = ["  %-*s  %s" % (width, subject, reason) for subject, reason in rows]
    return ["rejected", *lines] if lines else []


def closest(rejected: t.Sequence[Rejection], most: int) -> str:
    """The rejections in one sentence, those that miss by the least first, not more than ``most``."""
    ordered = sorted(rejected, key=_missing_share)
    text = "; ".join("%s: %s" % (_subject(entry), entry.reason) for entry in ordered[:most])
    more = len(ordered) - most
    return "%s; and %d more" % (text, more) if more > 0 else text


def _missing_share(entry: Rejection) -> float:
    if entry.needs_bytes is None or not entry.has_bytes:
        return float("inf")
    return entry.needs_bytes / entry.has_bytes


def _subject(entry: Rejection) -> str:
    words = [entry.variant, entry.quantization, entry.backend]
    if entry.tensor is not None:
        stages = "%d stages of " % entry.pipeline if entry.pipeline > 1 else ""
        ranks = "%d ranks of " % entry.data if entry.data > 1 else ""
        hosts = " over %d hosts" % entry.hosts if entry.hosts > 1 else ""
        words.append("on %s%s%d x %s%s" % (ranks, stages, entry.tensor, entry.gpu, hosts))
    return " ".join(word for word in words if word)


def _place(entry: t.Mapping[str, t.Any], hosts: int) -> str:
    replica = "replica %d, " % (entry["replica"] + 1) if hosts > 1 else ""
    return "%s%s: GPU %s" % (replica, entry["host"], ", ".join(_card(gpu) for gpu in entry["gpus"]))


def _card(gpu: Plan) -> str:
    return "%s slice %s" % (gpu["index"], gpu["uuid"]) if gpu.get("profile") else str(gpu["index"])


def _amount(words: str, size_bytes: int, grade: str) -> str:
    return ("    %-28s %8.1f GiB  %s" % (words, size_bytes / GIB, grade)).rstrip()


def _grade(plan: Plan, key: str) -> str:
    return str(plan["evidence"].get(key, ""))
