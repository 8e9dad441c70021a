# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds memory, and which hosts a server could start something on."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.planned_hosts import planned_hosts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.holders import (
    holders,
    in_words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan

from tests.unit.plan.builders import gib, host, llama_8b, request
from tests.unit.plan.test_model_plan import FACTS, params

Json = t.Dict[str, t.Any]


def claim(name: str, uuid: str, size: int) -> Json:
    return {"name": name, "instances": [{"gpus": [{"uuid": uuid, "index": 0, "claimed_bytes": size}]}]}


def busy(**processes: int) -> Host:
    there = host("4090", used=sum(processes.values()))
    rows = tuple(("process %s (pid 7)" % name, size) for name, size in processes.items())
    return replace(there, gpus=(replace(there.gpus[0], processes=rows),))


def test_a_refusal_names_who_holds_the_memory() -> None:
    other = claim("other", "GPU-gpu-a-0", gib(20))
    there = busy(vllm=gib(19.5), jupyter=gib(2))
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([llama_8b()], [there], deployed=(other,)))
    assert (
        "Others hold: gpu-a GPU 0: deployment other 20.0 GiB, process jupyter (pid 7) 2.0 GiB"
        in caught.value.message
    )
    assert caught.value.details["holders"][0] == {
        "host": "gpu-a", "gpu": 0, "by": "deployment other", "bytes": gib(20),
    }  # fmt: skip


def test_a_plan_tells_who_is_beside_it() -> None:
    there = host("H100", used=gib(10))
    there = replace(there, gpus=(replace(there.gpus[0], processes=(("process sshd (pid 1)", gib(10)),)),))
    outcome = make_plan(request([llama_8b()], [there]))
    assert outcome.plans[0]["memory"]["gpus"][0]["held"] == [{"by": "process sshd (pid 1)", "bytes": gib(10)}]
    assert "  held there  gpu-a GPU 0: process sshd (pid 1) 10.0 GiB" in outcome.lines


def test_own_instances_and_small_processes_are_nobody() -> None:
    own = claim("chat", "GPU-gpu-a-0", gib(20))
    assert holders([busy(vllm=gib(18), Xorg=4 << 20)], [own], ("chat",)) == []


def test_many_cards_are_told_in_short() -> None:
    there = [host("H100", 4, "gpu-%d" % number) for number in range(4)]
    records = [claim("x", gpu.uuid, gib(4)) for each in there for gpu in each.gpus]
    assert in_words(holders(there, records, ())).endswith("; and on 8 more")


def test_facts_tell_processes() -> None:
    device = dict(FACTS["devices"][0], processes=[  # type: ignore[index]
        {"pid": 7, "name": "/usr/bin/python3", "used_bytes": 5}, {"pid": 8, "name": None, "used_bytes": 6},
        {"pid": 9, "name": "x", "used_bytes": None},
    ])  # fmt: skip
    read, _notes = read_host("gpu-a", "default", dict(FACTS, devices=[device]))
    assert read.gpus[0].processes == (("process python3 (pid 7)", 5), ("process (pid 8)", 6))


WORKER: Json = {
    "name": "w1",
    "state": "ready",
    "labels": {"tier": "gold"},
    "gpus": [{"uuid": "GPU-1", "index": 0}],
}


@pytest.mark.parametrize(
    ("workers", "labels", "words"),
    [
        (None, None, None),
        ([], None, None),
        ([WORKER], None, None),
        ([WORKER], {"tier": "gold"}, None),
        ([dict(WORKER, gpus=[], name="gpu-a")], None, None),
        ([dict(WORKER, state="maintenance", state_message="new fans")], None, "is in maintenance (new fans)"),
        ([dict(WORKER, state="not_ready")], None, "is not ready"),
        ([WORKER], {"tier": "silver"}, "has not the label tier=silver"),
        ([dict(WORKER, gpus=[{"uuid": "GPU-9"}])], None, "no GPUStack worker has its GPUs (workers: w1)"),
    ],
)
def test_a_worker_that_would_be_refused_is_not_planned_with(
    workers: t.Any, labels: t.Any, words: t.Optional[str]
) -> None:
    hosts = [{"name": "gpu-a", "site": "default", "facts": FACTS}]
    there = planned_hosts(params(hosts=hosts, workers=workers, worker_labels=labels))
    assert len(there.hosts[0].gpus) == (1 if words is None else 0)
    assert [(words or "") in note for note in there.notes] == ([] if words is None else [True])


def test_cards_that_the_user_keeps_back_are_barred() -> None:
    devices = [dict(FACTS["devices"][0], index=index, uuid="GPU-%d" % index) for index in (0, 1)]  # type: ignore[index]
    hosts = [{"name": "gpu-a", "site": "default", "facts": dict(FACTS, devices=devices), "gpus": [1]}]
    assert planned_hosts(params(hosts=hosts)).barred == {"GPU-0"}
