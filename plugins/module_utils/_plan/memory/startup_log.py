# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vLLM and SGLang say about memory while they start.

Pure: text in, values out. Engines print gibibytes, SGLang calls them GB. Every rank of a group prints
lines of its own; the fullest one counts, so that of what is taken the largest value is kept, and of
what is left the smallest.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB

VLLM_NAME, SGLANG_NAME = "vLLM", "SGLang"

_GIB = r"(-?[\d.]+) ?Gi?B"
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class StartupLog:
    """Bytes on the fullest GPU, as far as the log has them. ``consumed_bytes``: weights and runtime.

    ``requested_bytes``: what vLLM may take in all. ``graphs_estimate_bytes``: what it set aside for CUDA
    graphs before it knew. ``context_tokens``: the longest request, of which ``concurrency`` fit.
    """

    engine: str
    version: t.Optional[str] = None
    requested_bytes: t.Optional[int] = None
    weights_bytes: t.Optional[int] = None
    consumed_bytes: t.Optional[int] = None
    runtime_bytes: t.Optional[int] = None
    activation_bytes: t.Optional[int] = None
    graphs_bytes: t.Optional[int] = None
    graphs_estimate_bytes: t.Optional[int] = None
    kv_cache_bytes: t.Optional[int] = None
    kv_cache_tokens: t.Optional[int] = None
    context_tokens: t.Optional[int] = None
    concurrency: t.Optional[float] = None


class _Line(t.NamedTuple):
    """A kind of line: where its number goes, and which of several is kept."""

    field: str
    pattern: t.Pattern[str]
    keep: t.Callable[..., float]


def _line(field: str, pattern: str, keep: t.Callable[..., float] = max) -> _Line:
    return _Line(field, re.compile(pattern, re.IGNORECASE), keep)


_VLLM = (
    # 0.5 to 0.7: "Loading model weights took"; then "Model loading took ... GiB (memory) and ... seconds".
    _line("weights_bytes", r"(?:loading model weights|model loading) took %s" % _GIB),
    # V0's profile, and V1's summary at the end of the start.
    _line("weights_bytes", r"model weights take %s" % _GIB),
    _line("weights_bytes", r"actual usage(?: is|:) %s for weights?," % _GIB),
    _line("consumed_bytes", r"actual usage is %s for consumed memory" % _GIB),
    _line("runtime_bytes", r"non_torch_memory takes %s" % _GIB),
    _line("runtime_bytes", r"%s for non-torch\b" % _GIB),
    _line("activation_bytes", r"activation peak memory takes %s" % _GIB),
    _line("activation_bytes", r"%s for peak activation" % _GIB),
    _line("graphs_bytes", r"graph capturing finished in .*?took %s" % _GIB),
    _line("graphs_bytes", r"cuda graph pool memory: %s \(actual\)" % _GIB),
    _line("graphs_bytes", r"%s for (?:CUDAGraph|NPU graph) memory" % _GIB),
    _line("graphs_estimate_bytes", r"%s \(estimated\)" % _GIB),
    _line("graphs_estimate_bytes", r"estimated cuda graph memory: %s" % _GIB),
    _line("requested_bytes", r"gpu_memory_utilization \([\d.]+\) = %s" % _GIB, min),
    _line("requested_bytes", r"desired gpu memory utilization is \([\d.]+, %s\)" % _GIB, min),
    _line("kv_cache_bytes", r"reserved for kv cache is %s" % _GIB, min),
    _line("kv_cache_bytes", r"available kv cache memory:? \(?%s" % _GIB, min),
    _line("kv_cache_bytes", r"current kv cache memory(?: in use is|:) %s" % _GIB, min),
    _line("kv_cache_tokens", r"\bkv cache size: ([\d,]+) tokens", min),
    _line("context_tokens", r"maximum concurrency for ([\d,]+) tokens", min),
    _line("concurrency", r"maximum concurrency for [\d,]+ tokens per request: ([\d.]+)x", min),
)

