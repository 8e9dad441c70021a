# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and merging engine arguments such as ``--max-num-seqs=64``."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

_COUNT = re.compile(r"(\d+(?:\.\d+)?)([kKmMgG]?)$")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "K": 2**10, "M": 2**20, "G": 2**30}

# vLLM gives its cache so many bytes, whatever its fraction.
CACHE_BYTES = "--kv-cache-memory-bytes"


@dataclass(frozen=True)
class Argument:
    """One engine argument; ``flag`` keeps its dashes, ``value`` is None for a switch."""

    flag: str
    value: t.Optional[str] = None

    def __str__(self) -> str:
        return self.flag if self.value is None else "%s=%s" % (self.flag, self.value)


def parse(raw: t.Iterable[str]) -> t.List[Argument]:
    """Arguments from ``--a=b``, ``--a b``, ``--a`` followed by ``b``, and ``--a_b`` spellings."""
    found: t.List[Argument] = []
    for item in raw:
        text = item.strip()
        if not text.startswith("-") and found and found[-1].value is None:
            found[-1] = Argument(found[-1].flag, text)
            continue
        parts = re.split(r"[=\s]", text, maxsplit=1)
        value = parts[1].strip() if len(parts) == 2 else None
        found.append(Argument(parts[0].replace("_", "-"), value))
    return found


def last_of(given: t.Sequence[Argument], flags: t.Container[str]) -> t.Optional[Argument]:
    """The argument that counts of those that are spelt as one of ``flags``."""
    return next((argument for argument in reversed(given) if argument.flag in flags), None)


def count_of(given: t.Sequence[Argument], flags: t.Container[str]) -> t.Optional[int]:
    """The value of that argument; None without one.

    :raises InvalidInput: it is not a positive whole number.
    """
    argument = last_of(given, flags)
    if argument is None:
        return None
    if not (argument.value or "").isdigit() or int(argument.value or 0) < 1:
        raise InvalidInput(
            "backend_parameters contains %s, which is not a positive whole number" % argument,
            hint="Write it as %s=N." % argument.flag,
            parameter=argument.flag,
        )
    return int(argument.value or 0)


def merge(planned: t.Sequence[Argument], *layers: t.Sequence[Argument]) -> t.List[str]:
    """One list: a later layer replaces the flags of the earlier ones and keeps their place."""
    merged: t.Dict[str, t.List[Argument]] = {}
    for layer in (planned, *layers):
        fresh: t.Dict[str, t.List[Argument]] = {}
        for argument in layer:
            fresh.setdefault(argument.flag, []).append(argument)
        merged.update(fresh)
    return [str(argument) for arguments in merged.values() for argument in arguments]


def human_count(text: t.Optional[str]) -> t.Optional[int]:
    """A count as vLLM reads it: 32k is 32000, 32K is 32768; None for anything else."""
    match = _COUNT.match(text or "")
    return int(float(match.group(1)) * _UNITS[match.group(2)]) if match else None


def cache_of(user: t.Sequence[Argument]) -> t.Optional[int]:
    """Bytes of the cache that the user's arguments fix; None where they fix none."""
    argument = last_of(user, (CACHE_BYTES,))
    return human_count(argument.value) if argument is not None else None
