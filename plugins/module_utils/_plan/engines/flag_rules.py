# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a release of an engine takes an argument, and its value."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    CACHE_TYPES,
    FLAGS,
    REASONING,
    TOOLS,
    last,
    table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    Release,
    complaint,
)

_CACHE_TYPE = "--kv-cache-dtype"
_PARSERS = {"--tool-call-parser": TOOLS, "--reasoning-parser": REASONING}
# With one of these, parsers come from elsewhere.
_PLUGINS = ("--tool-parser-plugin", "--reasoning-parser-plugin")
# SGLang finds the parser itself.
_ANY_PARSER = ("auto",)
# Other names than these are nearer to nothing.
_LIKENESS = 0.6


class Complaint(t.NamedTuple):
    """``why`` follows the argument; ``instead``: what to write. ``sure``: no release that is known takes it."""

    why: str
    instead: str
    sure: bool = False


def refused(
    engine: str, argument: Argument, release: Release, user: t.Sequence[Argument]
) -> t.Optional[Complaint]:
    """Why a release does not take an argument of the user; None where it does, or nobody knows."""
    old = complaint(engine, argument.flag, release)
    if old is not None:
        return Complaint(*old)
    rows, name = table(engine, FLAGS), _plain(argument.flag)
    every = rows.names(release)
    if not every or not rows.covers(release):
        return None
    kind = _kind(engine, name, release)
    if kind is None:
        return _missing(engine, name, release)
    if name == _CACHE_TYPE:
        kind = "|".join(table(engine, CACHE_TYPES).names(release))
    return _value(engine, argument, kind, release, user)


def _plain(flag: str) -> str:
    """Without the key of a JSON object: ``--compilation-config.mode``, ``-O3``."""
    flag = flag.split(".")[0]
    return "-O" if flag.startswith("-O") else flag


def _kind(engine: str, name: str, release: Release) -> t.Optional[str]:
    """The type of a flag's value; that of the one that it abbreviates or denies; None where there is none."""
    rows = table(engine, FLAGS)
    found = rows.value(name, release)
    if found is None and name.startswith("--no-"):
        return rows.value("--" + name[len("--no-") :], release)
    if found is None and name.startswith("--"):
        begun = [each for each in rows.names(release) if each.startswith(name)]
        return "" if len(begun) == 1 else None
    return found


def _missing(engine: str, name: str, release: Release) -> Complaint:
    rows = table(engine, FLAGS)
    reason = rows.complaint(engine, name, release)
    near = difflib.get_close_matches(name, rows.names(release), 1, _LIKENESS)
    instead = near[0] if near else "leave it out"
    if reason is not None:
        return Complaint(reason, instead)
    return Complaint("is no argument of %s up to %s" % (engine, last(engine)), instead, True)


def _value(
    engine: str, argument: Argument, kind: str, release: Release, user: t.Sequence[Argument]
) -> t.Optional[Complaint]:
    value = argument.value
    if argument.flag in _PARSERS and value is not None:
        return _parser(engine, argument, release, user)
    if "|" not in kind or value is None or value in kind.split("|"):
        return None
    near = difflib.get_close_matches(value, kind.split("|"), 1, 0.0)
    return Complaint(
        "has none of the values that %s takes: %s" % (engine, ", ".join(kind.split("|"))),
        "%s=%s" % (argument.flag, near[0] if near else kind.split("|")[0]),
    )


def _parser(
    engine: str, argument: Argument, release: Release, user: t.Sequence[Argument]
) -> t.Optional[Complaint]:
    rows, name = table(engine, _PARSERS[argument.flag]), argument.value or ""
    if name in _ANY_PARSER or rows.value(name, release) is not None or not rows.names(release):
        return None
    if any(each.flag in _PLUGINS for each in user):
        return None
    near = difflib.get_close_matches(name, rows.names(release), 1, 0.0)
    instead = "%s=%s" % (argument.flag, near[0] if near else sorted(rows.names(release))[0])
    reason = rows.complaint(engine, name, release)
    if reason is not None:
        return Complaint("names a parser that " + reason, instead)
    return Complaint("names a parser that %s does not have up to %s" % (engine, last(engine)), instead, True)
