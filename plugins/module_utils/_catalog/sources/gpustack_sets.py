# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model sets of GPUStack's catalog, from a server or a file. Pure functions."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    is_quantized_name,
    last_part,
    normal,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import fields
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.fields import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
    Spec,
)

NAME = "gpustack"
REPOSITORY_FIELDS = {HUGGINGFACE: "huggingface_repo_id", MODEL_SCOPE: "model_scope_model_id"}
_UNITS = {"M": 10**6, "B": 10**9, "T": 10**12}
_MODALITIES = {
    "text_to_speech": ("text", "audio"),
    "speech_to_text": ("audio", "text"),
    "image": ("text", "image"),
}


def parse(document: t.Any) -> t.Tuple[ModelRecord, ...]:
    """Records of a model-catalog.yaml; keys that begin with a dot only hold anchors."""
    sets = document.get("model_sets") if isinstance(document, dict) else None
    if not isinstance(sets, list):
        raise UnexpectedReply("A GPUStack catalog has no list model_sets")
    return tuple(record_of(entry) for entry in sets if isinstance(entry, dict) and entry.get("name"))


def record_of(entry: Entry) -> ModelRecord:
    """One set. ``repositories`` is what :func:`base_of` is sure of."""
    name = str(entry.get("name"))
    said = fields.texts(entry.get("capabilities"))
    licences = fields.texts(entry.get("licenses"))
    categories = fields.texts(entry.get("categories"))
    specs = tuple(spec for spec in map(spec_of, fields.entries(entry.get("specs"))) if spec is not None)
    inputs, outputs = _modalities(categories, said)
    unit = _UNITS.get(str(entry.get("size_unit") or "B"), 10**9)
    base = base_of(name, specs, HUGGINGFACE)
    return ModelRecord(
        id=name,
        name=name,
        source=NAME,
        open_weights=True,
        capabilities={
            "tool_call": "tools" in said,
            "attachment": "vision" in said,
            "reasoning": "reasoning" in said or None,
        },
        input_modalities=inputs,
        output_modalities=outputs,
        context_tokens=_context(said),
        total_parameters=_parameters(entry.get("size"), unit),
        active_parameters=_active(entry, unit),
        licence=licences[0] if licences else None,
        release_date=str(entry["release_date"]) if entry.get("release_date") else None,
        repositories=() if base is None else (base.name,),
        specs=specs,
        categories=categories,
        description=fields.text(entry.get("description")),
    )


def spec_of(entry: Entry) -> t.Optional[Spec]:
    """None where it names no repository of a hub."""
    source = str(entry.get("source"))
    name = entry.get(REPOSITORY_FIELDS.get(source, ""))
    if not isinstance(name, str) or not is_repository_name(name):
        return None
    version = entry.get("backend_version")
    return Spec(
        ref=RepositoryRef(source, name),
        mode=fields.text(entry.get("mode")),
        quantization=fields.text(entry.get("quantization")),
        backend=fields.text(entry.get("backend")),
        parameters=fields.texts(entry.get("backend_parameters")),
        gpu_filters=fields.entry(entry.get("gpu_filters")),
        backend_version=None if version is None else str(version),
        speculative=fields.entry(entry.get("speculative_config")),
    )


def base_of(name: str, specs: t.Iterable[Spec], source: str) -> t.Optional[RepositoryRef]:
    """The one repository of a set that is the set's model and no quantized copy of it.

    That is the one of the same name, with or without -BF16, else the only one if its name
    does not say that it is quantized. None where that leaves a choice.
    """
    refs = list(dict.fromkeys(spec.ref for spec in specs if spec.ref.source == source))
    for wanted in (normal(name), normal(name) + "bf16"):
        same = [ref for ref in refs if normal(ref.name) == wanted]
        if same:
            return same[0] if len(same) == 1 else None
    return refs[0] if len(refs) == 1 and not is_quantized_name(last_part(refs[0].name)) else None


def _modalities(
    categories: t.Sequence[str], said: t.Sequence[str]
) -> t.Tuple[t.Tuple[str, ...], t.Tuple[str, ...]]:
    for category in categories:
        if category in _MODALITIES:
            source, target = _MODALITIES[category]
            return (source,), (target,)
    return (("text", "image") if "vision" in said else ("text",)), ("text",)


def _parameters(size: t.Any, unit: int) -> t.Optional[int]:
    count = fields.number(size)
    return round(count * unit) if count is not None and 0 < count < 1e9 else None


def _active(entry: Entry, unit: int) -> t.Optional[int]:
    """Active parameters are given in billions whatever the unit of the size, unless that is millions."""
    return _parameters(entry.get("activated_size"), min(unit, _UNITS["B"]))


def _context(capabilities: t.Sequence[str]) -> t.Optional[int]:
    """Tokens of ``context/128K``; K is 1024."""
    for word in capabilities:
        match = re.match(r"context/(\d+)([KM])\Z", word)
        if match:
            return int(match.group(1)) << (10 if match.group(2) == "K" else 20)
    return None
