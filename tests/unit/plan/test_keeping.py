# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may change between two runs while a deployment runs, and what becomes of it."""

from __future__ import annotations

import copy
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    choice_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import (
    ACTIVATION,
    Correction,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Agreed,
    Asked,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.wishes import wishes_of

from tests.unit.plan.builders import gib, host, qwen3_32b, request

Plan = t.Dict[str, t.Any]
KEPT, REPLANNED, REFUSED = "kept", "replanned", "refused"
SITE = "default"


def before() -> Request:
    """Two hosts, of which the deployment takes the first."""
    return request(qwen3_32b(), [host("L40S", 1, "gpu-a"), host("L40S", 1, "gpu-b")], name="chat")


FIRST = make_plan(before()).plans[0]


def workers(*hosts: t.Any, **states: str) -> t.Tuple[Plan, ...]:
    """The server's workers with the GPUs of these hosts; a state by a worker's name."""
    return tuple(
        {
            "name": each.name,
            "state": states.get(each.name.replace("-", "_"), "ready"),
            "gpus": [{"uuid": gpu.uuid, "index": gpu.index} for gpu in each.gpus],
        }
        for each in hosts
    )


def record(**changes: t.Any) -> Plan:
    """What the server tells of the deployment that ``FIRST`` became."""
    gpus = [dict(gpu, claimed_bytes=gib(40)) for gpu in FIRST["placement"][0]["gpus"]]
    return {
        "name": "chat", "site": SITE, "state": "running", "managed": True, "plan_id": FIRST["plan_id"],
        "choice": copy.deepcopy(choice_of(FIRST)), "state_message": None,
        "instances": [{"name": "chat-1", "state": "running", "worker": "gpu-a", "gpus": gpus}], **changes,
    }  # fmt: skip


def now(**changes: t.Any) -> Request:
    """The second run: the deployment fills its GPUs."""
    there = host("L40S", 1, "gpu-a", used=gib(40))
    usual = replace(before(), hosts=(there, host("L40S", 1, "gpu-b")), deployed=(record(),))
    return replace(usual, **{"workers": workers(*usual.hosts), **changes})


def wishing(**wishes: t.Any) -> Request:
    return now(policy=Policy(**wishes))


def moved_branch() -> Request:
    return now(
        variants=tuple(
            replace(each, repository=replace(each.repository, revision="1" * 40)) for each in qwen3_32b()
        )
    )


def silent(state: str, **changes: t.Any) -> Request:
    """The instance does not run."""
    instances = [dict(record()["instances"][0], state=state)]
    return now(deployed=(record(state="pending", instances=instances),), **changes)


A, B = host("L40S", 1, "gpu-a", used=gib(40)), host("L40S", 1, "gpu-b")
GPUS_OF_A = frozenset(gpu.uuid for gpu in A.gpus)
LEARNED = Correction("vLLM", "0.26.0", FIRST["gpu"], ACTIVATION, 1.2, gib(1))

TABLE: t.Dict[str, t.Tuple[t.Callable[[], Request], str, str]] = {
    "nothing": (now, KEPT, ""),
    "no facts of its host": (
        lambda: now(hosts=(B,)), KEPT, "the GPUs of gpu-a cannot be planned with today",
    ),
    "its host has no usable GPU today": (
        lambda: now(hosts=(replace(A, gpus=()), B)), KEPT, "the GPUs of gpu-a cannot be planned with today",
    ),
    "no facts of any host": (lambda: now(hosts=()), KEPT, "the GPUs of gpu-a cannot be planned with today"),
    "a host more": (
        lambda: now(hosts=(A, B, host("H100", 8, "gpu-c"))), KEPT, "gpu-c came later",
    ),
    "a host less": (lambda: now(hosts=(A,)), KEPT, ""),
    "a newer commit": (moved_branch, KEPT, "has moved from 000000000000 to 111111111111"),
    "the repository is not offered any more": (
        lambda: now(variants=tuple(qwen3_32b()[2:])), KEPT, "",
    ),
    "a better variant": (
        lambda: now(variants=tuple(reversed(qwen3_32b()))), KEPT, "",
    ),
    "others hold memory beside it": (
        lambda: now(hosts=(host("L40S", 1, "gpu-a", used=gib(43)), B)), KEPT, "",
    ),
    "another default of the server": (
        lambda: wishing(server_versions=(("vLLM", "0.30.0"),)), KEPT, "",
    ),
    "prices": (lambda: wishing(gpu_hour_usd=2.0, power_usd_per_kwh=0.3), KEPT, ""),
    "measurements": (lambda: wishing(corrections=(LEARNED,)), KEPT, ""),
    "its worker is in maintenance": (
        lambda: now(workers=workers(A, B, gpu_a="maintenance")), KEPT, "",
    ),
    "its worker is silent": (
        lambda: silent("unreachable", workers=workers(A, B, gpu_a="unreachable")), KEPT, "",
    ),
    "it is still loading": (lambda: silent("downloading"), KEPT, ""),
    "the server shows no worker at all": (lambda: silent("pending", workers=()), KEPT, ""),
    "another context": (
        lambda: wishing(context_tokens=8192), REPLANNED, "context_tokens was not set and is 8192",
    ),
    "other requests at once": (
        lambda: wishing(concurrency=64), REPLANNED, "concurrency was not set and is 64",
    ),
    "a variant is named": (
        lambda: now(asked=Asked(variants=("Qwen/Qwen3-32B-AWQ",))),
        REPLANNED, "",
    ),
    "its worker was removed": (
        lambda: silent("pending", workers=workers(B), hosts=(B,)),
        REPLANNED, "GPUStack does not have GPU 0 of gpu-a any more",
    ),
    "a card was taken out": (
        lambda: silent(
            "error", workers=workers(replace(A, gpus=B.gpus), B), hosts=(B,)
        ),
        REPLANNED, "GPUStack does not have GPU 0 of gpu-a any more",
    ),
    "its GPUs may not be used any more": (
        lambda: now(barred=GPUS_OF_A, hosts=(B,)), REPLANNED, "GPU 0 of gpu-a",
    ),
    "it failed": (
        lambda: now(deployed=(record(state="error", state_message="CUDA out of memory"),)),
        REPLANNED, "",
    ),
    "replan: always": (lambda: now(replan="always", hosts=(B,)), REPLANNED, "replan is always"),
    "a wish that nothing fulfils": (lambda: wishing(replicas=9), REFUSED, "does not fit"),
    "its hardware is gone and there is no other": (
        lambda: silent("pending", workers=workers(B), hosts=(replace(B, gpus=()),)), REFUSED, "No usable GPU",
    ),
}  # fmt: skip


def told(outcome: Outcome) -> str:
    return "\n".join([*outcome.lines, *outcome.warnings])


@pytest.mark.parametrize("case", sorted(TABLE))
def test_what_changes_between_two_runs(case: str) -> None:
    change, expected, words = TABLE[case]
    if expected == REFUSED:
        with pytest.raises(AutoconfigError, match=words):
            make_plan(change())
        return
    outcome = make_plan(change())
    assert outcome.kept == (expected == KEPT), told(outcome)
    assert words in told(outcome)
    if outcome.kept:
        assert choice_of(outcome.plans[0]) == record()["choice"], "nothing is to be written"
        assert outcome.moves == ()


def test_a_move_is_told_with_its_reason() -> None:
    outcome = make_plan(now(replan="always", hosts=(B,)))
    (move,) = outcome.moves
    assert (move["from"], move["to"]) == ("gpu-a (GPU 0)", "gpu-b (GPU 0)")
    assert move["line"] == "chat: moves from gpu-a (GPU 0) to gpu-b (GPU 0) because replan is always"
    assert outcome.lines[0] == "  ! " + move["line"]


def test_a_failed_one_that_has_to_move_says_what_failed() -> None:
    failed = record(state="error", state_message="CUDA out\nof memory")
    (move,) = make_plan(now(deployed=(failed,), hosts=(B,))).moves
    assert move["because"] == "it is in state error (CUDA out of memory)"


def test_a_change_on_the_same_gpus_is_told_as_such() -> None:
    (move,) = make_plan(wishing(context_tokens=8192)).moves
    assert "stays on gpu-a (GPU 0) and changes (" in move["line"]
    assert "context %d -> 8192" % FIRST["context_tokens"] in move["line"]


def test_of_the_arguments_only_those_that_change_are_told() -> None:
    (move,) = make_plan(wishing(backend_parameters=("--seed=7",))).moves
    assert "(arguments none -> --seed=7) because " in move["line"]


def test_a_new_plan_that_is_what_runs_moves_nothing() -> None:
    outcome = make_plan(now(replan="always", hosts=(A,)))
    assert (outcome.kept, outcome.moves) == (False, ())


@pytest.mark.parametrize(
    "broken",
    [None, {}, "text", {"wishes": {}}, {**choice_of(FIRST), "placement": [{"host": "gpu-a"}]},
     {**choice_of(FIRST), "parallelism": None}, {**choice_of(FIRST), "context_tokens": "many"}],
)  # fmt: skip
def test_a_record_that_tells_nothing_is_planned_anew(broken: t.Any) -> None:
    outcome = make_plan(now(deployed=(record(choice=broken),)))
    assert (outcome.kept, outcome.moves) == (False, ())


def test_what_sites_have_agreed_on_is_planned_and_remembered_as_the_same_wish() -> None:
    uniform = Asked(uniform=True)
    agreed = Agreed("Qwen/Qwen3-32B-AWQ", "int4", 4096)
    kept = now(
        asked=uniform,
        deployed=(record(choice={**record()["choice"], "wishes": wishes_of(now(asked=uniform))}),),
    )
    assert make_plan(kept).kept
    outcome = make_plan(replace(kept, agreed=agreed))
    assert not outcome.kept
    plan = outcome.plans[0]
    assert (plan["variant"]["repository"], plan["context_tokens"]) == ("Qwen/Qwen3-32B-AWQ", 4096)
    assert "all sites are to serve the same" in outcome.moves[0]["because"]
    assert plan["wishes"] == wishes_of(kept)
    again = replace(kept, deployed=(record(choice=choice_of(plan)),))
    assert make_plan(again).kept
    assert make_plan(replace(again, agreed=agreed)).kept


def test_each_site_keeps_its_own() -> None:
    there = (host("L40S", 1, "gpu-a", "one", used=gib(40)), host("L40S", 1, "gpu-x", "two"))
    outcome = make_plan(now(hosts=there, deployed=(record(site="one"),), workers=None))
    assert [plan["placement"][0]["host"] for plan in outcome.plans] == ["gpu-a", "gpu-x"]
    assert not outcome.kept
    assert outcome.moves == ()


def test_a_kept_plan_without_facts_has_the_account_of_its_engine() -> None:
    plan = make_plan(now(hosts=())).plans[0]
    assert plan["memory"]["kv_cache_tokens"] == FIRST["memory"]["kv_cache_tokens"]
    assert "free_bytes" not in plan["memory"]
