# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was not taken, in as few lines as tell it."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.selection import SLOW
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import WIDTH
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection

# The rest is in the returned values.
MOST_LINES = 16


def rejected_lines(rejected: t.Sequence[Rejection]) -> t.List[str]:
    """Aligned: what was not taken, and the first limit that it breaks.

    Sizes of one group that fail alike share a line.
    """
    groups: t.Dict[t.Tuple[t.Any, ...], t.List[Rejection]] = {}
    for entry in rejected:
        groups.setdefault(_alike(entry), []).append(entry)
    # What fails on every kind of GPU for the same reason reads the same.
    rows = list(dict.fromkeys((_subject(entries), _reason(entries)) for entries in groups.values()))
    shown = rows[:MOST_LINES]
    width = max((len(subject) for subject, _reason in shown), default=0)
    lines = ["  %-*s  %s" % (width, subject, reason) for subject, reason in shown]
    if len(rows) > MOST_LINES:
        lines.append("  and %d more, see rejected" % (len(rows) - MOST_LINES))
    return ["rejected, with the first limit that each breaks", *lines] if lines else []


def closest(rejected: t.Sequence[Rejection], most: int) -> str:
    """The rejections in one sentence, those that miss by the least first, not more than ``most``.

    Of each variant on each kind of GPU only the one that misses by the least, of all engines and layouts,
    and what else rules it out.
    """
    firsts: t.Dict[t.Tuple[t.Any, ...], Rejection] = {}
    for entry in sorted(rejected, key=_missing_share):
        reason = "short" if _is_short(entry) else "slow" if is_slow(entry) else entry.reason
        firsts.setdefault((entry.variant, entry.quantization, entry.gpu, reason), entry)
    told = list(dict.fromkeys("%s: %s" % (_subject([entry]), entry.reason) for entry in firsts.values()))
    text, more = "; ".join(told[:most]), len(told) - most
    return "%s; and %d more, see rejected" % (text, more) if more > 0 else text


def refusal_lines(rejected: t.Sequence[Rejection]) -> t.List[str]:
    """A short table of at most ``wrapping.WIDTH`` columns: variants and engines, and what keeps each from running.

    Of all layouts of one engine only the one that misses by the least; engines that fail alike share a line.
    """
    nearest: t.Dict[t.Tuple[t.Any, ...], Rejection] = {}
    for entry in sorted(rejected, key=_missing_share):
        nearest.setdefault((entry.variant, entry.quantization, entry.gpu, entry.backend), entry)
    kinds = {entry.gpu for entry in nearest.values()}
    table: t.Dict[str, t.Dict[str, t.Dict[str, None]]] = {}
    for entry in nearest.values():
        name = " ".join(filter(None, (entry.variant, entry.quantization)))
        reason = _with_gpus(entry, len(kinds) > 1)
        table.setdefault(name, {}).setdefault(reason, {})[entry.backend or "any engine"] = None
    rows = [(name, ", ".join(who), why) for name, reasons in table.items() for why, who in reasons.items()]
    lines = _table(rows[:MOST_LINES])
    if len(rows) > MOST_LINES:
        lines.append("  and %d more, see rejected" % (len(rows) - MOST_LINES))
    return lines


def _table(rows: t.Sequence[t.Tuple[str, str, str]]) -> t.List[str]:
    """Three columns; where the first two leave too little, the third goes below them."""
    first, second = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    indent = first + second + 6
    below = indent > WIDTH // 2
    lines: t.List[str] = []
    for name, who, why in rows:
        head = "  %-*s  %-*s  " % (first, name, second, who)
        lines += [head.rstrip()] if below else []
        lines += textwrap.wrap(
            why,
            WIDTH,
            initial_indent=" " * 6 if below else head,
            subsequent_indent=" " * (6 if below else indent),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def _with_gpus(entry: Rejection, several_kinds: bool) -> str:
    """The reason, with the number of GPUs where it depends on them, and their kind where there are several."""
    if entry.tensor is None or not entry.lacks_room:
        return entry.reason
    gpus = entry.tensor * entry.pipeline * entry.data
    kind = " x %s" % entry.gpu if several_kinds else " GPU" if gpus == 1 else " GPUs"
    hosts = " on %d hosts" % entry.hosts if entry.hosts > 1 else ""
    return "%s (%d%s%s)" % (entry.reason, gpus, kind, hosts)


def is_slow(entry: Rejection) -> bool:
    """Whether it fits, and only a target of speed rules it out."""
    return SLOW in entry.reason


def _alike(entry: Rejection) -> t.Tuple[t.Any, ...]:
    """Rejections with the same words but for the layout and what it needs."""
    reason = "short" if _is_short(entry) else entry.reason
    layout = (
        ()
        if _is_short(entry) or _is_group(entry)
        else (entry.pipeline, entry.data, entry.tensor, entry.hosts)
    )
    return (
        entry.site, entry.variant, entry.quantization, entry.backend, entry.speculative, entry.gpu, reason,
        _is_group(entry), layout,
    )  # fmt: skip


def _is_short(entry: Rejection) -> bool:
    return entry.needs_bytes is not None and entry.reason.startswith("needs ")


def _is_group(entry: Rejection) -> bool:
    """One tensor-parallel group on one host."""
    return (entry.pipeline, entry.data, entry.hosts) == (1, 1, 1) and entry.tensor is not None


def _reason(entries: t.Sequence[Rejection]) -> str:
    first = entries[0]
    if len(entries) == 1 or not _is_short(first):
        return first.reason
    has = gib(max(entry.has_bytes or 0 for entry in entries))
    if not _is_group(first):
        return "needs at least %s per GPU, has %s" % (
            gib(min(each.needs_bytes or 0 for each in entries)),
            has,
        )
    needs = ", ".join("%.1f" % ((entry.needs_bytes or 0) / GIB) for entry in entries)
    return "needs %s GiB per GPU, has %s" % (needs, has)


def _missing_share(entry: Rejection) -> float:
    if entry.needs_bytes is None or not entry.has_bytes:
        return float("inf")
    return entry.needs_bytes / entry.has_bytes


def _subject(entries: t.Sequence[Rejection]) -> str:
    entry = entries[0]
    words = [entry.variant, entry.quantization, entry.backend]
    words.append("with %s" % entry.speculative if entry.speculative else None)
    if entry.tensor is not None and len(entries) > 1 and not _is_group(entry):
        most = max((each.tensor or 1) * each.pipeline * each.data for each in entries)
        words.append("in %d other layouts of up to %d x %s" % (len(entries), most, entry.gpu))
    elif entry.tensor is not None:
        sizes = ", ".join(str(each.tensor) for each in entries)
        stages = "%d stages of " % entry.pipeline if entry.pipeline > 1 else ""
        ranks = "%d ranks of " % entry.data if entry.data > 1 else ""
        hosts = " over %d hosts" % entry.hosts if entry.hosts > 1 else ""
        words.append("on %s%s%s x %s%s" % (ranks, stages, sizes, entry.gpu, hosts))
    return " ".join(word for word in words if word)
