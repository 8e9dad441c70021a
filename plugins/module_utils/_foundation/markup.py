# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one decoder of YAML and TOML in catalogs and settings: plain values only, as JSON has them.

Dates stay text, tags other than JSON's types are refused, and so are keys that are there twice.
"""

from __future__ import annotations

import datetime
import functools
import importlib
import math
import typing as t

try:
    import yaml
except ImportError:  # only needed for YAML
    yaml = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    MAX_DEPTH,
    MAX_INTEGER,
    Undecodable,
    check_nesting,
    text_of,
    unique_object,
    without_surrogates,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import MissingLibrary

MAX_BYTES = 8 << 20
# A key of so many parts costs TOML's readers the square of it.
MAX_DOTS = 512

MAX_MERGED = 100_000

_MERGE = "tag:yaml.org,2002:merge"
_TYPES = ("null", "bool", "int", "float", "str", "seq", "map")
_SHOWN = 24


def yaml_value(data: t.Union[bytes, str]) -> t.Any:
    """The value of one YAML document. :raises Undecodable: it is none, or not harmless."""
    if yaml is None:
        raise MissingLibrary("PyYAML")
    text = text_of(data, MAX_BYTES)
    loader = _plain_loader()
    try:
        _check_depth(text)
        value = yaml.load(text, Loader=loader)
    except Undecodable:
        raise
    except yaml.YAMLError as exc:
        raise Undecodable("is not YAML (%s)" % _one_line(exc)) from exc
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as exc:
        raise Undecodable("has a value that does not fit its tag (%s)" % _one_line(exc)) from exc
    check_nesting(value)
    return value


def toml_value(data: t.Union[bytes, str]) -> t.Any:
    """The value of a TOML document. :raises Undecodable: it is none, or not harmless."""
    text = text_of(data, MAX_BYTES)
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise Undecodable("has a line with more than %d dots" % MAX_DOTS)
    try:
        value = _toml().loads(text)
    except RecursionError as exc:
        raise Undecodable("is nested deeper than %d" % MAX_DEPTH) from exc
    except (ValueError, OverflowError) as exc:
        raise Undecodable("is not TOML (%s)" % _one_line(exc)) from exc
    check_nesting(value)
    return plain(value)


def plain(value: t.Any) -> t.Any:
    """The value with JSON's types only: dates as text, numbers that nothing holds as text, keys as text."""
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return _plain_scalar(value)


def _plain_scalar(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, int) and -MAX_INTEGER <= value <= MAX_INTEGER:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "a number of %d bits" % value.bit_length() if isinstance(value, int) else str(value)[:_SHOWN]


def _check_depth(text: str) -> None:
    """Before anything is built, which the C library does without looking at its stack."""
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Undecodable("is nested deeper than %d" % MAX_DEPTH)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


@functools.lru_cache(maxsize=None)
def _plain_loader() -> t.Any:
    """A loader of JSON's types: no dates, binaries, sets or ordered maps, whatever a document tags."""
    base: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class PlainLoader(base):  # type: ignore[misc]
        """Refuses a key that is there twice; what a merge brings in may be overridden."""

        def construct_mapping(self, node: t.Any, deep: bool = False) -> t.Any:
            if isinstance(node, yaml.MappingNode):
                own = [key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode)]
                unique_object([(key, None) for key in own if key != "<<"])
            return super().construct_mapping(node, deep)

        def flatten_mapping(self, node: t.Any) -> None:
            """Fields that are merged in count, and none twice: PyYAML before 6.0.4 multiplies them level by level."""
            sources = [source for key, value in node.value if key.tag == _MERGE for source in _sources(value)]
            for source in sources:
                self.flatten_mapping(source)
            self.merged = getattr(self, "merged", 0) + sum(len(source.value) for source in sources)
            if self.merged > MAX_MERGED:
                raise Undecodable("merges more than %d fields" % MAX_MERGED)
            super().flatten_mapping(node)
            node.value = list({id(key): (key, value) for key, value in node.value}.values())

    kept = {"tag:yaml.org,2002:%s" % name for name in _TYPES}
    PlainLoader.yaml_constructors = {
        tag: build for tag, build in base.yaml_constructors.items() if tag in kept or tag is None
    }
    PlainLoader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in rows if tag in kept or tag.endswith(":merge")]
        for first, rows in base.yaml_implicit_resolvers.items()
    }
    for name in ("int", "float", "str"):
        _keep_plain(PlainLoader, "tag:yaml.org,2002:%s" % name)
    return PlainLoader


def _sources(value: t.Any) -> t.List[t.Any]:
    """The objects that one ``<<`` names."""
    nodes = value.value if isinstance(value, yaml.SequenceNode) else [value]
    return [node for node in nodes if isinstance(node, yaml.MappingNode)]


def _keep_plain(loader: t.Any, tag: str) -> None:
    build = loader.yaml_constructors[tag]
    loader.yaml_constructors[tag] = lambda self, node: plain(build(self, node))


def _toml() -> t.Any:
    """The standard library's reader, since Python 3.11, else tomli."""
    for name in ("tomllib", "tomli"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise MissingLibrary("tomli")


def _one_line(problem: Exception) -> str:
    line = " ".join(str(problem).split())
    return "%s: %s" % (type(problem).__name__, line[:200])
