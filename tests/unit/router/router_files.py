# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of routers in files share: calls of the core, and what LiteLLM's file holds then."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

URL = "http://192.0.2.10/v1"


def register(path: Path, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    given = {"type": "litellm", "path": str(path), "name": "r1", "probe": False, **options}
    if given.get("state") != "absent":
        given.setdefault("base_url", URL)
    checked = ArgumentSpecValidator(dict(CORE.argument_spec), **CORE.rules).validate(given)
    assert not checked.error_messages
    return CORE.run(Task(checked.validated_parameters, check_mode))


def models(path: Path) -> list[dict[str, t.Any]]:
    found: list[dict[str, t.Any]] = yaml.safe_load(path.read_text())["model_list"]
    return found
