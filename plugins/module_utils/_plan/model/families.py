# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known about families of models beyond what their configs say.

A new family, or another trait of one, is a row of ``data/model_families.yml``.
"""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import Config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.family_table import (
    DEFAULTS,
    NESTED_DEFAULTS,
    TRAITS,
)

__all__ = ["DEFAULTS", "NESTED_DEFAULTS"]

# What each trait means stands beside it in data/model_families.yml.
KNOWN = TRAITS["known"]
ENCODERS = TRAITS["encoder"]
ENCODER_DECODERS = TRAITS["encoder_decoder"]
BUILT_IN_DESPITE_REMOTE_CODE = TRAITS["built_in_code"]
TIED = TRAITS["tied_embeddings"]
UNGATED = TRAITS["ungated_mlp"]
FOUR_TIMES_HIDDEN = TRAITS["mlp_four_times_hidden"]
LEARNED_POSITIONS = TRAITS["learned_positions"]
POOLED = TRAITS["pooler"]
GATED_ATTENTION = TRAITS["gated_attention"]
LIGHTNING = TRAITS["lightning_attention"]
DOUBLED_WIDTH = TRAITS["doubled_intermediate_size"]
MIXER_ONLY = TRAITS["no_mlp"]
EXPERTS_BESIDE_MLP = TRAITS["experts_beside_mlp"]
SHARED_BLOCKS = TRAITS["shared_blocks"]
UNPACKED_LATENT = TRAITS["expanded_latent_cache"]
TWICE_A_LAYER = TRAITS["two_attentions_a_layer"]
ALL_SLIDING = TRAITS["all_layers_sliding"]
ALTERNATING = TRAITS["alternating_windows"]
SGLANG_WINDOW_POOLS = TRAITS["sglang_window_pool"]
DRAFT_WITH_EMBEDDINGS = TRAITS["draft_with_embeddings"]

# How often layers run, each time with a cache of its own.
LOOPS = ("n_recurrent_loops", "loop_num_passes", "loop_num", "total_ut_steps")

# What an architecture's class name ends with where it does not generate text.
NOT_GENERATING = ("ForSequenceClassification", "ForTokenClassification", "ForRewardModel", "EmbeddingModel",
                  "ForMaskedLM", "ForImageClassification")  # fmt: skip

# Models without position embeddings have no longest context of their own.
UNBOUNDED_POSITIONS = 2**20


def mlp_matrices(text: Config, family: str) -> int:
    """Matrices of a dense MLP: up and down, and a gate. T5's later releases have one, and say so."""
    gated = text.get("is_gated_act") or str(text.get("feed_forward_proj")).startswith("gated")
    return 3 if gated or family not in UNGATED else 2
