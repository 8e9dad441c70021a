# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modelscan.autoconfig.rollout_sites on the controller, where all hosts' variables are at hand."""

from __future__ import annotations

import contextlib
import typing as t

from ansible.errors import AnsibleError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import role_inputs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_sites import (
    ARGUMENT_SPEC,
    CORE,
    MODEL_KEYS,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._play_hosts import PlayHost, play_hosts


class ActionModule(ControllerAction):
    core = CORE

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Fills ``hosts``, ``variables`` and ``problems`` from the hosts of the play."""
        if "hosts" in arguments:
            return
        url_variable = arguments.get("url_variable") or ARGUMENT_SPEC["url_variable"]["default"]
        prefix = arguments.get("prefix") or ARGUMENT_SPEC["prefix"]["default"]
        reached = set(variables.get("ansible_play_hosts") or ())
        inputs = _Inputs(arguments.get("inputs") or {}, prefix)
        names, hosts = set(variables), []
        own = {name: variables[name] for name in variables if name in inputs.spec}
        inputs.look_at(own, lambda name: self._templar.template(own[name]))
        for host in play_hosts(variables):
            names.update(host.names)
            inputs.look_at(host.raw, host.get)
            models = foreign.entries(host.get(prefix + role_inputs.MODELS))
            hosts.append(
                {
                    "name": host.name,
                    "url": str(host.get(url_variable) or ""),
                    "has_gpu": _has_gpu(host),
                    "reached": host.name in reached,
                    "models": [_named(each) for each in models],
                }
            )
        arguments["hosts"] = hosts
        arguments["models"] = [_named(each) for each in arguments.get("models") or ()]
        arguments.setdefault("variables", sorted(str(name) for name in names))
        arguments.setdefault("problems", inputs.problems)


class _Inputs:
    """The role's variables as hosts have them, each different value looked at once."""

    def __init__(self, spec: role_inputs.Spec, prefix: str) -> None:
        self.spec, self._prefix = spec, prefix
        self._seen: t.Set[t.Tuple[str, str]] = set()
        self.problems: t.List[str] = []

    def look_at(self, raw: t.Mapping[str, t.Any], value_of: t.Callable[[str], t.Any]) -> None:
        """Adds the problems of the values that were not seen before; ``raw`` has them before templating."""
        new = {name: repr(raw[name]) for name in self.spec if name in raw}
        new = {name: text for name, text in new.items() if (name, text) not in self._seen}
        self._seen.update(new.items())
        values = {}
        for name in new:
            # Whoever uses a variable that cannot be read says so better, and only then it matters.
            with contextlib.suppress(AnsibleError):
                values[name] = value_of(name)
        found = role_inputs.problems(self.spec, self._prefix, values)
        self.problems += [each for each in found if each not in self.problems]


def _named(entry: t.Any) -> t.Dict[str, t.Any]:
    return {key: entry[key] for key in MODEL_KEYS if isinstance(entry, t.Mapping) and entry.get(key)}


def _has_gpu(host: PlayHost) -> t.Optional[bool]:
    """None where nobody looked, or where what was found is a failure rather than nothing."""
    facts = host.gpu_facts
    if not facts:
        return None
    if facts.get("devices"):
        return True
    return None if facts.get("warnings") else False
