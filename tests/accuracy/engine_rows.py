# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what one rank of vLLM holds of a model: bytes of weights, and of cache for each token.

    python tests/accuracy/engine_rows.py --configs DIR [--configs DIR ...] < rows.jsonl > answers.jsonl

Rows and answers are JSON lines. A row names a ``config`` (a file of one of the folders), the ``engine`` with its
release, ``tp``, ``kv_dtype`` and ``max_model_len``. What the planner refuses or is not sure of is null.
"""

from __future__ import annotations

import argparse
import functools
import json
import re
import sys
import typing as t
from dataclasses import replace
from pathlib import Path

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import (
    detect,
    is_recognized,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import assumed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    VLLM,
    Settings,
    vllm_default_step,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import from_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)

Row = t.Mapping[str, t.Any]

# The card that the rows were made for.
CARD, CARD_BYTES, CAPABILITY = "H100-80GB", 80 * GIB, (9, 0)

UNANSWERED: t.Mapping[str, t.Any] = {"weights_bytes_per_rank": None, "kv_bytes_per_token": None}


class Folders:
    """Configs by the names of their files, ``owner__name.json`` and ``owner__name.hf_quant.json``."""

    def __init__(self, folders: t.Sequence[Path]) -> None:
        self._folders = folders

    @functools.lru_cache(maxsize=512)  # noqa: B019
    def read(self, name: str) -> t.Optional[t.Dict[str, t.Any]]:
        path = next((folder / name for folder in self._folders if (folder / name).is_file()), None)
        found = None if path is None else json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None


def answer(row: Row, folders: Folders) -> t.Dict[str, t.Any]:
    """What the planner says to one row."""
    try:
        told = _sizes(row, folders)
    except AutoconfigError:
        told = UNANSWERED
    return {"row": row.get("row"), **told}


def _sizes(row: Row, folders: Folders) -> t.Mapping[str, t.Any]:
    name = str(row["config"])
    config = folders.read(name)
    if config is None:
        raise NotServable("There is no config %s" % name)
    beside = folders.read(name.replace(".json", ".hf_quant.json"))
    known = is_recognized(config, beside)
    quantization = detect(config, beside, None) if known else assumed("bf16")
    arch = read_architecture(config)
    if not arch.confident:
        return UNANSWERED
    layout = Layout(int(row["tp"]))
    release = release_of(str(row["engine"]))
    # The rows are of the engine before it copies parts of its attention into 16 bits.
    stored = replace(from_config(arch, quantization), unpacked=0)
    weights = VLLM.weights_bytes(stored, arch, quantization, layout, release, CAPABILITY)
    kv_dtype = quantization.kv_cache or "auto" if row["kv_dtype"] == "auto" else str(row["kv_dtype"])
    cache = VLLM.cache(arch, layout, _settings(kv_dtype, release))
    tokens = int(row["max_model_len"])
    return {
        "weights_bytes_per_rank": weights,
        "kv_bytes_per_token": cache.bytes_per_token(tokens) if arch.generates else None,
    }


def _settings(kv_dtype: str, release: Release) -> Settings:
    tokens, sequences = vllm_default_step(CARD_BYTES, card_of(CARD))
    return replace(Settings(tokens, sequences, kv_dtype), release=release)


def release_of(engine: str) -> Release:
    """``(0, 32, 0)`` of "vllm 0.32.0 (a wheel)"; the newest where there is no number."""
    found = re.search(r"\d+(?:\.\d+)+", engine)
    return tuple(int(part) for part in found.group().split(".")) if found else NEWEST


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--configs", action="append", type=Path, default=[], help="folder of owner__name.json"
    )
    folders = Folders(parser.parse_args().configs)
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(json.loads(line), folders)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
