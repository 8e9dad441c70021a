# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of any shape in any list of a YAML or JSON file.

For routers that this collection does not know: the caller gives the path of the list, the whole
entry, and the expression that finds an entry's name.
"""

from __future__ import annotations

import copy
import re
import typing as t

try:
    import jmespath
except ImportError:  # the import sanity test and hosts without jmespath
    jmespath = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    MissingLibrary,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import (
    is_secret_name,
    secrets_in,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MADE_BY,
    MANAGED_BY,
    Fields,
    Route,
    repeated,
    shown_url,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_document import YamlForm
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import Place

_KEY = r'(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\]+")'
_PATH = re.compile(r"%s(?:\.%s)*\Z" % (_KEY, _KEY))
# The field of the diff that says which entry is made or removed; entries have keys of any name.
_ROUTE = "(route)"


class OpenAIList(YamlForm):
    """The list at ``path``. Ours are the entries with our comment, for which JSON has no room.

    ``name_of`` is a JMESPath expression for the public name inside one entry. Raises InvalidInput for
    a path or an expression that cannot be used.
    """

    needs_restart = True

    def __init__(self, path: str, name_of: str, entry: t.Optional[Fields], is_json: bool) -> None:
        if jmespath is None:
            raise MissingLibrary("jmespath", "the host that holds the router's file")
        if not _PATH.match(path):
            raise InvalidInput(
                "list_path has to be names joined by dots, as JMESPath writes them: %r" % path,
                hint='For example model_providers or routing."direct-routes".',
            )
        try:
            self._name_of = jmespath.compile(name_of)
        except (jmespath.exceptions.JMESPathError, ValueError) as exc:
            raise InvalidInput(
                "entry_name is no JMESPath expression: %r" % name_of,
                hint="Write where an entry holds its public name, for example model.",
            ) from exc
        keys = tuple(key.strip('"') for key in re.findall(_KEY, path))
        self.place = Place(
            keys, mark=None if is_json else "managed by " + MANAGED_BY, made=MADE_BY, is_json=is_json
        )
        rest = tuple(FieldSpec(name, secret=_hides(name, value)) for name, value in (entry or {}).items())
        self.fields = (FieldSpec("managed_by"), FieldSpec(_ROUTE), *rest)

    def problem(self, entries: t.Sequence[Entry]) -> t.Optional[str]:
        twice = repeated(str(self._name(entry.data)) for entry in entries if self._name(entry.data))
        return None if twice is None else "entry_name finds %s more than once" % twice

    def is_route(self, entry: Entry, route: Route) -> bool:
        return bool(self._name(entry.data) == route.name)

    def is_ours(self, entry: Entry) -> bool:
        return entry.marked

    def wanted(self, route: Route, entry: t.Optional[Entry] = None) -> Fields:
        made = dict(route.entry or {})
        if self._name(made) != route.name:
            raise InvalidInput(
                "entry_name finds %r in entry and name is %r" % (self._name(made), route.name),
                hint="Let the entry carry the name at that place.",
            )
        if "managed_by" in made:
            raise InvalidInput("entry may not set managed_by: it marks the route")
        made[_ROUTE] = route.name
        return made if self.place.is_json else dict(made, managed_by=MANAGED_BY)

    def found(self, entry: Entry, route: Route) -> Fields:
        wanted = route.entry or {}
        fields = {
            name: value if value == wanted.get(name) else shown_url(value)
            for name, value in entry.data.items()
        }
        fields[_ROUTE] = self._name(entry.data)
        return dict(fields, managed_by=MANAGED_BY if entry.marked else None)

    def merged(self, entry: t.Optional[Entry], wanted: Fields) -> Fields:
        kept = copy.deepcopy(dict(entry.data)) if entry else {}
        kept.update((name, value) for name, value in wanted.items() if name not in ("managed_by", _ROUTE))
        return kept

    def described(self, entry: Entry) -> Fields:
        name = self._name(entry.data)
        return {"id": name, "name": name, "model": None, "endpoint": None, "weight": None}

    def _name(self, data: t.Any) -> t.Any:
        try:
            return self._name_of.search(data)
        except jmespath.exceptions.JMESPathError:
            return None


def _hides(name: str, value: t.Any) -> bool:
    """Whether the value may hold a secret: nested values are not searched, all of them are hidden."""
    has_password = bool(secrets_in(value)) or (
        isinstance(value, str) and shown_url(value) not in (value, value.rstrip("/"))
    )
    return is_secret_name(name) or isinstance(value, (dict, list)) or has_password
