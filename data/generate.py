# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the tables of the core from the reviewed files beside this one: ``make data``.

What Ansible sends to a host can read Python modules and nothing else, therefore each file becomes one.
Another table is one more line in ``TABLES``.
"""

from __future__ import annotations

import csv
import itertools
import typing as t
from pathlib import Path

import yaml

from data import literals

DATA = Path(__file__).resolve().parent
UTILS = DATA.parent / "plugins" / "module_utils"
Row = t.Dict[str, str]
Pair = t.Tuple[int, int]
_NO_END: Pair = (99, 0)
_LICENCE = "".join(Path(__file__).read_text(encoding="utf-8").splitlines(keepends=True)[:3])
_MODULE = '''{licence}
"""{title}

Made by ``make data`` from ``data/{source}``, where each row has its source. Edit that file.
"""

from __future__ import annotations

import typing as t

# fmt: off
{body}'''


class WrongData(Exception):
    """A row that breaks a rule of its file; the text says which and how."""


def rows_of(name: str, *keys: str) -> t.List[Row]:
    """The rows of a CSV file of this folder, each with a source; no two have all of ``keys`` alike."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seen: t.Set[str] = set()
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise WrongData(f"{name} line {number}: not as many cells as the first line has")
        named = " ".join(row[key] for key in keys)
        if not row["source"]:
            raise WrongData(f"{name} line {number}: {named} has no source")
        if named in seen:
            raise WrongData(f"{name} line {number}: {named} is there twice")
        seen.add(named)
    return rows


def cards() -> str:
    """Models of cards with their sizes and rates."""
    lines = []
    for row in rows_of("cards.csv", "key"):
        if row["memory"] not in ("reported", "nominal", "unified"):
            raise WrongData(f"cards.csv: the memory of {row['key']} is {row['memory']!r}")
        words = [_word(row[name]) for name in ("key", "product", "vendor", "architecture", "level")]
        size = [int(row["memory_mib"]), row["memory"] == "nominal", row["memory"] == "unified"]
        rates = [_number(row[name]) for name in ("bandwidth_gbps", "bf16_tflops", "fp8_tflops", "fp4_tflops")]
        rest = [_word(row["link"]), _number(row["link_gbps"]), _number(row["power_w"]), _word(row["pci_id"])]
        lines.append(_line([*words, *size, *rates, *rest, row["source"]]))
    return _module(
        "Known cards, a row each, in the order of the fields of ``cards.Card``.",
        "cards.csv",
        "ROWS: t.Tuple[t.Tuple[t.Any, ...], ...] = (\n%s)\n" % "".join(lines),
    )


def card_families() -> str:
    """Families of cards by the words that their names share."""
    lines = []
    for row in rows_of("card_families.csv", "name"):
        rates = ("memory_gib", "bandwidth_gbps", "bf16_tflops", "fp8_tflops", "fp4_tflops", "link_gbps")
        lines.append(_line([row["name"], row["architecture"], *(_number(row[name]) for name in rates)]))
    return _module(
        "Families of cards, a row each, in the order of the fields of ``cards.Card``.",
        "card_families.csv",
        "ROWS: t.Tuple[t.Tuple[t.Any, ...], ...] = (\n%s)\n" % "".join(lines),
    )


def format_support() -> str:
    """Which chip of which vendor runs which format of weights how, by engine."""
    name = "format_support.csv"
    lines: t.List[str] = []
    seen: t.Set[t.Tuple[t.Any, ...]] = set()
    for row in rows_of(name, "vendor", "engines", "formats", "chips"):
        if row["runs"] not in ("native", "weight_only", "no"):
            raise WrongData(f"{name}: {row['formats']} runs {row['runs']!r}")
        chips = _capabilities(row) if row["vendor"] == "nvidia" else tuple(row["chips"].split())
        engines, formats = row["engines"].split(), row["formats"].split()
        for case in itertools.product([row["vendor"]], engines, formats, chips):
            if any(_overlap(case, other) for other in seen):
                raise WrongData(f"{name}: {' '.join(map(str, case))} is there twice")
            seen.add(case)
        toolkit = _pair(row["toolkit"]) if row["toolkit"] else None
        words = [_word(row[key]) for key in ("runs", "computes_in", "made_for")]
        lines.append(_line([row["vendor"], tuple(engines), tuple(formats), chips, *words, toolkit]))
    return _module(
        "Which chip runs which format how, a row each, in the order of ``card_support.Row``.",
        name,
        "ROWS: t.Tuple[t.Tuple[t.Any, ...], ...] = (\n%s)\n" % "".join(lines),
    )


