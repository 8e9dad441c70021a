# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes that names do not say, as reviewed data."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.size_table import (
    WHOLE,
)

_WHOLE_NAMES = tuple((re.compile(pattern), total, active) for pattern, total, active in WHOLE)


def known_size(name: str) -> t.Tuple[t.Optional[float], t.Optional[float]]:
    """Billions of parameters in all and active for a token, of a model whose name says neither or misleads."""
    text = name.lower()
    for pattern, total, active in _WHOLE_NAMES:
        if pattern.search(text):
            return total, active
    return None, None
