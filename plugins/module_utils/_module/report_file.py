# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as a file, written only where it says something new."""

from __future__ import annotations

import json
import os
import re
import time
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.whole_file import (
    clear_away,
    read_text,
    replace_text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.plan_page import plan_page


def write_report(path: str, result: t.Mapping[str, t.Any], check_mode: bool) -> bool:
    """Writes ``result`` of model_plan to ``path``, as JSON or HTML by its ending.

    Whole or not at all; nothing in check mode. True where the file is, or would be, another than before: a page
    that would differ in its date alone stays.

    :raises InvalidInput: the ending is neither, or the file cannot be written.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".json", ".html"):
        raise InvalidInput(
            "report is %s, which ends neither in .json nor in .html" % path,
            hint="Name the file after the format that it is to have.",
        )
    text = _page(result) if ending == ".html" else json.dumps(result, indent=2, sort_keys=True) + "\n"
    try:
        if not check_mode:
            clear_away(path)
        if _undated(read_text(path) or "") == _undated(text):
            return False
        if not check_mode:
            replace_text(path, text)
    except OSError as exc:
        raise InvalidInput(
            "The report cannot be written to %s: %s" % (path, exc.strerror or exc),
            hint="Name a file in a folder that exists and may be written to.",
        ) from exc
    return True


def _undated(text: str) -> str:
    """A page without its date; foreign text cannot look like one, it is escaped."""
    return re.sub("<time>[^<]*</time>", "", text)


def _page(result: t.Mapping[str, t.Any]) -> str:
    return plan_page(result, time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))
