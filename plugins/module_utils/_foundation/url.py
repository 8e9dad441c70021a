# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs as users give them and as messages may show them."""

from __future__ import annotations

import ipaddress
import typing as t
from urllib.parse import SplitResult, urlsplit

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    excerpt,
)


def split_url(url: str) -> SplitResult:
    """The parts of a URL; no parts of what is none."""
    try:
        parts = urlsplit(url)
        _port = parts.port
        return parts
    except ValueError:
        return urlsplit("")


def public_url(url: str) -> str:
    """The URL without user, password, query and fragment: safe to show."""
    parts = split_url(url)
    host = parts.hostname or ""
    if ":" in host:
        host = "[%s]" % host
    port = "" if parts.port is None else ":%d" % parts.port
    return "%s://%s%s%s" % (parts.scheme, host, port, parts.path)


def checked_base_url(url: str, option: str) -> str:
    """``url`` without a trailing slash, refused when it is no http(s) URL or carries a password."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
        parts = urlsplit("")
    if not usable:
        raise InvalidInput(
            "%s is not a URL that can be called: %r" % (option, excerpt(url.split("@")[-1], 80)),
            hint="Give scheme, host and port, for example https://gpustack.example.com:8443.",
        )
    if parts.username or parts.password:
        raise InvalidInput(
            "%s carries a user name or password" % option,
            hint="Remove it from the URL and use the key or token option.",
        )
    return url.rstrip("/")


def origin_of(url: str) -> t.Tuple[str, str, int]:
    """Scheme, host and port: credentials never leave the origin that they were given for."""
    parts = split_url(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def site_name(url: str) -> str:
    """One spelling of a server's URL: small letters, no default port, no slash at the end. Other text stays."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return url.strip()
    host = "[%s]" % parts.hostname if ":" in parts.hostname else parts.hostname
    usual = 443 if parts.scheme == "https" else 80
    return "%s://%s%s%s" % (
        parts.scheme, host, "" if port in (None, usual) else ":%d" % port, parts.path.rstrip("/"),
    )  # fmt: skip


def is_same_site(origin: t.Tuple[str, str, int], other: t.Tuple[str, str, int]) -> bool:
    """Whether two origins are one server: the same, with or without ``www.``, or its encrypted side."""
    hosts = [host[4:] if host.startswith("www.") else host for _scheme, host, _port in (origin, other)]
    upgraded = (origin[0], other[0]) == ("http", "https") and (origin[2], other[2]) == (80, 443)
    return hosts[0] == hosts[1] and (origin[::2] == other[::2] or upgraded)


def is_safe(url: str) -> bool:
    """Whether nobody on the way can read it: TLS, or this machine."""
    parts = split_url(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
