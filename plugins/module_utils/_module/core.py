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

Params = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]


def silent(_line: str) -> None:
    """Progress that nobody reads."""


def as_it_is(value: t.Any) -> t.Any:
    """A value that nobody has to hide anything of."""
    return value


@dataclass(frozen=True)
class Task:
    """One call. ``progress`` takes lines for people who watch with -v, ``announce`` those for everybody but
    a quiet run. ``detail`` and ``show`` are lines without the host before them, ``show`` also in a quiet run.

    ``shown`` makes a value fit for a file that people read: without the secrets of the task.
    """

    params: Params
    check_mode: bool = False
    progress: t.Callable[[str], None] = silent
    announce: t.Callable[[str], None] = silent
    detail: t.Callable[[str], None] = silent
    show: t.Callable[[str], None] = silent
    shown: t.Callable[[t.Any], t.Any] = as_it_is


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
    # The border knows the core, and not the other way round.
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.border import Border

    # Ansible would write the arguments to the system's log before anybody has looked for secrets in them.
    module = AnsibleModule(
        argument_spec=dict(core.argument_spec), supports_check_mode=True, no_log=True, **dict(core.rules)
    )
    border = Border.of(module.params, module.no_log_values)
    module.no_log_values |= border.secrets
    result = border.run(core, Task(module.params, module.check_mode, module.debug))
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
