# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every message of an error that comes with advice, read from the code, as a page.

    python -m tests.docs.messages > messages.rst

A message is what the raising line says, with … for what is filled in.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import errors

ROOT = Path(__file__).resolve().parents[2]
UTILS = ROOT / "plugins" / "module_utils"
AREAS: t.Mapping[str, str] = {
    "_catalog": "Catalogs and hubs",
    "_foundation": "Connections, keys and answers of any server",
    "_gpu": "Hardware that is simulated",
    "_plan": "Plans",
    "_gpustack": "Deployments on GPUStack",
    "_inference": "The proof that something answers",
    "_router": "Routes",
    "_module": "Options, plan files and reports",
}
FILLED = re.compile(r"%(?:\([a-z_]+\))?[-#0-9.]*[sdrgf]")


class Message(t.NamedTuple):
    """One error of the code. ``where`` is the package, ``code`` that of ``error.code``."""

    where: str
    code: str
    text: str
    advice: str


def codes() -> t.Dict[str, t.Type[errors.AutoconfigError]]:
    """Classes of errors by name."""
    found = dict(inspect.getmembers(errors, inspect.isclass))
    return {name: each for name, each in found.items() if issubclass(each, errors.AutoconfigError)}


def messages() -> t.List[Message]:
    """By area and text; what the code puts together elsewhere is not among them."""
    classes = codes()
    found = set()
    for path in sorted(UTILS.rglob("*.py")):
        where = path.relative_to(UTILS).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
                advice = next((word.value for word in node.keywords if word.arg == "hint"), None)
                text, hint = _literal(node.args[0] if node.args else None), _literal(advice)
                if text and hint:
                    found.add(Message(where, classes[node.func.id].code, text, hint))
    return sorted(found, key=lambda each: (list(AREAS).index(each.where), each.text.lower(), each.advice))


def _literal(node: t.Optional[ast.expr]) -> str:
    """A string of the code, with … for each of its gaps; nothing where it is put together of others."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        node = node.left
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return ""
    return FILLED.sub("…", node.value).replace("%%", "%")


def literal(text: str) -> str:
    """As code of reStructuredText, where nothing in it means anything."""
    return "``%s``" % text.replace("`", "'").strip()


def plain(text: str) -> str:
    """As words of reStructuredText, in which nothing is marked up."""
    return re.sub(r"([\\*`_|])", r"\\\1", text)


def page() -> str:
    title = "Messages, and what to do"
    lines = [title, "=" * len(title), ""]
    lines += [
        "What an error says, without the names and numbers in it (…), and the advice that stands behind it in the task's",
        "``msg`` and in ``error.hint``. Search this page for the words of a message. It is made from the code.",
        "",
        ".. contents::",
        "   :local:",
        "",
    ]
    every = messages()
    for area, name in AREAS.items():
        lines += [
            name,
            "-" * len(name),
            "",
            ".. list-table::",
            "   :header-rows: 1",
            "   :widths: 50 15 35",
            "",
        ]
        lines += ["   * - Message", "     - ``error.code``", "     - What to do"]
        for each in every:
            if each.where == area:
                cells = (literal(each.text), literal(each.code), plain(each.advice))
                lines += ["   * - %s\n     - %s\n     - %s" % cells]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
