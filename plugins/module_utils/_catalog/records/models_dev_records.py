# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records from documents in models.dev's form. Pure functions.

The form is that of catalog.json, models.json or api.json, and of a user's own catalog.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    last_part,
    parameters_in,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import fields
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.fields import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.prices import Prices
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    LOCAL_PATH,
    MODEL_SCOPE,
    RepositoryRef,
    Spec,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import split_url

MODELS_DEV = "models.dev"
CAPABILITIES = ("tool_call", "reasoning", "attachment", "structured_output", "temperature")

DEPRECATED = "deprecated"
_SOURCES = {"modelscope": MODEL_SCOPE, MODEL_SCOPE: MODEL_SCOPE, LOCAL_PATH: LOCAL_PATH}

Offer = t.Tuple[str, str, Entry]
"""Provider, its id of the model, and what it says about it."""

Records = t.Tuple[ModelRecord, ...]


def parse(document: t.Any, source: str = MODELS_DEV) -> Records:
    """Records of a document; unknown and oddly typed fields are skipped.

    Offers of several providers are one model when their ids are equal, ignoring case; an id
    without an owner belongs to its provider.
    """
    if not isinstance(document, dict):
        raise UnexpectedReply("%s has %s where an object belongs" % (source, type(document).__name__))
    canonical, providers = _parts(document)
    offers = _offers(providers)
    by_key = {key.lower(): (key, entry) for key, entry in canonical.items()}
    keys = sorted(set(offers) | set(by_key))
    other_names = _other_names(by_key)
    records = tuple(
        _record(
            source,
            key,
            by_key.get(key),
            offers.get(key, []),
            offers.get(other_names.get(key, ""), []),
        )
        for key in keys
    )
    if not records:
        raise UnexpectedReply("%s has no models" % source, hint="Check its URL or path.")
    return records


def _parts(document: Entry) -> t.Tuple[t.Dict[str, Entry], t.Dict[str, Entry]]:
    """Neutral entries and providers, of both forms together or of one alone."""
    if isinstance(document.get("models"), dict):
        return fields.named_entries(document["models"]), fields.named_entries(document.get("providers"))
    entries = fields.named_entries(document)
    if any("models" in entry for entry in entries.values()):
        return {}, entries
    return entries, {}


def _offers(providers: t.Any) -> t.Dict[str, t.List[Offer]]:
    grouped: t.Dict[str, t.List[Offer]] = defaultdict(list)
    for provider, facts in sorted(fields.named_entries(providers).items()):
        for model, entry in sorted(fields.named_entries(facts.get("models")).items()):
            key = model if "/" in model else "%s/%s" % (provider, model)
            grouped[key.lower()].append((provider, model, entry))
    return grouped


def _other_names(by_key: t.Mapping[str, t.Tuple[str, Entry]]) -> t.Dict[str, str]:
    """The name of a model's repository by the model's key, and the way back.

    Half of the providers sell a model under the name that it has on the hub. A repository that
    several models link, such as a faster edition, belongs to the one that is called like it.
    """
    linked: t.Dict[str, t.List[str]] = defaultdict(list)
    for key, (_name, entry) in by_key.items():
        for repository in _weights(entry)[:1]:
            linked[repository.lower()].append(key)
    others: t.Dict[str, str] = {}
    for repository, keys in linked.items():
        namesakes = [key for key in keys if last_part(key) == last_part(repository)]
        owners = keys if len(keys) == 1 else namesakes
        if len(owners) == 1 and owners[0] != repository:
            others[repository], others[owners[0]] = owners[0], repository
    return others


