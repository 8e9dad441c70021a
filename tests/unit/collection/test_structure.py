# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds the collection together: groups, twins, and the rule that arrows point one way."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
UTILS = ROOT / "plugins" / "module_utils"
PREFIX = "ansible_collections.modelscan.autoconfig.plugins.module_utils."
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
ACTIONS = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
ON_GPU_HOSTS = {"gpu_facts"}
# What runs where no library can be asked for, and what must stay free of IO.
PURE = ("_plan", "_foundation/diff.py", "_foundation/repository.py", "_foundation/errors.py")
IO_MODULES = {"ansible", "httpx", "os", "socket", "subprocess", "requests", "urllib", "pathlib", "shutil"}


def members(group: str) -> t.Set[str]:
    """Modules of an action group, those of the groups that it extends included."""
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    found: t.Set[str] = set()
    for entry in groups[group]:
        if isinstance(entry, str):
            found.add(entry)
        else:
            for other in entry["metadata"]["extend_group"]:
                found |= members(other)
    return found


def imports_of(path: Path) -> t.Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def files_of(part: str) -> t.List[Path]:
    return [UTILS / part] if part.endswith(".py") else sorted((UTILS / part).rglob("*.py"))


def test_every_module_is_in_the_group_of_all() -> None:
    assert members("all") == MODULES


def test_every_controller_module_has_an_action_plugin_of_its_name() -> None:
    assert ACTIONS == MODULES - ON_GPU_HOSTS


@pytest.mark.parametrize("module", sorted(MODULES))
def test_modules_are_thin(module: str) -> None:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions] == ["main"]
    assert len(functions[0].body) <= 2


@pytest.mark.parametrize("part", PURE)
def test_pure_parts_import_no_io(part: str) -> None:
    for path in files_of(part):
        foreign = {
            name
            for name in imports_of(path)
            if name.split(".")[0] in IO_MODULES and not name.startswith(PREFIX)
        }
        assert not foreign, f"{path.name} imports {foreign}"


def test_what_runs_on_gpu_hosts_needs_the_standard_library_only() -> None:
    wanted, seen = [UTILS / "_module" / "gpu_facts.py"], set()
    while wanted:
        path = wanted.pop()
        seen.add(path)
        for name in imports_of(path):
            assert name.split(".")[0] not in {"httpx", "yaml", "jmespath", "packaging"}, (
                f"{path.name}: {name}"
            )
            if name.startswith(PREFIX):
                target = UTILS.joinpath(*name[len(PREFIX) :].split(".")).with_suffix(".py")
                if target.is_file() and target not in seen:
                    wanted.append(target)
    assert UTILS / "_foundation/http.py" not in seen