_SGLANG = (
    _line("weights_bytes", r"load weight end\..*?mem usage=%s" % _GIB),
    _line("kv_cache_tokens", r"max_total_num_tokens=(\d+)", min),
    _line("kv_cache_tokens", r"(?:kv cache is|sizing: kv cache) allocated\..*?#tokens: (\d+)", min),
    _line("context_tokens", r"context_len=(\d+)", min),
    # From 0.5.20 on the cache may be sized again once graphs are there.
    _line("kv_cache_bytes", r"sizing: kv cache allocated\..*?KV size: %s" % _GIB),
    _line("kv_cache_bytes", r"kv cache is allocated\..*?KV size: %s" % _GIB),
)
_KEYS_AND_VALUES = re.compile(
    r"kv cache is allocated\..*?K size: %s, V size: %s" % (_GIB, _GIB), re.IGNORECASE
)
_SGLANG_GRAPHS = re.compile(r"capture ([^\n]*?)graph end\..*?mem usage=%s" % _GIB, re.IGNORECASE)

# The line with which each start begins.
_STARTS = {
    VLLM_NAME: re.compile(r"vllm api server version", re.IGNORECASE),
    SGLANG_NAME: re.compile(r"\bserver_args=", re.IGNORECASE),
}

_VERSIONS = (
    (VLLM_NAME, re.compile(r"vllm (?:api server )?version:? v?([\w.+]+)", re.IGNORECASE)),
    (VLLM_NAME, re.compile(r"initializing an? (?:v\d )?llm engine \(v([\w.+]+)\)", re.IGNORECASE)),
    (SGLANG_NAME, re.compile(r"sglang(?:[ _]version)?[ =:]+v?(\d[\w.+]*)", re.IGNORECASE)),
)


def parse(text: str, engine: t.Optional[str] = None) -> t.Optional[StartupLog]:
    """The last start that tells something, of ``engine`` or else of the one that tells more; None where it is
    the log of neither.
    """
    plain = _ESCAPES.sub("", text)
    found = {
        VLLM_NAME: _last_start(plain, VLLM_NAME, lambda part: _values(part, _VLLM)),
        SGLANG_NAME: _last_start(plain, SGLANG_NAME, _sglang_values),
    }
    told = {name: values for name, values in found.items() if values}
    if not told:
        return None
    name = engine if engine in told else max(told, key=lambda each: len(told[each]))
    versions = [m.group(1) for of, form in _VERSIONS for m in form.finditer(plain) if of == name]
    return StartupLog(name, versions[-1] if versions else None, **told[name])


def _last_start(text: str, engine: str, read: t.Callable[[str], t.Dict[str, t.Any]]) -> t.Dict[str, t.Any]:
    """What the last of several starts tells, if it came so far."""
    begins = [0, *(match.start() for match in _STARTS[engine].finditer(text)), len(text)]
    parts = (text[begin:end] for begin, end in zip(reversed(begins[:-1]), reversed(begins[1:])))
    return next((values for values in map(read, parts) if values), {})


def _values(text: str, lines: t.Sequence[_Line]) -> t.Dict[str, t.Any]:
    """Of each field by the first kind of line that the log has."""
    values: t.Dict[str, t.Any] = {}
    for field, pattern, keep in lines:
        found = [_number(match.group(1), field) for match in pattern.finditer(text)]
        numbers = [each for each in found if each is not None]
        if numbers and field not in values:
            values[field] = keep(numbers)
    return values


def _sglang_values(text: str) -> t.Dict[str, t.Any]:
    values = _values(text, _SGLANG)
    halves = [
        (_number(keys, "kv_cache_bytes"), _number(rest, "kv_cache_bytes"))
        for keys, rest in _KEYS_AND_VALUES.findall(text)
    ]
    pools = [keys + rest for keys, rest in halves if keys is not None and rest is not None]
    # A draft model has a small pool of its own; the model's is the largest.
    if pools and "kv_cache_bytes" not in values:
        values["kv_cache_bytes"] = max(pools)
    graphs: t.Dict[str, int] = {}
    for kind, size in _SGLANG_GRAPHS.findall(text):
        graphs[kind] = max(graphs.get(kind, 0), _number(size, "graphs_bytes") or 0)
    return {**values, "graphs_bytes": sum(graphs.values())} if graphs else values


def _number(text: str, field: str) -> t.Any:
    """A number of a line; None for what looks like one and is none, or none that memory has."""
    plain = text.replace(",", "").rstrip(".")
    if not _PLAIN_NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    if field.endswith("_bytes"):
        return int(value * GIB)
    return int(value) if field.endswith("_tokens") else value
