# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPUStack's images of engines: which release of an engine it has, for which cards and runtimes."""

from __future__ import annotations

import json

from tests.rules.facts import IMAGES, Fact, Facts
from tests.rules.sources import Source

_CATALOGUE = "runner.py.json"
_ENGINES = ("vllm", "sglang", "mindie")
_RUNTIMES = ("cuda", "rocm", "cann")


def read(source: Source) -> Facts:
    """One fact for each engine, runtime, its version and the chips that it is made for."""
    found: Facts = {}
    for each in json.loads(source.text(_CATALOGUE)):
        if each["service"] not in _ENGINES or each["backend"] not in _RUNTIMES:
            continue
        name = " ".join(
            (each["service"], each["service_version"], each["backend"], each["backend_version"],
             each.get("backend_variant") or "-")
        )  # fmt: skip
        found[IMAGES, name] = Fact("deprecated" if each.get("deprecated") else "", _CATALOGUE)
    return found
