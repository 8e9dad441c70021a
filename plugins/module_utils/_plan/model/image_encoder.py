# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pass of a model's tower for images takes at most.

vLLM runs it while it measures memory, on as many of the largest images as a step has tokens for, at
least one (encoder_budget.py, gpu_model_runner.py).
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    Config,
    first,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import ImageEncoder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.towers import (
    mlp_of_tower,
    towers,
    undivided,
)

# Qwen's processors take images of 16 Mi pixels of 32 x 32, or 12.25 Mi of 28 x 28 (``longest_edge`` and
# ``max_pixels`` of their releases): as many tokens either way.
_QWEN_IMAGE_TOKENS = 16384

# Qwen's own towers, by the beginning of their kind; the first of them says none.
_QWEN = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_5", "qwen3_omni")


def read_image_encoder(config: Config) -> t.Optional[ImageEncoder]:
    """The first tower whose largest image follows from ``config``; None where there is none."""
    for tower in towers(config):
        kind = str(tower.get("model_type") or config.get("model_type"))
        width, inner = mlp_of_tower(tower)
        patch = first(tower, "patch_size", "spatial_patch_size")
        tokens, patches = _image(tower, config, kind, patch)
        if width and tokens and patches:
            pixels = 3 * patch * patch * (first(tower, "temporal_patch_size") or 1)
            return ImageEncoder(tokens, patches, width, inner, pixels, not undivided(kind))
    return None


def _image(tower: Config, config: Config, kind: str, patch: int) -> t.Tuple[int, int]:
    """Tokens of the largest image and patches for each of them; zeros where the config does not tell."""
    merge = first(tower, "spatial_merge_size") or first(config, "spatial_merge_size") or 1
    if kind.startswith(_QWEN):
        return _QWEN_IMAGE_TOKENS, (first(tower, "spatial_merge_size") or 2) ** 2
    if first(tower, "default_output_length"):
        return first(tower, "default_output_length"), (first(tower, "pooling_kernel_size") or 1) ** 2
    image = first(tower, "image_size")
    if not image or not patch:
        return 0, 0
    patches = (image // patch) ** 2
    tokens = first(config, "mm_tokens_per_image") or patches // (merge * merge)
    return tokens, patches // max(1, tokens)
