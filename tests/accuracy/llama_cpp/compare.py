# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner's memory of models in GGUF beside llama.cpp's own figures.

``python -m tests.accuracy.llama_cpp.compare`` prints the table from ``data/llama_cpp.csv``; with ``--measure`` it
asks the llama.cpp of the wheel ``xllamacpp`` anew and writes the file.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.llama_cpp import Options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.llama_cpp import Sized
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.gguf_layers import (
    GgufShape,
    read_shape,
)

from tests.accuracy.llama_cpp import engine, files, shapes

DATA = Path(__file__).resolve().parents[1] / "data" / "llama_cpp.csv"
MIB = 1 << 20

# Name of a setting: tokens of all caches, options of the planner, those of llama.cpp.
SETTINGS: t.Mapping[str, t.Tuple[int, Options, t.Mapping[str, int]]] = {
    "one slot of 8192": (8192, Options(1), {"n_parallel": 1}),
    "one slot of 65536": (65536, Options(1), {"n_parallel": 1}),
    "8 slots share 32768": (32768, Options(8), {"n_parallel": 8, "kv_unified": 1}),
    "8 slots of 4096": (32768, Options(8, unified=False), {"n_parallel": 8}),
    "steps of 2048": (8192, Options(1, step=2048), {"n_parallel": 1, "n_ubatch": 2048}),
    "no flash attention": (8192, Options(1, flash=False), {"n_parallel": 1, "flash_attn_type": 0}),
    "cache in q8_0": (
        8192,
        Options(1, keys="q8_0", values="q8_0"),
        {"n_parallel": 1, "cache_type_k": 8, "cache_type_v": 8},
    ),
    "whole windows": (
        32768,
        Options(8, whole_windows=True),
        {"n_parallel": 8, "kv_unified": 1, "swa_full": 1},
    ),
}


class Row(t.NamedTuple):
    """One model in one setting: bytes that are planned and that llama.cpp says."""

    model: str
    setting: str
    weights: int
    cache: t.Tuple[int, int]
    compute: t.Tuple[int, int]

    @property
    def error(self) -> float:
        """Of the sum, as a share of what llama.cpp says."""
        planned, said = (self.weights + self.cache[at] + self.compute[at] for at in (0, 1))
        return planned / said - 1.0


def shape_of(name: str) -> GgufShape:
    metadata, rows = shapes.MAKERS[name]()
    known = {key: tuple(value) if isinstance(value, list) else value for key, value in metadata.items()}
    tensors = tuple(Tensor(each, kind, shape, files.size_of(shape, kind)) for each, shape, kind in rows)
    return read_shape(GgufModel((name,), 0, known, tensors))


def rows() -> t.Iterator[Row]:
    """What is planned beside what was measured."""
    known = {name: shape_of(name) for name in shapes.MAKERS}
    with DATA.open(encoding="utf-8", newline="") as handle:
        for entry in csv.DictReader(line for line in handle if not line.startswith("#")):
            pool, options, _own = SETTINGS[entry["setting"]]
            sized = Sized(known[entry["model"]], options)
            layers = len(sized.on_cards)
            yield Row(
                entry["model"],
                entry["setting"],
                sized.weights_bytes(0, layers) + sized.shape.output_bytes,
                (sized.caches_bytes(0, layers, pool), int(entry["cache_bytes"])),
                (sized.compute_bytes(pool), int(entry["compute_bytes"])),
            )


def measure() -> None:
    with tempfile.TemporaryDirectory() as folder, DATA.open("w", encoding="utf-8", newline="") as handle:
        handle.write("# What llama.cpp says of its buffers: xllamacpp %s from PyPI.\n" % engine.version())
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("model", "setting", "cache_bytes", "compute_bytes"))
        for name, maker in shapes.MAKERS.items():
            path = str(Path(folder) / "model.gguf")
            files.write(path, *maker())
            for setting, (pool, _options, own) in SETTINGS.items():
                found = engine.figures(path, {"n_ctx": pool, **own})
                writer.writerow((name, setting, found.cache_bytes, found.compute_bytes))


def main() -> None:
    if "--measure" in sys.argv[1:]:
        measure()
    found = list(rows())
    for name in shapes.MAKERS:
        own = [row for row in found if row.model == name]
        first, worst = own[0], max(own, key=lambda row: abs(row.error))
        print(
            "%-20s weights %9.1f  cache %8.1f (%8.1f)  compute %7.1f (%7.1f) MiB; sum %+.2f %%, at worst %+.2f %% (%s)"
            % (
                name,
                first.weights / MIB,
                first.cache[0] / MIB,
                first.cache[1] / MIB,
                first.compute[0] / MIB,
                first.compute[1] / MIB,
                100 * first.error,
                100 * worst.error,
                worst.setting,
            )  # fmt: skip
        )
    print("llama.cpp: %d models, %d of %d rows within 3 %%" % (
        len(shapes.MAKERS), sum(abs(row.error) <= 0.03 for row in found), len(found),
    ))  # fmt: skip


if __name__ == "__main__":
    main()
