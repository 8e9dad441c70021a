# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's inputs: every default is documented, every documented input has a default."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "model_deployment"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
DEFAULTS: t.Dict[str, t.Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
TASKS = sorted((ROLE / "tasks").glob("*.yml"))


@pytest.mark.parametrize("entry_point", sorted(SPECS))
def test_defaults_and_argument_specs_name_the_same_inputs(entry_point: str) -> None:
    assert set(SPECS[entry_point]["options"]) == set(DEFAULTS)


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
    assert used <= set(DEFAULTS) | {"model_deployment_speakers", "model_deployment_hosts"}


def test_secrets_are_plain_strings_with_no_log() -> None:
    secrets = {
        name: spec for name, spec in SPECS["main"]["options"].items() if re.search("_(key|token)$", name)
    }
    assert len(secrets) == 5
    for name, spec in secrets.items():
        assert spec["no_log"] is True, name
        assert spec["type"] == "str", name
        assert "choices" not in spec, name
