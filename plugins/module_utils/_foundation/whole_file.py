# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small file that is replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
import typing as t


def read_text(path: str) -> t.Optional[str]:
    """What the file holds; None where there is none, or no text. :raises OSError: it cannot be read."""
    try:
        with open(path, encoding="utf-8") as handle:
            return handle.read()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def replace_text(path: str, text: str) -> None:
    """Everybody reads the old content or the new one. :raises OSError: it cannot be written."""
    folder = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as handle:
        handle.write(text)
    try:
        os.chmod(handle.name, 0o644)
        os.replace(handle.name, path)
    except OSError:
        os.unlink(handle.name)
        raise
