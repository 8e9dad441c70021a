# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of a repository really are, whatever its name says. Pure."""

from __future__ import annotations

import functools
import operator
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    Repository,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    FP4,
    FP8,
    INT4,
    INT8,
    Quantization,
)

SAFETENSORS, GGUF, PICKLE, ONNX = "safetensors", "gguf", "pickle", "onnx"
REMOTE_CODE = "remote_code"

_SUFFIXES = {
    ".safetensors": SAFETENSORS,
    ".gguf": GGUF,
    ".onnx": ONNX,
    **dict.fromkeys((".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"), PICKLE),
}
_NO_WEIGHTS = frozenset(("training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "vocab.bin"))
_GGUF_KIND = re.compile(r"[-._]((?:I?Q\d(?:_[A-Z0-9]+)*)|BF16|F16|F32|MXFP4)(?=[-._])", re.IGNORECASE)
_CLAIMS = {
    "fp8": FP8, "nvfp4": FP4, "mxfp4": FP4, "fp4": FP4, "awq": INT4, "int4": INT4, "w4a16": INT4,
    "4bit": INT4, "int8": INT8, "8bit": INT8, "bf16": BF16,
}  # fmt: skip
_CTRANSLATE2 = frozenset(
    ("vocabulary.json", "vocabulary.txt", "shared_vocabulary.json", "shared_vocabulary.txt")
)
_MLX = re.compile(r"mlx")
_PACKED = frozenset(("I8", "U8", "I16", "U16", "I32", "U32", "F4", "F8_E8M0"))


def formats(repository: Repository) -> t.Tuple[str, ...]:
    """Formats of weight files, sorted: safetensors, gguf, pickle, onnx."""
    found = set()
    for item in repository.files:
        name = last_part(item.path)
        kind = _SUFFIXES.get(name[name.rfind(".") :].lower()) if "." in name else None
        if kind is not None and name not in _NO_WEIGHTS:
            found.add(kind)
    return tuple(sorted(found))


def kind(repository: Repository) -> str:
    """What a repository is, by its files.

    ``adapter``: it changes another model. ``diffusers``: a pipeline of several models. ``ctranslate2``,
    ``mlx``, ``onnx``, ``gguf``: weights for other programs than the engines here, GGUF for llama.cpp. ``empty``:
    no weights. ``transformers``: weights that vLLM and SGLang load; ``pickle``: such weights, pickled only.
    """
    names = {item.path for item in repository.files}
    found = formats(repository)
    if repository.adapter is not None or "adapter_config.json" in names:
        return "adapter"
    if "model_index.json" in names:
        return "diffusers"
    if "model.bin" in names and "config.json" in names and names & _CTRANSLATE2:
        return "ctranslate2"
    if not found:
        return "empty"
    config = repository.config or {}
    if (
        SAFETENSORS in found
        and _MLX.search(repository.ref.name.lower())
        and isinstance(config.get("quantization"), dict)
    ):
        return "mlx"
    only = next((each for each in (SAFETENSORS, GGUF, PICKLE, ONNX) if each in found), ONNX)
    return "transformers" if only == SAFETENSORS else only


def adapter_of(repository: Repository) -> t.Optional[t.Dict[str, t.Any]]:
    """The base model that an adapter changes, and its rank."""
    if repository.adapter is None:
        return None
    base, rank = repository.adapter.get("base_model_name_or_path"), repository.adapter.get("r")
    named = base if isinstance(base, str) else next(iter(repository.standing.base_models), None)
    return {"base_model": named, "rank": rank if isinstance(rank, int) else None}


def gguf_kinds(repository: Repository) -> t.Tuple[str, ...]:
    """Quantizations that the names of GGUF files give, for example Q4_K_M."""
    names = [last_part(item.path) for item in repository.files if item.path.lower().endswith(".gguf")]
    kinds = [match.group(1).upper() for name in names for match in _GGUF_KIND.finditer(name)]
    return tuple(sorted(set(kinds)))


def gguf_types(model: GgufModel) -> t.Dict[str, int]:
    """Bytes by ggml type, the largest share first: what a quantization with a name such as Q4_K_M is."""
    found: t.Dict[str, int] = {}
    for tensor in model.tensors or ():
        found[tensor.dtype] = found.get(tensor.dtype, 0) + tensor.size_bytes
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def gguf_parameters(model: GgufModel) -> t.Optional[int]:
    """Weights in all tensors; None where no header was read."""
    if model.tensors is None:
        return None
    return sum(functools.reduce(operator.mul, tensor.shape, 1) for tensor in model.tensors)


def code_execution(repository: Repository) -> t.Tuple[str, ...]:
    """Why loading the repository would run code of its publisher.

    ``remote_code``: the config names own classes (auto_map). ``pickle``: there are weights in
    a format that may hold code, and none in safetensors or GGUF.
    """
    reasons = []
    if (repository.config or {}).get("auto_map"):
        reasons.append(REMOTE_CODE)
    kinds = formats(repository)
    if PICKLE in kinds and SAFETENSORS not in kinds and GGUF not in kinds:
        reasons.append(PICKLE)
    return tuple(reasons)


def quantization(repository: Repository) -> t.Optional[Quantization]:
    """None where there is no config, or a format that nothing here can plan.

    A config is whatever its publisher wrote: what cannot even be read is no known format either.
    """
    if repository.config is None:
        return None
    try:
        return detect(repository.config, repository.quant_config, repository.tensors)
    except (NotServable, ValueError, TypeError, LookupError, AttributeError):
        return None


def contradiction(repository: Repository) -> t.Optional[str]:
    """Where the name or the config says other than the files; None where they agree or are unknown."""
    found = quantization(repository)
    if found is None:
        return None
    precision, name = found.format.precision, repository.ref.name
    claims = {_CLAIMS[word] for word in re.split(r"[^a-z0-9]+", last_part(name).lower()) if word in _CLAIMS}
    if claims and precision not in claims:
        return "%s is named %s and holds %s weights" % (name, " ".join(sorted(claims)), precision)
    dtypes = {tensor.dtype for tensor in repository.tensors or ()}
    if dtypes and not _may_hold(precision, dtypes):
        return "The config of %s says %s, and its files hold %s" % (
            name,
            precision,
            ", ".join(sorted(dtypes)),
        )
    return None


def _may_hold(precision: str, dtypes: t.Set[str]) -> bool:
    """Whether tensors of these types can be weights of a precision."""
    if precision == FP8:
        return any(name.startswith("F8_E") or name in ("I8", "U8") for name in dtypes)
    return precision == BF16 or bool(dtypes & _PACKED)
