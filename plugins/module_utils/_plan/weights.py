# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: how many bytes of weights each GPU holds.

Best evidence first: safetensors headers (exact, by role), sizes of the files that an engine loads
(exact sum, split by the config's proportions), the config alone (an estimate).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import (
    Repository,
    RepositoryFile,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import (
    Architecture,
    Mla,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import Quantization
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import (
    ESTIMATED,
    MEASURED,
    ceil_div,
)

EMBEDDING, HEAD, ATTENTION, KEY_VALUE = "embedding", "head", "attention", "key_value"
LATENT, DENSE, EXPERTS, ROUTER, VISION, OTHER = "latent", "dense", "experts", "router", "vision", "other"

# Parts that every rank of a tensor-parallel group holds whole.
REPLICATED = frozenset((LATENT, ROUTER, OTHER))

MXFP4_WIDTH_TILE = 128
MXFP4_HIDDEN_TILE = 256

_DRAFT = re.compile(r"(^|\.)mtp\.")
_LAYER = re.compile(r"(^|\.)layers\.(\d+)\.")
_VISION = re.compile(r"(^|\.)(vision|visual|image|audio|multi_modal|mm_)")
_ROLES: t.Tuple[t.Tuple[str, t.Pattern[str]], ...] = (
    (VISION, _VISION),
    (EMBEDDING, re.compile(r"embed_tokens|(^|\.)wte\.|tok_embeddings")),
    (HEAD, re.compile(r"(^|\.)lm_head|(^|\.)output\.weight$")),
    (LATENT, re.compile(r"_a_proj|indexer")),
    (OTHER, re.compile(r"norm")),
    (KEY_VALUE, re.compile(r"\.[kv]_proj")),
    (ATTENTION, re.compile(r"attn|attention")),
    (ROUTER, re.compile(r"\.gate\.|router")),
    (EXPERTS, re.compile(r"expert")),
    (DENSE, re.compile(r"mlp|feed_forward|\.w[123]\.")),
)


@dataclass(frozen=True)
class Weights:
    """Bytes by role of what an engine loads. ``evidence`` grades the sum."""

    by_role: t.Mapping[str, int]
    evidence: str

    @property
    def total_bytes(self) -> int:
        return sum(self.by_role.values())

    def per_gpu_bytes(self, tensor: int, architecture: Architecture, quantization: Quantization) -> int:
        """Bytes on one GPU of a group of ``tensor``. Keys and values split by head at most."""
        sizes = dict(self.by_role)
        if quantization.format.name == "mxfp4" and architecture.experts is not None:
            sizes[EXPERTS] = int(sizes.get(EXPERTS, 0) * _mxfp4_padding(architecture, tensor))
        heads = min(tensor, architecture.kv_heads)
        return sum(
            size if role in REPLICATED else ceil_div(size, heads if role == KEY_VALUE else tensor)
            for role, size in sizes.items()
        )


def _mxfp4_padding(architecture: Architecture, tensor: int) -> float:
    """By how much vLLM's MXFP4 kernels grow experts: both sides up to a tile (mxfp4.py)."""
    hidden, width = architecture.hidden, architecture.experts.width if architecture.experts else 1
    share = ceil_div(width, tensor)
    padded = ceil_div(share, MXFP4_WIDTH_TILE) * MXFP4_WIDTH_TILE * ceil_div(hidden, MXFP4_HIDDEN_TILE)
    return padded * MXFP4_HIDDEN_TILE * tensor / (width * hidden)


def weigh(repository: Repository, architecture: Architecture, quantization: Quantization) -> Weights:
    """The weights of a repository, by the best evidence that it gives.

    :raises NotServable: there are no weights in a format that both engines load.
    """
    if repository.tensors:
        return from_tensors(repository.tensors, len(architecture.layers))
    if not repository.files:
        return from_config(architecture, quantization)
    files = weight_files(repository.files)
    if not files:
        raise NotServable(
            "%s has no safetensors weights" % repository.ref,
            hint="GGUF and pickled weights are not served; name a safetensors repository.",
            repository=repository.ref.name,
        )
    estimate = from_config(architecture, quantization)
    total = sum(file.size_bytes for file in files)
    scaled = {role: size * total // estimate.total_bytes for role, size in estimate.by_role.items()}
    scaled[OTHER] = scaled.get(OTHER, 0) + total - sum(scaled.values())
    return Weights(scaled, MEASURED)


def weight_files(files: t.Sequence[RepositoryFile]) -> t.List[RepositoryFile]:
    """The safetensors files that an engine loads: in the root, each weight once.

    ``consolidated*`` files repeat the others unless they are all there is; a sharded set wins over
    other single files, precision twins (``*.fp16.*``) and adapters are never loaded.
    """
    root = [
        file
        for file in files
        if "/" not in file.path
        and file.path.endswith(".safetensors")
        and ".fp16." not in file.path
        and not file.path.startswith("adapter_")
    ]
    usual = [file for file in root if not file.path.startswith("consolidated")]
    shards = [file for file in usual if re.search(r"-\d{5}-of-\d{5}\.safetensors$", file.path)]
    indexed = any(file.path == "model.safetensors.index.json" for file in files)
    if indexed and shards:
        return shards
    single = [file for file in usual if file.path == "model.safetensors"]
    return single or shards or usual or root


def from_tensors(tensors: t.Iterable[Tensor], layers: int) -> Weights:
    """Exact sizes from headers. Draft layers (MTP), which engines leave on disk, do not count."""
    by_role: t.Dict[str, int] = {}
    for tensor in {tensor.name: tensor for tensor in tensors}.values():
        if not _is_draft(tensor.name, layers):
            role = role_of(tensor.name)
            by_role[role] = by_role.get(role, 0) + tensor.size_bytes
    return Weights(by_role, MEASURED)


def role_of(name: str) -> str:
    """Which part of the model a parameter belongs to, by its name."""
    return next((role for role, pattern in _ROLES if pattern.search(name)), OTHER)


def _is_draft(name: str, layers: int) -> bool:
    if _VISION.search(name):
        return False
    layer = _LAYER.search(name)
    return _DRAFT.search(name) is not None or (layer is not None and int(layer.group(2)) >= layers)


def from_config(architecture: Architecture, quantization: Quantization) -> Weights:
    """Bytes by role from the shapes that a config implies; vision towers are not in it.

    Quantized linear weights take ``bits_per_weight``; the head, the router, embeddings, norms and
    what the checkpoint excludes take 16 bits.
    """
    middle = len(architecture.layers) // 2
    by_role: t.Dict[str, int] = {}
    for role, module, count in _parameters(architecture):
        path = "model.layers.%d.%s" % (middle, module)
        sixteen = role in (EMBEDDING, HEAD, ROUTER, OTHER) or quantization.keeps(path)
        bits = 16.0 if sixteen else quantization.bits_per_weight()
        by_role[role] = by_role.get(role, 0) + int(count * bits / 8)
    return Weights(by_role, ESTIMATED)


def _parameters(arch: Architecture) -> t.Iterator[t.Tuple[str, str, int]]:
    """(role, a module that stands for it, parameters in the whole model)."""
    depth, hidden = len(arch.layers), arch.hidden
    yield EMBEDDING, "embed_tokens", arch.vocabulary * hidden
    if not arch.tied_embeddings:
        yield HEAD, "lm_head", arch.vocabulary * hidden
    yield OTHER, "norm", hidden * (2 * depth + 1)
    for role, module, count in _attention(arch):
        yield role, module, count * depth
    yield DENSE, "mlp.gate_proj", 3 * hidden * arch.mlp_width * arch.dense_layers
    if arch.experts is not None:
        experts, routed = arch.experts, arch.routed_layers
        yield EXPERTS, "mlp.experts.0.gate_proj", 3 * hidden * experts.width * experts.count * routed
        yield EXPERTS, "mlp.shared_experts.gate_proj", 3 * hidden * experts.shared_width * routed
        yield ROUTER, "mlp.gate", hidden * experts.count * routed


def _attention(arch: Architecture) -> t.Iterator[t.Tuple[str, str, int]]:
    if arch.mla is not None:
        yield from _latent_attention(arch, arch.mla)
        return
    query = arch.heads * arch.head_dim
    yield ATTENTION, "self_attn.q_proj", 2 * arch.hidden * query
    yield KEY_VALUE, "self_attn.k_proj", 2 * arch.hidden * arch.kv_heads * arch.head_dim


def _latent_attention(arch: Architecture, mla: Mla) -> t.Iterator[t.Tuple[str, str, int]]:
    query = arch.heads * (mla.nope_dim + mla.rope_dim)
    if mla.query_rank:
        yield LATENT, "self_attn.q_a_proj", arch.hidden * mla.query_rank
    yield ATTENTION, "self_attn.q_b_proj", (mla.query_rank or arch.hidden) * query
    yield LATENT, "self_attn.kv_a_proj_with_mqa", arch.hidden * (mla.latent_rank + mla.rope_dim)
    yield ATTENTION, "self_attn.kv_b_proj", mla.latent_rank * arch.heads * (mla.nope_dim + mla.value_dim)
    yield ATTENTION, "self_attn.o_proj", arch.heads * mla.value_dim * arch.hidden
    if arch.indexer is not None:
        width = arch.indexer.heads * arch.indexer.head_dim
        inner = (mla.query_rank or arch.hidden) * width
        yield (
            LATENT,
            "self_attn.indexer.wq_b",
            inner + arch.hidden * (arch.indexer.head_dim + arch.indexer.heads),
        )
