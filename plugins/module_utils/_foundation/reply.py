# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP answer, and the error that a refusal is."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
    UnexpectedReply,
    excerpt,
)

# No refusal is longer; what is shown of a body is found in its beginning.
MAX_REFUSAL_BYTES = 1 << 20
_EXCERPT = 4096


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, to the last of ``tries``. Header names are lower case; ``url`` carries no query."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes
    method: str
    url: str
    tries: int = 1

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> t.Any:
        """The decoded body; UnexpectedReply when it is no JSON."""
        try:
            return json_value(self.body)
        except Undecodable as exc:
            raise UnexpectedReply(
                "%s %s answered %d with a body that %s: %s"
                % (self.method, self.url, self.status, exc, excerpt(self.text[:_EXCERPT])),
                hint="Check that the URL points at the API itself and not at a login page or proxy.",
            ) from exc


def error_of(reply: Reply, name: str, hint: t.Optional[str] = None) -> AutoconfigError:
    """The error for a refused request, with the server's own words."""
    kind, usual = _KINDS.get(reply.status, (UnexpectedReply, None))
    if reply.status >= 500 and kind is UnexpectedReply:
        kind = Unavailable
    words = server_words(reply)
    said = ": %s" % words if words else ""
    said += " (tried %d times)" % reply.tries if reply.tries > 1 else ""
    return kind(
        "%s: %s %s returned %d%s" % (name, reply.method, reply.url, reply.status, said),
        hint=hint or usual,
        status=reply.status,
    )


_KINDS: t.Mapping[int, t.Tuple[t.Type[AutoconfigError], t.Optional[str]]] = {
    400: (InvalidInput, None),
    401: (AuthenticationFailed, "Check the key or token: it is missing, mistyped, expired or revoked."),
    403: (PermissionDenied, "The key is valid and lacks the scope or role for this; use one that has it."),
    404: (NotFound, None),
    405: (UnexpectedReply, "The server does not know this call; check its version."),
    409: (Conflict, None),
    422: (InvalidInput, None),
    429: (Unavailable, "Too many requests: wait, lower the number of parallel runs, or use a token."),
}


def server_words(reply: Reply) -> str:
    """The human part of an error body, whichever of the usual JSON shapes it has."""
    try:
        body = json_value(reply.body, MAX_REFUSAL_BYTES)
    except Undecodable:
        return excerpt(reply.text[:_EXCERPT]) if "html" not in reply.headers.get("content-type", "") else ""
    found: t.Any = body
    for key in ("error", "message", "Message", "detail"):
        if isinstance(found, dict) and found.get(key):
            found = found[key]
    if isinstance(found, dict):
        return ""
    return excerpt(found if isinstance(found, str) else json.dumps(found))
