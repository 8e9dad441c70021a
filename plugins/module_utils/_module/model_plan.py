# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of model_plan."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    Price,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.deployment_names import (
    checked_name,
    default_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DoesNotFit,
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import site_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options, plan_file
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gguf_offers import (
    offers,
    with_gguf,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.plan_policy import (
    Params,
    policy_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.planned_hosts import planned_hosts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.report_file import write_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_order import rollout_order
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import CLASSES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    BY_MODE,
    ENGINES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.packing import make_plans
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import wrapped
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.plan_shape import DEPLOYED
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    ALWAYS,
    AUTO,
    BALANCED,
    GOALS,
    OFF,
    WHEN_NEEDED,
    ApiPrice,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Agreed,
    Asked,
    Model,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.wishes import policy_wishes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import (
    ALGORITHMS,
    may_use_draft,
)

DEFAULT_SITE = "default"

_HOST: options.Spec = {
    "name": {"type": "str", "required": True},
    "site": {"type": "str", "default": DEFAULT_SITE},
    "domain": {"type": "str", "default": ""},
    "gpus": {"type": "list", "elements": "int"},
    "facts": {"type": "raw"},
}

_AGREED: options.Spec = {
    "repository": {"type": "str", "required": True},
    "quantization": {"type": "str", "required": True},
    "context_tokens": {"type": "int", "required": True, "no_log": False},
}

ARGUMENT_SPEC: options.Spec = {
    "model": {"type": "str"},
    "name": {"type": "str"},
    "source": {"type": "str", "choices": [HUGGINGFACE, MODEL_SCOPE]},
    "variants": {"type": "list", "elements": "str", "default": []},
    "hosts": {"type": "list", "elements": "dict", "options": _HOST},
    "site_variable": {"type": "str", "default": "model_deployment_gpustack_url"},
    "domain_variable": {"type": "str"},
    "gpus_variable": {"type": "str"},
    "deployed": {"type": "list", "elements": "dict"},
    "deployed_variable": {"type": "str"},
    "workers": {"type": "list", "elements": "dict"},
    "worker_labels": {"type": "dict"},
    "inventory_hosts": {"type": "list", "elements": "str"},
    "uniform": {"type": "bool", "default": False},
    "agreed": {"type": "dict", "options": _AGREED},
    "beside_running": {"type": "bool", "default": False},
    "mode": {"type": "str", "choices": list(BY_MODE), "default": "standard"},
    "policy": {"type": "str", "choices": list(GOALS), "default": BALANCED},
    "first_token_ms": {"type": "int", "no_log": False},
    "inter_token_ms": {"type": "int", "no_log": False},
    "context_tokens": {"type": "int", "no_log": False},
    "minimum_context_tokens": {"type": "int", "default": 4096, "no_log": False},
    "useful_context_tokens": {"type": "int", "no_log": False},
    "concurrency": {"type": "int", "default": 8},
    "request_tokens": {"type": "int", "no_log": False},
    "prompt_tokens": {"type": "int", "no_log": False},
    "answer_tokens": {"type": "int", "no_log": False},
    "tokens_per_s": {"type": "int", "default": 20, "no_log": False},
    "quantizations": {"type": "list", "elements": "str", "choices": list(CLASSES)},
    "publishers": {"type": "list", "elements": "str"},
    "licences": {"type": "list", "elements": "str"},
    "backends": {"type": "list", "elements": "str", "choices": list(ENGINES)},
    "backend": {"type": "str", "choices": list(ENGINES)},
    "backend_version": {"type": "str"},
    "tensor_parallel": {"type": "int"},
    "replicas": {"type": "int", "default": 1},
    "backend_parameters": {"type": "list", "elements": "str", "default": []},
    "headroom": {"type": "float", "default": 0.03},
    "trust_remote_code": {"type": "bool", "default": False},
    "on_load_quantization": {"type": "bool", "default": False},
    "speculative": {"type": "str", "choices": [AUTO, OFF, *ALGORITHMS], "default": AUTO},
    "parsers": {"type": "bool", "default": True},
    "gpu_hour_usd": {"type": "float"},
    "power_usd_per_kwh": {"type": "float"},
    "corrections": {"type": "path"},
    "report": {"type": "path"},
    "plan_file": {"type": "path"},
    "server": {"type": "dict"},
    "replan": {"type": "str", "choices": [WHEN_NEEDED, ALWAYS], "default": WHEN_NEEDED},
    **options.HTTP,
    **options.GPUSTACK,
    **options.HUB,
}

# What each of several models may have of its own; the rest holds for all of them.
OWN_OPTIONS = (
    "model", "name", "source", "variants", "mode", "policy", "first_token_ms", "inter_token_ms", "context_tokens",
    "minimum_context_tokens", "useful_context_tokens", "concurrency", "request_tokens", "prompt_tokens",
    "answer_tokens", "tokens_per_s", "quantizations", "publishers", "licences", "backends", "backend", "backend_version",
    "tensor_parallel", "replicas", "backend_parameters", "headroom", "trust_remote_code", "on_load_quantization",
    "speculative", "parsers", "replan",
)  # fmt: skip
_MODEL: options.Spec = {
    **{
        name: {key: value for key, value in ARGUMENT_SPEC[name].items() if key != "default"}
        for name in OWN_OPTIONS
    },
    "after": {"type": "list", "elements": "str"},
}
_MODEL["model"]["required"] = True
ARGUMENT_SPEC["models"] = {"type": "list", "elements": "dict", "options": _MODEL}


def run(task: Task) -> Result:
    """Reads the metadata of the models and plans them; see the module's documentation for the keys."""
    if task.params["plan_file"]:
        return _from_file(task.params)
    asked = _asked(task.params)
    with Library.open(task.params) as library:
        try:
            result = planned(task, library, asked)
        except AutoconfigError as exc:
            exc.details.setdefault("sources", library.sources())
            raise
    if task.params["report"]:
        told = {key: value for key, value in result.items() if key not in ("changed", "kept")}
        result["changed"] = write_report(task.params["report"], task.shown(told), task.check_mode)
    return result


def _from_file(params: Params) -> Result:
    """The plans that were reviewed, without a catalog and without a hub."""
    several = params["models"] is not None
    wishes = {each["name"] if several else params["name"]: _file_wishes(each) for each in _each_model(params)}
    deployed = params["deployed"] or ()
    site = site_name(params["gpustack_url"] or DEFAULT_SITE)
    now = plan_file.Now(site, params["server"] or {}, params["workers"], deployed, wishes, several)
    entry = plan_file.applied(params["plan_file"], now)
    plans = entry["plans"]
    running = {each.get("name"): each.get("plan_id") for each in deployed}
    return {
        **{key: entry[key] for key in plan_file.KEPT},
        "order": entry.get("order") or [plan["name"] for plan in plans],
        "changed": False,
        "plan": plans[0],
        "plan_id": plans[0]["plan_id"],
        "kept": all(running.get(plan["name"]) == plan["plan_id"] for plan in plans),
    }


def _file_wishes(params: Params) -> t.Dict[str, t.Any]:
    """What is asked for beside a plan file; options at their defaults are not."""
    named = {
        "model": (params["model"] or "").lower(),
        "source": params["source"],
        "variants": sorted(params["variants"]),
        "worker_labels": params["worker_labels"],
        "uniform": params["uniform"],
    }
    return {**policy_wishes(policy_of(params)), **{name: value for name, value in named.items() if value}}


class _Asked(t.NamedTuple):
    """One of the models that are wanted: its options, checked."""

    params: Params
    policy: Policy
    name: str


def _asked(params: Params) -> t.List[_Asked]:
    """:raises InvalidInput: an option makes no sense, whatever the catalogs say."""
    if params["uniform"] and len(params["models"] or ()) > 1:
        raise InvalidInput("uniform is for one model", hint="Plan the model that is to be the same alone.")
    return [_Asked(each, policy_of(each), checked_name(each["name"])) for each in _each_model(params)]


def _each_model(params: Params) -> t.Iterator[t.Dict[str, t.Any]]:
    """The options of each model: its own where it has them, else those of the task."""
    own_options: t.Sequence[Params] = params["models"] or ({},)
    for own in own_options:
        merged = {**params, **{key: value for key, value in own.items() if value is not None}}
        if not merged["name"] and merged["model"]:
            merged["name"] = default_name(merged["model"])
        yield merged


def planned(task: Task, library: Library, asked: t.Optional[t.Sequence[_Asked]] = None) -> Result:
    """The plans of the models of ``task``, with what ``library`` says of them."""
    params = task.params
    models = asked or _asked(params)
    order = rollout_order({each.name: each.params.get("after") or () for each in models})
    there = planned_hosts(params)
    agreed = Agreed(**params["agreed"]) if params["agreed"] else None
    deployed, broken = _deployed(params["deployed"] or ())
    requests: t.List[Request] = []
    resolutions: t.List[Resolution] = []
    versions = tuple(sorted(library.engine_versions().items()))
    for each, policy, name in models:
        resolution = library.resolve(each["model"], each["source"])
        task.progress("%s is %s (%s)" % (each["model"], resolution.ref, resolution.rule))
        resolutions.append(resolution)
        variants, quant = offers(library, resolution, each)
        requests.append(
            Request(
                model=model_of(resolution),
                name=name,
                variants=tuple(variants),
                hosts=there.hosts,
                policy=replace(policy, server_versions=versions, quant=quant),
                deployed=tuple(deployed),
                replan=each["replan"],
                beside_running=params["beside_running"],
                notes=(*there.notes, *broken),
                draft=library.draft(resolution) if may_use_draft(policy) else None,
                asked=Asked(
                    each["model"],
                    each["source"],
                    tuple(each["variants"]),
                    {name: str(value) for name, value in (params["worker_labels"] or {}).items()},
                    params["uniform"],
                ),
                workers=None if params["workers"] is None else tuple(params["workers"]),
                barred=there.barred,
                agreed=agreed,
            )
        )
    try:
        outcome = make_plans(requests)
    except (DoesNotFit, NotServable) as exc:
        requests = with_gguf(library, requests, resolutions, exc)
        task.progress("Nothing else fits: the models in GGUF are planned")
        outcome = make_plans(requests)
    catalog_warnings = list(library.warnings)
    return {
        **_result(outcome, catalog_warnings),
        "order": order,
        "sources": _sources(requests, outcome, dict(versions)),
    }


def _sources(requests: t.Sequence[Request], outcome: Outcome, versions: t.Mapping[str, str]) -> Result:
    """What the plans were made from: revisions of all that was offered, the files of what was chosen."""
    there = {each.repository.ref.name: each.repository for request in requests for each in request.variants}
    chosen = {plan["variant"]["repository"] for plan in outcome.plans}
    return {
        "revisions": {name: repository.revision for name, repository in sorted(there.items())},
        "files": {
            name: [
                {"path": file.path, "size_bytes": file.size_bytes, "sha256": file.sha256}
                for file in sorted(there[name].files, key=lambda each: each.path)
            ]
            for name in sorted(chosen & set(there))
        },
        "engine_versions": dict(sorted(versions.items())),
    }


def model_of(resolution: Resolution, inputs_per_output: float = 0.0) -> Model:
    """With its cheapest price for so many tokens in for each one out."""
    record = resolution.model
    return Model(
        record.id,
        record.name,
        resolution.rule,
        api=_cheapest(record.prices, inputs_per_output),
        licence=record.licence,
        categories=record.categories,
    )


def _cheapest(prices: t.Iterable[Price], inputs_per_output: float) -> t.Optional[ApiPrice]:
    """The lowest price of a token out with its tokens in; free offers are limited and do not count."""
    offers = [
        ApiPrice(price.provider, price.rates.input_usd, price.rates.output_usd)
        for price in prices
        if price.rates.input_usd and price.rates.output_usd and not price.is_plan
    ]
    return min(
        offers,
        key=lambda each: (
            each.output_usd + inputs_per_output * each.input_usd, each.input_usd, each.provider,
        ),
        default=None,
    )  # fmt: skip


CORE = Core(
    run=run,
    argument_spec=ARGUMENT_SPEC,
    rules={
        "mutually_exclusive": [["model", "models"], ["name", "models"]],
        "required_one_of": [["model", "models", "plan_file"]],
    },
)


def _result(outcome: Outcome, warnings: t.List[str]) -> Result:
    plans = list(outcome.plans)
    return {
        "changed": False,
        "plan": plans[0],
        "plans": plans,
        "plan_id": plans[0]["plan_id"],
        "plan_lines": wrapped(outcome.lines),
        "options": list(outcome.options),
        "rejected": [asdict(entry) for entry in outcome.rejected],
        "warnings": warnings + list(outcome.warnings),
        "moves": list(outcome.moves),
        "holds": list(outcome.holds),
        "kept": outcome.kept,
    }


def _deployed(records: t.Sequence[Params]) -> t.Tuple[t.List[Params], t.List[str]]:
    """The deployments that are there, and which of them cannot be used: what they hold is then nobody's."""
    found, broken = [], []
    for place, record in enumerate(records):
        problem = problem_of(DEPLOYED, record)
        if problem is None:
            found.append(record)
        else:
            broken.append("deployed[%d] is left out, because it is broken: in it, %s" % (place, problem))
    return found, broken
