# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release of an engine has, from tables that are read from the releases themselves.

``data/engines`` holds them with the file of each row, ``make rules`` makes the ``*_table.py`` of it. A text is
parsed when it is first asked for. What is not in a table is not known, which is no reason to refuse anything.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import (
    images_table,
    reviewed_table,
    sglang_architectures_table,
    sglang_flags_table,
    sglang_kernels_table,
    sglang_parsers_table,
    vllm_architectures_table,
    vllm_flags_table,
    vllm_kernels_table,
    vllm_parsers_table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    Release,
    read_release,
    shown,
)

ARCHITECTURES, QUANTIZATION, ATTENTION, CACHE_TYPES, FLOAT16_REFUSED, TOOLS, REASONING, FLAGS = (
    "architectures", "quantization", "attention", "cache_types", "float16_refused", "tool_parsers",
    "reasoning_parsers", "flags",
)  # fmt: skip
_KERNELS = (QUANTIZATION, ATTENTION, CACHE_TYPES, FLOAT16_REFUSED)
_MODULES: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "vllm": {
        ARCHITECTURES: vllm_architectures_table, TOOLS: vllm_parsers_table, REASONING: vllm_parsers_table,
        FLAGS: vllm_flags_table, **{kind: vllm_kernels_table for kind in _KERNELS},
    },
    "sglang": {
        ARCHITECTURES: sglang_architectures_table, TOOLS: sglang_parsers_table,
        REASONING: sglang_parsers_table, FLAGS: sglang_flags_table,
        **{kind: sglang_kernels_table for kind in _KERNELS},
    },
}  # fmt: skip
_SPAN = re.compile(r"([\w.]+)(?:-([\w.]+))?$")


class Span(t.NamedTuple):
    """From ``since`` on, before ``gone``; None: in the newest release that was read, too."""

    since: Release
    gone: t.Optional[Release]
    value: str

    def holds(self, release: Release) -> bool:
        return self.since <= release and (self.gone is None or release < self.gone)


class Table:
    """Names with their spans. ``first`` is the oldest release that was read: older ones are not known."""

    def __init__(self, spans: t.Mapping[str, t.Tuple[Span, ...]], first: Release) -> None:
        self._spans, self._first = spans, first

    def __contains__(self, name: object) -> bool:
        return name in self._spans

    def names(self, release: Release) -> t.List[str]:
        """What a release has, as far as it is known."""
        return [name for name in self._spans if self.value(name, release) is not None]

    def begun(self, start: str) -> t.List[str]:
        """All names that begin so, of any release, the oldest first."""
        found = [name for name in self._spans if name.startswith(start)]
        return sorted(found, key=lambda name: (min(span.since for span in self._spans[name]), name))

    def value(self, name: str, release: Release) -> t.Optional[str]:
        """The value in a release; None where it does not have the name, or nobody knows."""
        at = max(release, self._first)
        return next((span.value for span in self._spans.get(name, ()) if span.holds(at)), None)

    def covers(self, release: Release) -> bool:
        """Whether a release is not older than all that was read."""
        return release >= self._first

    def complaint(self, engine: str, name: str, release: Release) -> t.Optional[str]:
        """Why a release lacks a name that others have: since when, or until when; None where it has it."""
        spans = self._spans.get(name, ())
        if not spans or self.value(name, release) is not None:
            return None
        later = next((span for span in spans if span.since > release), None)
        if later is not None:
            return "needs %s %s or newer" % (engine, shown(later.since))
        gone = spans[-1].gone
        return "is gone since %s %s" % (engine, shown(gone or ())) if gone is not None else None


_NOTHING = Table({}, ())


@functools.lru_cache(maxsize=None)
def table(engine: str, kind: str) -> Table:
    """The table of an engine; an empty one where none was read (MindIE)."""
    stem = engine.lower()
    if stem not in _MODULES:
        return _NOTHING
    module = _MODULES[stem][kind]
    spans: t.Dict[str, t.List[Span]] = {}
    _add(spans, getattr(module, kind.upper(), ""), kind == ATTENTION)
    sorted_spans = {name: sorted(each, key=_by_since) for name, each in spans.items()}
    for row in reversed(_reviewed()):
        # What was reviewed goes before what was read.
        if kind == ATTENTION and row.name.startswith(stem + " attention "):
            sorted_spans.setdefault(row.name.split(" ")[2], []).insert(0, row.span)
    return Table({name: tuple(each) for name, each in sorted_spans.items()}, read_release(module.FIRST))


def last(engine: str) -> str:
    """The newest release that was read; empty where none was."""
    modules = _MODULES.get(engine.lower())
    return str(modules[ARCHITECTURES].LAST) if modules else ""


def _by_since(span: Span) -> Release:
    return span.since


def _add(spans: t.Dict[str, t.List[Span]], text: str, a_line_each: bool) -> None:
    """``@since[-gone] name[=value] name …`` over and over, or a line each: ``since[-gone] name=value``."""
    words = [line.split(" ", 1) for line in text.splitlines()] if a_line_each else []
    for told, word in words:
        _put(spans, word, _span(told))
    at: t.Tuple[Release, t.Optional[Release]] = ((), None)
    for word in () if a_line_each else text.split():
        if word.startswith("@"):
            at = _span(word[1:])
        else:
            _put(spans, word, at)


def _put(spans: t.Dict[str, t.List[Span]], word: str, at: t.Tuple[Release, t.Optional[Release]]) -> None:
    name, _sign, value = word.partition("=")
    spans.setdefault(name, []).append(Span(at[0], at[1], value))


def _span(text: str) -> t.Tuple[Release, t.Optional[Release]]:
    match = _SPAN.match(text)
    since, gone = match.groups() if match else (text, None)
    return read_release(since), read_release(gone) if gone else None


class Reviewed(t.NamedTuple):
    """A row that was written by hand."""

    name: str
    span: Span


@functools.lru_cache(maxsize=None)
def _reviewed() -> t.Tuple[Reviewed, ...]:
    found = []
    for line in reviewed_table.REVIEWED.splitlines():
        told, name, value = line.split("\t")
        since, gone = _span(told)
        found.append(Reviewed(name, Span(since, gone, value)))
    return tuple(found)


def reviewed(engine: str, topic: str, release: Release) -> t.Optional[str]:
    """What was written by hand about a topic, such as ``cards``, for a release."""
    name = "%s %s" % (engine.lower(), topic)
    return next((row.span.value for row in _reviewed() if row.name == name and row.span.holds(release)), None)


class Image(t.NamedTuple):
    """One image of an engine. ``chip`` is the variant of a runtime's chips (910b), empty where there is none."""

    release: str
    runtime: t.Tuple[int, ...]
    chip: str
    deprecated: bool


@functools.lru_cache(maxsize=None)
def images(engine: str, runtime: str) -> t.Tuple[Image, ...]:
    """GPUStack's images of an engine for cuda, rocm or cann, the newest release first."""
    found: t.List[Image] = []
    for line in images_table.IMAGES.splitlines():
        told, _sign, rest = line.partition(": ")
        name, release, of = told.split(" ")
        for word in rest.split(" ") if (name, of) == (engine.lower(), runtime) else ():
            version, _slash, chip = word.rstrip("!").partition("/")
            found.append(Image(release, read_release(version), chip, word.endswith("!")))
    return tuple(sorted(found, key=lambda image: (read_release(image.release), image.runtime), reverse=True))
