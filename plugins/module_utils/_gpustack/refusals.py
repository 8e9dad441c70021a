# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what GPUStack's refusals become, without the secrets in their texts. Pure: no IO."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AuthenticationFailed,
    InvalidInput,
    PermissionDenied,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._reply import Reply, error_of

_FIELD_IN_422 = re.compile(r"'type': '([a-z_]+)', 'loc': \(([^)]*)\)")
_KEY_HINT = (
    "Check gpustack_api_key (or the environment variable GPUSTACK_API_KEY): "
    "it is missing, mistyped, expired or of another server."
)
_SCOPE_HINT = (
    "Use a gpustack_api_key with the scope management (or *), of a user whose role in the "
    "organization allows this; an inference key is not enough."
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
    if isinstance(error, AuthenticationFailed):
        error.hint = _KEY_HINT
    elif isinstance(error, PermissionDenied):
        error.hint = _SCOPE_HINT
    raise error


def _refused_fields(reply: Reply) -> InvalidInput:
    """The names of refused fields only: the server's text repeats the request, env included."""
    pairs = _FIELD_IN_422.findall(reply.text)
    fields = sorted({"%s (%s)" % (loc.replace("'", "").replace(", ", "."), kind) for kind, loc in pairs})
    return InvalidInput(
        "GPUStack: %s %s returned 422, refused fields: %s"
        % (reply.method, reply.url, ", ".join(fields) or "not named"),
        hint="The server's text is withheld because it repeats the request with its secrets.",
        status=422,
    )
