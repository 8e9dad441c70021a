# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which headers go where, what is logged, and how long to wait before a repetition. No IO."""

from __future__ import annotations

import logging
import re
import typing as t
from email.utils import parsedate_to_datetime

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

# What may go to whomever the server names; every other header is of this server, and may be a key.
_HARMLESS_HEADERS = frozenset(
    ("accept", "accept-encoding", "accept-language", "content-type", "if-none-match", "range", "user-agent")
)


# The library tells each URL, and below that headers, to whoever keeps a log, as Ansible does with log_path.
_TELLING = ("httpx", "httpcore")


def keep_out_of_logs() -> None:
    """Let the library log no requests: their URLs may hold secrets."""
    for name in _TELLING:
        logging.getLogger(name).setLevel(logging.WARNING)


def sendable(headers: t.Mapping[str, str], name: str) -> t.Mapping[str, str]:
    """``headers``, refused without showing a value that no HTTP header can carry."""
    for key, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise InvalidInput(
                "The %s header for %s has a line break or a character outside ASCII" % (key, name),
                hint="Check the key or token for stray characters.",
            )
    return headers


def without_credentials(headers: t.Mapping[str, str]) -> t.Dict[str, str]:
    """What may go to another origin than the one that the headers are for."""
    return {key: value for key, value in headers.items() if key.lower() in _HARMLESS_HEADERS}


def backoff(attempt: int) -> float:
    """Seconds before the next try, after ``attempt`` repetitions."""
    return float(min(0.25 * 2**attempt, 8.0))


def retry_after(status: int, headers: t.Mapping[str, str], attempt: int) -> float:
    """Seconds to wait: Retry-After as a number or a date, Hugging Face's RateLimit, else back-off."""
    asked = headers.get("retry-after", "")
    window = re.search(r"\bt=([0-9]{1,9})(?![0-9])", headers.get("ratelimit", ""))
    if re.match(r"[0-9]{1,9}(\.[0-9]{1,9})?\Z", asked):
        return float(asked)
    if asked:
        try:
            wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("date", ""))
            return max(0.0, wait.total_seconds())
        except (TypeError, ValueError, ArithmeticError, LookupError):
            return backoff(attempt)
    return float(window.group(1)) + 1.0 if window and status == 429 else backoff(attempt)
