# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire of each test, which has to be empty at its end, and patience with property tests."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import settings

from tests.unit.wire import Wire

# A run is repeatable, so that a failure belongs to a change; `make test-slow` looks for new examples. How long
# an example takes depends on what else the machine does.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture
def wire() -> t.Iterator[Wire]:
    made = Wire()
    yield made
    assert made.left() == []
