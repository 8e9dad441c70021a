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
# What runs where no library can be asked for, and what must stay free of IO.
PURE = ("_plan", "_report", "_foundation/diff.py", "_foundation/repository.py", "_foundation/errors.py")
# From the bottom up: a package imports from itself and from rows below its own.
LAYERS = (
    ("_foundation",),
    ("_inference",),
    ("_gpu.common",),
    ("_gpu.nvidia", "_gpu.amd", "_gpu.intel", "_gpu.ascend", "_gpu.gaudi", "_gpu.others"),
    ("_gpu",),
    ("_plan.hardware",),
    ("_plan.model",),
    ("_plan.formats",),
    ("_plan.engines",),
    ("_plan.memory",),
    ("_plan.request",),
    ("_plan.launch", "_plan.speed"),
    ("_plan.variant",),
    ("_plan.choice",),
    ("_plan.reporting",),
    ("_plan",),
    ("_report",),
    ("_catalog.names",),
    ("_catalog.records",),
    ("_catalog.sources",),
    ("_catalog.hubs", "_catalog.search"),
    ("_catalog",),
    ("_gpustack.definition",),
    ("_gpustack.api",),
    ("_gpustack.status",),
    ("_gpustack.deciding",),
    ("_gpustack.applying",),
    ("_router.common",),
    ("_router.files",),
    ("_router.live",),
    ("_router",),
    ("_module",),
)
ROW = {package: row for row, packages in enumerate(LAYERS) for package in packages}
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


def test_every_module_has_an_action_plugin_of_its_name() -> None:
    assert ACTIONS == MODULES


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
    assert not [path for path in seen if "_foundation" in path.parts], "what is sent to each host stays small"


def package_of(module: str) -> str:
    return module.rpartition(".")[0]


def collection_imports(path: Path) -> t.Iterator[str]:
    """Modules of module_utils that a file imports, without the common prefix."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PREFIX):
            base = node.module[len(PREFIX) :]
            for alias in node.names:
                inner = UTILS.joinpath(*base.split("."), alias.name + ".py")
                yield f"{base}.{alias.name}" if inner.is_file() else base


def test_every_package_has_a_layer() -> None:
    found = {
        package_of(".".join(path.relative_to(UTILS).with_suffix("").parts))
        for path in UTILS.rglob("*.py")
        if path.name != "__init__.py"
    }
    assert found == set(ROW), "a new package needs a row in LAYERS; a row without a package goes"


@pytest.mark.parametrize(
    "path", sorted(UTILS.rglob("[!_]*.py")), ids=lambda path: str(path.relative_to(UTILS))
)
def test_imports_point_down(path: Path) -> None:
    own = package_of(".".join(path.relative_to(UTILS).with_suffix("").parts))
    for module in collection_imports(path):
        other = package_of(module)
        assert other == own or ROW[other] < ROW[own], (
            f"{path.relative_to(UTILS)} imports {module}, which stands above it or beside it. "
            f"What {own} needs belongs into {own} or into a package below it; "
            f"what decides over {other} belongs above both."
        )
