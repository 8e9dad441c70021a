# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resolves model ids offline over catalogs in a folder, through the collection's own resolver.

    python tests/accuracy/resolve.py --catalogs DIR [--hub HUB.jsonl] < ids      one JSON line for each id
    python tests/accuracy/resolve.py --catalogs DIR --report   coverage and precision over all open ids

DIR holds models.dev's generated files (catalog.json, or models.dev-models.json and models.dev-api.json)
and, if wanted, catalogs of GPUStack as gpustack-*.yaml. HUB.jsonl stands for hubs that can be asked: one
{"source", "repo", "renamed_to"?} a line, and what is on no line does not exist. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import typing as t
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / ".build"), str(root)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.documents import (
    read_file,
    read_models_dev,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import ARGUMENT_SPEC

from tests.accuracy.listed_hub import read_hubs

Answer = t.Dict[str, t.Any]
URL = "https://huggingface.co/"
EDITIONS = ("gpustack-model-catalog.yaml", "gpustack-model-catalog-modelscope.yaml")


def open_library(folder: Path, cache: str, hub: t.Optional[Path] = None) -> Library:
    """The catalogs of ``folder``; ``cache`` is an empty folder, so no hub but ``hub`` has ever answered."""
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params.update(
        models_dev_url=str(folder),
        catalogs=[str(path) for path in sorted(folder.glob("gpustack-*.yaml"))],
        cache_dir=cache,
        offline=True,
    )
    return Library.open(params, hubs=read_hubs(hub) if hub else None)


def answer(library: Library, model: str, source: t.Optional[str] = None) -> Answer:
    """``repo`` is null where no rule is certain; ``rule`` then says why not."""
    try:
        found = library.resolve(model, source)
    except AutoconfigError as exc:
        names = [item["repository"] for item in exc.details.get("candidates", ())]
        rule = "candidates" if names and exc.code != NotServable.code else exc.code
        return {"id": model, "repo": None, "rule": rule, "candidates": names}
    names = [item.repository for item in found.candidates]
    return {
        "id": model,
        "repo": found.ref.name,
        "source": found.ref.source,
        "rule": found.rule,
        "candidates": names,
    }


def links(folder: Path) -> t.Dict[str, t.List[str]]:
    """Canonical id -> the repositories that models.dev links for it."""
    entries = read_models_dev(str(folder)).value["models"]
    return {
        name: [link["url"][len(URL) :] for link in entry["weights"] if link["url"].startswith(URL)]
        for name, entry in entries.items()
        if entry.get("weights")
    }


def open_ids(folder: Path) -> t.List[str]:
    """Every "provider/id" that models.dev marks as open."""
    providers = read_models_dev(str(folder)).value["providers"]
    return [
        "%s/%s" % (provider, model)
        for provider, facts in sorted(providers.items())
        for model, entry in sorted(facts["models"].items())
        if entry.get("open_weights")
    ]


def withheld(folder: Path, cache: str) -> Answer:
    """How right each rule is about the linked ids when the catalog does not give the links away."""
    document = read_models_dev(str(folder)).value
    truths = links(folder)
    for name in truths:
        del document["models"][name]["weights"]
    blind = Path(cache) / "withheld"
    blind.mkdir()
    (blind / "catalog.json").write_text(json.dumps(document), encoding="utf-8")
    for path in folder.glob("gpustack-*.yaml"):
        (blind / path.name).write_bytes(path.read_bytes())
    rows: t.Dict[str, Counter[str]] = {}
    wrong = []
    with open_library(blind, cache) as library:
        for name, repositories in truths.items():
            found = answer(library, name)
            row = rows.setdefault(found["rule"], Counter())
            if found["repo"] is not None:
                row["right" if found["repo"] in repositories else "wrong"] += 1
                wrong += [dict(found, linked=repositories)] * (found["repo"] not in repositories)
            elif found["candidates"]:
                row["first_is_right"] += found["candidates"][0] in repositories
                row["one_is_right"] += bool(set(found["candidates"]) & set(repositories))
            row["ids"] += 1
    return {"by_rule": {rule: dict(row) for rule, row in rows.items()}, "wrong": wrong}


def pairs(folder: Path) -> t.Dict[str, t.Set[str]]:
    """Hugging Face repository -> its names on ModelScope, by equal specs of GPUStack's two catalogs."""
    editions = [_specs(folder / name) for name in EDITIONS]
    found: t.Dict[str, t.Set[str]] = {}
    for key, names in editions[0].items():
        for name in names:
            found.setdefault(name, set()).update(editions[1].get(key, ()))
    return {name: others for name, others in found.items() if others}


def _specs(path: Path) -> t.Dict[str, t.List[str]]:
    same = ("mode", "quantization", "backend", "gpu_filters")
    found: t.Dict[str, t.List[str]] = {}
    for item in read_file(str(path)).value["model_sets"] if path.is_file() else ():
        for spec in item["specs"]:
            key = json.dumps([item["name"], *(spec.get(field) for field in same)], sort_keys=True)
            found.setdefault(key, []).append(spec.get("huggingface_repo_id") or spec["model_scope_model_id"])
    return found


def translated(library: Library, folder: Path) -> Answer:
    """How Hugging Face names are translated for ModelScope."""
    truths = pairs(folder)
    answers = {name: answer(library, name, "model_scope") for name in truths}
    certain = {name: found["repo"] for name, found in answers.items() if found["repo"] is not None}
    wrong = {name: repo for name, repo in certain.items() if repo not in truths[name]}
    return {"ids": len(truths), "certain": len(certain), "wrong": wrong}


def report(library: Library, folder: Path, cache: str) -> Answer:
    """Figures over all open ids, and over the ids whose answer models.dev itself gives."""
    linked = links(folder)
    by_case = {name.lower(): repositories for name, repositories in linked.items()}
    truths = dict(linked)
    for name in open_ids(folder):
        for key in (name, name.partition("/")[2]):
            if key.lower() in by_case:
                truths.setdefault(name, by_case[key.lower()])
    wrong, certain = [], 0
    for name, repositories in sorted(truths.items()):
        found = answer(library, name)
        certain += found["repo"] is not None
        if found["repo"] is not None and found["repo"] not in repositories:
            wrong.append(dict(found, linked=repositories))
    answers = [answer(library, name) for name in open_ids(folder)]
    rules = Counter(item["rule"] for item in answers)
    return {
        "open_ids": len(answers),
        "by_rule": dict(rules.most_common()),
        "certain": sum(item["repo"] is not None for item in answers),
        "left_as_candidates": rules["candidates"],
        "with_weights_link": {"ids": len(truths), "certain": certain, "wrong": wrong},
        "translated_to_model_scope": translated(library, folder),
        "links_withheld": withheld(folder, cache),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--catalogs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--hub", type=Path, metavar="FILE", help="hubs that can be asked")
    parser.add_argument("--report", action="store_true", help="figures instead of answers")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as cache,
        open_library(options.catalogs, cache, options.hub) as library,
    ):
        if options.report:
            print(json.dumps(report(library, options.catalogs, cache), indent=2))
            return
        for line in sys.stdin:
            print(json.dumps(answer(library, line.rstrip("\r\n"))), flush=True)


if __name__ == "__main__":
    os.environ.pop("HF_ENDPOINT", None)
    main()
