# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's inputs: every default is documented, every documented input has a default."""

from __future__ import annotations

import importlib
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.role_inputs import OF_ONE_MODEL
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_sites import (
    PLAYBOOK_INPUTS,
)

ROLE = Path(__file__).resolve().parents[3] / "roles" / "model_deployment"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
DEFAULTS: t.Dict[str, t.Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
TASKS = sorted((ROLE / "tasks").glob("*.yml"))


def test_defaults_and_argument_specs_name_the_same_inputs() -> None:
    """Once: the role looks at them itself, whichever entry point it is."""
    assert set(SPECS["main"]["options"]) == set(DEFAULTS)
    assert [name for name, spec in SPECS.items() if "options" in spec] == ["main"]


def test_documented_defaults_are_the_real_ones() -> None:
    documented = {
        name: spec["default"] for name, spec in SPECS["main"]["options"].items() if "default" in spec
    }
    from_environment = {"model_deployment_gpustack_url"}
    assert documented == {name: value for name, value in DEFAULTS.items() if name not in from_environment}


@pytest.mark.parametrize("entry_point", sorted(SPECS))
def test_every_entry_point_has_tasks(entry_point: str) -> None:
    assert (ROLE / "tasks" / f"{entry_point}.yml").is_file()


@pytest.mark.parametrize("path", TASKS, ids=lambda path: path.stem)
def test_tasks_use_declared_inputs_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = set(re.findall(r"(?<![\w_])model_deployment_(?!site_|speakers|listeners)\w+", text))
    assert used <= set(DEFAULTS) | {"model_deployment_speakers", *PLAYBOOK_INPUTS}


def test_secrets_are_plain_strings_with_no_log() -> None:
    secrets = {
        name: spec for name, spec in SPECS["main"]["options"].items() if re.search("_(key|token)$", name)
    }
    assert len(secrets) == 5
    for name, spec in secrets.items():
        assert spec["no_log"] is True, name
        assert spec["type"] == "str", name
        assert "choices" not in spec, name


MODULES = ROLE.parents[1] / "plugins" / "modules"
CONTROLLED = re.compile(r"modelscan\.autoconfig\.(\w+)")
# Options of modules that no variable of the role reaches, each with the reason.
LEFT_OUT: t.Mapping[str, t.Mapping[str, str]] = {
    "model_plan": {
        "hosts": "the hosts of the play, with their facts",
        "deployed_variable": "the role gives what runs itself",
        "report": "written once for all servers, by rollout_report",
        "catalogs": "catalogs of one's own are a matter of one search",
        "cache_max_age_s": "refresh asks anew",
    },
    "catalog_search": {"*": "the role only looks up a price; the search playbook searches"},
    "gpu_facts": {"*": "a plan needs what is gathered where nothing is said; the facts playbook says more"},
    "gpustack_deployment_info": {"*": "a plan needs all that a server runs; the info playbook shows parts"},
    "gpustack_deployment": {
        "deployments": "the role deploys one after the other, in the order of their dependencies",
        "restart": "of state restarted, which is no rollout",
        "gpus_per_replica": "the plan's layout says it",
        "gpu_type_selector": "the plan names the GPUs",
        "env_mode": "what others have set in env stays",
        "roles": "of disaggregated serving, which the planner does not plan",
        "disaggregation": "of disaggregated serving, which the planner does not plan",
        "prune": "a rollout removes nothing that it does not name",
        "max_removals": "of prune",
        "writes_at_once": "the role deploys one after the other",
        "gather": "of disaggregated serving, which the planner does not plan",
    },
    "gpustack_backend": {"*": "a plan says all that its engine needs"},
    "inference_probe": {
        "prompt": "any answer proves that it serves", "max_tokens": "any answer proves that it serves",
        "expect": "any answer proves that it serves", "stream": "any answer proves that it serves",
        "health_url": "GPUStack answers for its instances", "listed": "a completion says more",
    },
}  # fmt: skip


def given_to_modules() -> t.Dict[str, t.Set[str]]:
    """By module, the options that some task of the role gives it."""
    found: t.Dict[str, t.Set[str]] = {}

    def look(tasks: t.Iterable[t.Mapping[str, t.Any]]) -> None:
        for task in tasks:
            for key, value in task.items():
                module = CONTROLLED.fullmatch(str(key))
                if module:
                    found.setdefault(module.group(1), set()).update(value or ())
                elif key in ("block", "rescue", "always"):
                    look(value)

    for path in TASKS:
        look(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


def options_of(module: str) -> t.Set[str]:
    path = "ansible_collections.modelscan.autoconfig.plugins.module_utils._module." + module
    found = importlib.import_module(path)
    return set(found.CORE.argument_spec if hasattr(found, "CORE") else found.ARGUMENT_SPEC)


@pytest.mark.parametrize(
    "module", sorted(set(given_to_modules()) - {"rollout_sites", "rollout_report", "rollout_gate"})
)
def test_each_option_of_a_module_is_reached_or_left_out_with_a_reason(module: str) -> None:
    options, given = options_of(module), given_to_modules()[module]
    left_out = set(LEFT_OUT.get(module, ()))
    left_out = options - given if left_out == {"*"} else left_out
    assert given <= options
    assert options - given - left_out == set(), "neither reached nor left out"
    assert left_out & given == set(), "left out, and reached"
    assert left_out - options == set(), "left out, and no option"


def test_what_an_entry_of_the_models_may_have_reaches_a_task() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*TASKS, ROLE / "vars" / "main.yml"])
    used = set(re.findall(r"__model_deployment_own\.(\w+)", text))
    of_rollout = set(yaml.safe_load((ROLE / "vars/main.yml").read_text())["__model_deployment_not_planned"])
    planned = set(model_plan.ARGUMENT_SPEC["models"]["options"])
    assert of_rollout <= used
    assert used <= OF_ONE_MODEL
    assert planned | of_rollout == OF_ONE_MODEL
    assert {"model_deployment_" + name for name in OF_ONE_MODEL - {"after"}} <= set(DEFAULTS)
