# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of router_register and inference_probe run, and results hold what is documented."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.inference_probe import (
    CORE as PROBE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import (
    CORE as REGISTER,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.kinds import proof_of, route_of
from ansible_collections.modelscan.autoconfig.plugins.modules import inference_probe, router_register

TEMPLATE = re.compile(r"\{\{.*\}\}")
Options = t.Dict[str, t.Any]


def examples(text: str, name: str) -> list[t.Any]:
    """The options of each example, with a number in place of every template."""
    tasks = yaml.safe_load(text)
    return [pytest.param(filled(task["modelscan.autoconfig.%s" % name]), id=task["name"]) for task in tasks]


def filled(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: filled(each) for key, each in value.items()}
    return TEMPLATE.sub("7", value) if isinstance(value, str) else value


def checked(core: Core, options: Options) -> Options:
    result = ArgumentSpecValidator(dict(core.argument_spec), **dict(core.rules)).validate(options)
    assert not result.error_messages
    parameters: Options = result.validated_parameters
    return parameters


def assert_documented(result: Result, text: str) -> None:
    """Ansible itself explains changed, diff and warnings."""
    assert set(result) - {"changed", "diff", "warnings"} == set(yaml.safe_load(text))


@pytest.mark.parametrize("options", examples(router_register.EXAMPLES, "router_register"))
def test_an_example_of_router_register_runs(tmp_path: Path, options: Options) -> None:
    if "path" in options:
        options["path"] = str(tmp_path / Path(options["path"]).name)
    if "block_begin" in options:
        Path(options["path"]).write_text("http {\n    upstream models {\n    }\n}\n")
    params = checked(REGISTER, options)
    if "path" not in options:  # the router is not there: its options are read, and no more
        assert proof_of(params, route_of(params), t.cast(t.Any, None), print) or params["state"] == "absent"
        return

    result = REGISTER.run(Task(params, check_mode=True))

    assert result["changed"] is (params["state"] == "present")
    assert_documented(result, router_register.RETURN)
    assert set(result["route"]) == set(yaml.safe_load(router_register.RETURN)["route"]["contains"])


@pytest.mark.parametrize("options", examples(inference_probe.EXAMPLES, "inference_probe"))
def test_an_example_of_inference_probe_runs(options: Options) -> None:
    result = PROBE.run(Task(checked(PROBE, options), check_mode=True))

    assert_documented(result, inference_probe.RETURN)
