# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary in every input of every module, which nothing that a task leaves behind may show.

The inputs are made from the argument specs, so that a new option cannot be forgotten: options that are secrets hold
the canary itself, texts hold it where texts hold secrets, and free structure below the name of a secret.
"""

from __future__ import annotations

import importlib
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import gpu_facts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.border import Border
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts_told import core_over

MODULES = sorted(
    path.stem for path in (Path(__file__).resolve().parents[3] / "plugins/modules").glob("[a-z]*.py")
)
CANARY = "canary7f3aXq91"
# Nothing listens there.
NOWHERE = "http://127.0.0.1:9"
Given = t.Dict[str, t.Any]
Spec = t.Mapping[str, t.Mapping[str, t.Any]]


def core_of(module: str) -> Core:
    if module == "gpu_facts":
        return core_over(gpu_facts.read, "gpu-a")
    found: Core = importlib.import_module(
        "ansible_collections.modelscan.autoconfig.plugins.module_utils._module.%s" % module
    ).CORE
    return found


def planted(row: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    """The values of one option that hold the canary."""
    if row.get("choices"):
        return []
    kind = row.get("type", "str")
    if row.get("no_log"):
        return [{"A": CANARY}] if kind == "dict" else [CANARY]
    if kind == "dict":
        if row.get("options"):
            return [{name: value} for name, each in row["options"].items() for value in planted(each)]
        return [
            {"api_key": CANARY},
            {"a": {"HF_TOKEN": CANARY}},
            {"DATABASE_URL": "postgres://u:%s@db/x" % CANARY},
        ]
    if kind == "list":
        element = dict(row, type=row.get("elements", "str"))
        return [[value] for value in planted(element)] + (
            [["--api-key", CANARY]] if element["type"] == "str" else []
        )
    if kind in ("str", "path", "raw"):
        return [
            "%s/x?token=%s" % (NOWHERE, CANARY),
            "http://user:%s@127.0.0.1:9/v1" % CANARY,
            "x --hf-token=%s" % CANARY,
        ]
    return []


INPUTS = [
    pytest.param(module, option, place, marks=[pytest.mark.slow] if place else [])
    for module in MODULES
    for option, row in core_of(module).argument_spec.items()
    for place in range(len(planted(row)))
]


def base_of(module: str, folder: Path) -> Given:
    """Options with which a task gets as far as it can without a network."""
    given: t.Dict[str, Given] = {
        "catalog_search": {"query": "x"},
        "gpu_facts": {"simulate": "1xL4"},
        "gpustack_deployment": {"name": "chat", "source": "huggingface", "repository": "A/b"},
        "inference_probe": {"url": NOWHERE, "model": "x", "patience_s": 0},
        "model_calibrate": {"log": "vLLM", "plan": {}},
        "model_plan": {"model": "A/b"},
        "model_size": {"model": "A/b", "shapes": ["1xL4"], "users": 1},
        "router_register": {
            "type": "litellm",
            "path": str(folder / "c.yml"),
            "name": "x",
            "base_url": NOWHERE,
            "probe": False,
        },
    }
    spec = core_of(module).argument_spec
    catalog = folder / "models.dev" / "models.json"
    catalog.parent.mkdir()
    catalog.write_text('{"a/b": {"id": "a/b", "name": "B"}}')
    common = {
        "models_dev_url": str(catalog.parent),
        "gpustack_url": NOWHERE if module.startswith("gpustack") else None,
        "gpustack_api_key": "0123456789" if module.startswith("gpustack") else None,
        "cache_dir": str(folder / "cache"),
        "offline": True,
        "timeout_s": 0.5,
    }
    wanted = {name: value for name, value in common.items() if name in spec and value is not None}
    return dict(wanted, **given.get(module, {}))


@pytest.mark.parametrize(("module", "option", "place"), INPUTS)
def test_no_output_shows_the_canary(
    module: str, option: str, place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    core = core_of(module)
    given = dict(base_of(module, tmp_path), **{option: planted(core.argument_spec[option])[place]})
    checked = ArgumentSpecValidator(dict(core.argument_spec)).validate(given)
    lines: t.List[str] = []
    border = Border.of(checked.validated_parameters, checked._no_log_values)
    task = Task(checked.validated_parameters, False, lines.append, lines.append)
    result = border.run(core, task)
    said = json.dumps([result, lines, border.shown("; ".join(map(str, checked.error_messages)))], default=str)
    assert CANARY not in said
    for path in tmp_path.rglob("*"):
        # A router's own file has to hold the key that it was given.
        if path.is_file() and module != "router_register":
            assert CANARY.encode() not in path.read_bytes(), path


def test_every_option_that_takes_text_is_tried() -> None:
    tried = {tuple(each.values[:2]) for each in INPUTS}
    for module in MODULES:
        for option, row in core_of(module).argument_spec.items():
            takes_text = row.get("type", "str") in ("str", "path", "raw") and not row.get("choices")
            takes_text = takes_text or (row.get("type") == "dict" and not row.get("options"))
            assert not takes_text or (module, option) in tried, (module, option)
