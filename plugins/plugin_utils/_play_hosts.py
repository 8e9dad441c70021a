# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a play knows of all of its hosts, at a price that thousands bear."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    check_nesting,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import entry

Variables = t.Mapping[str, t.Any]


class PlayHost:
    """The variables of one host, read once.

    Templating them costs as much as reading them, and facts hold no templates: it is done where one is.
    """

    def __init__(self, name: str, hostvars: t.Mapping[str, t.Any]) -> None:
        self.name = name
        self._hostvars = hostvars
        self._raw: Variables = getattr(hostvars, "raw_get", hostvars.__getitem__)(name)

    @property
    def gpu_facts(self) -> t.Any:
        """What gpu_facts found on it; None where it did not run. They may be anything: nobody has checked them yet."""
        found = entry(self._raw.get("ansible_facts")).get("autoconfig_gpu")
        try:
            check_nesting(found)
        except Undecodable as exc:
            return "something that %s" % exc
        return found

    @property
    def names(self) -> t.List[str]:
        """The names of all its variables."""
        return list(self._raw)

    @property
    def raw(self) -> Variables:
        """Its variables before templating."""
        return self._raw

    def get(self, variable: t.Optional[str]) -> t.Any:
        """The value of a variable; None without one."""
        value = self._raw.get(variable) if variable else None
        return self._hostvars[self.name][variable] if _has_template(value) else value


def play_hosts(variables: Variables, names: t.Optional[t.Iterable[str]] = None) -> t.Iterator[PlayHost]:
    """The hosts called ``names``, else all of the play, those that have failed among them."""
    for name in (variables.get("ansible_play_hosts_all") or ()) if names is None else names:
        yield PlayHost(name, variables["hostvars"])


def _has_template(value: t.Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, t.Mapping):
        return any(_has_template(each) for each in value.values())
    return isinstance(value, (list, tuple)) and any(_has_template(each) for each in value)
