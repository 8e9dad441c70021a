# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read, word for word. ``make golden`` accepts new words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.plan.golden_texts import GOLDEN, TEXTS


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_texts_are_as_they_were_accepted(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == TEXTS[path](), "make golden accepts it"


def test_every_golden_file_has_its_text() -> None:
    assert set(GOLDEN.iterdir()) == set(TEXTS) - {path for path in TEXTS if path.parent != GOLDEN}
