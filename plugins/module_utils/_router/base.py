# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what every router has in common."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.modelscan.autoconfig.plugins.module_utils._diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import public_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.yaml_list import Entry, Place

MANAGED_BY = "modelscan.autoconfig"
OWNERSHIP = frozenset(("id", "managed_by"))

Fields = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Route:
    """One backend of one public name. None means unmanaged; for removal: any.

    ``model`` is the name that the backend serves, ``key_variable`` the environment variable in which
    the router finds the backend's key.
    """

    name: str
    base_url: t.Optional[str]
    model: t.Optional[str]
    key_variable: t.Optional[str] = None
    weight: t.Optional[int] = None
    model_info: t.Optional[t.Mapping[str, t.Any]] = None


class Format(t.Protocol):
    """How one kind of router writes a route into the entry of a list in a YAML file."""

    place: Place
    fields: t.Tuple[FieldSpec, ...]
    needs_restart: bool

    def problem(self, entries: t.Sequence[Entry]) -> t.Optional[str]:
        """Why the router would not take this list, None when it would."""

    def is_route(self, entry: Entry, route: Route) -> bool:
        """Whether the entry stands for this route, whoever wrote it."""

    def is_ours(self, entry: Entry) -> bool:
        """Whether this collection wrote or adopted the entry."""

    def wanted(self, route: Route) -> Fields:
        """The managed fields, without those that the route leaves open."""

    def found(self, entry: Entry, route: Route) -> Fields:
        """The fields of an entry, as far as the route manages them, without credentials in URLs."""

    def merged(self, entry: t.Optional[Entry], wanted: Fields) -> Fields:
        """The entry's new data: what it had, with the wanted fields."""

    def described(self, entry: Entry) -> Fields:
        """``id``, ``name``, ``model``, ``endpoint`` and ``weight`` for the result."""


def endpoint_of(url: t.Optional[str]) -> str:
    """Host and port of a backend: what stays when a path or scheme of its URL is written otherwise."""
    try:
        parts = urlsplit(url or "")
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return url or ""
    return "%s:%d" % (parts.hostname or "", port)


def shown_url(url: t.Any) -> t.Any:
    """A URL from somebody's file without user, password and final slash."""
    try:
        return public_url(url).rstrip("/") if isinstance(url, str) and "://" in url else url
    except ValueError:
        return "(not a URL)"