def _record(
    source: str,
    key: str,
    canonical: t.Optional[t.Tuple[str, Entry]],
    offers: t.Sequence[Offer],
    others: t.Sequence[Offer],
) -> ModelRecord:
    """``others`` offer the same weights under another name: their prices count, and nothing else."""
    name, main = _main_entry(key, canonical, offers)
    limit, modalities = fields.entry(main.get("limit")), fields.entry(main.get("modalities"))
    spelled = [own for _provider, own, _entry in offers if is_repository_name(own)]
    hosted = [own for provider, own, _entry in offers if provider == "huggingface"]
    repositories = _unique(_weights(main) + hosted)
    named = next(filter(any, map(parameters_in, (name,) + repositories[:1])), (None, None))
    return ModelRecord(
        id=name,
        name=str(main.get("name") or name),
        source=source,
        family=fields.text(main.get("family")),
        open_weights=_is_open(main, bool(canonical) or _is_own(key, offers), offers),
        provider_ids=tuple(["%s/%s" % (provider, own) for provider, own, _entry in offers]),
        capabilities={word: fields.flag(main.get(word)) for word in CAPABILITIES},
        input_modalities=fields.texts(modalities.get("input")),
        output_modalities=fields.texts(modalities.get("output")),
        context_tokens=fields.count(limit.get("context")),
        input_tokens=fields.count(limit.get("input")),
        output_tokens=fields.count(limit.get("output")),
        total_parameters=fields.count(main.get("total_parameters")) or named[0],
        active_parameters=fields.count(main.get("active_parameters")) or named[1],
        prices=_prices(offers, others),
        licence=fields.text(main.get("license")),
        release_date=fields.text(main.get("release_date")),
        last_updated=fields.text(main.get("last_updated")),
        repositories=repositories,
        specs=_placed(main),
        spellings=tuple(sorted(dict.fromkeys(spelled), key=spelled.count, reverse=True)),
        related=_unique([name for offer in offers for name in fields.texts(offer[2].get("base_model"))]),
        description=fields.text(main.get("description")),
        canonical=canonical is not None,
        deprecated=_is_deprecated(key, main, offers),
    )


def _is_deprecated(key: str, main: Entry, offers: t.Sequence[Offer]) -> bool:
    """Retired by its maker, else by everybody who offers it."""
    own = [entry for provider, _id, entry in offers if provider == key.split("/")[0]]
    said = [entry.get("status") == DEPRECATED for entry in own or [item[2] for item in offers]]
    return main.get("status") == DEPRECATED or (bool(said) and all(said))


def _prices(offers: t.Sequence[Offer], others: t.Sequence[Offer]) -> Prices:
    """The prices of these offers, then of those under another name by providers that are not among them."""
    own = {provider for provider, _id, entry in offers if entry.get("cost")}
    further = [offer for offer in others if offer[0] not in own]
    return Prices(
        [(provider, entry["cost"]) for provider, _id, entry in [*offers, *further] if entry.get("cost")]
    )


def _main_entry(
    key: str, canonical: t.Optional[t.Tuple[str, Entry]], offers: t.Sequence[Offer]
) -> t.Tuple[str, Entry]:
    """The entry to believe: the neutral one, else the maker's own, else the hub's, else any."""
    if canonical is not None:
        return canonical
    trusted = sorted(offers, key=lambda offer: (offer[0] != key.split("/")[0], offer[0] != "huggingface"))
    provider, own, entry = trusted[0]
    return (own if "/" in own else "%s/%s" % (provider, own)), entry


def _is_own(key: str, offers: t.Sequence[Offer]) -> bool:
    return any(offer[0] == key.split("/")[0] for offer in offers)


def _is_open(main: Entry, authoritative: bool, offers: t.Sequence[Offer]) -> bool:
    """Resellers often forget to say that weights are open; nobody opens them by mistake."""
    if authoritative:
        return main.get("open_weights") is True
    return any(offer[2].get("open_weights") is True for offer in offers)


def _weights(entry: Entry) -> t.List[str]:
    """Repositories that the catalog links, plain weights before quantized ones.

    ``repository`` is what users write in a catalog of their own; models.dev has ``weights``.
    """
    links = fields.entries(entry.get("weights"))
    links.sort(key=lambda link: bool(link.get("quantization")))
    own = str(entry.get("repository") or "")
    found = [own] if is_repository_name(own) and str(entry.get("source")) not in _SOURCES else []
    for link in links:
        parts = split_url(str(link.get("url")))
        name = "/".join(parts.path.strip("/").split("/")[:2])
        if parts.hostname in ("huggingface.co", "hf.co") and is_repository_name(name):
            found.append(name)
    return found


def _placed(entry: Entry) -> t.Tuple[Spec, ...]:
    """Where weights lie that are not on Hugging Face: ``source`` and ``repository`` of a user's own entry."""
    source = _SOURCES.get(str(entry.get("source")))
    place = fields.text(entry.get("repository"))
    if source is None or place is None or not (source == LOCAL_PATH or is_repository_name(place)):
        return ()
    return (Spec(RepositoryRef(source, place), None, None, None),)


def _unique(names: t.Iterable[str]) -> t.Tuple[str, ...]:
    return tuple(dict.fromkeys(names))
