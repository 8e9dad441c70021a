# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Libraries over the wire of a test."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import ARGUMENT_SPEC

from tests.unit.catalog.fake_hubs import CATALOG
from tests.unit.wire import Wire

Open = t.Callable[..., Library]


@pytest.fixture
def open_library(wire: Wire, tmp_path: Path) -> t.Iterator[Open]:
    """Libraries with default options over the wire; each call is a new task on the same cache."""
    opened: t.List[Library] = []

    def make(**params: t.Any) -> Library:
        defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
        values = {**defaults, "cache_dir": str(tmp_path / "cache"), **params}
        opened.append(Library.open(values, wire.options(retries=0)))
        return opened[-1]

    yield make
    for library in opened:
        library.__exit__()


@pytest.fixture
def catalog(wire: Wire) -> None:
    """models.dev answers once."""
    wire.expect("GET https://models.dev/catalog.json", 200, CATALOG)
