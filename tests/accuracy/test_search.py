# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searches over real catalogs, judged by conditions. Skips where catalogs or the judge are not there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accuracy import search
from tests.accuracy.score import SHARED

CASES = Path(__file__).parent / "data" / "searches.jsonl"
CATALOGS, JUDGE = SHARED / "data" / "catalogs", SHARED / "tools" / "score_queries.py"


@pytest.mark.skipif(not (CATALOGS.is_dir() and JUDGE.is_file()), reason="no catalogs, or no judge")
def test_searches_find_what_they_ask_for() -> None:
    command = "%s %s --catalogs %s" % (sys.executable, search.__file__, CATALOGS)
    done = subprocess.run(
        [sys.executable, str(JUDGE), "--cases", str(CASES), "--command", command],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found = re.search(r"queries: (\d+)/(\d+) right", done.stdout)
    assert found is not None
    assert int(found.group(1)) >= 0.95 * int(found.group(2)), done.stdout
