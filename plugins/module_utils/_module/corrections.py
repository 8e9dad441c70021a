# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file with what start-up logs have taught the planner."""

from __future__ import annotations

import json
import os
import typing as t

try:
    import yaml
except ImportError:  # only needed for YAML
    yaml = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.documents import read_file
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    MissingLibrary,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import (
    Correction,
    as_record,
    from_record,
)

HEADING = "corrections"
_ENDINGS = (".json", ".yml", ".yaml")


def read_corrections(path: str) -> t.List[Correction]:
    """What a file holds.

    :raises NotFound: there is none. :raises InvalidInput: it is not one that ``text_of`` writes.
    """
    _check_ending(path)
    try:
        value = read_file(path).value
        records = value.get(HEADING) if isinstance(value, dict) else None
        if not isinstance(records, list):
            raise InvalidInput("it has no list %s" % HEADING)
        return [from_record(record) for record in records]
    except (NotFound, MissingLibrary):
        raise
    except AutoconfigError as exc:
        raise InvalidInput(
            "The corrections in %s cannot be used: %s" % (path, exc.message),
            hint=exc.hint or "Write the file with modelscan.autoconfig.model_calibrate.",
            path=path,
        ) from exc


def known_corrections(path: str) -> t.List[Correction]:
    """As ``read_corrections``; none where the file does not exist yet."""
    try:
        return read_corrections(path)
    except NotFound:
        return []


def text_of(corrections: t.Iterable[Correction], path: str) -> str:
    """The content of the file, as JSON or YAML by its ending."""
    _check_ending(path)
    value = {HEADING: [as_record(each) for each in corrections]}
    if path.lower().endswith(".json"):
        return json.dumps(value, indent=2) + "\n"
    if yaml is None:
        raise MissingLibrary("PyYAML")
    return "---\n" + str(yaml.safe_dump(value, sort_keys=False))


def _check_ending(path: str) -> None:
    if os.path.splitext(path)[1].lower() not in _ENDINGS:
        raise InvalidInput(
            "corrections is %s, which ends in none of %s" % (path, ", ".join(_ENDINGS)),
            hint="Name the file after the format that it is to have.",
        )