def _capabilities(row: Row) -> t.Tuple[t.Tuple[Pair, Pair]]:
    """The compute capabilities of a row, from and below, as a tuple like those of other vendors' chips."""
    since, dash, until = row["chips"].partition("-")
    try:
        pair = (_pair(since), _pair(until) if until else _NO_END)
    except ValueError:
        dash, pair = "", (_NO_END, _NO_END)
    if not dash or pair[0] >= pair[1]:
        raise WrongData(f"format_support.csv: {row['chips']!r} is no range of compute capabilities, 7.5-8.9")
    return (pair,)


def _overlap(case: t.Tuple[t.Any, ...], other: t.Tuple[t.Any, ...]) -> bool:
    """Whether one chip would be decided by two rows."""
    if case[:3] != other[:3]:
        return False
    one, two = case[3], other[3]
    if isinstance(one, str):
        return bool(one.startswith(two) or two.startswith(one))
    return bool(one[0] < two[1] and two[0] < one[1])


def model_families() -> str:
    """Families of models: what their configs leave out, and what their code does that no config says."""
    name = "model_families.yml"
    document = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    traits: t.Dict[str, t.List[str]] = {trait: [] for trait in document["traits"]}
    defaults: t.Dict[str, t.Dict[str, str]] = {"defaults": {}, "nested_defaults": {}}
    seen: t.List[str] = []
    for row in document["families"]:
        family = row["family"]
        wrong = set(row) - {"family", "source", "traits", *defaults} | set(row.get("traits", ())) - set(
            traits
        )
        if wrong or not row.get("source"):
            raise WrongData(f"{name}: {family} has {', '.join(sorted(wrong)) or 'no source'}")
        seen.append(family)
        for trait in row.get("traits", ()):
            traits[trait].append(family)
        for kind, found in defaults.items():
            if kind in row:
                items = ['"%s": %s' % (key, _literal(value)) for key, value in sorted(row[kind].items())]
                found[family] = _wrapped('    "%s": {' % family, items, "},")
    if seen != sorted(set(seen)):
        raise WrongData(f"{name}: families are not in the order of the alphabet, or one is there twice")
    body = "".join(
        "%s: t.Mapping[str, t.Mapping[str, t.Any]] = {\n%s}\n\n"
        % (kind.upper(), "".join(found[family] for family in sorted(found)))
        for kind, found in defaults.items()
    )
    body += "TRAITS: t.Mapping[str, t.FrozenSet[str]] = {\n%s}\n" % "".join(
        _wrapped('    "%s": frozenset((' % trait, [_literal(family) for family in found], ",)),")
        for trait, found in traits.items()
    )
    return _module("What is known about families of models beyond their configs.", name, body)


def _named(name: str) -> t.Dict[str, t.List[t.Tuple[str, str]]]:
    """Pairs of key and value by the table that a row is of, in the order of the file."""
    found: t.Dict[str, t.List[t.Tuple[str, str]]] = {}
    for row in rows_of(name, "table", "key", "value"):
        found.setdefault(row["table"], []).append((row["key"], row["value"]))
    return found


class Named(t.NamedTuple):
    """A constant that a table of names becomes: its type, how pairs become it, and what it says."""

    name: str
    type: str
    form: t.Callable[[literals.Pairs], str]
    meaning: str


def names_module(title: str, source: str, constants: t.Sequence[Named]) -> str:
    """A module of the tables of one file; WrongData for a table that is not among them."""
    tables = _named(source)
    unknown = set(tables) - {constant.name for constant in constants}
    if unknown:
        raise WrongData(f"{source}: there is no table {', '.join(sorted(unknown))}")
    parts = [
        '%s: %s = %s\n"""%s"""\n' % (one.name, one.type, one.form(tables[one.name]), one.meaning)
        for one in constants
    ]
    return _module(title, source, "\n".join(parts))


_MANY = "t.Mapping[str, t.Tuple[str, ...]]"


def closed_models() -> str:
    """Models whose makers keep the weights."""
    meaning = (
        "Maker -> its closed models, as expressions over a whole name in lower case with dashes for spaces."
    )
    return names_module(
        "Families whose weights nobody can have.",
        "closed_models.csv",
        [Named("CLOSED", _MANY, literals.several, meaning)],
    )


def model_makers() -> str:
    """Who makes which models."""
    return names_module(
        "Who makes which models, and how people call makers and models.",
        "model_makers.csv",
        [
            Named(
                "MAKERS",
                _MANY,
                literals.several,
                "Owner in lower case -> family words of the models that it makes.",
            ),
            Named(
                "VENDORS",
                _MANY,
                literals.several,
                "What a maker is called -> owners of its repositories, in lower case.",
            ),
            Named(
                "CHINESE",
                "t.Mapping[str, str]",
                literals.texts,
                "Chinese words of names -> what repositories have instead.",
            ),
        ],
    )


