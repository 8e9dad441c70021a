# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sound input made broken, the same for the same number: by structure where it is JSON, else by bytes."""

from __future__ import annotations

import copy
import json
import random
import re
import typing as t

HOSTILE: t.Sequence[t.Any] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.5, -0.0, 1e308, -1e308, 1e-320,
    float("inf"), float("-inf"), float("nan"), "", " ", "0", "-1", "NaN", "1e999", "9" * 400, "²", "٣", "ﬀ",
    "\x00", "\x1b]0;x\x07", "\x9b31m", "\u202eevil", "\ud800", "../../etc/passwd", "{{ 7 * 7 }}", "a" * 5000,
    "%s%n", "true", "null", "1.2.3", [], {}, [[]], [None], {"": ""}, {"id": None}, [1, 2], {"a": {"a": {}}},
)  # fmt: skip
TOKENS: t.Sequence[bytes] = (
    b"\x00", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\x1b[31m", b"1e999", b"NaN", b"9" * 400, b"\\ud800", b"[" * 200,
    b"{" * 200, b'{"a":' * 70, b"\r\n", b"\n\n", b"!!bool x", b"!!timestamp 2", b"!!python/object:os.system ", b"&a [*a]",
    b"*a", b"<<: ", b'"', b"'", b"\t", b": ", b"- ", b"#", b",", b"1.2.3", "²".encode(), b"\xef\xbb\xbf", b"0x", b"-",
)  # fmt: skip

_DEEPEST = 70
# What is as long as this grows no further: fifty times fifty times would be the fuzzer's own memory.
_MOST = 1 << 20
# Of a URL and the answer that comes from there, the answer is what is foreign.
_ANSWER = re.compile(rb'(\["http[^"]*", )(.*)\]\Z', re.DOTALL)


def mutated(seed: bytes, number: int) -> bytes:
    """The mutation of ``seed`` with this number."""
    answer = _ANSWER.match(seed)
    if answer is not None:
        return answer.group(1) + mutated(answer.group(2), number) + b"]"
    chance = random.Random("%d %d" % (len(seed), number))
    try:
        value = json.loads(seed)
    except ValueError:
        return _bytes(seed, chance)
    if chance.random() < 0.1:
        return _bytes(seed, chance)
    text = ""
    for _step in range(chance.choice((1, 1, 1, 2, 3, 6))):
        value = _structure(value, chance)
        text = json.dumps(value)
        if len(text) > _MOST:
            break
    return text.encode("utf-8", "backslashreplace")


def _structure(value: t.Any, chance: random.Random) -> t.Any:
    """One place of a value changed."""
    places = list(_places(value))
    if not places:
        return copy.deepcopy(chance.choice(HOSTILE))
    found = copy.deepcopy(value)
    path = chance.choice(places)
    parent = found
    for key in path[:-1]:
        parent = parent[key]
    _change(parent, path[-1], chance)
    return found


def _change(parent: t.Any, key: t.Any, chance: random.Random) -> None:
    kind = chance.randrange(8)
    if kind == 0:
        del parent[key]
    elif kind == 1:
        parent[key] = [parent[key]] * chance.choice((1, 2, 50))
    elif kind == 2 and isinstance(parent, dict):
        parent[str(chance.choice(HOSTILE))] = parent.pop(key)
    elif kind == 3 and isinstance(parent, list):
        parent += parent * chance.choice((1, 20))
    elif kind == 4:
        for _level in range(chance.choice((1, 5, _DEEPEST))):
            parent[key] = chance.choice(([parent[key]], {"x": parent[key]}))
    elif kind == 5:
        parent[key] = str(parent[key])[:5000]
    else:
        parent[key] = copy.deepcopy(chance.choice(HOSTILE))


def _places(value: t.Any, path: t.Tuple[t.Any, ...] = ()) -> t.Iterator[t.Tuple[t.Any, ...]]:
    items: t.Iterable[t.Tuple[t.Any, t.Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield (*path, key)
        if len(path) < _DEEPEST:
            yield from _places(item, (*path, key))


def _bytes(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _step in range(chance.choice((1, 1, 2, 4, 10))):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            data[place : place + chance.choice((1, 4, 100))] = b""
        elif kind == 1 and data:
            data[min(place, len(data) - 1)] = chance.randrange(256)
        elif kind == 2:
            data[place:place] = data[place : place + chance.choice((4, 64, 1000))]
        elif kind == 3:
            data[place : place + 8] = chance.getrandbits(64).to_bytes(8, "little")
        elif kind == 4:
            del data[place:]
        else:
            data[place:place] = chance.choice(TOKENS)
    return bytes(data)
