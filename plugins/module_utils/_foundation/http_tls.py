# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a client trusts, and how it says that it does not."""

from __future__ import annotations

import os
import ssl
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    Unavailable,
    excerpt,
)


class NotTrusted(Unavailable):
    """The server's certificate is not trusted, or it speaks no TLS. Trying again does not help."""

    code = "not_trusted"


def verification(url: str, validate_certs: bool, ca_path: t.Optional[str]) -> t.Any:
    """What the library takes as ``verify`` for this URL.

    :raises InvalidInput: the file of certificates cannot be used.
    """
    if not validate_certs:
        return False
    if not url.lower().startswith("https:"):
        # Nothing is verified there, and reading certificates takes longer than most requests.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_path is None:
        context = ssl.create_default_context()
        # Where the system has no certificates, the library brings its own.
        return context if context.cert_store_stats()["x509_ca"] or _folder_of_certificates() else True
    try:
        return ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as exc:
        raise InvalidInput(
            "ca_path %s cannot be used: %s" % (ca_path, exc),
            hint="Give a readable file with PEM certificates.",
        ) from exc


def not_trusted(name: str, request: str, problem: BaseException) -> t.Optional[NotTrusted]:
    """The error of a connection that failed for its encryption; None for all other failures."""
    cause = _tls_problem(problem)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NotTrusted(
            "%s is not trusted: %s failed: %s" % (name, request, cause.verify_message or excerpt(str(cause))),
            hint="Give the certificate of the authority that signed its certificate with ca_path, or add it to "
            "the system's. Check that the URL has the name that the certificate is for.",
        )
    if cause is not None and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return NotTrusted(
            "%s does not speak TLS there: %s failed" % (name, request),
            hint="Check the port, and whether the URL begins with http:// instead of https://.",
        )
    return None


def _tls_problem(problem: t.Optional[BaseException]) -> t.Optional[ssl.SSLError]:
    seen: t.Set[int] = set()
    while problem is not None and id(problem) not in seen:
        if isinstance(problem, ssl.SSLError):
            return problem
        seen.add(id(problem))
        problem = problem.__cause__ or problem.__context__
    return None


def _folder_of_certificates() -> bool:
    """Whether the system has a folder of them, which is looked into only when one is needed."""
    folder = ssl.get_default_verify_paths().capath
    try:
        return bool(folder and os.listdir(folder))
    except OSError:
        return False