def model_sizes() -> str:
    """Sizes that names do not say."""
    number = "t.Mapping[str, float]"
    whole = "t.Tuple[t.Tuple[str, float, t.Optional[float]], ...]"
    return names_module(
        "Sizes that names do not say, in billions of parameters.",
        "model_sizes.csv",
        [
            Named(
                "SIZES",
                number,
                literals.numbers,
                "Last part of a repository's name in lower case -> parameters in all.",
            ),
            Named(
                "DEFAULT_SIZES",
                number,
                literals.numbers,
                "Family -> the size that ollama serves for the name alone.",
            ),
            Named(
                "WHOLE", whole, literals.sizes, "Pattern of a name -> parameters in all and for one token."
            ),
        ],
    )


def search_words() -> str:
    """Words of wishes in searches."""
    text, pairs = "t.Mapping[str, str]", "t.Tuple[t.Tuple[str, str], ...]"
    return names_module(
        "The words of wishes in searches: what people call tasks, hardware, licences and languages.",
        "search_words.csv",
        [
            Named(
                "CHINESE",
                text,
                literals.texts,
                "Chinese words -> what an English search would say; longer ones first.",
            ),
            Named(
                "GPUS",
                "t.Mapping[str, float]",
                literals.numbers,
                "A card or machine -> gigabytes for models on it.",
            ),
            Named(
                "TASKS",
                text,
                literals.texts,
                "A task that catalogs have no field for -> how models for it are called.",
            ),
            Named(
                "PHRASES",
                pairs,
                literals.pairs_of,
                "What people write -> the wish, tried in this order over the text.",
            ),
            Named("NEGATED", "str", literals.word, "What stands before a wish that is not wanted."),
            Named(
                "CLASSES",
                _MANY,
                literals.several,
                "A class of licences -> its members; * stands for any letters.",
            ),
            Named(
                "LICENCES",
                pairs,
                literals.pairs_of,
                "What people write -> a licence, a class of them, or a pattern.",
            ),
            Named(
                "LANGUAGES",
                _MANY,
                literals.several,
                "A language -> names of models for it, and of such that are not.",
            ),
            Named(
                "FILLER",
                "t.FrozenSet[str]",
                literals.words,
                "Words that say nothing about a model by themselves.",
            ),
        ],
    )


TABLES: t.Mapping[Path, t.Callable[[], str]] = {
    UTILS / "_gpu" / "common" / "card_table.py": cards,
    UTILS / "_plan" / "hardware" / "card_family_table.py": card_families,
    UTILS / "_plan" / "formats" / "format_support_table.py": format_support,
    UTILS / "_plan" / "model" / "family_table.py": model_families,
    UTILS / "_catalog" / "names" / "closed_table.py": closed_models,
    UTILS / "_catalog" / "names" / "maker_table.py": model_makers,
    UTILS / "_catalog" / "names" / "size_table.py": model_sizes,
    UTILS / "_catalog" / "search" / "wish_words.py": search_words,
}


def _module(title: str, source: str, body: str) -> str:
    return _MODULE.format(licence=_LICENCE, title=title, source=source, body=body)


def _line(cells: t.Sequence[t.Any]) -> str:
    return _wrapped("    (", [_literal(cell) for cell in cells], "),")


def _wrapped(opening: str, items: t.Sequence[str], closing: str) -> str:
    """The items between brackets, on as few lines as their width allows."""
    lines = [opening]
    for number, item in enumerate(items):
        item += "," if number < len(items) - 1 else closing
        blank = "" if lines[-1] == opening else " "
        if len(lines[-1]) + len(blank) + len(item) > literals.WIDTH and blank:
            lines.append(" " * len(opening) + item)
        else:
            lines[-1] += blank + item
    return "\n".join(lines) + "\n"


def _literal(value: t.Any) -> str:
    if isinstance(value, tuple):
        return "(%s%s)" % (", ".join(map(_literal, value)), "," if len(value) == 1 else "")
    return '"%s"' % value if isinstance(value, str) else repr(value)


def _word(cell: str) -> t.Optional[str]:
    return cell or None


def _number(cell: str) -> t.Optional[float]:
    return float(cell) if cell else None


def _pair(cell: str) -> Pair:
    major, minor = cell.split(".")
    return int(major), int(minor)


def main() -> None:
    """Write what differs, and name it."""
    for path, table in TABLES.items():
        text = table()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path}")


if __name__ == "__main__":
    main()
