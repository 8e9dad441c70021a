# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the official hub clients and prints what they said: one JSON object, check name to outcome.

Run as a program by test_lab_hub_official_clients.py, one process per client and way to name the
endpoint, because both clients read their environment when they are imported. An outcome is the
result, or ``{"raised": [class names]}``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import typing as t
from pathlib import Path

REPOSITORY, TIED, GATED = "lab/tiny", "lab/tiny-tied", "meta-llama/Llama-3.1-8B-Instruct"
SHARDED = "Qwen/Qwen3-8B"
Checks = dict[str, t.Callable[[], t.Any]]


def huggingface_checks(good: str) -> Checks:
    """Checks of huggingface_hub; ``good`` is a token with access."""
    hub = importlib.import_module("huggingface_hub")
    api, get = hub.HfApi(), hub.hf_hub_download
    checks = {
        "list, paged": lambda: [model.id for model in api.list_models()],
        "list, author": lambda: [model.id for model in api.list_models(author="deepseek-ai", limit=5)],
        "list, search": lambda: [model.id for model in api.list_models(search="qwen3-32b")],
        "info, files": lambda: {
            file.rfilename: [file.size, bool(file.lfs)]
            for file in api.model_info(REPOSITORY, files_metadata=True).siblings or []
        },
        "info, parameters": lambda: api.model_info(REPOSITORY).safetensors.total,
        "info, wrong case": lambda: api.model_info("QWEN/qwen3-8b").id,
        "info, wrong revision": lambda: api.model_info(REPOSITORY, revision="nope"),
        "info, gated": lambda: api.model_info(GATED).gated,
        "files": lambda: api.list_repo_files(REPOSITORY),
        "tree": lambda: [entry.path for entry in api.list_repo_tree(REPOSITORY, recursive=True)],
        "tree, one level": lambda: [entry.path for entry in api.list_repo_tree(REPOSITORY)],
        "paths": lambda: [entry.path for entry in api.get_paths_info(REPOSITORY, ["config.json", "nope"])],
        "refs": lambda: [branch.name for branch in api.list_repo_refs(REPOSITORY).branches],
        "small file": lambda: json.loads(Path(get(REPOSITORY, "config.json")).read_text())["model_type"],
        "large file": lambda: Path(get(REPOSITORY, "model.safetensors")).stat().st_size,
        "headers, one file": lambda: api.get_safetensors_metadata(TIED).parameter_count,
        "headers, shards": lambda: api.get_safetensors_metadata(SHARDED).parameter_count,
        "snapshot": lambda: _files_below(hub.snapshot_download(REPOSITORY)),
        "missing, anonymous": lambda: api.model_info("no/where"),
        "missing, with token": lambda: api.model_info("no/where", token="hf_bad"),
        "missing file": lambda: get(REPOSITORY, "nope.bin"),
        "gated, anonymous": lambda: get(GATED, "config.json"),
        "gated, wrong token": lambda: get(GATED, "config.json", token="hf_bad"),
        "gated, right token": lambda: Path(get(GATED, "config.json", token=good)).is_file(),
        "whoami": lambda: api.whoami(token=good)["name"],
    }
    if hasattr(api, "verify_repo_checksums"):
        checks["checksums"] = lambda: len(api.verify_repo_checksums(REPOSITORY).mismatches)
    return checks


def modelscope_checks(good: str) -> Checks:
    """Checks of modelscope and modelscope_hub."""
    modelscope_hub = importlib.import_module("modelscope_hub")
    old_api = importlib.import_module("modelscope.hub.api")
    model_file_download = importlib.import_module("modelscope.hub.file_download").model_file_download
    snapshot_download = importlib.import_module("modelscope.hub.snapshot_download").snapshot_download
    new, old = modelscope_hub.HubApi(), old_api.HubApi()
    gated = "LLM-Research/Meta-Llama-3.1-8B-Instruct"
    return {
        "list, search": lambda: [row.id for row in new.list_repos("model", search="gpt-oss").items],
        "info": lambda: new.get_repo(REPOSITORY, "model") is not None,
        "sha256 of files": lambda: len(
            [f for f in new.list_repo_files(REPOSITORY, "model") if len(f.sha256 or "") == 64]
        ),
        "exists, missing": lambda: new.repo_exists("no/where", "model"),
        "old info": lambda: old.get_model(REPOSITORY)["Name"],
        "old files": lambda: sorted(file["Path"] for file in old.get_model_files(REPOSITORY, recursive=True)),
        "revision": lambda: old.get_valid_revision(REPOSITORY),
        "small file": lambda: json.loads(Path(model_file_download(REPOSITORY, "config.json")).read_text())[
            "model_type"
        ],
        "snapshot": lambda: _files_below(snapshot_download(REPOSITORY)),
        "missing": lambda: old.get_model_files("no/where"),
        "missing file": lambda: model_file_download(REPOSITORY, "nope.bin"),
        "wrong revision": lambda: snapshot_download(REPOSITORY, revision="nope"),
        "gated, anonymous": lambda: model_file_download(gated, "config.json"),
        "gated, right token": lambda: Path(
            _with_token(good, lambda: model_file_download(gated, "config.json"))
        ).is_file(),
    }


def _with_token(token: str, action: t.Callable[[], t.Any]) -> t.Any:
    os.environ["MODELSCOPE_API_TOKEN"] = token
    try:
        return action()
    finally:
        del os.environ["MODELSCOPE_API_TOKEN"]


def _files_below(folder: str) -> list[str]:
    """Repository files of a download, without the client's own bookkeeping."""
    paths = [path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()]
    return sorted(str(path) for path in paths if not path.parts[0].startswith("."))


def outcome(check: t.Callable[[], t.Any]) -> t.Any:
    """The result, or the names of the classes of what was raised."""
    try:
        return check()
    except Exception as problem:
        return {"raised": [cls.__name__ for cls in type(problem).__mro__]}


def main() -> None:
    """Usage: hub_client_checks.py huggingface|modelscope; the token comes in CHECK_TOKEN."""
    token = os.environ.pop("CHECK_TOKEN")
    checks = {"huggingface": huggingface_checks, "modelscope": modelscope_checks}[sys.argv[1]](token)
    outcomes = {name: outcome(check) for name, check in checks.items()}
    print("\n" + json.dumps(outcomes))


if __name__ == "__main__":
    main()
