# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The texts that people read, kept word for word: golden files, and the sample in the guide.

``make golden`` (``python -m tests.unit.plan.golden_texts``) writes all of them as the code says them now.
Read what ``git diff`` shows before it is committed.
"""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan

from tests.unit.plan.builders import deepseek_r1, host, llama_8b, llama_70b, qwen3_32b, request

GOLDEN = Path(__file__).parent / "golden"
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "plans.rst"
SAMPLE = "qwen3-32b-on-2-l40s"
# In the guide: a comment that names the text, and the block behind it, which ends where the indent does.
_BLOCK = re.compile(
    r"(?P<head>^\.\. golden text: %s\n\n\.\. code-block:: text\n\n)(?P<text>(?:^(?: +.*)?\n)+)" % SAMPLE,
    re.MULTILINE,
)


def plan_text(name: str) -> str:
    """The lines of a plan, by the name of its golden file."""
    variants, there = {
        "llama-8b-on-4090": ([llama_8b()], host("4090")),
        "qwen3-32b-on-2-l40s": (qwen3_32b(), host("L40S", 2)),
        "llama-70b-on-8-h100": ([llama_70b()], host("H100", 8)),
    }[name]
    return "\n".join(make_plan(request(variants, [there])).lines) + "\n"


def refusal_text() -> str:
    """What is said where nothing fits, with the nearest that would."""
    try:
        make_plan(request([deepseek_r1()], [host("4090")]))
    except DoesNotFit as exc:
        return str(exc.as_result()["msg"]) + "\n"
    raise AssertionError("DeepSeek-R1 fits one RTX 4090")


def guide_text() -> str:
    """The guide as it is, with the sample as the code says it now."""
    sample = textwrap.indent(plan_text(SAMPLE), "   ")
    text, count = _BLOCK.subn(lambda found: found["head"] + sample + "\n", GUIDE.read_text(encoding="utf-8"))
    assert count == 1, f"{GUIDE.name} has {count} blocks for the golden text {SAMPLE}"
    return text


TEXTS: t.Mapping[Path, t.Callable[[], str]] = {
    GOLDEN / "llama-8b-on-4090.txt": lambda: plan_text("llama-8b-on-4090"),
    GOLDEN / "qwen3-32b-on-2-l40s.txt": lambda: plan_text("qwen3-32b-on-2-l40s"),
    GOLDEN / "llama-70b-on-8-h100.txt": lambda: plan_text("llama-70b-on-8-h100"),
    GOLDEN / "deepseek-r1-on-4090.txt": refusal_text,
    GUIDE: guide_text,
}


def main() -> None:
    """Write what differs, and name it."""
    for path, text in TEXTS.items():
        if path.read_text(encoding="utf-8") != text():
            path.write_text(text(), encoding="utf-8")
            print(f"written: {path}")


if __name__ == "__main__":
    main()
