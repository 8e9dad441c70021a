# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugins that run a module's core on the controller.

Ten times cheaper than a module process, and no library is needed on any target. A task that is
delegated to another machine runs as the ordinary module there.
"""

from __future__ import annotations

import difflib
import json
import re
import typing as t

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.border import Border
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Result,
    Task,
    silent,
)

LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))

# The callback plugin with which only the end of a run is shown.
QUIET = "modelscan.autoconfig.quiet"
ROLE_PREFIX = "model_deployment_"

display = Display()


class ControllerAction(ActionBase):  # type: ignore[misc]
    """Validates as AnsibleModule does, runs ``core`` in-process, and censors what it returns."""

    core: t.ClassVar[Core]

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        variables = task_vars or {}
        if not self.runs_here(variables):
            result.update(self._execute_module(task_vars=variables))
            return result
        arguments = plain(self._task.args)
        self.add_arguments(arguments, variables)
        params, secrets = self._validated(plain(arguments))
        result.update(self._outcome(params, secrets, variables))
        return result

    def runs_here(self, variables: t.Mapping[str, t.Any]) -> bool:
        """Whether this task belongs on the controller."""
        return not self._task.delegate_to or self.is_local(variables)

    def is_local(self, variables: t.Mapping[str, t.Any]) -> bool:
        """Whether the task's own host, after delegation, is the controller."""
        return self._task.delegate_to in LOCAL_HOSTS or self._connection.transport == "local"

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Arguments that only the controller can fill in; the user's own win."""

    def _validated(self, arguments: t.Dict[str, t.Any]) -> t.Tuple[t.Dict[str, t.Any], t.Any]:
        validator = ArgumentSpecValidator(dict(self.core.argument_spec), **dict(self.core.rules))
        checked = validator.validate(arguments)
        secrets = checked._no_log_values
        if checked.error_messages:
            known = [str(error.msg) for error in checked.errors if not isinstance(error, UnsupportedError)]
            problem = "; ".join(known + _unsupported(checked._supported_parameters))
            border = Border.of(arguments, secrets)
            raise AnsibleActionFail(
                "Invalid arguments for %s: %s" % (self._task.action, border.shown(problem))
            )
        return checked.validated_parameters, secrets

    def _outcome(
        self, params: t.Mapping[str, t.Any], secrets: t.Any, variables: t.Mapping[str, t.Any]
    ) -> Result:
        host = variables.get("inventory_hostname")

        def progress(line: str) -> None:
            display.v("%s: %s" % (self._task.action, line), host=host)

        def show(line: str) -> None:
            display.display(line)

        def announce(line: str) -> None:
            detail("[%s] %s" % (host, line))

        detail = silent if constants.DEFAULT_STDOUT_CALLBACK == QUIET else show
        task = Task(params, self._task.check_mode, progress, announce, detail, show)
        result = Border.of(params, secrets).run(self.core, task)
        if result.get("failed"):
            names = {name for name in params if ROLE_PREFIX + name in variables}
            for text, holder in (("msg", result), ("hint", result["error"])):
                if self._task._role is not None and holder[text]:
                    holder[text] = in_words_of_the_role(holder[text], names)
        return result


def in_words_of_the_role(text: str, options: t.Collection[str]) -> str:
    """``text`` with the role's variables where it names ``options`` that have one.

    A word without an underscore is taken for an option only before a colon, or behind the word option.
    """

    def named(found: t.Match[str]) -> str:
        return ROLE_PREFIX + found.group(0)

    plain = [name for name in options if "_" not in name]
    if plain:
        words = "|".join(plain)
        text = re.sub(r"(?<=option )(?:%s)\b|(?<![\w.-])(?:%s)(?=: [\w\[])" % (words, words), named, text)
    joined = sorted((name for name in options if "_" in name), key=len, reverse=True)
    return re.sub(r"(?<![\w.-])(?:%s)(?!\w)" % "|".join(joined), named, text) if joined else text


def _unsupported(found: t.Mapping[t.Any, t.Tuple[t.Iterable[str], t.Any]]) -> t.List[str]:
    """Each unsupported option, by its path, with the supported one that is most like it."""
    words = []
    for context, (supported, _aliases) in found.items():
        path = context if isinstance(context, tuple) else (context,)
        nearest = difflib.get_close_matches(path[-1], sorted(supported), n=1)
        asked = " (did you mean %s?)" % nearest[0] if nearest else ""
        words.append("unsupported option: %s%s" % (".".join(path), asked))
    return sorted(words)


def plain(arguments: t.Any) -> t.Any:
    """Built-in types only: templating leaves subclasses that YAML and JSON writers refuse."""
    try:
        return json.loads(json.dumps(arguments, default=str))
    except (ValueError, RecursionError) as exc:
        problem = "The arguments cannot be written as JSON: they are nested too deep, or in a ring"
        raise AnsibleActionFail(problem) from exc
