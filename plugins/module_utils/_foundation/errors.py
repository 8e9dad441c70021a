# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one tree of exceptions.

A message says what was tried, where, and what came back; the hint says what to do.
"""

from __future__ import annotations

import typing as t


class AutoconfigError(Exception):
    """Base of every error that a user may see.

    ``code`` is stable and machine-readable. ``details`` hold JSON-ready values and no secrets.
    Whoever fails after it has changed something sets ``changed``.
    """

    code: t.ClassVar[str] = "error"

    def __init__(self, message: str, hint: t.Optional[str] = None, **details: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details
        self.changed = False

    def as_result(self) -> t.Dict[str, t.Any]:
        """The failing module's result: ``msg`` for people, ``error`` for programs."""
        text = self.message if self.hint is None else "%s %s" % (_sentence(self.message), self.hint)
        error = dict(self.details, code=self.code, hint=self.hint)
        return {"msg": text, "error": error, "changed": self.changed}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":")) else text + "."


class InvalidInput(AutoconfigError):
    """The request itself is wrong; nothing was sent anywhere."""

    code = "invalid_input"


class MissingLibrary(AutoconfigError):
    """A Python library is not installed where this code runs."""

    code = "missing_library"

    def __init__(self, library: str, where: str = "the controller") -> None:
        super().__init__(
            "The Python library %s is not installed on %s" % (library, where),
            hint="Install it into the Python that runs Ansible there, for example: pip install %s." % library,
            library=library,
        )


class Unavailable(AutoconfigError):
    """No usable answer: connection refused, time-out, 429 or 5xx. Trying later may help."""

    code = "unavailable"


class AuthenticationFailed(AutoconfigError):
    """401: no key, or a key that the server does not know."""

    code = "authentication_failed"


class PermissionDenied(AutoconfigError):
    """403: the key is known and may not do this."""

    code = "permission_denied"


class NotFound(AutoconfigError):
    """The named thing does not exist, or is not visible with this key."""

    code = "not_found"


class Conflict(AutoconfigError):
    """Somebody else owns it, or changed it meanwhile."""

    code = "conflict"


class UnexpectedReply(AutoconfigError):
    """An answer came that this collection does not understand."""

    code = "unexpected_reply"


class NotServable(AutoconfigError):
    """The model cannot be served: closed weights, unknown architecture, unsupported format."""

    code = "not_servable"


class DoesNotFit(AutoconfigError):
    """No candidate fits the memory that is there."""

    code = "does_not_fit"


class DeploymentFailed(AutoconfigError):
    """The deployment ended in an error state, or did not get ready in time."""

    code = "deployment_failed"


class ProbeFailed(AutoconfigError):
    """An endpoint did not answer a real request as it should."""

    code = "probe_failed"


def excerpt(text: str, limit: int = 200) -> str:
    """One line of somebody's text, short enough for a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
