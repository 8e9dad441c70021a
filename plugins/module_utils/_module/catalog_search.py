# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of catalog_search."""

from __future__ import annotations

import sys
import typing as t
from dataclasses import asdict, replace

try:
    import jmespath
except ImportError:  # only needed for select
    jmespath = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.fitting import Fit, Fitting
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs import repository_contents
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.variants import (
    RELATION,
    is_trusted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Price,
    Query,
    Resolution,
    SearchResult,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.search import (
    RELEVANCE,
    SORTS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    MissingLibrary,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    GgufModel,
    Repository,
    RepositoryRef,
    Spec,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import (
    in_short,
    read_host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import weight_files

Params = t.Mapping[str, t.Any]

# What fits is only known after the search.
ALL = sys.maxsize

_CAPABILITIES = ("tool_call", "reasoning", "attachment", "structured_output")
_HOST: options.Spec = {"name": {"type": "str", "required": True}, "facts": {"type": "raw"}}

ARGUMENT_SPEC: options.Spec = {
    "query": {"type": "str"},
    "model": {"type": "str"},
    "source": {"type": "str", "choices": [HUGGINGFACE, MODEL_SCOPE]},
    "open_weights": {"type": "bool"},
    **{name: {"type": "bool"} for name in _CAPABILITIES},
    "family": {"type": "str"},
    "input_modalities": {"type": "list", "elements": "str", "default": []},
    "output_modalities": {"type": "list", "elements": "str", "default": []},
    "minimum_context_tokens": {"type": "int", "no_log": False},
    "maximum_input_usd": {"type": "float"},
    "maximum_output_usd": {"type": "float"},
    "minimum_parameters_b": {"type": "float"},
    "maximum_parameters_b": {"type": "float"},
    "licences": {"type": "list", "elements": "str", "default": []},
    "released_after": {"type": "str"},
    "fits": {"type": "bool", "default": False},
    "hosts": {"type": "list", "elements": "dict", "options": _HOST},
    "sort": {"type": "str", "choices": list(SORTS), "default": RELEVANCE},
    "limit": {"type": "int", "default": 20},
    "search_hub": {"type": "bool", "default": False},
    "select": {"type": "str"},
    **options.HTTP,
    **options.GPUSTACK,
    **options.HUB,
}


def run(task: Task) -> Result:
    """Search, or describe one model; see the module's documentation for the keys."""
    params = task.params
    if params["limit"] < 1:
        raise InvalidInput("limit is %d and has to be at least 1" % params["limit"])
    expression = _compiled(params["select"])
    with Library.open(params) as library:
        ask = _many if params["model"] is None else _one_model
        try:
            answer, notes = ask(library, params)
        except AutoconfigError as exc:
            exc.details.setdefault("sources", library.sources())
            raise
        warnings = library.warnings + notes
        result: Result = dict(answer, changed=False, sources=library.sources(), warnings=warnings)
    if expression is not None:
        result["selected"] = _selected(expression, result)
    return result


def _many(library: Library, params: Params) -> t.Tuple[Result, t.List[str]]:
    query = _query(params)
    hosts, notes = _hosts(params["hosts"] or ()) if params["fits"] else ([], [])
    fitting = None
    if params["fits"]:
        fitting = _fitting(library, params, hosts, notes)
        query = replace(query, open_weights=query.open_weights is not False, limit=ALL)
    found = library.search(query)
    further: t.List[ModelRecord] = []
    if params["search_hub"] and query.text:
        further = library.search_hub(replace(query, limit=params["limit"]))
    notes += found.notes
    records = list(found.models) + further
    if fitting is None:
        models = [record_dict(record) for record in records[: query.limit]]
        total = found.total + len(further)
    else:
        models, total = _fitting_models(fitting, records, params["limit"])
        if fitting.uncalculated:
            left_out = ", ".join(fitting.uncalculated)
            notes.append("Left out, because model_plan cannot calculate them: %s." % left_out)
    return {"models": models, "total": total, "model": None, "candidates": []}, notes


def found_models(library: Library, params: Params) -> t.Tuple[SearchResult, t.List[str]]:
    """What a search of the catalogs alone finds, and what it notes."""
    found = library.search(_query(params))
    return found, list(found.notes)


def _query(params: Params) -> Query:
    return Query(
        text=params["query"],
        open_weights=params["open_weights"],
        capabilities={name: params[name] for name in _CAPABILITIES},
        family=params["family"],
        modalities=tuple(params["input_modalities"]),
        output_modalities=tuple(params["output_modalities"]),
        minimum_context_tokens=params["minimum_context_tokens"],
        maximum_input_usd=params["maximum_input_usd"],
        maximum_output_usd=params["maximum_output_usd"],
        minimum_parameters=_billions(params["minimum_parameters_b"]),
        maximum_parameters=_billions(params["maximum_parameters_b"]),
        licences=tuple(params["licences"]),
        released_after=params["released_after"],
        hub=params["source"],
        sort=params["sort"],
        limit=params["limit"],
    )


def _billions(count: t.Optional[float]) -> t.Optional[int]:
    return None if count is None else round(count * 1e9)


def _hosts(entries: t.Sequence[t.Mapping[str, t.Any]]) -> t.Tuple[t.List[Host], t.List[str]]:
    """The hosts, all of one site, and what about them cannot be used."""
    read = [read_host(entry["name"], "", entry["facts"]) for entry in entries]
    return [host for host, _notes in read], in_short(
        (host.name, note) for host, notes in read for note in notes
    )


def _fitting(library: Library, params: Params, hosts: t.Sequence[Host], notes: t.Sequence[str]) -> Fitting:
    if not any(host.gpus for host in hosts):
        raise InvalidInput(
            "fits needs hosts with usable GPUs: %s" % ("; ".join(notes) or "none was named in hosts"),
            hint="Give hosts with the facts of modelscan.autoconfig.gpu_facts.",
        )
    return Fitting(library, hosts, params["source"], params["minimum_context_tokens"])


def _fitting_models(
    fitting: Fitting, records: t.Sequence[ModelRecord], limit: int
) -> t.Tuple[t.List[t.Dict[str, t.Any]], int]:
    """The first models that fit, and how many there are; those behind the limit are only estimated."""
    models: t.List[t.Dict[str, t.Any]] = []
    further = iter(records)
    for record in further:
        fit = fitting.judge(record)
        if fit is not None:
            models.append(record_dict(record, fit))
        if len(models) == limit:
            break
    return models, len(models) + sum(map(fitting.estimates, further))


def _one_model(library: Library, params: Params) -> t.Tuple[Result, t.List[str]]:
    resolution = library.resolve(params["model"], params["source"])
    variants = library.variants(resolution, everybody=True)
    answer: Result = {
        "models": [record_dict(resolution.model)],
        "total": 1,
        "model": dict(
            record_dict(resolution.model),
            resolved=_mapping(resolution),
            variants=[variant_dict(variant, resolution.ref) for variant in variants],
        ),
        "candidates": [
            {"repository": item.repository, "rule": item.rule, "confidence": item.confidence}
            for item in resolution.candidates
        ],
    }
    return answer, []


def _mapping(resolution: Resolution) -> t.Dict[str, t.Any]:
    return {
        "source": resolution.ref.source,
        "repository": resolution.ref.name,
        "rule": resolution.rule,
        "confirmed_on_hub": resolution.confirmed_on_hub,
    }


def record_dict(record: ModelRecord, fit: t.Optional[Fit] = None) -> t.Dict[str, t.Any]:
    """A model as it is returned."""
    return {
        "id": record.id,
        "name": record.name,
        "source": record.source,
        "family": record.family,
        "open_weights": record.open_weights,
        "provider_ids": list(record.provider_ids),
        "capabilities": dict(record.capabilities),
        "modalities": {
            "input": list(record.input_modalities),
            "output": list(record.output_modalities),
        },
        "limits": {
            "context_tokens": record.context_tokens,
            "input_tokens": record.input_tokens,
            "output_tokens": record.output_tokens,
        },
        "parameters": {"total": record.total_parameters, "active": record.active_parameters},
        "prices_per_million_tokens": [_price_dict(price) for price in record.prices],
        "cheapest_usd": {"input": record.cheapest.input_usd, "output": record.cheapest.output_usd},
        "licence": record.licence,
        "release_date": record.release_date,
        "last_updated": record.last_updated,
        "repositories": list(record.repositories),
        "repository": record.repository,
        "deprecated": record.deprecated,
        "categories": list(record.categories),
        "description": record.description,
        "specs": [_spec_dict(spec) for spec in record.specs],
        "fit": None if fit is None else asdict(fit),
    }


def _price_dict(price: Price) -> t.Dict[str, t.Any]:
    tiers = [dict(asdict(tier.rates), above_tokens=tier.above_tokens) for tier in price.tiers]
    return dict(asdict(price.rates), provider=price.provider, tiers=tiers)


def _spec_dict(spec: Spec) -> t.Dict[str, t.Any]:
    return {
        "source": spec.ref.source,
        "repository": spec.ref.name,
        "mode": spec.mode,
        "quantization": spec.quantization,
        "backend": spec.backend,
        "backend_version": spec.backend_version,
        "backend_parameters": list(spec.parameters),
        "gpu_filters": dict(spec.gpu_filters),
    }


def variant_dict(variant: Variant, base: t.Optional[RepositoryRef] = None) -> t.Dict[str, t.Any]:
    """A variant of ``base`` as it is returned."""
    repository = variant.repository
    config, standing = repository.config or {}, repository.standing
    found = repository_contents.quantization(repository)
    advice = variant.advice[0] if variant.advice else None
    return {
        "source": repository.ref.source,
        "repository": repository.ref.name,
        "revision": repository.revision,
        "architectures": list(config.get("architectures") or ()),
        "quantization": None if found is None else found.format.precision,
        "quantization_format": None if found is None else found.format.name,
        "contradiction": repository_contents.contradiction(repository),
        "weights_bytes": _weights_bytes(repository),
        "weights_from": "safetensors_headers" if repository.tensors is not None else "file_sizes",
        "kind": repository_contents.kind(repository),
        "adapter": repository_contents.adapter_of(repository),
        "formats": list(repository_contents.formats(repository)),
        "gguf": _gguf_dict(repository),
        "code_execution": list(repository_contents.code_execution(repository)),
        "security": {"status": standing.security, "issues": list(standing.issues)},
        "files": [asdict(item) for item in repository.files],
        "gated": repository.gated,
        "licence": repository.licence,
        "downloads": standing.downloads,
        "last_modified": standing.last_modified,
        "base_models": list(standing.base_models),
        "found_by": variant.found_by,
        "trusted": variant.found_by != RELATION or is_trusted(repository.ref, base),
        "mode": advice.mode if advice else None,
        "backend": advice.backend if advice else None,
        "backend_parameters": list(advice.parameters) if advice else [],
        "state": repository.state,
    }


def _gguf_dict(repository: Repository) -> t.Optional[t.Dict[str, t.Any]]:
    if repository_contents.GGUF not in repository_contents.formats(repository):
        return None
    said = repository.standing.gguf
    return {
        "quantizations": list(repository_contents.gguf_kinds(repository)),
        "parameters": said.get("total"),
        "architecture": said.get("architecture"),
        "context_tokens": said.get("context_length"),
        "models": [_gguf_model_dict(model) for model in repository.gguf],
    }


def _gguf_model_dict(model: GgufModel) -> t.Dict[str, t.Any]:
    architecture = model.metadata.get("general.architecture")
    return {
        "paths": list(model.paths),
        "size_bytes": model.size_bytes,
        "architecture": architecture,
        "context_tokens": model.metadata.get("%s.context_length" % architecture),
        "parameters": repository_contents.gguf_parameters(model),
        "weights_bytes": None if model.tensors is None else sum(each.size_bytes for each in model.tensors),
        "bytes_by_type": repository_contents.gguf_types(model),
    }


def _weights_bytes(repository: Repository) -> t.Optional[int]:
    if repository.tensors is not None:
        return sum(tensor.size_bytes for tensor in repository.tensors)
    return sum(item.size_bytes for item in weight_files(repository.files)) or None


def _compiled(expression: t.Optional[str]) -> t.Any:
    if expression is None:
        return None
    if jmespath is None:
        raise MissingLibrary("jmespath")
    try:
        return jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as exc:
        raise InvalidInput(
            "select is no JMESPath expression: %s" % " ".join(str(exc).split()),
            hint="See https://jmespath.org for the syntax.",
        ) from exc


def _selected(expression: t.Any, result: Result) -> t.Any:
    try:
        return expression.search(result)
    except jmespath.exceptions.JMESPathError as exc:
        raise InvalidInput("select cannot be applied to the result: %s" % exc) from exc


CORE = Core(run=run, argument_spec=ARGUMENT_SPEC, rules={"mutually_exclusive": [("query", "model")]})
