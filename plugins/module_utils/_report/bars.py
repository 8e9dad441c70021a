# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The memory of GPUs as bars, one for all that are alike."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.markup import names, text

Record = t.Mapping[str, t.Any]

# (what it is called, its class, the amounts of a plan's account that make it up), from left to right
PARTS: t.Tuple[t.Tuple[str, str, t.Tuple[str, ...]], ...] = (
    ("weights", "weights", ("weights_bytes",)),
    ("KV cache", "cache", ("kv_cache_bytes",)),
    ("overhead", "overhead", ("activation_bytes", "runtime_bytes", "cuda_graphs_bytes")),
    ("others", "others", ()),
    ("free", "free", ()),
)


class Use(t.NamedTuple):
    """What holds the memory of one GPU, in bytes in the order of ``PARTS``, and who the others are."""

    sizes: t.Tuple[int, ...]
    held: str = ""


def planned_use(memory: Record, gpu: Record) -> Use:
    """One GPU of a plan. The parts of the engine are those of the tightest GPU, the others' and what is free its own.

    What is not usable is the others': programs, other deployments, and the host that shares the memory.
    """
    own = [sum(memory[key] for key in keys) for _name, _class, keys in PARTS[:3]]
    usable = gpu["usable_bytes"]
    others = max(0, (gpu.get("total_bytes") or usable) - usable)
    held = ", ".join("%s %.1f GiB" % (each["by"], each["bytes"] / GIB) for each in gpu.get("held") or ())
    return Use((*own, others, max(0, usable - sum(own))), held)


def measured_use(used_bytes: int, free_bytes: int) -> Use:
    """One GPU as it was found."""
    return Use((0, 0, 0, used_bytes, free_bytes))


def bars(gpus: t.Iterable[t.Tuple[str, int, Use]]) -> str:
    """Bars of (host, index of the GPU, its use), under the meaning of the colours; amounts stand below each."""
    alike: t.Dict[Use, t.Dict[str, t.List[int]]] = {}
    for host, index, use in gpus:
        alike.setdefault(use, {}).setdefault(host, []).append(index)
    return _key(alike) + "".join(_bar(use, places) for use, places in alike.items()) if alike else ""


def _key(uses: t.Iterable[Use]) -> str:
    """The colours that are there."""
    there = [any(sizes) for sizes in zip(*(use.sizes for use in uses))]
    entries = (
        "<span><i class=%s></i>%s</span>" % (css, name)
        for (name, css, _keys), shown in zip(PARTS, there)
        if shown
    )
    return "<p class=key>%s</p>" % "".join(entries)


def _bar(use: Use, places: t.Mapping[str, t.Sequence[int]]) -> str:
    total = max(1, sum(use.sizes))
    parts = [(name, css, size) for (name, css, _keys), size in zip(PARTS, use.sizes) if size]
    shares = "".join(
        '<span class=%s style="width:%.2f%%" title="%s %.1f GiB"></span>'
        % (css, 100.0 * size / total, name, size / GIB)
        for name, css, size in parts
    )
    who = names(["%s: GPU %s" % (host, _indices(found)) for host, found in places.items()])
    amounts = ", ".join("%s %.1f" % (name, size / GIB) for name, _css, size in parts)
    held = "; held by %s" % use.held if use.held else ""
    return "<div class=gpu>%s<div class=bar>%s</div><div class=sizes>%s</div></div>" % (
        text(who), shares, text("%s of %.1f GiB each%s" % (amounts, total / GIB, held)),
    )  # fmt: skip


def _indices(found: t.Iterable[int]) -> str:
    """``0-3, 6``."""
    runs: t.List[t.List[int]] = []
    for index in sorted(set(found)):
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ", ".join("%d" % low if low == high else "%d-%d" % (low, high) for low, high in runs)
