# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which modules a quantization config speaks of.

Publishers name the same module differently (``model.language_model.layers.0.block_sparse_moe``,
``model.layers.0.mlp``); both sides are brought to one spelling before they are compared.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import typing as t

# One pass over a name: what is dropped, and what is called otherwise; the first that matches wins.
_SPELLINGS: t.Tuple[t.Tuple[str, str], ...] = (
    (r"(?:^|(?<=\.))(?:model|language_model|text_model|thinker|backbone|transformer)\.", ""),
    (r"\b(?:block_sparse_moe|feed_forward|ffn)\b", "mlp"),
    (r"\bmixer\.(?=[qkvo]_proj)", "self_attn."),
    (r"\bmixer\.(?=experts|shared_expert|gate\b|fc[12]_latent|up_proj|down_proj)", "mlp."),
    (r"\b(?:mixer|mamba)\b", "linear_attn"),
    (r"\bshared_expert\b", "shared_experts"),
    (r"\bin_proj(?:_qkvz?|_z)?\b", "in_proj_qkv"),
    (r"\b(?:w[123]|gate_up_proj|up_proj|down_proj)\b", "gate_proj"),
)
_SPELLING = re.compile("|".join("(%s)" % pattern for pattern, _normal in _SPELLINGS))


class _Patterns(t.NamedTuple):
    """``exact``: normal names, found anywhere in a path; ``globs`` and ``regexes`` as written."""

    exact: t.FrozenSet[str]
    globs: t.Optional[t.Pattern[str]]
    regexes: t.Tuple[t.Pattern[str], ...]


def matches_any(patterns: t.Tuple[str, ...], module: str) -> bool:
    """Whether one of ``patterns`` names ``module`` or a part of its path.

    A pattern is a name, a shell pattern, or ``re:`` and a regular expression.
    """
    return bool(patterns) and _matches(_compiled(patterns), module)


def _matches(compiled: _Patterns, module: str) -> bool:
    path = normal(module)
    parts = path.split(".")
    ends = range(1, len(parts) + 1)
    if any(".".join(parts[start:end]) in compiled.exact for end in ends for start in range(end)):
        return True
    if compiled.globs is not None and compiled.globs.match(path + "."):
        return True
    return any(regex.match(name) for regex in compiled.regexes for name in (module, "model." + module))


@functools.lru_cache(maxsize=64)
def _compiled(patterns: t.Tuple[str, ...]) -> _Patterns:
    exact, globs, regexes = set(), [], []
    for pattern in patterns:
        if pattern.startswith("re:"):
            regexes.append(_regex(pattern[3:]))
        elif any(letter in pattern for letter in "*?["):
            globs.append(fnmatch.translate("*" + normal(pattern.strip(".")) + ".*"))
        else:
            exact.add(normal(pattern.strip(".")))
    joined = re.compile("|".join(globs)) if globs else None
    return _Patterns(frozenset(exact), joined, tuple(regexes))


def _regex(text: str) -> t.Pattern[str]:
    """A publisher's regular expression; one that cannot be read names nothing but itself."""
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(text))


@functools.lru_cache(maxsize=65536)
def normal(name: str) -> str:
    """A module's path in the one spelling that is compared."""
    return _SPELLING.sub(lambda match: _SPELLINGS[(match.lastindex or 1) - 1][1], name)
