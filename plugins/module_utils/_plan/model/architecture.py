# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a model's config.json says about its layers.

Pure. Every layer is read on its own: hybrids, pruned models and mixed windows have unlike ones. A
family that is not known is taken for a plain transformer and marked as not confident; a kind of
layer that cannot be sized is refused by name.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model import families
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.attention_layers import (
    read_mixers,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    Config,
    check_sizes,
    either,
    first,
    required,
    text_config,
    told_fields,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.feed_forward import (
    read_forward,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layer_order import (
    layer_count,
    layer_kinds,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Grouped,
    Layer,
    Mixer,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.towers import (
    read_parts,
    towers_sized,
    without_towers,
)

# Positions of these are counted from behind the padding token on: two rows of the table are never a token's.
_OFFSET_POSITIONS, _POSITION_OFFSET = frozenset(("camembert", "roberta", "xlm-roberta")), 2

_TOWERS = ("vision_config", "audio_config", "visual", "mm_vision_tower")


def read_architecture(config: Config) -> Architecture:
    """The architecture that ``config`` (config.json) describes.

    :raises NotServable: a needed field is missing or makes no sense, or the layers are of a kind not
        covered.
    """
    try:
        return _read(config)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as exc:
        raise NotServable(
            "config.json of the architecture %s makes no sense: %s"
            % (config.get("model_type", "unknown"), exc),
            hint="Its memory is unknown; name another repository of the model.",
        ) from exc


def _read(config: Config) -> Architecture:
    text = text_config(config)
    family = str(text.get("model_type") or config.get("model_type") or "unknown")
    usual = {} if text is config else families.NESTED_DEFAULTS.get(family, {})
    told = told_fields(text)
    check_sizes(told)
    text = {**usual, **families.DEFAULTS.get(family, {}), **told}
    if first(text, *families.LOOPS) > 1:
        raise NotServable(
            "The architecture %s runs its layers several times, which the planner cannot size" % family,
            hint="Its cache is unknown; name a model without loops.",
            architecture=family,
        )
    if text.get("is_encoder_decoder") and family not in families.ENCODER_DECODERS:
        raise NotServable(
            "The architecture %s has an encoder that the planner cannot size" % family,
            hint="Its memory is unknown; name a model without an encoder of its own.",
            architecture=family,
        )
    hidden = required(text, "hidden_size", family)
    layers, certain = _layers(text, family)
    drafts = first(text, "num_nextn_predict_layers", "mtp_num_hidden_layers", "mtp_num_layers")
    drafts = drafts or min(1, len(text.get("mtp_hybrid_override_pattern") or ""))
    return Architecture(
        family=family,
        hidden=hidden,
        vocabulary=first(text, "padded_vocab_size") or _vocabulary(text, config, family),
        layers=layers,
        tied_embeddings=family in families.ENCODERS
        or bool(either(config, text, "tie_word_embeddings", family in families.TIED)),
        dtype=str(either(text, config, "torch_dtype", either(text, config, "dtype", "bfloat16"))),
        position_limit=_position_limit(text, family),
        parts=read_parts(config, text, family, hidden),
        draft_layers=drafts,
        draft_embeddings=family in families.DRAFT_WITH_EMBEDDINGS,
        multimodal=_is_multimodal(config, family),
        generates=_generates(config, family),
        confident=certain and family in families.KNOWN and towers_sized(config, hidden),
        remote_code="auto_map" in config and family not in families.BUILT_IN_DESPITE_REMOTE_CODE,
    )


def _is_multimodal(config: Config, family: str) -> bool:
    told = any(config.get(key) for key in _TOWERS) or "_vl" in family or "thinker_config" in config
    return told and not without_towers(config)


def _layers(text: Config, family: str) -> t.Tuple[t.Tuple[Layer, ...], bool]:
    count = layer_count(text) or required(text, "num_hidden_layers", family)
    kinds, certain = layer_kinds(text, family, count)
    if len(kinds) < count:
        raise NotServable(
            "config.json of the architecture %s names the kinds of %d of %d layers"
            % (family, len(kinds), count),
            hint="Its memory is unknown; name another repository of the model.",
            architecture=family,
        )
    forward = read_forward(text, family, kinds)
    if len(forward) < count:
        raise ValueError("block_configs describes %d of %d layers" % (len(forward), count))
    matrices = families.mlp_matrices(text, family)
    across = _cross_attention(text, family)
    times = 2 if family in families.TWICE_A_LAYER else 1
    return tuple(
        Layer(read_mixers(text, family, kind, i, count) * times + across, width * times, experts, matrices)
        for i, (kind, (width, experts)) in enumerate(zip(kinds, forward))
    ), certain


def _cross_attention(text: Config, family: str) -> t.Tuple[Mixer, ...]:
    """The second attention of a decoder that listens to an encoder; its cache is the encoder's length."""
    if family not in families.ENCODER_DECODERS:
        return ()
    heads = required(text, "num_attention_heads", family)
    size = first(text, "d_kv") or required(text, "hidden_size", family) // heads
    tokens = first(text, "max_source_positions", "n_positions", "max_position_embeddings") or 512
    return (Grouped(heads, heads, size, size, memory_tokens=tokens),)


def _vocabulary(text: Config, config: Config, family: str) -> int:
    outer = first(config, "vocab_size")
    return outer if outer and not first(text, "vocab_size") else required(text, "vocab_size", family)


def _generates(config: Config, family: str) -> bool:
    classes = [str(name) for name in config.get("architectures") or ()]
    return family not in families.ENCODERS and not any(
        name.endswith(families.NOT_GENERATING) for name in classes
    )


def _position_limit(text: Config, family: str) -> int:
    """max_position_embeddings, or what YaRN stretches the original range to where that is more."""
    if family in ("mamba", "mamba2", "falcon_mamba", "t5", "bloom") and not text.get(
        "max_position_embeddings"
    ):
        return families.UNBOUNDED_POSITIONS
    limit = required(text, "max_position_embeddings", family)
    if family in _OFFSET_POSITIONS:
        return limit - _POSITION_OFFSET
    scaling = text.get("rope_scaling") or text.get("rope_parameters") or {}
    if not isinstance(scaling, t.Mapping):
        return limit
    if str(scaling.get("rope_type", scaling.get("type"))) != "yarn":
        return limit
    original = int(scaling.get("original_max_position_embeddings") or limit)
    return max(limit, int(original * float(scaling.get("factor") or 1)))
