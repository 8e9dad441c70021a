# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the core of catalog_search."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

try:
    import jmespath
except ImportError:  # only needed for select
    jmespath = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog import contents
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import (
    ModelRecord,
    Price,
    Query,
    Resolution,
    Spec,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.variants import (
    RELATION,
    is_trusted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    InvalidInput,
    MissingLibrary,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import (
    HUGGINGFACE,
    MODEL_SCOPE,
    Repository,
    RepositoryRef,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.weights import weight_files

ARGUMENT_SPEC: options.Spec = {
    "query": {"type": "str"},
    "model": {"type": "str"},
    "source": {"type": "str", "choices": [HUGGINGFACE, MODEL_SCOPE]},
    "open_weights": {"type": "bool"},
    "tool_call": {"type": "bool"},
    "reasoning": {"type": "bool"},
    "family": {"type": "str"},
    "limit": {"type": "int", "default": 20},
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
        answer = _one_model(library, params) if params["model"] is not None else _many(library, params)
        result: Result = dict(answer, changed=False, sources=library.sources(), warnings=library.warnings)
    if expression is not None:
        result["selected"] = _selected(expression, result)
    return result


def _many(library: Library, params: t.Mapping[str, t.Any]) -> Result:
    found = library.search(
        Query(
            text=params["query"],
            open_weights=params["open_weights"],
            tool_call=params["tool_call"],
            reasoning=params["reasoning"],
            family=params["family"],
            limit=params["limit"],
        )
    )
    models = [record_dict(record) for record in found.models]
    return {"models": models, "total": found.total, "model": None, "candidates": []}


def _one_model(library: Library, params: t.Mapping[str, t.Any]) -> Result:
    resolution = library.resolve(params["model"], params["source"])
    variants = library.variants(resolution, everybody=True)
    return {
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


def _mapping(resolution: Resolution) -> t.Dict[str, t.Any]:
    return {
        "source": resolution.ref.source,
        "repository": resolution.ref.name,
        "rule": resolution.rule,
        "confirmed_on_hub": resolution.confirmed_on_hub,
    }


def record_dict(record: ModelRecord) -> t.Dict[str, t.Any]:
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
        "licence": record.licence,
        "release_date": record.release_date,
        "last_updated": record.last_updated,
        "repositories": list(record.repositories),
        "categories": list(record.categories),
        "description": record.description,
        "specs": [_spec_dict(spec) for spec in record.specs],
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
    found = contents.quantization(repository)
    return {
        "source": repository.ref.source,
        "repository": repository.ref.name,
        "revision": repository.revision,
        "architectures": list(config.get("architectures") or ()),
        "quantization": None if found is None else found.format.precision,
        "quantization_format": None if found is None else found.format.name,
        "contradiction": contents.contradiction(repository),
        "weights_bytes": _weights_bytes(repository),
        "weights_from": "safetensors_headers" if repository.tensors is not None else "file_sizes",
        "formats": list(contents.formats(repository)),
        "gguf": _gguf_dict(repository),
        "code_execution": list(contents.code_execution(repository)),
        "security": {"status": standing.security, "issues": list(standing.issues)},
        "files": [asdict(item) for item in repository.files],
        "gated": repository.gated,
        "licence": repository.licence,
        "downloads": standing.downloads,
        "last_modified": standing.last_modified,
        "base_models": list(standing.base_models),
        "found_by": variant.found_by,
        "trusted": variant.found_by != RELATION or is_trusted(repository.ref, base),
        "mode": variant.mode,
        "backend": variant.backend,
        "backend_parameters": list(variant.parameters),
        "state": repository.state,
    }


def _gguf_dict(repository: Repository) -> t.Optional[t.Dict[str, t.Any]]:
    if contents.GGUF not in contents.formats(repository):
        return None
    said = repository.standing.gguf
    return {
        "quantizations": list(contents.gguf_kinds(repository)),
        "parameters": said.get("total"),
        "architecture": said.get("architecture"),
        "context_tokens": said.get("context_length"),
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
