# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of a catalog, kept so that they are parsed once.

They lie as JSON in the cache, with a checksum over the catalog's bytes and over the code that parsed
them: a catalog or a collection that changed is parsed anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import pkgutil
import typing as t
from dataclasses import fields

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.prices import Prices
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import DiskCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryRef,
    Spec,
)

Records = t.Tuple[ModelRecord, ...]
Row = t.List[t.Any]

_NAMES = tuple(field.name for field in fields(ModelRecord))
_LISTS = tuple(
    place
    for place, field in enumerate(fields(ModelRecord))
    if isinstance(field.default, tuple) and field.name not in ("prices", "specs")
)
_PRICES, _SPECS = _NAMES.index("prices"), _NAMES.index("specs")
_PARSERS = (
    "names/makers",
    "names/reference",
    "names/signature",
    "names/sizes",
    "names/tables",
    "names/text",
    "records/fields",
    "records/merged",
    "records/models_dev_records",
    "records/prices",
    "records/types",
    "search/index",
    "sources/documents",
    "sources/gpustack_sets",
    "sources/parsed_cache",
)


class RecordKeeper:
    """Records by the place of their catalog. A cache that cannot be used only costs time."""

    def __init__(self, cache: DiskCache) -> None:
        self._cache = cache

    def records(self, place: str, data: t.Sequence[bytes], parse: t.Callable[[], Records]) -> Records:
        """What ``parse`` makes of ``data``, or made of it before.

        ``place`` may be a URL that holds a secret, so that only its checksum is kept. Raises what
        ``parse`` raises.
        """
        key = "records of %s" % _checksum([place.encode("utf-8")])
        state = _checksum([_code(), *data])
        known = self._cache.read(key)
        if known is not None and known.etag == state:
            try:
                return tuple(map(_record, known.json()))
            except (ValueError, TypeError, LookupError):
                return parse()
        found = parse()
        try:
            self._cache.write(key, json.dumps(list(map(_row, found))).encode("utf-8"), state)
        except (TypeError, ValueError, InvalidInput):
            return found  # YAML has values that JSON lacks, and a folder may be read-only
        return found

    def value(self, place: str, data: t.Sequence[bytes], make: t.Callable[[], t.Any]) -> t.Any:
        """What ``make`` gives, which is JSON, or gave for the same ``data`` before."""
        state = _checksum([_code(), *data])
        known = self._cache.read(place)
        if known is not None and known.etag == state:
            try:
                return known.json()
            except ValueError:
                return make()
        found = make()
        try:
            self._cache.write(place, json.dumps(found).encode("utf-8"), state)
        except InvalidInput:
            return found
        return found


def _row(record: ModelRecord) -> Row:
    row = [getattr(record, name) for name in _NAMES]
    row[_PRICES] = record.prices.costs if isinstance(record.prices, Prices) else []
    row[_SPECS] = [
        [spec.ref.source, spec.ref.name, spec.mode, spec.quantization, spec.backend, spec.parameters,
         spec.gpu_filters, spec.backend_version, spec.speculative]
        for spec in record.specs
    ]  # fmt: skip
    return row


def _record(row: Row) -> ModelRecord:
    for place in _LISTS:
        row[place] = tuple(row[place])
    row[_PRICES] = Prices(row[_PRICES])
    row[_SPECS] = tuple(map(_spec, row[_SPECS]))
    return ModelRecord(*row)


def _spec(row: Row) -> Spec:
    source, name, mode, quantization, backend, parameters, gpu_filters, version, speculative = row
    ref = RepositoryRef(source, name)
    return Spec(ref, mode, quantization, backend, tuple(parameters), gpu_filters, version, speculative)


@functools.lru_cache(maxsize=None)
def _code() -> bytes:
    """The source of everything that decides what a record says."""
    package = __name__.rpartition(".sources.")[0]
    return b"".join(pkgutil.get_data(package, "%s.py" % name) or b"" for name in _PARSERS)


def _checksum(parts: t.Iterable[bytes]) -> str:
    """sha256 over the checksums of the parts, so that no part runs into the next."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
