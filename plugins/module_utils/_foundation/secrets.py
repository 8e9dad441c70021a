# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one idea of a secret: what is called like one, and where one lies inside a text.

``secrets_in`` finds the values in what a user gives, which are hidden by value wherever they appear then, if no text
holds them by chance. ``without_secrets`` hides in what others say: a server's objects, the arguments and the words of
an engine. There a name shows a secret in ``name=value``, in a URL, in a header and in quotes; in sentences, in which
keys are missing and tokens unexpected, the value has to look like one.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote

HIDDEN = "(hidden)"
# What is shorter is no secret, and hiding it would tear other words apart.
MIN_LENGTH = 6

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ANYWHERE = frozenset(
    ("apikey", "bearer", "cookie", "credential", "credentials", "jwt", "passphrase", "passwd", "password",
     "passwords", "pwd", "secret", "secrets")
)  # fmt: skip
_LAST = frozenset(
    ("auth", "authorization", "dsn", "key", "keys", "pass", "pw", "sas", "sig", "signature", "token")
)
# Of names that end like a secret's and are none: tokens of a vocabulary, keys of a table.
_OTHERS = frozenset(("bos", "cache", "cls", "decoder", "eos", "foreign", "image", "mask", "pad", "primary", "public",
                     "sep", "sort", "unk", "vision"))  # fmt: skip
_AMAZON = frozenset(("access", "session"))

# Words that are called so in prose, too: a key of a table, an unexpected token.
_IN_PROSE = frozenset(
    ("auth", "bearer", "cookie", "credential", "credentials", "key", "keys", "pass", "pw", "sas", "sig", "signature",
     "token")
)  # fmt: skip
# What follows a flag in a sentence about it.
_OF_SENTENCES = frozenset(
    ("and", "are", "as", "at", "by", "can", "cannot", "does", "expects", "for", "from", "given", "has", "here", "if",
     "in", "instead", "is", "it", "may", "means", "must", "needs", "not", "of", "on", "or", "requires", "should",
     "so", "takes", "the", "then", "to", "too", "twice", "was", "were", "when", "will", "with", "would")
)  # fmt: skip

_USER_IN_URL = re.compile(r"(?<=://)([^\s/@'\"<>]{1,512})@")
# A name and what is between it and its value: ``--api-key=``, ``?token=``, ``"api_key": "``, ``Authorization: Bearer ``.
_HEAD = re.compile(
    r"(?<![\w.-])(?P<name>-{0,2}[A-Za-z][\w.-]{0,80})(?P<quoted>['\"]?)"
    r"(?:(?P<before>\s{0,3})(?P<sign>[=:])(?!//)(?P<after>\s{0,3})|(?P<space>\s{1,3})(?!-))(?P<open>[\['\"]{0,2})"
    r"(?P<scheme>(?:[Bb]earer|[Bb]asic)\s{1,3})?"
)
_VALUE = re.compile(r"[^\s'\"&;,)\]}]{1,4096}")
_BEARER = re.compile(r"\b([Bb]earer|[Bb]asic)(\s{1,3})([A-Za-z0-9._~+/=-]{6,4096})")
_ISSUED = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-|hf_|gpustack_|gh[opsu]_|glpat-|xox[abp]-|AKIA|eyJ)[A-Za-z0-9_.-]{12,4096}"
)
# Whether it is worth a closer look.
_HINT = re.compile(r"://[^\s/]*@|[=:]|--|[Bb]earer|[Bb]asic|sk-|hf_|gpustack_|gh[opsu]_|glpat-|xox|AKIA|eyJ")
# Not the secret, but where it is.
_REFERENCE = re.compile(r"os\.environ/|env:|\$\{?[A-Za-z_]|\{\{|vault:|file:|/run/secrets/|<")
_WORDS = re.compile(r"[A-Za-z]+(?:[-_/.:][A-Za-z]+)*\Z")
_PLACE = re.compile(r"(?:/|\.{1,2}/|~/|[A-Za-z]+://)|[\d.]*\.[\d.]*\Z")
_RUN = re.compile(r"[A-Za-z0-9]{12,}")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
_LONG_WORD, _LONGEST_WORD = 8, 24


