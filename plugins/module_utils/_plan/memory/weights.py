# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many bytes of weights each GPU holds.

Best evidence first: safetensors headers (exact, by role), sizes of the files that an engine loads
(exact sum, split by the config's proportions), the config alone (an estimate).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    Repository,
    RepositoryFile,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    DERIVED,
    ESTIMATED,
    MEASURED,
    ceil_div,
    round_up,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    Release,
    known,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    HALF_BITS,
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Capability
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.dequantized_copies import (
    unpacked_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Experts,
    Grouped,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.parameter_count import (
    ATTENTION,
    DENSE,
    DRAFT,
    EMBEDDING,
    EXPERTS,
    HEAD,
    KEY_VALUE,
    LATENT,
    OTHER,
    ROUTER,
    SHARED,
    VISION,
    model_modules,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.towers import ENCODER, WHOLE

# Parts that every rank of a tensor-parallel group holds whole.
# Scales of the experts' last projection, one for each output: whole on a rank unless experts are spread.
EXPERT_SCALES = "expert_scales"
CHANNEL_SCALE_BYTES = 4

REPLICATED = frozenset((LATENT, ROUTER, OTHER, WHOLE))

# Parts that stay in 16 bits unless a config names them.
_SIXTEEN = frozenset((EMBEDDING, HEAD, ROUTER, OTHER, VISION, WHOLE, ENCODER))

# (width, hidden) to which vLLM rounds experts in MXFP4 up (mxfp4.py). Marlin's kernels take the first, whatever
# the release, and did so on all cards until 0.11; from then on Triton's have swizzled one side on Hopper (start-up
# logs of 0.11 and 0.14: 64.4 GiB of gpt-oss-120b, where both sides would be 65.9), and FlashInfer's since 0.20
# want 128 of each.
MARLIN_TILES = (128, 256)
TRITON_TILES = (1, 256)
HOPPER_TILES: t.Tuple[t.Tuple[Release, t.Tuple[int, int]], ...] = (
    ((0, 20), (128, 128)),
    ((0, 11), TRITON_TILES),
    ((), MARLIN_TILES),
)
HOPPER: Capability = (9, 0)

# Where a group of weights is not whole on a rank, vLLM's other kernels for experts halve it until it is, and keep
# zero points only where the format has some (moe_wna16.py).
SMALLEST_GROUP = 32

_SHARD = re.compile(r"-(\d{5})-of-(\d{5})\.safetensors$")
_DRAFT = re.compile(r"(^|\.)(mtp|nextn)\.")
# Transformers' names, and those of GGUF.
_LAYER = re.compile(r"(^|\.)(?:layers|blk)\.(\d+)\.")
_VISION = re.compile(r"(^|\.)(vision|visual|image|audio|multi_modal|mm_)")
_ROLES: t.Tuple[t.Tuple[str, t.Pattern[str]], ...] = (
    (VISION, _VISION),
    (EMBEDDING, re.compile(r"embed_tokens|(^|\.)wte\.|tok_embeddings|token_embd")),
    (HEAD, re.compile(r"(^|\.)lm_head|(^|\.)output\.weight$")),
    (LATENT, re.compile(r"_a_proj|indexer|latent_proj")),
    (OTHER, re.compile(r"norm")),
    (KEY_VALUE, re.compile(r"\.[kv]_proj|\.attn_[kv]\.|\.w[kv]\.")),
    (ATTENTION, re.compile(r"attn|attention")),
    (ROUTER, re.compile(r"\.gate\.|router|gate_inp")),
    (SHARED, re.compile(r"shared_expert|share_expert|_shexp")),
    (EXPERTS, re.compile(r"expert|_exps")),
    (DENSE, re.compile(r"mlp|feed_forward|mixer\.(up|down)_proj|\.w[123]\.|\.ffn_")),
    (ATTENTION, re.compile(r"mixer|mamba|\.conv\.|\.ssm_")),
)


@dataclass(frozen=True)
class Weights:
    """Bytes by role. ``evidence`` grades the sum.

    Draft layers (MTP) lie in the files too; engines load them for speculation only. ``unpacked``:
    bytes that engines make of attention beside (unpacked.py).
    """

    by_role: t.Mapping[str, int]
    evidence: str
    unpacked: int = 0

    @property
    def total_bytes(self) -> int:
        """What an engine loads without speculation."""
        return self.file_bytes - self.by_role.get(DRAFT, 0)

    @property
    def file_bytes(self) -> int:
        return sum(self.by_role.values())

    def per_gpu_bytes(
        self,
        tensor: int,
        architecture: Architecture,
        quantization: Quantization,
        expert_ranks: t.Optional[int] = None,
        pipeline: int = 1,
        only_experts: bool = False,
        attention: t.Optional[int] = None,
        tiles: t.Tuple[int, int] = MARLIN_TILES,
    ) -> int:
        """Bytes on one GPU of a group of ``tensor``. Keys and values split by head at most.

        ``expert_ranks``: the GPUs that routed experts are spread over, where that is not the group.
        ``pipeline``: stages; the fullest one counts. Embeddings lie on the first, the head on the last.
        ``only_experts``: all else is whole on every GPU. ``attention``: the GPUs that attention and
        embeddings are cut over, where that is less than the group (data-parallel attention). ``tiles``:
        what MXFP4 rounds the width and the input of experts up to.
        """
        sizes = {role: size for role, size in self.by_role.items() if role != DRAFT}
        heads = attention or tensor
        sizes[ATTENTION] = sizes.get(ATTENTION, 0) + self.unpacked
        spread: t.Dict[str, float] = {
            EXPERTS: expert_ranks or tensor,
            ATTENTION: heads,
            KEY_VALUE: _key_value_ranks(architecture, heads),
            EMBEDDING: heads,
            EXPERT_SCALES: expert_ranks or 1,
        }
        if architecture.experts is not None:
            growth = _expert_growth(architecture.experts, quantization, 1 if expert_ranks else tensor, tiles)
            sizes[EXPERTS] = int(sizes.get(EXPERTS, 0) * growth)
        whole = frozenset(sizes) - {EXPERTS} if only_experts else REPLICATED
        own = {
            role: size if role in whole else int(-(-size // spread.get(role, tensor)))
            for role, size in sizes.items()
        }
        if pipeline == 1:
            return sum(own.values())
        ends = max(own.pop(EMBEDDING, 0), own.pop(HEAD, 0))
        layers = len(architecture.layers)
        return ends + sum(own.values()) * ceil_div(layers, pipeline) // layers


def _key_value_ranks(architecture: Architecture, heads: int) -> float:
    """Over how many of ``heads`` GPUs keys and values are cut: each layer's as far as its own heads go."""
    total, share = 0.0, 0.0
    for mixer, layers in architecture.mixer_counts.items():
        if isinstance(mixer, Grouped) and mixer.owns_cache:
            values = 0 if mixer.keys_are_values else mixer.value_dim
            size = layers * mixer.kv_heads * (mixer.key_dim + values)
            total, share = total + size, share + size / min(heads, mixer.kv_heads)
    return total / share if share else min(heads, architecture.kv_heads)


def mxfp4_tiles(release: Release, capability: t.Optional[Capability]) -> t.Tuple[int, int]:
    """(width, hidden) to which vLLM rounds experts in MXFP4 up; as much as any where card or release are unknown."""
    if capability != HOPPER or known(release) is None:
        return MARLIN_TILES
    return next(tiles for since, tiles in HOPPER_TILES if release >= since)


def _expert_growth(
    experts: Experts, quantization: Quantization, tensor: int, tiles: t.Tuple[int, int]
) -> float:
    """By how much routed experts are larger on a rank than their share of the files."""
    share = ceil_div(experts.width, tensor)
    if quantization.format.name == "mxfp4":
        padded = round_up(share, tiles[0]) * round_up(experts.input_width, tiles[1])
        return padded * tensor / (experts.width * experts.input_width)
    group = quantization.group
    if group is None or quantization.format.name not in ("awq_int4", "gptq_int4"):
        return 1.0
    while group > SMALLEST_GROUP and (share % group or experts.input_width % group):
        group //= 2
    if group == quantization.group:
        return 1.0
    scales = HALF_BITS if quantization.format.name == "gptq_int4" else quantization.format.scale_bits
    return (quantization.format.bits + scales / group) / quantization.bits_per_weight()


def weigh(repository: Repository, architecture: Architecture, quantization: Quantization) -> Weights:
    """The weights of a repository, by the best evidence that it gives.

    :raises NotServable: there are no weights in a format that both engines load, or a part of them is missing.
    """
    _check_parts(repository)
    if repository.tensors:
        exact = from_tensors(repository.tensors, len(architecture.layers))
        return replace(exact, unpacked=unpacked_bytes(architecture, quantization))
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
    scaled = {role: size * total // estimate.file_bytes for role, size in estimate.by_role.items()}
    scaled[OTHER] = scaled.get(OTHER, 0) + total - sum(scaled.values())
    return Weights(scaled, MEASURED, estimate.unpacked)


def _check_parts(repository: Repository) -> None:
    """:raises NotServable: a file of a split set is not there."""
    sets: t.Dict[t.Tuple[str, int], t.Set[int]] = {}
    for file in weight_files(repository.files):
        found = _SHARD.search(file.path)
        if found is not None:
            sets.setdefault((file.path[: found.start()], int(found.group(2))), set()).add(int(found.group(1)))
    for (name, count), there in sorted(sets.items()):
        missing = sorted(set(range(1, count + 1)) - there)
        if missing:
            raise NotServable(
                "%s lacks %d of the %d files of %s, the first of them %s-%05d-of-%05d.safetensors"
                % (repository.ref, len(missing), count, name, name, missing[0], count),
                hint="Its upload is not complete; wait for it, or name another repository of the model.",
                repository=repository.ref.name,
            )


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
    shards = [file for file in usual if _SHARD.search(file.path)]
    indexed = any(file.path == "model.safetensors.index.json" for file in files)
    if indexed and shards:
        return shards
    single = [file for file in usual if file.path == "model.safetensors"]
    return single or shards or usual or root


def from_tensors(tensors: t.Iterable[Tensor], layers: int) -> Weights:
    """Exact sizes from headers, draft layers (MTP) apart."""
    by_role: t.Dict[str, int] = {}
    for tensor in {tensor.name: tensor for tensor in tensors}.values():
        role = DRAFT if _is_draft(tensor.name, layers) else role_of(tensor.name)
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
    """Bytes by role from the shapes that a config implies.

    Quantized linear weights take their format's bits with scales; the head, the router, embeddings,
    norms, towers, and what the checkpoint excludes take 16 bits.
    """
    by_role: t.Dict[str, float] = {}
    for role, path, count in model_modules(architecture):
        by_role[role] = by_role.get(role, 0.0) + count * _bits(quantization, role, path) / 8
    for layer in architecture.layers:
        if layer.experts is not None and _expert_channels(quantization):
            rows = (layer.matrices - 1) * layer.experts.width, layer.experts.input_width
            by_role[EXPERTS] += layer.experts.count * rows[0] * CHANNEL_SCALE_BYTES
            scales = layer.experts.count * rows[1] * CHANNEL_SCALE_BYTES
            by_role[EXPERT_SCALES] = by_role.get(EXPERT_SCALES, 0.0) + scales
    sizes = {role: int(size) for role, size in by_role.items()}
    return Weights(sizes, ESTIMATED, unpacked_bytes(architecture, quantization))


def _expert_channels(quantization: Quantization) -> bool:
    """Whether experts have a scale for each output channel."""
    stored = quantization.stored("layers.0.mlp.experts.0.gate_proj")
    return stored is not None and stored.channels


def requantized(weights: Weights, quantization: Quantization) -> Weights:
    """16-bit weights as an engine stores them that quantizes all linear layers while it loads."""
    share = quantization.bits_per_weight() / HALF_BITS
    return Weights(
        {
            role: size if role in _SIXTEEN or role == DRAFT else int(size * share)
            for role, size in weights.by_role.items()
        },
        DERIVED,
    )


def _bits(quantization: Quantization, role: str, path: str) -> float:
    if quantization.on_load and role == DRAFT:
        return HALF_BITS
    if role in _SIXTEEN and not (role == HEAD and quantization.names(path)):
        return HALF_BITS
    if path in ("eh_proj", "lm_head") and role == DRAFT:
        return HALF_BITS
    stored = quantization.stored(path)
    return HALF_BITS if stored is None else stored.bits_per_weight()
