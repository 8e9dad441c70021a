# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chart of what could be served: context, speed and number of GPUs."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.markup import text

WIDTH, HEIGHT = 360, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 22, 22, 44
# From this ratio on, an axis shows powers.
_WIDE = 8.0


class Point(t.NamedTuple):
    """One choice; ``label`` is that of its row in the table beside."""

    label: str
    context_tokens: int
    cache_tokens: int
    tokens_per_s: float
    gpus: int
    is_plan: bool = False


def chart(points: t.Sequence[Point]) -> str:
    """An SVG for two points and more, else nothing.

    From left to right the context of one request; where it is the same for all, what the cache holds.
    """
    if len(points) < 2:
        return ""
    same = len({point.context_tokens for point in points}) == 1
    across = [point.cache_tokens if same else point.context_tokens for point in points]
    title = (
        "tokens in the cache (context %s for all)" % short(points[0].context_tokens)
        if same
        else "context, tokens"
    )
    x_of = _axis(across, _LEFT, WIDTH - _RIGHT)
    y_of = _axis([point.tokens_per_s for point in points], HEIGHT - _BOTTOM, _TOP)
    placed = _apart([(x_of(x), y_of(point.tokens_per_s), _radius(point)) for x, point in zip(across, points)])
    dots = "".join(_dot(point, x, y) for point, (x, y) in zip(points, placed))
    said = "; ".join("%s: %s GPUs, %s tokens/s" % (p.label, p.gpus, round(p.tokens_per_s)) for p in points)
    return (
        '<figure><svg viewBox="0 0 %d %d" role=img><title>%s</title>%s%s'
        '<text x="%d" y="%d" text-anchor=middle>%s</text><text x="4" y="12">tokens/s</text>%s</svg>'
        "<figcaption>P is the plan, the numbers are those of the table; the larger, the more GPUs.</figcaption></figure>"
    ) % (
        WIDTH, HEIGHT, text(said),
        _ticks(across, x_of, upright=True), _ticks([p.tokens_per_s for p in points], y_of, upright=False),
        (_LEFT + WIDTH - _RIGHT) // 2, HEIGHT - 6, text(title), dots,
    )  # fmt: skip


def short(tokens: float) -> str:
    """``40k`` for 40960, ``1.5M``."""
    for factor, unit in ((1 << 20, "M"), (1 << 10, "k")):
        if tokens >= factor:
            return "%.3g%s" % (tokens / factor, unit)
    return "%.3g" % tokens


def _axis(values: t.Sequence[float], start: float, end: float) -> t.Callable[[float], float]:
    least, most = min(values), max(values)
    if least > 0 and most / least >= _WIDE:
        low, high = math.log(least), math.log(most)
        return lambda value: start + (end - start) * (math.log(value) - low) / (high - low)
    return lambda value: start + (end - start) * value / (most or 1)


def _ticks(values: t.Sequence[float], place: t.Callable[[float], float], upright: bool) -> str:
    shown = []
    for value in _marks(min(values), max(values), binary=upright):
        at = place(value)
        if upright:
            shown.append(
                '<line class=grid x1="%.1f" x2="%.1f" y1="%d" y2="%d"/><text class=tick x="%.1f" y="%d" text-anchor=middle>%s</text>'
                % (at, at, _TOP, HEIGHT - _BOTTOM, at, HEIGHT - _BOTTOM + 15, short(value))
            )
        else:
            shown.append(
                '<line class=grid x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class=tick x="%d" y="%.1f" text-anchor=end>%g</text>'
                % (_LEFT, WIDTH - _RIGHT, at, at, _LEFT - 6, at + 4, value)
            )
    return "".join(shown)


def _marks(least: float, most: float, binary: bool) -> t.List[float]:
    """Up to five round values of an axis, from 0, or powers where the axis shows these; tokens are counted in powers, too."""
    if least > 0 and most / least >= _WIDE:
        powers = range(math.ceil(math.log2(least)), math.floor(math.log2(most)) + 1)
        return [2.0**power for power in powers[:: max(1, math.ceil(len(powers) / 5))]]
    rough = (most or 1) / 4
    if binary:
        step = 2.0 ** max(0, math.ceil(math.log2(rough)))
    else:
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * place for place in range(int(most // step) + 1)]


def _radius(point: Point) -> float:
    return min(20.0, 8.0 + 2.5 * math.log2(max(1, point.gpus)))


def _apart(dots: t.Sequence[t.Tuple[float, float, float]]) -> t.List[t.Tuple[float, float]]:
    """The places of (x, y, radius): one that would hide another goes to its left, as long as there is room."""
    placed: t.List[t.Tuple[float, float, float]] = []
    for x, y, radius in dots:
        for _attempt in range(len(dots)):
            near = next(
                (each for each in placed if math.hypot(each[0] - x, each[1] - y) < each[2] + radius), None
            )
            if near is None or near[0] - near[2] - radius < _LEFT:
                break
            x = near[0] - near[2] - radius - 1
        placed.append((x, y, radius))
    return [(x, y) for x, y, _radius_ in placed]


def _dot(point: Point, x: float, y: float) -> str:
    return '<g%s><circle cx="%.1f" cy="%.1f" r="%.1f"/><text x="%.1f" y="%.1f" text-anchor=middle>%s</text></g>' % (
        " class=plan" if point.is_plan else "", x, y, _radius(point), x, y + 4, text(point.label),
    )  # fmt: skip
