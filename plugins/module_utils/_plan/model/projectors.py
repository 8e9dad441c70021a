# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What leads from a tower into the language model.

Sizes are those of vLLM's models, whose file is named where a family has a rule of its own.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    Config,
    first,
    text_config,
)


def projector_size(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """Parameters between a tower of ``width`` and a language model of ``out_hidden``.

    Patch mergers (Qwen, Kimi) are two linear layers over a square of patches; else there are one or two plain
    ones. InternVL and Idefics 3 shuffle a square of patches together first. Muse's three layers have a width of
    their own between them.
    """
    own = _of_family(tower, config, width, out_hidden)
    if own is not None:
        return own
    square, inner = out_hidden * out_hidden, first(config, "projector_hidden_size")
    if first(config, "scale_factor"):
        return width * first(config, "scale_factor") ** 2 * out_hidden
    if inner:
        return inner * ((first(config, "out_hidden_size") or width) + inner + out_hidden)
    if isinstance(config.get("downsample_ratio"), float):
        return int(width / config["downsample_ratio"] ** 2) * out_hidden + square
    side = _merged_patches(tower, config)
    if side == 1:
        return width * out_hidden + (square if first(tower, "projection_dim") else 0)
    merged, mergers = width * side, 1 + len(tower.get("deepstack_visual_indexes") or ())
    return mergers * (merged * merged + merged * out_hidden + merged + out_hidden)


def _of_family(tower: Config, config: Config, width: int, out_hidden: int) -> t.Optional[int]:
    kind = str(tower.get("model_type"))
    rule = next((rule for name, rule in _FAMILIES.items() if kind.startswith(name)), None)
    return None if rule is None else rule(tower, config, width, out_hidden)


def _merged_patches(tower: Config, config: Config) -> int:
    """Patches that become one."""
    kernel = tower.get("merge_kernel_size")
    if isinstance(kernel, list):
        return int(kernel[0] * kernel[1])
    merge = first(tower, "spatial_merge_size") or first(config, "spatial_merge_size") or 1
    return merge * merge


def _cosmos(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """It has a config of its own; the numbers are what vLLM assumes (configs/cosmos3_edge.py)."""
    told = config.get("projector_config") or {}
    side, inner = first(told, "spatial_merge_size") or 2, first(told, "merger_intermediate_size") or 11520
    merged = (first(told, "input_hidden_size") or 1024) * side * side
    return inner * (merged + (first(told, "out_hidden_size") or 1024))


def _glm4v(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """A gated MLP of ``intermediate_size`` behind the merger, as wide as the language model (glm4_1v.py)."""
    merged = width * _merged_patches(tower, config)
    return merged * out_hidden + out_hidden * out_hidden + 3 * out_hidden * first(tower, "intermediate_size")


def _glm_ocr(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """As GLM-4V's, with widths of the tower and of the language model's MLPs (glm_ocr.py)."""
    out = first(tower, "out_hidden_size") or out_hidden
    middle = first(text_config(config), "intermediate_size")
    return width * _merged_patches(tower, config) * out + out * out + 3 * out * middle


def _glmasr(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """Four frames become one, through a layer twice as wide as the language model (glmasr.py)."""
    return first(tower, "intermediate_size") * 2 * out_hidden + 2 * out_hidden * out_hidden


def _llama4(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """An MLP behind shuffled pixels, and one linear layer (mllama4.py)."""
    middle = first(tower, "projector_input_dim")
    own = (first(tower, "intermediate_size") + first(tower, "projector_output_dim")) * middle
    return own + first(tower, "vision_output_dim") * out_hidden


def _pixtral(tower: Config, config: Config, width: int, out_hidden: int) -> t.Optional[int]:
    """Mistral merges a square of patches into one first (mistral3.py)."""
    side = _merged_patches(tower, config)
    if side == 1:
        return None
    return width * side * width + width * out_hidden + out_hidden * out_hidden


_Rule = t.Callable[[Config, Config, int, int], t.Optional[int]]
_FAMILIES: t.Mapping[str, _Rule] = {
    "cosmos3_edge": _cosmos,
    "glm4v": _glm4v,
    "glm_ocr": _glm_ocr,
    "glmasr": _glmasr,
    "llama4": _llama4,
    "pixtral": _pixtral,
}
