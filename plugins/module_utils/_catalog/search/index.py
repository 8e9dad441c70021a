# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of models: of their ids, names, repositories, makers and providers. Pure.

The tables are JSON-ready, so that they can be kept for as long as the catalogs stay the same.
"""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.maker_table import (
    MAKERS,
    VENDORS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.makers import (
    family_owners,
    owners_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import (
    signature,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.merged import plain_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord

WHOLE, TOLD, BEGUN = 3.0, 2.5, 1.0
_CHUNK = re.compile(r"[^\s\-_/:()@,]+")
_TABLES = ("chunks", "words", "makers", "providers", "plain")
_RESELLERS = frozenset((
    "groq", "bedrock", "azure", "openrouter", "together", "fireworks", "vertex", "cerebras", "deepinfra", "novita", "baseten", "copilot",
))  # fmt: skip

Scores = t.Dict[int, float]
Tables = t.Dict[str, t.Dict[str, t.List[int]]]


def chunks_of(text: str) -> t.List[str]:
    """The parts of a name between spaces and punctuation, in lower case."""
    lowered = re.sub(r"(?<=\d)p(?=\d)", ".", text.lower())
    found = (chunk.strip(".'\"") for chunk in _CHUNK.findall(lowered))
    return list(dict.fromkeys(chunk for chunk in found if chunk))


def tables_of(records: t.Sequence[ModelRecord]) -> Tables:
    """Word -> numbers of the records that have it, by the kind of word."""
    tables: t.Dict[str, t.Dict[str, t.Set[int]]] = {name: defaultdict(set) for name in _TABLES}
    for number, record in enumerate(records):
        repository = record.repository or ""
        for name in {last_part(name) for name in (record.id, record.name, repository) + record.repositories}:
            said = signature(name)
            for chunk in chunks_of(name):
                tables["chunks"][chunk].add(number)
            for word in said.words + tuple("=%s" % version for version in said.versions):
                tables["words"][word].add(number)
        for owner in _owners(record):
            tables["makers"][owner].add(number)
        for offer in record.provider_ids:
            tables["providers"][offer.partition("/")[0].lower()].add(number)
        for name in (record.id, repository):
            tables["plain"][plain_name(name)].add(number)
    return {name: {word: sorted(held) for word, held in table.items()} for name, table in tables.items()}


def _owners(record: ModelRecord) -> t.Set[str]:
    owners = {name.partition("/")[0].lower() for name in (record.id, record.repository or "") if "/" in name}
    for word in signature(last_part(record.id)).words[:1]:
        owners.update(family_owners(word))
    return owners


class Index:
    """Looks words up. A number is the place of a record."""

    def __init__(self, tables: Tables) -> None:
        self._chunks, self.words, self._makers, self._providers, self._plain = (
            tables[name] for name in _TABLES
        )

    def exact(self, text: str) -> t.Set[int]:
        """Models that are called just so, where the text has the form of a name."""
        name = text.strip()
        if not re.fullmatch(r"[\w.:@/-]+(?: [\w.-]*\d[\w.-]*)?", name, re.ASCII) or re.fullmatch(
            r"[\d.]+[bkmtBKMT]", name
        ):
            return set()
        if "/" not in name and not (re.search(r"[A-Za-z]", name) and re.search(r"\d", name)):
            return set()
        return set(self._plain.get(plain_name(name), ()))

    def is_known(self, word: str) -> bool:
        """Whether more than one model, or a provider, is called so. ``lama`` of one is llama mistyped."""
        held = self.words.get(word, ())
        return len(held) > 2 or any(word in name.split("-") for name in self._providers)

    def holding(self, chunk: str) -> Scores:
        """Models with one word of a text: by their maker, or in their names."""
        found: Scores = {}
        for owner in owners_of(chunk):
            found.update(dict.fromkeys(self._makers.get(owner, ()), WHOLE))
        for number in self._by_signature(chunk):
            found.setdefault(number, TOLD)
        found.update(dict.fromkeys(self._chunks.get(chunk, ()), WHOLE))
        if not found or chunk[-1:].isdigit():
            start = chunk + "." if found else chunk
            for held, numbers in self._chunks.items():
                if len(chunk) > 1 and held.startswith(start):
                    for number in numbers:
                        found.setdefault(number, BEGUN)
        return found

    def _by_signature(self, chunk: str) -> t.Set[int]:
        said = signature(chunk)
        names = said.words + tuple("=%s" % version for version in said.versions)
        parts = [set(self.words.get(name, ())) for name in names]
        return set.intersection(*parts) if parts else set()

    def providers(self, said: str) -> t.List[str]:
        """Providers that a word or two may mean."""
        name = said.strip().replace(" ", "-")
        if name in self._providers:
            return [name]
        near = [
            each
            for each in self._providers
            if name in each.split("-") or (len(name) > 3 and each.startswith(name))
        ]
        return near or ([] if "-" not in name else self.providers(name.partition("-")[0]))

    def offered_by(self, provider: str) -> t.Sequence[int]:
        return self._providers[provider]

    def parted(self, words: t.Iterable[str]) -> t.Tuple[t.List[str], t.List[str]]:
        """Words of names, and providers; a word that is a maker's or family's as well is one of names."""
        chunks = [chunk for word in words for chunk in chunks_of(word)]
        on: t.List[str] = []
        for provider in sorted(self._providers, key=len, reverse=True):
            parts = provider.split("-")
            if len(parts) > 1 and all(part in chunks for part in parts) and not family_owners(parts[0]):
                on.append(provider)
                chunks = [chunk for chunk in chunks if chunk not in parts]
        resold = [chunk for chunk in chunks if self._is_provider(chunk)]
        return [chunk for chunk in chunks if chunk not in resold], on + resold

    def _is_provider(self, chunk: str) -> bool:
        if chunk in _RESELLERS:
            return True
        made = family_owners(chunk) or chunk in VENDORS or chunk in MAKERS or chunk in self._chunks
        return not made and bool(self.providers(chunk))
