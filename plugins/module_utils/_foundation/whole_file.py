# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small file that is replaced whole or not at all."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files


def read_text(path: str) -> t.Optional[str]:
    """What the file holds; None where there is none, or no text. :raises OSError: it cannot be read."""
    data = files.read(path)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def replace_text(path: str, text: str) -> None:
    """Everybody reads the old content or the new one. :raises OSError: it cannot be written."""
    files.replace(path, text.encode("utf-8", "replace"))


def clear_away(path: str) -> None:
    """Remove what killed runs have left beside a file."""
    files.clear_away(os.path.dirname(os.path.realpath(path)))
