# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what may change between two runs, with the options of model_plan and facts as hosts tell them."""

from __future__ import annotations

import copy
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library as Catalogs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    choice_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.corrections import text_of

from tests.unit.plan.builders import CARDS, MIB, gib, qwen3_32b
from tests.unit.plan.test_keeping import KEPT, LEARNED, REFUSED, TABLE

Json = t.Dict[str, t.Any]
BUSY = gib(40) // MIB


class Library:
    """The catalogs of one run."""

    warnings: t.ClassVar[t.List[str]] = []

    def __init__(self, variants: t.Sequence[Variant], versions: t.Mapping[str, str]) -> None:
        self._variants, self._versions = variants, versions

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_unused: object) -> None:
        pass

    def resolve(self, _model: str, _source: t.Optional[str]) -> Resolution:
        record = ModelRecord("qwen/qwen3-32b", "Qwen3 32B", "models.dev")
        return Resolution(record, qwen3_32b()[0].repository.ref, "canonical_weights", True)

    def gguf_variants(self, _resolution: Resolution) -> t.List[Variant]:
        """Nobody has any."""
        return []

    def draft(self, _resolution: Resolution) -> None:
        return None

    def sources(self) -> t.List[Json]:
        return []

    def engine_versions(self) -> t.Mapping[str, str]:
        return self._versions

    def variants(self, _resolution: Resolution, named: t.Sequence[str]) -> t.List[Variant]:
        return [each for each in self._variants if not named or each.repository.ref.name in named]


def facts(host: str, kind: str = "L40S", count: int = 1, used_mib: int = 0) -> Json:
    name, capability, total, reserved = CARDS[kind]
    return {
        "name": host,
        "facts": {
            "schema": 1,
            "devices": [
                {
                    "index": index, "uuid": "GPU-%s-%d" % (host, index), "pci_bus_id": "0000:%02x:00.0" % (index + 1),
                    "vendor": "nvidia", "name": name, "compute_capability": "%d.%d" % capability, "state": "ok",
                    "schedulable": True, "memory_total_bytes": total * MIB, "memory_reserved_bytes": reserved * MIB,
                    "memory_used_bytes": used_mib * MIB, "memory_free_bytes": (total - reserved - used_mib) * MIB,
                    "mig": {"mode": None, "instances": []}, "health": {"state": "ok", "detail": None},
                }
                for index in range(count)
            ],
            "warnings": [],
        },
    }  # fmt: skip


def worker(host: str, state: str = "ready", gpus: t.Optional[t.Sequence[str]] = None) -> Json:
    shown = ["GPU-%s-0" % host] if gpus is None else gpus
    return {"name": host, "state": state, "gpus": [{"uuid": each, "index": 0} for each in shown]}


def run(library: Library, monkeypatch: pytest.MonkeyPatch, **given: t.Any) -> Json:
    monkeypatch.setattr(Catalogs, "open", lambda _params: library)
    checked = ArgumentSpecValidator(dict(model_plan.ARGUMENT_SPEC)).validate(
        {"model": "qwen/qwen3-32b", "name": "chat", **given}
    )
    assert checked.error_messages == []
    return model_plan.run(Task(t.cast("dict[str, t.Any]", checked.validated_parameters)))


A, B, EMPTY = facts("gpu-a", used_mib=BUSY), facts("gpu-b"), {"name": "gpu-a", "facts": {}}
ONLY_B = {"hosts": [EMPTY, B]}
REMOVED = {"state": "pending", "workers": [worker("gpu-b")], **ONLY_B}


def of(variants: t.Sequence[Variant], **versions: str) -> t.Tuple[t.Sequence[Variant], t.Mapping[str, str]]:
    return variants, versions


