# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accessors of foreign structure under the name that the readers of catalogs use."""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import (
    Entry,
    count,
    entries,
    entry,
    flag,
    named_entries,
    number,
    required,
    text,
    texts,
)

__all__ = [
    "Entry",
    "count",
    "entries",
    "entry",
    "flag",
    "named_entries",
    "number",
    "required",
    "text",
    "texts",
]
