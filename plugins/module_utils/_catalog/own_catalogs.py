# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catalogs that the user names, as files or URLs, recognised by content."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import SourceStatus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.resolve import USER_CATALOG
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import gpustack_sets
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.documents import (
    decode,
    read_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.parsed_cache import (
    RecordKeeper,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import CachedReader
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError

ReaderOf = t.Callable[[str], CachedReader]
"""Base URL -> a reader of that server."""


def load(
    place: str, reader_of: ReaderOf, keeper: RecordKeeper
) -> t.Tuple[models_dev_records.Records, SourceStatus]:
    """The records of one file or URL, and how it was come by. Never raises for an unusable catalog."""
    name = last_part(place.partition("?")[0])
    try:
        if "://" in place:
            base, _slash, rest = place.rpartition("/")
            fetched = reader_of(base).get("/" + rest)
            data, shown = fetched.body, name
            state, as_of, problem = fetched.state, fetched.as_of, fetched.problem
        else:
            shown, state, problem = os.path.expanduser(place), "live", None
            data, as_of = read_bytes(shown)
        found = keeper.records(place, [data], lambda: _parse(decode(data, shown)))
    except AutoconfigError as exc:
        return (), SourceStatus(name, "failed", error=exc.message)
    return found, SourceStatus(name, state, as_of, len(found), problem)


def _parse(value: t.Any) -> models_dev_records.Records:
    if isinstance(value, dict) and "model_sets" in value:
        return gpustack_sets.parse(value)
    return models_dev_records.parse(value, USER_CATALOG)
