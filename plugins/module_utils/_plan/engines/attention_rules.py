# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a release of an engine has kernels for a model's attention on a card."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    ATTENTION,
    reviewed,
    table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import Release
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import NVIDIA, Chip
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Compressed,
    Grouped,
    Latent,
)

PLAIN, LATENT, SPARSE, COMPRESSED = "plain", "latent", "sparse", "compressed"
WORDS = {
    PLAIN: "attention",
    LATENT: "latent attention (MLA)",
    SPARSE: "sparse latent attention (DSA)",
    COMPRESSED: "compressed sparse attention (DeepSeek V4)",
}
# As of a release: seen to work, or said to; what is not listed is not known.
VERIFIED, SHOULD, KNOWN_NOT = "verified", "should", "no"

# Families whose softmax has a learned sink (vllm/model_executor/models, ``sinks``).
_SINKS = frozenset(("gpt_oss", "mimo_v2", "mimo_v2_flash"))
# The layers of these have backends of their own, which the registry lists by these endings.
_OWN_ENDINGS = {"deepseek_v41": "DSV41"}
_OWN = "DSV4"


class Need(t.NamedTuple):
    """A kind of attention with the size of its heads; ``own``: a family's own backends only."""

    kind: str
    head: int
    sinks: bool = False
    own: str = ""


def needs_of(arch: Architecture) -> t.List[Need]:
    """The kinds of attention that a model has, each once."""
    found: t.List[Need] = []
    for mixer in arch.mixer_counts:
        if isinstance(mixer, Compressed):
            found.append(Need(COMPRESSED, mixer.head_dim, own=_OWN_ENDINGS.get(arch.family, _OWN)))
        elif isinstance(mixer, Latent):
            kind = LATENT if mixer.indexer is None else SPARSE
            found.append(Need(kind, mixer.latent_rank + mixer.rope_dim))
        elif isinstance(mixer, Grouped) and not mixer.index_dim:
            found.append(Need(PLAIN, mixer.key_dim, arch.family in _SINKS))
    return list(dict.fromkeys(found))


class Backend:
    """One row of the table: ``cuda mla sparse cards=9.0,10.0 sinks= heads=* dtypes=… cache=…``."""

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        words = value.split(" ")
        self._flags = {word for word in words if "=" not in word}
        self._lists = dict(word.split("=", 1) for word in words if "=" in word)

    def kind(self) -> t.Optional[str]:
        """None for what serves no plain decoder: other platforms, and block-sparse layers of one family."""
        if "cuda" not in self._flags:
            return None
        if "mla" in self._flags:
            return SPARSE if "sparse" in self._flags else LATENT
        return None if "sparse" in self._flags else PLAIN

    def fits(self, need: Need) -> bool:
        own = next((end for end in ("DSV41", "DSV4") if self.name.endswith(end)), "")
        kind = COMPRESSED if own else self.kind()
        return kind == need.kind and own == need.own

    def takes(self, need: Need, card: str, dtype: str, cache: str) -> bool:
        """Whether it serves ``need`` on a card (``8.9``); sizes and types that were not tried are let through."""
        return (
            self._has("cards", card)
            and (not need.sinks or self._has("sinks", card))
            and self._has("heads", str(need.head), among=_TRIED_HEADS)
            and self._has("dtypes", dtype)
            and (cache == "auto" or self._has("cache", cache))
        )

    def cards(self) -> str:
        return self._lists.get("cards", "").replace(",", ", ")

    def _has(self, key: str, value: str, among: t.Optional[t.Collection[str]] = None) -> bool:
        listed = self._lists.get(key, "*")
        return listed == "*" or value in listed.split(",") or (among is not None and value not in among)


_TRIED_HEADS = frozenset(
    [
        "32",
        "40",
        "64",
        "72",
        "80",
        "96",
        "112",
        "120",
        "128",
        "160",
        "192",
        "224",
        "256",
        "288",
        "320",
        "384",
        "512",
        "576",
    ]
)  # tests/rules/backends.py tries these


def no_attention(
    engine: str, release: Release, chip: Chip, arch: Architecture, dtype: str, cache: str
) -> t.Optional[str]:
    """Why a release has no kernels for a model on a chip, without its name; None where it has, or nobody knows."""
    for need in needs_of(arch):
        if chip.vendor != NVIDIA:
            if state_of(engine, release, need.kind, chip) == KNOWN_NOT:
                return "no backend for %s" % WORDS[need.kind]
            continue
        rows = table(engine, ATTENTION)
        backends = [Backend(name, rows.value(name, release) or "") for name in rows.names(release)]
        fitting = [backend for backend in backends if backend.fits(need)]
        card = _probe(chip)
        if card and fitting and not any(each.takes(need, card, dtype, cache) for each in fitting):
            return "no backend for %s%s: %s" % (
                WORDS[need.kind],
                " with sinks" if need.sinks else "",
                "; ".join("%s is for %s" % (each.name, each.cards()) for each in fitting),
            )
    return None


def unfit_backend(
    engine: str, release: Release, chip: Chip, arch: Architecture, dtype: str, name: str
) -> t.Optional[str]:
    """Why an attention backend that a user names serves no layer of a model; None where it may, or nobody knows.

    Backends of other platforms than CUDA have no lists of cards.
    """
    rows, card, needs = table(engine, ATTENTION), _probe(chip), needs_of(arch)
    known = rows.names(release)
    if not known or not needs or chip.vendor != NVIDIA or not card:
        return None
    value = rows.value(name.upper(), release)
    if value is None:
        return rows.complaint(engine, name.upper(), release) if name.upper() in rows else None
    backend = Backend(name.upper(), value)
    fitting = [need for need in needs if backend.fits(need)]
    if not fitting:
        return "serves no %s" % WORDS[needs[0].kind]
    if any(backend.takes(need, card, dtype, "auto") for need in fitting):
        return None
    return "has no kernels for it on compute capability %s (%s)" % (card, backend.cards() or "no card")


def state_of(engine: str, release: Release, topic: str, chip: Chip) -> t.Optional[str]:
    """What was reviewed of a topic (a kind of attention, a format) on a chip; None where nothing was."""
    name = "sm%d" % (chip.capability[0] * 10) if chip.vendor == NVIDIA and chip.capability else chip.target
    found = [
        word.partition("=")
        for word in (reviewed(engine, "status " + topic, release) or "").split(" ")
        if word and name.startswith(word.partition("=")[0])
    ]
    return max(found, key=lambda part: len(part[0]))[2] if found else None


def _probe(chip: Chip) -> str:
    """The compute capability as the table writes it, ``8.9``."""
    return "" if chip.capability is None else "%d.%d" % chip.capability
