# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides questions about models and hosts through the real core of model_plan.

    python tests/accuracy/choose.py --configs DIR [--configs DIR ...] < questions.jsonl > answers.jsonl

A question has the variants of a model (or ``models``), ``hosts`` in shapes as gpu_facts simulates them, and
``options`` of model_plan. An answer has the plans in numbers, or the refusal. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import typing as t
from pathlib import Path

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library as Catalogs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    DraftModel,
    Repository,
    RepositoryFile,
    RepositoryRef,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task

from tests.accuracy.questions import Library

Json = t.Dict[str, t.Any]
Question = t.Mapping[str, t.Any]

# Of a refusal or a plan, so that an answer stays one readable line.
MOST_REASONS = 12


class Shelf:
    """What model_plan asks of its catalogs, answered from a question."""

    warnings: t.Sequence[str] = ()

    def __init__(self, variants: t.Mapping[str, t.Sequence[Variant]]) -> None:
        self._variants = variants

    def resolve(self, model: str, _source: t.Optional[str] = None) -> Resolution:
        """By the name as the question writes it."""
        record = ModelRecord(model.lower(), model.split("/")[-1], "question")
        return Resolution(record, self._variants[model][0].repository.ref, "canonical_weights", True)

    def variants(self, resolution: Resolution, _extra: t.Sequence[str] = ()) -> t.List[Variant]:
        """All that the question has for the model."""
        own = (each for name, each in self._variants.items() if name.lower() == resolution.model.id)
        return list(next(own))

    def engine_versions(self) -> t.Dict[str, str]:
        """No server is asked: recent releases."""
        return {}

    def gguf_variants(self, _resolution: Resolution) -> t.List[Variant]:
        """A question has all that is offered."""
        return []

    def draft(self, _resolution: Resolution) -> t.Optional[DraftModel]:
        """No catalog names one."""
        return None


def answer(question: Question, library: Library) -> Json:
    """The decision of model_plan for one question."""
    options = {"trust_remote_code": True, **(question.get("options") or {})}
    models = question.get("models") or [_single(question)]
    table = {each["model"]: [_variant(own, library) for own in each["variants"]] for each in models}
    if question.get("models"):
        options["models"] = [{"model": each["model"], **(each.get("options") or {})} for each in models]
    else:
        options["model"] = models[0]["model"]
    options["hosts"] = [_host(each) for each in question["hosts"]]
    checked = ArgumentSpecValidator(dict(model_plan.ARGUMENT_SPEC)).validate(options)
    if checked.error_messages:
        return _refusal("; ".join(checked.error_messages), "")
    try:
        result = model_plan.planned(Task(checked.validated_parameters), t.cast(Catalogs, Shelf(table)))
    except AutoconfigError as exc:
        return {**_refusal(exc.message, exc.hint or ""), **_reasons(exc.details)}
    return {
        "refused": False,
        "message": "",
        "hint": "",
        "plans": [_numbers(plan, result["plans"], options["hosts"]) for plan in result["plans"]],
        "warnings": [str(each) for each in result["warnings"]],
        "options_listed": len(result["options"]),
        **_reasons(result),
    }


def _single(question: Question) -> Json:
    return {"model": question["variants"][0]["repo"], "variants": question["variants"]}


def _refusal(message: str, hint: str) -> Json:
    return {
        "refused": True, "message": message, "hint": hint, "plans": [], "warnings": [], "options_listed": 0,
    }  # fmt: skip


def _reasons(told: t.Mapping[str, t.Any]) -> Json:
    fields = ("variant", "quantization", "backend", "gpu", "tensor", "pipeline", "reason")
    rejected = list(told.get("rejected") or ())[:MOST_REASONS]
    return {"rejected": [" ".join(str(entry.get(field)) for field in fields) for entry in rejected]}


