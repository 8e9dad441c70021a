# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner's modules, made of the data files: compact text that is parsed when it is asked for."""

from __future__ import annotations

import textwrap
import typing as t
from itertools import groupby
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import read_release

from tests.rules import facts
from tests.rules.history import DATA, ROOT, History, Row, load, read_rows

TARGET = ROOT / "plugins" / "module_utils" / "_plan" / "engines"
WIDTH = 108
ENGINES = {"vllm": "vLLM", "sglang": "SGLang"}
# What a module holds, and of which kinds.
MODULES: t.Mapping[str, t.Tuple[str, ...]] = {
    "architectures": (facts.ARCHITECTURES,),
    "kernels": (facts.QUANTIZATION, facts.ATTENTION, facts.CACHE_TYPES, facts.FLOAT16_REFUSED),
    "parsers": (facts.TOOLS, facts.REASONING),
    "flags": (facts.FLAGS,),
}
# Kinds whose values have spaces: one row a line.
_LONG = (facts.ATTENTION,)

_HEAD = '''# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""%s

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations
'''


def modules() -> t.Dict[Path, str]:
    """The text of every generated module, by its path."""
    found: t.Dict[Path, str] = {}
    for engine, name in ENGINES.items():
        releases, rows = load(engine)
        for module, kinds in MODULES.items():
            title = "%s of %s by release, from %s to %s." % (
                module.capitalize(), name, releases[0], releases[-1],
            )  # fmt: skip
            parts = [_HEAD % title, 'FIRST = "%s"' % releases[0], 'LAST = "%s"' % releases[-1]]
            parts += [_text(kind, rows[kind]) for kind in kinds if kind in rows]
            found[TARGET / ("%s_%s_table.py" % (engine, module))] = "\n".join(parts) + "\n"
    releases, rows = load("gpustack-runner")
    head = _HEAD % "Images of engines that GPUStack has, with the runtimes and chips that they are made for."
    body = 'RELEASE = "%s"\n' % releases[-1] + _images(rows[facts.IMAGES])
    found[TARGET / "images_table.py"] = head + "\n" + body + "\n"
    head = _HEAD % "What was reviewed by hand, because the syntax of the engines does not show it."
    found[TARGET / "families_table.py"] = _FAMILIES + "\n" + _families() + "\n"
    found[TARGET / "reviewed_table.py"] = head + "\n" + _reviewed() + "\n"
    return found


_FAMILIES = (
    _HEAD % "How families of models write tool calls and reasoning, and what they have to be started with."
)


def write() -> t.List[Path]:
    """Writes the modules that differ from the data, and names them."""
    changed = []
    for path, text in modules().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _text(kind: str, rows: t.Sequence[Row]) -> str:
    """``@since[-gone]`` and the names that this holds for, over and over; long values have a line each."""
    lines, running = t.cast(t.List[str], []), t.cast(t.List[str], [])
    for span, group in groupby(sorted(rows, key=_by_span), key=_span):
        words = [row.name + ("=%s" % row.value if row.value else "") for row in group]
        if kind in _LONG:
            lines += ["%s %s" % (span, word) for word in words]
        else:
            running += ["@" + span, *words]
    lines += textwrap.wrap(" ".join(running), WIDTH, break_long_words=False, break_on_hyphens=False)
    return _quoted(kind.upper(), lines)


def _by_span(row: Row) -> t.Tuple[t.Any, ...]:
    return (read_release(row.since), read_release(row.gone), row.name)


def _span(row: Row) -> str:
    return row.since + ("-" + row.gone if row.gone else "")


def _quoted(name: str, lines: t.Sequence[str]) -> str:
    """A text with one row a line; longer lines go on behind a backslash."""
    cut = ("\\\n".join(_pieces(line)) for line in lines)
    return '%s = """\\\n%s\n"""' % (name, "\n".join(cut))


def _pieces(line: str) -> t.List[str]:
    return [line[start : start + WIDTH] for start in range(0, len(line), WIDTH)]


def _images(rows: t.Sequence[Row]) -> str:
    """engine release runtime: versions and chips that an image exists for; ``!`` where it is deprecated."""
    found: t.Dict[str, t.List[str]] = {}
    for row in rows:
        if not row.gone:
            engine, release, runtime, version, chip = row.name.split(" ")
            word = version + ("/" + chip if chip != "-" else "") + ("!" if row.value else "")
            found.setdefault("%s %s %s" % (engine, release, runtime), []).append(word)
    return _quoted("IMAGES", ["%s: %s" % (key, " ".join(words)) for key, words in sorted(found.items())])


def _reviewed() -> str:
    rows = read_rows(DATA / "reviewed.tsv")
    lines = ["%s\t%s\t%s" % (_span(row), row.name, row.value) for row in rows]
    return _quoted("REVIEWED", lines)


def _families() -> str:
    """The rows without their sources; backslashes of patterns are doubled, for the text is no raw one."""
    lines = (DATA / "families.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (" ; ".join(part or "-" for part in line.split("\t")[:-1]) for line in lines)
    return _quoted("FAMILIES", [row.replace("\\", "\\\\") for row in rows])


def counted(rows: History) -> t.Dict[str, int]:
    return {kind: len(each) for kind, each in sorted(rows.items())}
