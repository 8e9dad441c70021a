# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every YAML example of the guides, the READMEs and the modules is what modules, role and Ansible take."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import textwrap
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import gpu_facts

ROOT = Path(__file__).resolve().parents[3]
GUIDES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.rst")),
    *sorted((ROOT / "roles").rglob("README.md")),
]
PREFIX = "modelscan.autoconfig."
ROLE = PREFIX + "model_deployment"
SPECS: t.Dict[str, t.Any] = yaml.safe_load(
    (ROOT / "roles/model_deployment/meta/argument_specs.yml").read_text(encoding="utf-8")
)["argument_specs"]
# Beside the role's inputs: where its playbooks run, read before any inventory, and how many servers at once.
OF_PLAYBOOKS = {"model_deployment_hosts", "model_deployment_serial"}
PLACEHOLDERS: t.Mapping[str, t.Any] = {"dict": {}, "list": [], "int": 1, "float": 1.0, "bool": True}
_RST = re.compile(r"^( *)\.\. code-block:: yaml\n\n((?:\1   .*\n|\n)+)", re.MULTILINE)
_MARKDOWN = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXAMPLES = re.compile(r'^EXAMPLES = r?"""\n(.*?)^"""$', re.MULTILINE | re.DOTALL)
Json = t.Dict[str, t.Any]


def blocks(path: Path) -> t.List[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return _EXAMPLES.findall(text)
    if path.suffix == ".md":
        return _MARKDOWN.findall(text)
    return [textwrap.dedent(body) for _indent, body in _RST.findall(text)]


def examples() -> t.Dict[str, t.Any]:
    """By place, what each example reads as; one that is no YAML fails here."""
    paths = [*GUIDES, *sorted((ROOT / "plugins" / "modules").glob("*.py"))]
    return {
        "%s-%d" % (path.relative_to(ROOT).with_suffix(""), number): yaml.safe_load(block)
        for path in paths
        for number, block in enumerate(blocks(path), 1)
    }


EXAMPLES = examples()


def mappings(value: t.Any) -> t.Iterator[Json]:
    """All mappings within, from outside to inside."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(each)


def is_templated(value: t.Any) -> bool:
    return isinstance(value, str) and "{{" in value


def filled(options: Json, spec: t.Mapping[str, t.Any]) -> Json:
    """Options with something of the right type where a template stands."""
    found = {}
    for name, value in options.items():
        wanted = spec.get(name, {})
        if is_templated(value) and wanted.get("choices"):
            value = wanted["choices"][0]
        elif is_templated(value):
            value = PLACEHOLDERS.get(wanted.get("type", "str"), value)
        found[name] = value
    return found


def complaints(options: Json, spec: t.Mapping[str, t.Any], rules: t.Mapping[str, t.Any]) -> t.List[str]:
    return list(ArgumentSpecValidator(dict(spec), **rules).validate(filled(options, spec)).error_messages)


def of_module(name: str) -> t.Tuple[t.Mapping[str, t.Any], t.Mapping[str, t.Any]]:
    if name == "gpu_facts":
        return gpu_facts.ARGUMENT_SPEC, {}
    core = importlib.import_module(gpu_facts.__package__ + "." + name).CORE
    return core.argument_spec, core.rules


def wrong(example: t.Any) -> t.List[str]:
    """What modules and the role would refuse of an example, and files of the collection that it lacks."""
    found = []
    for mapping in mappings(example):
        for key, options in mapping.items():
            if isinstance(key, str) and key.startswith(PREFIX):
                spec, rules = of_module(key[len(PREFIX) :])
                found += [f"{key}: {line}" for line in complaints(options or {}, spec, rules)]
        inputs = {
            str(key): value for key, value in mapping.items() if str(key).startswith("model_deployment_")
        }
        unknown = set(inputs) - set(SPECS["main"]["options"]) - OF_PLAYBOOKS
        found += ["the role has no %s" % name for name in sorted(unknown)]
        known = {name: value for name, value in inputs.items() if name in SPECS["main"]["options"]}
        spec = {name: dict(SPECS["main"]["options"][name], required=False) for name in known}
        found += complaints(known, spec, {})
        if mapping.get("name") == ROLE and mapping.get("tasks_from", "main") not in SPECS:
            found.append("the role has no tasks %s" % mapping["tasks_from"])
    return found


@pytest.mark.parametrize("place", sorted(EXAMPLES))
def test_an_example_is_what_modules_and_role_take(place: str) -> None:
    assert wrong(EXAMPLES[place]) == []


def test_examples_are_found() -> None:
    assert len(EXAMPLES) >= 30
    some = {"docs/docsite/rst/routers-2", "README-1", "plugins/modules/router_register-1"}
    assert some <= set(EXAMPLES)


@pytest.mark.parametrize(
    "place", [name for name, each in EXAMPLES.items() if isinstance(each, dict) and "all" in each]
)
def test_an_inventory_is_made_of_groups(place: str) -> None:
    groups = [("all", EXAMPLES[place]["all"])]
    for name, group in groups:
        assert set(group) <= {"hosts", "children", "vars"}, name
        assert all(value is None or isinstance(value, dict) for value in group.get("hosts", {}).values())
        groups += group.get("children", {}).items()


@pytest.mark.parametrize(
    "example",
    [
        {"modelscan.autoconfig.gpu_facts": {"gathers": ["identity"]}},
        {"modelscan.autoconfig.router_register": {"type": "litellm", "name": "a"}},
        {"vars": {"model_deployment_modal": "a/b"}},
        {"vars": {"model_deployment_replicas": "many"}},
        {"vars": {"model_deployment_routers": [{"type": "nginx"}]}},
        {"include_role": {"name": ROLE, "tasks_from": "canaries"}},
    ],
)
def test_a_wrong_example_is_noticed(example: Json) -> None:
    assert len(wrong(example)) == 1


def plays() -> t.List[Json]:
    """All examples that Ansible runs: plays as they are, tasks in a play of their own with the handlers they notify."""
    found = []
    for example in EXAMPLES.values():
        if not isinstance(example, list):
            continue
        if all("hosts" in each for each in example):
            found += example
            continue
        names = {each["notify"] for each in example if "notify" in each}
        handlers = [{"name": name, "ansible.builtin.debug": {"msg": "x"}} for name in sorted(names)]
        found.append({"hosts": "all", "gather_facts": False, "tasks": example, "handlers": handlers})
    return found


def test_ansible_reads_all_plays_and_tasks(tmp_path: Path) -> None:
    path = tmp_path / "plays.yml"
    path.write_text(yaml.safe_dump(plays(), sort_keys=False), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
        "ANSIBLE_HOME": str(tmp_path),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-i", "localhost,", "--syntax-check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
