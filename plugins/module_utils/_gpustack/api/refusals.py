# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What GPUStack's refusals become, without the secrets in their texts. Pure: no IO."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply, error_of

_FIELD_IN_422 = re.compile(r"'type': '([a-z_]+)', 'loc': \(([^)]*)\)")
_NO_ORGANIZATION = re.compile(r"Organization \S+ not found")
_HINTS: t.Mapping[t.Type[AutoconfigError], str] = {
    AuthenticationFailed: "Check gpustack_api_key (or the environment variable GPUSTACK_API_KEY): "
    "it is missing, mistyped, expired or of another server.",
    PermissionDenied: "Use a gpustack_api_key with the scope management (or *), of a user whose role in the "
    "organization allows this; an inference key is not enough.",
    NotFound: "Somebody removed it meanwhile, or this gpustack_api_key does not see it. Run again, "
    "which looks first at what is there now.",
    Conflict: "Something else has this name, or uses it. Run again, which looks first at what is there now.",
}
_SERVER_FAILED = (
    "Look at the log of the server, or of the proxy before it. When it answers, run again: "
    "a run goes on where the last one ended."
)


def check(reply: Reply) -> None:
    """Raise the error class that fits a status of 300 and above."""
    if reply.status < 300:
        return
    if reply.status == 422:
        raise _refused_fields(reply)
    if reply.status >= 500 and reply.method != "GET":
        # The text of such an answer can be an SQL statement with the values of env in it.
        reply = replace(reply, body=b"")
    error = error_of(reply, "GPUStack")
    if isinstance(error, NotFound) and _NO_ORGANIZATION.search(error.message):
        # Nobody may take this for a sign that the server lacks what was asked for.
        raise InvalidInput(
            error.message,
            hint="Correct gpustack_organization_id: there is no such organization, or this key may not see it.",
            status=reply.status,
        )
    error.hint = _HINTS.get(type(error), error.hint)
    if isinstance(error, Unavailable) and reply.status >= 500:
        error.hint = _SERVER_FAILED
    raise error


def _refused_fields(reply: Reply) -> InvalidInput:
    """The names of refused fields only: the server's text repeats the request, env included."""
    pairs = _FIELD_IN_422.findall(reply.text)
    fields = sorted({"%s (%s)" % (re.sub(r"'|,$", "", loc).replace(", ", "."), kind) for kind, loc in pairs})
    return InvalidInput(
        "GPUStack: %s %s returned 422, refused fields: %s"
        % (reply.method, reply.url, ", ".join(fields) or "not named"),
        hint="Correct these fields. The server's text is withheld because it repeats the request with its secrets.",
        status=422,
    )