def _variant(said: t.Mapping[str, t.Any], library: Library) -> Variant:
    """:raises SystemExit: a config that the question names is in none of the folders."""
    config, quantization = said.get("config"), said.get("quant_config")
    if isinstance(config, str):
        name, config = config, library.config(config)
        if config is None:
            raise SystemExit("no config of %s in the folders of --configs" % name)
    if isinstance(quantization, str):
        quantization = library.quant_config(quantization)
    files = (RepositoryFile("model.safetensors", int(said["bytes"])),) if said.get("bytes") else ()
    repository = Repository(
        RepositoryRef(HUGGINGFACE, said["repo"]), "0" * 40, config, files,
        quant_config=quantization, licence=said.get("licence", "apache-2.0"),
    )  # fmt: skip
    return Variant(repository, "resolved")


def _host(said: t.Mapping[str, t.Any]) -> Json:
    """A simulated host; ``used_bytes`` or ``free_bytes`` of each of its GPUs."""
    facts = simulated(Machine(), said["shape"])
    for index, device in enumerate(facts["devices"]):
        total, used = device["memory_total_bytes"], 0
        if said.get("free_bytes"):
            used = total - int(said["free_bytes"][index])
        elif said.get("used_bytes"):
            used = int(said["used_bytes"][index])
        device["memory_used_bytes"], device["memory_free_bytes"] = used, total - used
        device["uuid"] = "%s of %s" % (device["uuid"], said["name"])  # all are simulated on one machine
    found = {
        "name": said["name"],
        "site": said.get("site", "default"),
        "domain": said.get("domain", ""),
        "facts": facts,
    }
    return {**found, "gpus": said["gpus"]} if said.get("gpus") else found


def _numbers(plan: Json, plans: t.Sequence[Json], hosts: t.Sequence[Json]) -> Json:
    """One plan in the words of the protocol; times are the middle of the plan's range."""
    layout, memory, speed = plan["parallelism"], plan["memory"], plan["performance"] or {}
    at_site = [each for each in plans if each["site"] == plan["site"]]
    there = sum(len(each["facts"]["devices"]) for each in hosts if each["site"] == plan["site"])
    parameters = list(plan["backend_parameters"])
    if plan["speculative_config"]:
        parameters.append("--speculative-config=%s" % json.dumps(plan["speculative_config"]))
    return {
        "model": plan["model"]["id"],
        "name": plan["name"],
        "site": plan["site"],
        "repo": plan["variant"]["repository"],
        "precision": plan["variant"]["quantization"],
        "format": plan["variant"]["format"],
        "on_load": plan["variant"]["on_load"],
        "backend": plan["backend"],
        "backend_version": plan["backend_version"],
        "gpu": plan["gpu"],
        **{
            name: layout[name] for name in ("tensor", "pipeline", "data", "expert", "attention_data", "hosts")
        },
        "gpus_per_replica": layout["tensor"] * layout["pipeline"] * layout["data"],
        "replicas": plan["replicas"],
        "gpus_used": len(_gpus([plan])),
        "gpus_idle": there - len(_gpus(at_site)),
        "context_tokens": plan["context_tokens"],
        "concurrency": plan["concurrency"],
        "kv_cache_tokens": memory["kv_cache_tokens"],
        "utilization": plan["utilization"],
        "left_bytes": memory["left_bytes"],
        **{name: _middle(speed.get(name)) for name in ("inter_token_ms", "first_token_ms", "tokens_per_s")},
        "arguments": parameters,
        "placement": [
            {"replica": slot["replica"], "host": slot["host"], "gpus": [gpu["index"] for gpu in slot["gpus"]]}
            for slot in plan["placement"]
        ],
    }


def _gpus(plans: t.Iterable[Json]) -> t.Set[t.Tuple[str, int]]:
    return {
        (slot["host"], gpu["index"]) for plan in plans for slot in plan["placement"] for gpu in slot["gpus"]
    }


def _middle(span: t.Optional[t.Sequence[float]]) -> t.Optional[float]:
    return None if span is None else math.sqrt(span[0] * span[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--configs", action="append", type=Path, default=[], help="folder of owner__name.json"
    )
    library = Library(parser.parse_args().configs)
    for line in filter(str.strip, sys.stdin):
        question = json.loads(line)
        try:
            found = answer(question, library)
        except Exception as exc:  # a crash is an answer too, and a wrong one
            found = {**_refusal("%s: %s" % (type(exc).__name__, exc), ""), "refused": None, "crashed": True}
        print(json.dumps({"id": question["id"], **found}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
