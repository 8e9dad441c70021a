# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Memory of models in GGUF against what llama.cpp itself said, and says where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accuracy.llama_cpp import compare, engine, files, shapes

ROWS = list(compare.rows())
# Of the sum of weights, caches and the compute buffer.
SHARE = 0.03


def test_there_are_thirty_models_in_every_setting() -> None:
    assert len(shapes.MAKERS) == 30
    assert len(ROWS) == 30 * len(compare.SETTINGS)


@pytest.mark.parametrize("setting", compare.SETTINGS)
def test_sums_are_within_three_percent(setting: str) -> None:
    off = {row.model: row.error for row in ROWS if row.setting == setting and abs(row.error) > SHARE}
    assert not off


@pytest.mark.parametrize("setting", compare.SETTINGS)
def test_caches_and_states_are_exact(setting: str) -> None:
    """As far as llama.cpp prints them: two digits of a MiB for each kind."""
    own = [row for row in ROWS if row.setting == setting]
    off = {row.model: row.cache for row in own if abs(row.cache[0] - row.cache[1]) > 4 * 0.005 * compare.MIB}
    assert not off


def test_llama_cpp_still_says_so(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="llama.cpp's wheel is not installed")
    path = str(tmp_path / "model.gguf")
    for name in ("Gemma 3 4B", "Granite 4.0 H Small", "DeepSeek V2 Lite"):
        files.write(path, *shapes.MAKERS[name]())
        pool, _options, own = compare.SETTINGS["8 slots share 32768"]
        found = engine.figures(path, {"n_ctx": pool, **own})
        row = next(row for row in ROWS if (row.model, row.setting) == (name, "8 slots share 32768"))
        assert found.cache_bytes == pytest.approx(row.cache[1], abs=compare.MIB / 50)
        assert found.compute_bytes == pytest.approx(row.compute[1], abs=compare.MIB / 50)
