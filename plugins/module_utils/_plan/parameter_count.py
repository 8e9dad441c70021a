# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: how many parameters a name tells."""

from __future__ import annotations

import re
import typing as t


# "Qwen3-32B", "llama-3.1-8b", "Qwen3.8-2.4T-A95B", "Mixtral-8x22B"; "A3B" counts active parameters.
_COUNT = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bmt])(?![a-z0-9])")
_FACTORS = {"m": 10**6, "b": 10**9, "t": 10**12}


def parameters_in(name: str) -> t.Optional[int]:
    """The number of parameters that a repository's name tells, the largest where it tells several."""
    found = [
        int((int(times) if times else 1) * float(number) * _FACTORS[unit])
        for times, number, unit in _COUNT.findall(name.split("/")[-1].lower().replace("_", "-"))
    ]
    return max(found, default=None)
