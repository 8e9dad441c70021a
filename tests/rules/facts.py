# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read from one release: facts by kind and name, each with its value and the file that says so."""

from __future__ import annotations

import typing as t

ARCHITECTURES, QUANTIZATION, ATTENTION = "architectures", "quantization", "attention"
TOOLS, REASONING, FLAGS, CACHE_TYPES = "tool_parsers", "reasoning_parsers", "flags", "cache_types"
FLOAT16_REFUSED, IMAGES = "float16_refused", "images"


class Fact(t.NamedTuple):
    """``value`` is text without tabs; empty where the name says all."""

    value: str
    file: str


# By kind and name.
Facts = t.Dict[t.Tuple[str, str], Fact]

# The answer to a question that the syntax leaves open.
UNSEEN = "?"