NEWER = tuple(replace(each, repository=replace(each.repository, revision="1" * 40)) for each in qwen3_32b())
# By the names in the table: options that differ in the second run; ``state`` of the deployment, ``catalog`` what
# the catalogs and the server offer.
SECOND: t.Dict[str, Json] = {
    "nothing": {},
    "no facts of its host": ONLY_B,
    "its host has no usable GPU today": {"hosts": [facts("gpu-a", count=0), B]},
    "no facts of any host": {"hosts": [EMPTY, {"name": "gpu-b", "facts": {}}]},
    "a host more": {
        "hosts": [A, B, facts("gpu-c", "H100", 8)], "workers": [worker(f"gpu-{name}") for name in "abc"],
    },
    "a host less": {"hosts": [A]},
    "a newer commit": {"catalog": of(NEWER)},
    "the repository is not offered any more": {"catalog": of(qwen3_32b()[2:])},
    "a better variant": {"catalog": of(tuple(reversed(qwen3_32b())))},
    "others hold memory beside it": {"hosts": [facts("gpu-a", used_mib=BUSY + 3072), B]},
    "another default of the server": {"catalog": of(qwen3_32b(), vLLM="0.30.0")},
    "prices": {"gpu_hour_usd": 2.0, "power_usd_per_kwh": 0.3},
    "measurements": {"corrections": "corrections.json"},
    "its worker is in maintenance": {"workers": [worker("gpu-a", "maintenance"), worker("gpu-b")]},
    "its worker is silent": {
        "state": "unreachable", "workers": [worker("gpu-a", "unreachable"), worker("gpu-b")],
    },
    "it is still loading": {"state": "downloading"},
    "the server shows no worker at all": {"state": "pending", "workers": []},
    "another context": {"context_tokens": 8192},
    "other requests at once": {"concurrency": 64},
    "a variant is named": {"variants": ["Qwen/Qwen3-32B-AWQ"]},
    "its worker was removed": REMOVED,
    "a card was taken out": {
        "state": "error", "workers": [worker("gpu-a", gpus=["GPU-gpu-a-9"]), worker("gpu-b")], **ONLY_B,
    },
    "its GPUs may not be used any more": {"hosts": [{**facts("gpu-a", count=2), "gpus": [1]}, B]},
    "it failed": {"failed": "CUDA out of memory"},
    "replan: always": {"replan": "always", **ONLY_B},
    "a wish that nothing fulfils": {"replicas": 9},
    "its hardware is gone and there is no other": {**REMOVED, "hosts": [EMPTY]},
}  # fmt: skip


def deployed(plan: Json, state: str = "running", failed: str = "") -> Json:
    """What the server tells of the deployment of a plan."""
    held = [dict(gpu, claimed_bytes=gib(40)) for gpu in plan["placement"][0]["gpus"]]
    instance = {"name": "chat-1", "state": state, "worker": "gpu-a", "gpus": held}
    of_all = "error" if failed else "running" if state == "running" else "pending"
    return {
        "name": "chat", "site": "default", "state": of_all, "managed": True, "plan_id": plan["plan_id"],
        "choice": copy.deepcopy(choice_of(plan)), "state_message": failed or None, "instances": [instance],
    }  # fmt: skip


def test_the_tables_name_the_same_changes() -> None:
    assert set(SECOND) == set(TABLE)


@pytest.mark.parametrize("case", sorted(SECOND))
def test_the_module_answers_as_the_planner(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _change, expected, words = TABLE[case]
    first = run(Library(qwen3_32b(), {}), monkeypatch, hosts=[facts("gpu-a"), B])["plan"]
    assert first["placement"][0]["host"] == "gpu-a"
    given = {"hosts": [A, B], "workers": [worker("gpu-a"), worker("gpu-b")], **SECOND[case]}
    catalog = given.pop("catalog", (qwen3_32b(), {}))
    record = deployed(first, given.pop("state", "running"), given.pop("failed", ""))
    if "corrections" in given:
        given["corrections"] = str(tmp_path / given["corrections"])
        Path(given["corrections"]).write_text(text_of([LEARNED], given["corrections"]), encoding="utf-8")
    if expected == REFUSED:
        with pytest.raises(AutoconfigError, match=words):
            run(Library(*catalog), monkeypatch, deployed=[record], **given)
        return
    second = run(Library(*catalog), monkeypatch, deployed=[record], **given)
    told = "\n".join([*second["plan_lines"], *second["warnings"]])
    assert second["kept"] == (expected == KEPT), told
    assert words in " ".join(told.split())
    if second["kept"]:
        assert choice_of(second["plan"]) == record["choice"], "nothing is to be written"
        assert second["moves"] == []
