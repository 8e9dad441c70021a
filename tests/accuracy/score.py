# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callable for a scorer that imports one: ``tests.accuracy.score:answer``.

Configs are looked up in a folder of ``owner__name.json``, named by AUTOCONFIG_ACCURACY_CONFIGS.
"""

from __future__ import annotations

import functools
import os
import typing as t
from pathlib import Path

from tests.accuracy import answer as answers
from tests.accuracy.questions import Library

SHARED = Path(os.environ.get("AUTOCONFIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
CONFIGS = Path(os.environ.get("AUTOCONFIG_ACCURACY_CONFIGS", SHARED / "data" / "configs"))


@functools.cache
def _library() -> Library:
    return Library([CONFIGS])


def answer(question: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    """What the planner says; fields that it cannot compute are absent, never guessed."""
    return answers.answer(question, _library())
