# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read, word for word. To accept new words, write them into the golden file."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan

from tests.unit.plan.builders import deepseek_r1, host, llama_8b, llama_70b, qwen3_32b, request

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "variants", "there"),
    [
        ("llama-8b-on-4090", [llama_8b()], host("4090")),
        ("qwen3-32b-on-2-l40s", qwen3_32b(), host("L40S", 2)),
        ("llama-70b-on-8-h100", [llama_70b()], host("H100", 8)),
    ],
)
def test_plan_lines(name: str, variants: list[Variant], there: Host) -> None:
    lines = make_plan(request(variants, [there])).lines
    assert "\n".join(lines) + "\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_refusal() -> None:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([deepseek_r1()], [host("4090")]))
    said = caught.value.as_result()["msg"] + "\n"
    assert said == (GOLDEN / "deepseek-r1-on-4090.txt").read_text(encoding="utf-8")
