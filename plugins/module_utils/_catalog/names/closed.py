# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Families whose weights nobody can have, as reviewed data.

Catalogs are wrong about this in both directions: resellers forget that weights are open, and call a
model closed that they serve from a public repository. The makers' own words, written down here, go
before them; a repository that is known goes before this table.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.closed_table import (
    CLOSED,
)

_SEPARATED = re.compile(r"[\s_:/]+")

_CLOSED = tuple((maker, re.compile(r"(?:%s)\Z" % "|".join(patterns))) for maker, patterns in CLOSED.items())


def maker_of_closed(name: str) -> t.Optional[str]:
    """Who keeps the weights of a model to itself; None where that is not known of the name.

    ``name`` is without provider, owner and what resellers add.
    """
    text = _SEPARATED.sub("-", name.strip().lower()).strip("-")
    return next((maker for maker, pattern in _CLOSED if pattern.match(text)), None)
