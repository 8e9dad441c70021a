# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The models of a repository in GGUF, each as something that llama.cpp could serve."""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    LOCAL_PATH,
    GgufModel,
    Repository,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ESTIMATED,
    MEASURED,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.gguf_quants import (
    MMPROJ,
    Quant,
    companion,
    quant,
    quant_named,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    INT4,
    INT8,
    Format,
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import (
    Weights,
    from_tensors,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.gguf_layers import (
    GgufShape,
    read_shape,
)

_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf\Z", re.IGNORECASE)
# From so many bits per weight on people call it 16 or 8 bits.
_SIXTEEN, _EIGHT = 15.0, 6.0


@dataclass(frozen=True)
class GgufFile:
    """One model of a repository: its files, its quantization, and the files that encode images for it."""

    paths: t.Tuple[str, ...]
    quant_name: str
    quant: Quant
    shape: GgufShape
    mmproj: t.Optional[str] = None
    mmproj_bytes: int = 0


class Read(t.NamedTuple):
    """A model with what the planner calculates with."""

    file: GgufFile
    quantization: Quantization
    weights: Weights


def read_models(repository: Repository, wanted: t.Optional[str]) -> t.List[Read]:
    """The models that can be sized, the one that was named with ``wanted`` only where that is given.

    :raises InvalidInput: there is none of that name.
    :raises NotServable: there is none that can be sized, with the reasons.
    """
    models = [each for each in repository.gguf if companion(each.paths[0]) is None]
    named = [each for each in models if wanted is None or _is_named(each, wanted)]
    if models and not named:
        there = sorted({_quant_of(each) for each in models})
        raise InvalidInput(
            "%s has no %s; it has %s" % (repository.ref, wanted, ", ".join(there)),
            hint="Name one of them behind a colon, or none: the plan chooses.",
            repository=repository.ref.name,
        )
    template = next((each for each in named + models if each.tensors is not None), None)
    vision = _vision(repository)
    found, problems = [], []
    for each in named:
        try:
            found.append(_read(repository, each, template, vision))
        except NotServable as exc:
            problems.append(exc.message)
    if not found:
        raise NotServable(
            "%s has nothing in GGUF that can be planned: %s"
            % (repository.ref, "; ".join(dict.fromkeys(problems)) or "no model is among its files"),
            hint="Name another repository of the model.",
            repository=repository.ref.name,
        )
    return found


def _is_named(model: GgufModel, wanted: str) -> bool:
    own = _quant_of(model).upper()
    return own == wanted.upper() or model.paths[0].rpartition("/")[2].lower() == wanted.lower()


def _quant_of(model: GgufModel) -> str:
    named = quant_named(model.paths[0])
    if named is not None or not model.tensors:
        return named or "GGUF"
    sizes: t.Dict[str, int] = {}
    for tensor in model.tensors:
        sizes[tensor.dtype] = sizes.get(tensor.dtype, 0) + tensor.size_bytes
    return max(sizes, key=lambda kind: sizes[kind])


def _vision(repository: Repository) -> t.Optional[GgufModel]:
    """The file that encodes images, in 16 bits where there are several."""
    files = [each for each in repository.gguf if companion(each.paths[0]) == MMPROJ]
    order = {"F16": 0, "BF16": 1}
    return min(files, key=lambda each: (order.get(_quant_of(each), 2), each.paths), default=None)


def _downloaded_first(repository: Repository, model: GgufModel) -> t.Optional[str]:
    """An encoder of images whose name comes before the model's.

    GPUStack 2.3 takes the last of a hub's C(*mmproj*.gguf) along and runs the first of all files that it downloaded
    (match_hugging_face_files, _first_resolved_path).
    """
    if repository.ref.source == LOCAL_PATH:
        return None
    last = max(
        (each.path for each in repository.files if fnmatch.fnmatchcase(each.path, "*mmproj*.gguf")),
        default=None,
    )
    return last if last is not None and last < min(model.paths) else None


def _read(
    repository: Repository, model: GgufModel, template: t.Optional[GgufModel], vision: t.Optional[GgufModel]
) -> Read:
    missing = _missing(model)
    if missing:
        raise NotServable("%s is %s" % (model.paths[0], missing))
    first = _downloaded_first(repository, model)
    if first is not None:
        raise NotServable(
            "GPUStack downloads %s beside %s and starts the first by name, which is no model"
            % (first, model.paths[0])
        )
    exact = model.tensors is not None
    if not exact:
        model = _like(model, template)
    shape = read_shape(model)
    weights = from_tensors(model.tensors or (), len(shape.blocks))
    elements = sum(_elements(tensor) for tensor in model.tensors or ())
    bits = round(8 * weights.file_bytes / max(1, elements), 2)
    name = _quant_of(model)
    precision = BF16 if bits >= _SIXTEEN else INT8 if bits >= _EIGHT else INT4
    file = GgufFile(model.paths, name, quant(name, bits), shape)
    if vision is not None:
        file = replace(file, mmproj=vision.paths[0], mmproj_bytes=vision.size_bytes)
        file = replace(file, shape=replace(shape, architecture=replace(shape.architecture, multimodal=True)))
    fmt = Format("gguf_%s" % name.lower(), precision, int(round(bits)))
    evidence = MEASURED if exact else ESTIMATED
    return Read(file, Quantization(fmt, evidence), replace(weights, evidence=evidence))


def _missing(model: GgufModel) -> t.Optional[str]:
    """In words, where parts of a split model are not there."""
    numbers = [_PART.search(path) for path in model.paths]
    counts = {int(each.group(2)) for each in numbers if each is not None}
    if not counts:
        return None
    most, there = max(counts), {int(each.group(1)) for each in numbers if each is not None}
    absent = sorted(set(range(1, most + 1)) - there)
    if not absent:
        return None
    return "not whole: part %d of %d is not there, and %d in all" % (absent[0], most, len(absent))


def _like(model: GgufModel, template: t.Optional[GgufModel]) -> GgufModel:
    """A model whose header was not read, in the proportions of another one of the repository."""
    if template is None:
        return model
    share = model.size_bytes / max(1, template.size_bytes)
    tensors = tuple(
        replace(tensor, size_bytes=int(tensor.size_bytes * share)) for tensor in template.tensors or ()
    )
    return replace(model, metadata=template.metadata, tensors=tensors)


def _elements(tensor: Tensor) -> int:
    count = 1
    for length in tensor.shape:
        count *= length
    return count
