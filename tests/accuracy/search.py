# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers searches offline over catalogs in a folder, through the core of catalog_search.

    python tests/accuracy/search.py --catalogs DIR [--hub HUB.jsonl] < questions

A question is one JSON line {"id", "query", "options"}, whose options are those of catalog_search; an
answer is one with "id", "results" (ten rows at most), "total", "warnings" and "error". DIR and HUB.jsonl are as for
tests/accuracy/resolve.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import typing as t
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / ".build"), str(root)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import (
    ARGUMENT_SPEC,
    found_models,
)

from tests.accuracy.resolve import open_library

MOST = 10
Row = t.Dict[str, t.Any]


def answer(library: Library, question: t.Mapping[str, t.Any]) -> Row:
    """The first rows of one search, and what it warns of."""
    params: Row = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params.update(question.get("options") or {}, query=question["query"])
    params["limit"] = min(int(params["limit"]), MOST)
    try:
        found, notes = found_models(library, params)
    except AutoconfigError as exc:
        return {"id": question["id"], "results": [], "warnings": [], "error": exc.as_result()["msg"]}
    rows = [row(record) for record in found.models]
    return {"id": question["id"], "results": rows, "total": found.total, "warnings": notes, "error": None}


def row(record: ModelRecord) -> Row:
    """A model, flat."""
    return {
        "id": record.id,
        "repo": record.repository,
        "name": record.name,
        "family": record.family,
        "parameters_b": _billions(record.total_parameters),
        "active_b": _billions(record.active_parameters),
        "context": record.context_tokens,
        "price_input": record.cheapest.input_usd,
        "price_output": record.cheapest.output_usd,
        "free": record.is_free,
        "open_weights": record.open_weights,
        "licence": record.licence,
        "released": record.release_date,
        "input_modalities": list(record.input_modalities),
        "output_modalities": list(record.output_modalities),
        "tool_call": record.capabilities.get("tool_call"),
        "reasoning": record.capabilities.get("reasoning"),
        "structured_output": record.capabilities.get("structured_output"),
        "categories": list(record.categories),
        "providers": sorted({name.partition("/")[0] for name in record.provider_ids}),
        "quantizations": sorted({spec.quantization for spec in record.specs if spec.quantization}),
        "deprecated": record.deprecated,
    }


def _billions(count: t.Optional[int]) -> t.Optional[float]:
    return None if count is None else round(count / 1e9, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--catalogs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--hub", type=Path, metavar="FILE", help="hubs that can be asked")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as cache,
        open_library(options.catalogs, cache, options.hub) as library,
    ):
        for line in sys.stdin:
            if line.strip():
                print(json.dumps(answer(library, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