def is_secret_name(name: str) -> bool:
    """Whether a variable, option, header or field is called like a secret: ``HF_TOKEN``, ``X-Api-Key``, ``authToken``."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return False
    if _ANYWHERE.intersection(words) or ("aws" in words and _AMAZON.intersection(words)):
        return True
    return words[-1] in _LAST and not _OTHERS.intersection(words[:-1])


def secrets_in(value: t.Any) -> t.Set[str]:
    """The secrets in what a user gave: values below a name of a secret, and those inside texts."""
    found: t.Set[str] = set()
    _collect(value, False, found)
    return {each for each in found if len(each) >= MIN_LENGTH and not _REFERENCE.match(each)}


def is_distinct(secret: str) -> bool:
    """Whether a secret can be hidden wherever it appears: no text holds it by chance, as it does ``test`` or ``vllm``."""
    return len(secret) >= _LONG_WORD or (len(secret) >= MIN_LENGTH and not _WORDS.match(secret))


def _collect(value: t.Any, is_secret: bool, found: t.Set[str]) -> None:
    if isinstance(value, t.Mapping):
        for name, item in value.items():
            _collect(item, is_secret or (isinstance(name, str) and is_secret_name(name)), found)
    elif isinstance(value, (list, tuple, set, frozenset)):
        items = list(value)
        for place, item in enumerate(items):
            after = place > 0 and isinstance(items[place - 1], str) and _is_secret_flag(items[place - 1])
            _collect(item, is_secret or after, found)
    elif isinstance(value, str):
        found.update([value] if is_secret else _inside(value))


def _inside(text: str) -> t.Iterator[str]:
    """The secrets in one text, as they stand there and decoded."""
    for start, end in _spots(text, prose=False):
        yield text[start:end]
        yield unquote(text[start:end])
        yield text[start:end].partition(":")[2]


def hidden_in_text(text: str) -> str:
    """A text in which secrets are hidden where they can be told by what stands before them, or by what they look like."""
    shown, place = [], 0
    for start, end in _spots(text, prose=True):
        shown += [text[place:start], HIDDEN]
        place = end
    return "".join(shown) + text[place:] if shown else text


def _spots(text: str, prose: bool) -> t.List[t.Tuple[int, int]]:
    """Where in a text secrets are, in their order and apart from each other. ``prose``: it may be sentences."""
    if not _HINT.search(text):
        return []
    found = [found.span(1) for found in _USER_IN_URL.finditer(text)]
    found += [
        found.span(3) for found in _BEARER.finditer(text) if not prose or not _WORDS.match(found.group(3))
    ]
    found += [found.span() for found in _ISSUED.finditer(text) if _looks_random(found.group())]
    for head in _HEAD.finditer(text):
        if is_secret_name(head.group("name")):
            value = _VALUE.match(text, head.end())
            if value is not None and _is_secret(head, value.group(), prose):
                found.append(value.span())
    apart: t.List[t.Tuple[int, int]] = []
    for start, end in sorted(found):
        if HIDDEN.startswith(text[start:end]) or (apart and start < apart[-1][1]):
            continue
        apart.append((start, end))
    return apart


def _is_secret(head: t.Match[str], value: str, prose: bool) -> bool:
    """Whether a value behind a name of a secret is one. In prose, ``key: missing`` tells of a key."""
    name = head.group("name")
    if _REFERENCE.match(value):
        return False
    if head.group("space"):
        # A word and a word make a pair only behind a flag.
        return name.startswith("--") and value.lower().rstrip(".:!?") not in _OF_SENTENCES
    if len(value) < MIN_LENGTH:
        return name.startswith("--") and head.group("sign") == "="
    close = not (head.group("before") or head.group("after"))
    if not prose or head.group("scheme") or (head.group("sign") == "=" and close):
        return True
    if name.lower() in _IN_PROSE:
        return _looks_random(value)
    quoted = bool(head.group("quoted") or head.group("open").strip("["))
    return quoted or _looks_like_a_secret(value)


def _looks_like_a_secret(value: str) -> bool:
    """Whether it is neither words nor a place nor a version."""
    bare = value.strip("().:!?[]")
    if len(bare) < MIN_LENGTH or _PLACE.match(bare):
        return False
    return not _WORDS.match(bare) or _looks_random(bare)


def _looks_random(value: str) -> bool:
    """Whether some of it is longer and more mixed than words and names are."""
    for run in _RUN.findall(value):
        mixed = not run.isalpha() or bool(_INNER_CAPITAL.search(run))
        if (mixed and not run.isdigit()) or len(run) > _LONGEST_WORD:
            return True
    return False


def without_secrets(value: t.Any) -> t.Any:
    """The value with its texts as ``hidden_in_text`` shows them, also where flag and value are two items."""
    if isinstance(value, str):
        return hidden_in_text(value)
    if isinstance(value, t.Mapping):
        return {name: without_secrets(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        shown = [without_secrets(item) for item in value]
        for place in range(1, len(shown)):
            if (
                isinstance(value[place - 1], str)
                and _is_secret_flag(value[place - 1])
                and isinstance(shown[place], str)
            ):
                shown[place] = HIDDEN
        return shown
    return value


def is_hidden(text: str) -> bool:
    """Whether a text has a place where a secret was hidden, here or by Ansible."""
    return HIDDEN in text or "********" in text or "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in text


def _is_secret_flag(text: str) -> bool:
    return text.startswith("--") and "=" not in text and is_secret_name(text)
