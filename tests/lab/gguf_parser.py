# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-in for gguf-parser, the program that GPUStack's scheduler asks about models in GGUF.

The program itself comes from GPUStack's own store and not with its package. The stand-in answers in the shape that
``GGUFParserOutput`` of ``gpustack.scheduler.calculator`` reads and books the file's bytes alone, shared evenly over the
cards: a real one adds cache and buffers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import typing as t
from pathlib import Path

import httpx

_LAYERS = 999


def install(folder: Path, repository: Path) -> None:
    """Put a program that runs this module where a package ``bin`` of GPUStack's third parties is looked for."""
    program = folder / "bin" / "gguf-parser" / "gguf-parser"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\ncd "{repository}" && exec "{sys.executable}" -m tests.lab.gguf_parser "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)


def estimate(size: int, cards: int) -> t.Dict[str, t.Any]:
    """The answer for a file of ``size`` bytes wholly on ``cards`` cards."""
    share = {"uma": size // cards, "nonuma": size // cards, "handleLayers": _LAYERS // cards}
    item = {
        "fullOffloaded": True,
        "offloadLayers": _LAYERS,
        "ram": {"uma": 0, "nonuma": 0, "handleLayers": 0},
        "vrams": [share] * cards,
    }
    return {
        "estimate": {"items": [item], "architecture": "llama"},
        "architecture": {"type": "model", "architecture": "llama"},
    }


def main(words: t.Sequence[str]) -> None:
    """Answer for a file on Hugging Face; other sources end with a message."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--hf-repo", required=True)
    parser.add_argument("--hf-file", required=True)
    parser.add_argument("--tensor-split", default="1")
    known, _others = parser.parse_known_args(words)
    url = f"{os.environ['HF_ENDPOINT']}/{known.hf_repo}/resolve/main/{known.hf_file}"
    answer = httpx.head(url, follow_redirects=True, trust_env=False).raise_for_status()
    cards = len(known.tensor_split.split(","))
    sys.stdout.write(json.dumps(estimate(int(answer.headers["Content-Length"]), cards)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
