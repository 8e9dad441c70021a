# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands between a thin module and its core.

A core is one function ``run(task) -> result`` with one argument spec. The module file and the
action plugin of the same name both call it; see plugin_utils/_controller_action.py for the other.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError

Params = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]


def silent(_line: str) -> None:
    """Progress that nobody reads."""


@dataclass(frozen=True)
class Task:
    """One call. ``progress`` takes lines for people who watch with -v, ``announce`` those for everybody but
    a quiet run. ``detail`` and ``show`` are lines without the host before them, ``show`` also in a quiet run.
    """

    params: Params
    check_mode: bool = False
    progress: t.Callable[[str], None] = silent
    announce: t.Callable[[str], None] = silent
    detail: t.Callable[[str], None] = silent
    show: t.Callable[[str], None] = silent


@dataclass(frozen=True)
class Core:
    """A module's behaviour and its arguments, the same wherever it runs.

    ``rules`` are AnsibleModule's relations between options (required_if, mutually_exclusive, ...).
    """

    run: t.Callable[[Task], Result]
    argument_spec: t.Mapping[str, t.Mapping[str, t.Any]]
    rules: t.Mapping[str, t.Any] = field(default_factory=dict)


def run_module(core: Core) -> None:
    """The whole of a module's ``main``."""
    module = AnsibleModule(
        argument_spec=dict(core.argument_spec), supports_check_mode=True, **dict(core.rules)
    )
    try:
        result = core.run(Task(module.params, module.check_mode, module.debug))
    except AutoconfigError as exc:
        module.fail_json(**exc.as_result())
    for warning in result.pop("warnings", ()):
        module.warn(remove_values(warning, module.no_log_values))
    module.exit_json(**result)
