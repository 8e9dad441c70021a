# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every router has in common."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    FieldSpec,
    empty_is_none,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock, SystemClock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import public_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import (
    Document,
    Entry,
)

MANAGED_BY = "modelscan.autoconfig"
# The comment beside what goes again with the last route in it.
MADE_BY = "made by " + MANAGED_BY
OWNERSHIP = frozenset(("id", "managed_by"))

Fields = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Route:
    """One backend of one public name. None means unmanaged; for removal: any.

    ``model`` is the name that the backend serves, ``key_variable`` the environment variable in which
    the router finds the backend's key, ``api_key`` the key itself. A ``fallback`` is asked only when
    the other backends of the name fail, those of a higher ``fallback_order`` (from 1) last. ``entry``
    is the whole entry of a list of free form, ``line`` the whole line of a plain text.
    """

    name: str
    base_url: t.Optional[str]
    model: t.Optional[str]
    key_variable: t.Optional[str] = None
    weight: t.Optional[int] = None
    model_info: t.Optional[t.Mapping[str, t.Any]] = None
    input_usd_per_token: t.Optional[float] = None
    output_usd_per_token: t.Optional[float] = None
    cache_read_usd_per_token: t.Optional[float] = None
    cache_write_usd_per_token: t.Optional[float] = None
    price_tiers: t.Optional[t.Mapping[str, float]] = None
    fallback: t.Optional[bool] = None
    fallback_order: t.Optional[int] = None
    api_key: t.Optional[str] = field(default=None, repr=False)
    entry: t.Optional[t.Mapping[str, t.Any]] = None
    line: t.Optional[str] = None


class Proof(t.Protocol):
    """What must answer around a write. Both raise ProbeFailed."""

    def ask_backend(self) -> None:
        """The backend itself answers; called before anything is written."""

    def ask_router(self) -> t.Optional[Answer]:
        """What the router answers for the public name; None where nothing was asked."""


class NoProof:
    """Nothing is asked."""

    def ask_backend(self) -> None:
        """Trust the caller."""

    def ask_router(self) -> t.Optional[Answer]:
        return None


@dataclass(frozen=True)
class Policy:
    """How far a call may go. ``drain_s`` is how long requests under way are waited for,
    ``validate`` a command with %s that looks at a file before it takes its place."""

    create: bool = True
    adopt: bool = False
    backup: bool = False
    dry_run: bool = False
    proof: Proof = field(default_factory=NoProof)
    drain_s: float = 0.0
    validate: t.Optional[str] = None
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True)
class Outcome:
    """What happened, or would happen. ``route`` is None where nothing was there to remove.

    ``verified`` says how it is known: "file" or "api" for what was read back, "completion" for an
    answer through the router, None where nothing was written yet. ``shares`` tells what part of the
    requests each backend of the name gets, ``remarks`` what the user should know, ``reached`` who
    answered through the router: "backend" for the route's own, "other", or "unknown".
    """

    differences: t.Sequence[Difference]
    route: t.Optional[Fields]
    verified: t.Optional[str]
    backup_file: t.Optional[str] = None
    shares: t.Sequence[Fields] = ()
    remarks: t.Sequence[str] = ()
    reached: t.Optional[str] = None

    @property
    def changed(self) -> bool:
        return bool(self.differences)


class Registrar(t.Protocol):
    """Makes one route be as wanted, or be gone, in one router."""

    def register(self, route: Route) -> Outcome: ...

    def remove(self, route: Route) -> Outcome: ...


@dataclass(frozen=True)
class Change:
    """A write that is about to come: the entry that is there, and the names of the fields that differ."""

    entry: t.Optional[Entry]
    names: t.FrozenSet[str]


class Format(t.Protocol):
    """How one kind of router writes a route into an entry of its file."""

    fields: t.Tuple[FieldSpec, ...]
    needs_restart: bool

    def opened(self, text: str, where: str) -> Document:
        """The file's text; raises InvalidInput, which names ``where``, for one that cannot be used."""

    def problem(self, entries: t.Sequence[Entry]) -> t.Optional[str]:
        """Why the router would not take this list, None when it would."""

    def is_route(self, entry: Entry, route: Route) -> bool:
        """Whether the entry stands for this route, whoever wrote it."""

    def is_ours(self, entry: Entry) -> bool:
        """Whether this collection wrote or adopted the entry."""

    def wanted(self, route: Route, entry: t.Optional[Entry] = None) -> Fields:
        """The managed fields, without those that the route leaves open; ``entry`` is what is there."""

    def found(self, entry: Entry, route: Route) -> Fields:
        """The fields of an entry, as far as the route manages them, without credentials in URLs."""

    def merged(self, entry: t.Optional[Entry], wanted: Fields) -> Fields:
        """The entry's new data: what it had, with the wanted fields."""

    def described(self, entry: Entry) -> Fields:
        """``id``, ``name``, ``model``, ``endpoint`` and ``weight`` for the result."""

    def check(self, document: Document, route: Route, change: t.Optional[Change]) -> None:
        """Raise where the router would not do what the route means; ``change`` is None for a removal."""

    def companions(
        self, document: Document, route: Route, index: int, names: t.Set[str]
    ) -> t.Dict[int, Fields]:
        """New data of other entries that belongs to a write of these fields at ``index``.

        Raises where the write would share the requests otherwise than it says.
        """

    def shares(self, document: Document, route: Route) -> t.List[Fields]:
        """What part of the requests each backend of the name gets; empty where nobody knows."""

    def remarks(self, document: Document, route: Route) -> t.List[str]:
        """What the user should know about the route in this file."""


class PlainForm:
    """A format in which no entry depends on another one."""

    def check(self, document: Document, route: Route, change: t.Optional[Change]) -> None:
        """Nothing is known against it."""

    def companions(
        self, document: Document, route: Route, index: int, names: t.Set[str]
    ) -> t.Dict[int, Fields]:
        return {}

    def shares(self, document: Document, route: Route) -> t.List[Fields]:
        return []

    def remarks(self, document: Document, route: Route) -> t.List[str]:
        return []


def taken_away(specs: t.Sequence[FieldSpec], found: Fields) -> t.List[Difference]:
    """One difference for each field that has a value, which a removal takes away."""
    return [
        Difference(spec, None, found[spec.name])
        for spec in specs
        if empty_is_none(found.get(spec.name)) is not None
    ]


def repeated(names: t.Iterable[str]) -> t.Optional[str]:
    """The first name that occurs more than once, None where all differ."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


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
