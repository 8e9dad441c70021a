# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data files: for each name, from which release to which an engine has it, with what value.

One file for each engine and kind, of tab-separated rows ``name since gone value file``. ``gone`` is the first
release that was read and has it no more, or not with this value. A file can be read back into what each release
had, so that a release may be added in any order.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import read_release

from tests.rules.facts import Fact, Facts

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "engines"
COLUMNS = ("name", "since", "gone", "value", "file")


class Row(t.NamedTuple):
    """``gone`` is empty while the newest release that was read has it."""

    name: str
    since: str
    gone: str
    value: str
    file: str


# By kind.
History = t.Dict[str, t.List[Row]]


def ordered(releases: t.Iterable[str]) -> t.List[str]:
    return sorted(set(releases), key=read_release)


def history(read: t.Mapping[str, Facts]) -> History:
    """Rows of what was read, by release."""
    releases, found, running = ordered(read), t.cast(History, {}), t.cast(t.Dict[t.Tuple[str, str], Row], {})
    for release in releases:
        facts = read[release]
        for key in sorted(set(running) - set(facts)):
            found.setdefault(key[0], []).append(running.pop(key)._replace(gone=release))
        for (kind, name), fact in facts.items():
            before = running.get((kind, name))
            if before is not None and before.value == fact.value:
                continue
            if before is not None:
                found.setdefault(kind, []).append(before._replace(gone=release))
            running[kind, name] = Row(name, release, "", fact.value, fact.file)
    for (kind, _name), row in running.items():
        found.setdefault(kind, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.name, read_release(row.since)))
    return found


def facts_of(rows: History, releases: t.Sequence[str]) -> t.Dict[str, Facts]:
    """What each release had, from the rows."""
    found: t.Dict[str, Facts] = {release: {} for release in releases}
    for kind, each in rows.items():
        for row in each:
            start, end = read_release(row.since), read_release(row.gone)
            for release in releases:
                if start <= read_release(release) < end:
                    found[release][kind, row.name] = Fact(row.value, row.file)
    return found


def load(engine: str) -> t.Tuple[t.List[str], History]:
    """(releases, rows by kind) of the data files of an engine; empty where there are none."""
    folder = DATA / engine
    if not folder.is_dir():
        return [], {}
    listed = (folder / "releases.tsv").read_text(encoding="utf-8").splitlines()
    kinds = [path for path in sorted(folder.glob("*.tsv")) if path.stem != "releases"]
    return listed[1:], {path.stem: read_rows(path) for path in kinds}


def read_rows(path: Path) -> t.List[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Row(*line.split("\t")) for line in lines[1:]]


def store(engine: str, releases: t.Sequence[str], rows: History) -> None:
    """Writes the data files of an engine, one for each kind."""
    folder = DATA / engine
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "releases.tsv", ["release", *releases])
    for kind, each in rows.items():
        _write(folder / ("%s.tsv" % kind), ["\t".join(row) for row in (Row(*COLUMNS), *each)])


def _write(path: Path, lines: t.Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
