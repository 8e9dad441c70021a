# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""16-bit copies that engines make of quantized attention while they load.

Latent attention decodes in its latent space, with the projections of keys and values unpacked beside
the stored ones (vLLM's W_UK and W_UV, SGLang's w_kc and w_vc). Compressed attention multiplies groups
of heads at once in its first output projection (wo_a), which engines unpack in place.
"""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    HALF_BITS,
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Compressed,
    Latent,
)


def unpacked_bytes(arch: Architecture, quantization: Quantization) -> int:
    """Bytes of all layers beyond what is stored; they divide as attention does."""
    bits = 0.0
    for index, layer in enumerate(arch.layers):
        for mixer in layer.mixers:
            if isinstance(mixer, Latent):
                count = mixer.latent_rank * mixer.heads * (mixer.nope_dim + mixer.value_dim)
                packed = _packed_bits(quantization, "layers.%d.self_attn.kv_b_proj" % index)
                bits += count * HALF_BITS if packed else 0.0
            elif isinstance(mixer, Compressed):
                count = mixer.heads * mixer.head_dim * mixer.output_rank
                packed = _packed_bits(quantization, "layers.%d.self_attn.wo_a" % index)
                bits += count * (HALF_BITS - packed) if packed else 0.0
    return int(bits / 8)


def _packed_bits(quantization: Quantization, module: str) -> float:
    """Bits of a weight of ``module``; 0 where it is stored in 16."""
    stored = quantization.stored(module)
    return 0.0 if stored is None or stored.format.bits == HALF_BITS else stored.bits_per_weight()
