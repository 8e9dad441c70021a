# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between Ansible and a core: what goes in is checked, what comes out is fit to be shown.

Secrets are hidden by value wherever they appear, and in what others say by what stands before them; text is made
harmless for terminals; no surprise of a core reaches a user as a traceback.
"""

from __future__ import annotations

import os
import traceback
import typing as t
from dataclasses import dataclass, replace

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import (
    is_distinct,
    secrets_in,
    without_secrets,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.text import terminal_value
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import is_safe, split_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)

# Which key goes to which server.
_KEYS: t.Sequence[t.Tuple[str, str]] = (
    ("gpustack_url", "gpustack_api_key"),
    ("router_url", "router_api_key"),
    ("hf_endpoint", "hf_token"),
    ("modelscope_endpoint", "modelscope_token"),
    ("base_url", "api_key"),
    ("url", "api_key"),
)


class Defect(AutoconfigError):
    """Something that this collection did not foresee."""

    code = "defect"


@dataclass(frozen=True)
class Border:
    """The secrets of one task, and what is shown of it."""

    secrets: t.FrozenSet[str]

    @classmethod
    def of(cls, params: Params, no_log_values: t.Iterable[str]) -> Border:
        """``no_log_values`` are those that Ansible knows by the options' specs."""
        given = {name: value for name, value in params.items() if name not in ("hosts", "deployed")}
        return cls(frozenset(no_log_values) | frozenset(secrets_in(given)))

    def shown(self, value: t.Any) -> t.Any:
        """A value without secrets, and harmless for terminals."""
        distinct = {each for each in self.secrets if is_distinct(each)}
        return terminal_value(without_secrets(remove_values(value, distinct)))

    def _hiding(self, tell: t.Callable[[str], None]) -> t.Callable[[str], None]:
        return lambda line: tell(self.shown(line))

    def run(self, core: Core, task: Task) -> Result:
        """The result of a core, or of its failure, as it may be shown.

        ``failed`` is set where it failed.
        """

        watched = replace(
            task,
            progress=self._hiding(task.progress),
            announce=self._hiding(task.announce),
            detail=self._hiding(task.detail),
            show=self._hiding(task.show),
            shown=self.shown,
        )
        try:
            _check_text(task.params)
            result = core.run(watched)
            told = exposed_keys(task.params)
            if told:
                result["warnings"] = [*(result.get("warnings") or ()), *told]
        except AutoconfigError as exc:
            result = dict(exc.as_result(), failed=True)
        except Exception as exc:  # whatever it is, its text may hold anything
            result = dict(_defect(exc).as_result(), failed=True)
        found: Result = self.shown(result)
        return found


def exposed_keys(params: Params) -> t.List[str]:
    """Warnings about keys that others on the network can read on their way."""
    return [
        "%s goes to %s without encryption: everybody on the way can read it. Use https." % (key, option)
        for option, key in _KEYS
        if params.get(key) and params.get(option)
        if split_url(str(params[option])).scheme == "http" and not is_safe(str(params[option]))
    ]


def _check_text(value: t.Any, path: str = "") -> None:
    """:raises InvalidInput: an option holds what no path, URL or name can hold."""
    if isinstance(value, t.Mapping):
        for name, item in value.items():
            if name not in ("facts", "deployed"):
                _check_text(item, "%s.%s" % (path, name) if path else str(name))
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            _check_text(item, "%s[%d]" % (path, place))
    elif isinstance(value, str) and "\0" in value:
        raise InvalidInput("%s holds a NUL character" % path, hint="Remove it; it may come from a template.")


def _defect(problem: Exception) -> Defect:
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if "modelscan" in frame.filename] or list(frames)
    place = (
        "%s, line %s" % (os.path.basename(own[-1].filename), own[-1].lineno) if own else "an unknown place"
    )
    return Defect(
        "This collection met something that it did not foresee (%s in %s)" % (type(problem).__name__, place),
        hint="It is a defect: please report it, with what was given and the versions of all servers.",
    )
