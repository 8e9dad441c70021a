# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Metadata and tensors of released models, as their converters write them (sizes of their configs)."""

from __future__ import annotations

import typing as t

from tests.accuracy.llama_cpp.files import Metadata, Row

Model = t.Tuple[Metadata, t.List[Row]]
Shapes = t.Dict[str, t.Tuple[int, ...]]
_NORM = "F32"


class _Builder:
    """Collects one model: ``arch`` with its sizes, then the tensors of layer after layer."""

    def __init__(self, arch: str, hidden: int, layers: int, vocabulary: int, context: int, **more: t.Any):
        self.arch, self.hidden, self.layers, self.vocabulary = arch, hidden, layers, vocabulary
        self.metadata: t.Dict[str, t.Any] = {"general.architecture": arch, "tokenizer.ggml.model": "none"}
        self.set(embedding_length=hidden, block_count=layers, vocab_size=vocabulary, context_length=context)
        self.set(**{"attention.layer_norm_rms_epsilon": 1e-6}, **more)
        self.rows: t.List[Row] = []
        self.add("token_embd.weight", vocabulary, hidden)
        self.norm("output_norm.weight", hidden)

    def set(self, **values: t.Any) -> None:
        self.metadata.update({"%s.%s" % (self.arch, key): value for key, value in values.items()})

    def add(self, name: str, *shape: int, kind: str = "") -> None:
        usual = "Q4_K" if shape[-1] % 256 == 0 else "Q8_0" if shape[-1] % 32 == 0 else "F16"
        finer = "Q6_K" if name == "output.weight" and usual == "Q4_K" else usual
        self.rows.append((name, shape, kind or finer))

    def norm(self, name: str, *shape: int) -> None:
        self.rows.append((name, shape, _NORM))

    def output(self) -> None:
        self.add("output.weight", self.vocabulary, self.hidden)

    def heads(self, heads: int, shared: t.Any, size: int, values: int = 0) -> None:
        self.set(**{"attention.head_count": heads, "attention.head_count_kv": shared})
        self.set(**{"attention.key_length": size, "attention.value_length": values or size})

    def attention(
        self,
        index: int,
        heads: int,
        shared: int,
        size: int,
        norms: str = "",
        bias: bool = False,
        fused: bool = False,
        gated: bool = False,
    ) -> None:
        at = "blk.%d." % index
        widths = {
            "attn_q": heads * size * (2 if gated else 1),
            "attn_k": shared * size,
            "attn_v": shared * size,
        }
        if fused:
            widths = {"attn_qkv": sum(widths.values())}
        for name, width in widths.items():
            self.add(at + name + ".weight", width, self.hidden)
            if bias:
                self.norm(at + name + ".bias", width)
        self.add(at + "attn_output.weight", self.hidden, heads * size)
        if "P" not in norms:
            self.norm(at + "attn_norm.weight", self.hidden)
        if "q" in norms:
            self.norm(at + "attn_q_norm.weight", size)
            self.norm(at + "attn_k_norm.weight", size)
        if "Q" in norms:
            self.norm(at + "attn_q_norm.weight", heads * size)
            self.norm(at + "attn_k_norm.weight", shared * size)
        if "p" in norms.lower():
            self.norm(at + "post_attention_norm.weight", self.hidden)
            self.norm(at + "post_ffw_norm.weight", self.hidden)

    def latent(self, index: int, heads: int, query: int, rank: int, nope: int, rope: int, value: int) -> None:
        at = "blk.%d." % index
        self.norm(at + "attn_norm.weight", self.hidden)
        if query:
            self.add(at + "attn_q_a.weight", query, self.hidden)
            self.norm(at + "attn_q_a_norm.weight", query)
            self.add(at + "attn_q_b.weight", heads * (nope + rope), query)
        else:
            self.add(at + "attn_q.weight", heads * (nope + rope), self.hidden)
        self.add(at + "attn_kv_a_mqa.weight", rank + rope, self.hidden)
        self.norm(at + "attn_kv_a_norm.weight", rank)
        self.add(at + "attn_k_b.weight", heads, rank, nope)
        self.add(at + "attn_v_b.weight", heads, value, rank)
        self.add(at + "attn_output.weight", self.hidden, heads * value)

    def mlp(
        self, index: int, width: int, gate: bool = True, fused: bool = False, norm: str = "ffn_norm"
    ) -> None:
        at = "blk.%d." % index
        if norm:
            self.norm(at + norm + ".weight", self.hidden)
        if gate and not fused:
            self.add(at + "ffn_gate.weight", width, self.hidden)
        self.add(at + "ffn_up.weight", width * (2 if fused else 1), self.hidden)
        self.add(at + "ffn_down.weight", self.hidden, width)

    def experts(
        self, index: int, count: int, width: int, shared: int = 0, norm: str = "ffn_norm", kind: str = "",
        bias: bool = False, probabilities: bool = False, gate: bool = False,
    ) -> None:  # fmt: skip
        at = "blk.%d." % index
        if norm:
            self.norm(at + norm + ".weight", self.hidden)
        self.norm(at + "ffn_gate_inp.weight", count, self.hidden)
        if probabilities:
            self.norm(at + "exp_probs_b.bias", count)
        for name, rows, columns in (
            ("gate", width, self.hidden),
            ("up", width, self.hidden),
            ("down", self.hidden, width),
        ):
            self.add(at + "ffn_%s_exps.weight" % name, count, rows, columns, kind=kind)
            if bias:
                self.norm(at + "ffn_%s_exps.bias" % name, count, rows)
            if shared:
                rows, columns = (shared if rows == width else rows), (shared if columns == width else columns)
                self.add(at + "ffn_%s_shexp.weight" % name, rows, columns)
        if bias:
            self.norm(at + "ffn_gate_inp.bias", count)
        if gate:
            self.norm(at + "ffn_gate_inp_shexp.weight", self.hidden)

    def model(self) -> Model:
        return self.metadata, self.rows


def _plain(
    arch: str, hidden: int, layers: int, vocabulary: int, context: int, heads: int, shared: int, size: int,
    width: int, tied: bool = False, more: t.Optional[t.Mapping[str, t.Any]] = None, **attention: t.Any,
) -> Model:  # fmt: skip
    """A plain transformer with one kind of layer."""
    fused_mlp = bool(attention.pop("fused_mlp", False))
    norm = attention.pop("mlp_norm", "ffn_norm")
    made = _Builder(arch, hidden, layers, vocabulary, context, feed_forward_length=width, **(more or {}))
    made.heads(heads, shared, size)
    made.set(**{"rope.dimension_count": size})
    if not tied:
        made.output()
    for index in range(layers):
        made.attention(index, heads, shared, size, **attention)
        made.mlp(index, width, fused=fused_mlp, norm=norm)
    return made.model()


def _routed(
    arch: str, hidden: int, layers: int, vocabulary: int, heads: int, shared: int, size: int,
    count: int, used: int, width: int, norms: str = "q", **more: t.Any,
) -> Model:  # fmt: skip
    made = _Builder(arch, hidden, layers, vocabulary, 131072, feed_forward_length=width * used)
    made.heads(heads, shared, size)
    made.set(expert_count=count, expert_used_count=used, expert_feed_forward_length=width, **more)
    made.output()
    for index in range(layers):
        made.attention(index, heads, shared, size, norms)
        made.experts(index, count, width)
    return made.model()


def _gemma3(hidden: int, layers: int, heads: int, shared: int, size: int, width: int) -> Model:
    more = {"attention.sliding_window": 1024}
    return _plain(
        "gemma3", hidden, layers, 262208, 131072, heads, shared, size, width, True, more, norms="qp"
    )


def _gemma2(hidden: int, layers: int, heads: int, shared: int, width: int) -> Model:
    more = {"attention.sliding_window": 4096, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}
    return _plain("gemma2", hidden, layers, 256000, 8192, heads, shared, 256, width, True, more, norms="p")


def _deepseek(
    hidden: int, layers: int, dense: int, width: int, heads: int, query: int, count: int, used: int, routed: int,
    shared: int, value_bias: bool,
) -> Model:  # fmt: skip
    more = {"leading_dense_block_count": dense, "expert_shared_count": shared, "expert_weights_scale": 1.0}
    made = _Builder("deepseek2", hidden, layers, 129280, 163840, feed_forward_length=width, **more)
    made.set(expert_count=count, expert_used_count=used, expert_feed_forward_length=routed)
    made.set(expert_gating_func=2 if value_bias else 1)
    made.heads(heads, 1, 576, 512)
    made.set(
        **{"attention.kv_lora_rank": 512, "attention.key_length_mla": 192, "attention.value_length_mla": 128}
    )
    if query:
        made.set(**{"attention.q_lora_rank": query})
    made.set(**{"rope.dimension_count": 64})
    made.output()
    for index in range(layers):
        made.latent(index, heads, query, 512, 128, 64, 128)
        if index < dense:
            made.mlp(index, width)
        else:
            made.experts(index, count, routed, shared * routed, probabilities=value_bias)
    return made.model()


def _gpt_oss(layers: int, count: int) -> Model:
    made = _Builder("gpt-oss", 2880, layers, 201088, 131072, feed_forward_length=2880)
    made.heads(64, 8, 64)
    made.set(expert_count=count, expert_used_count=4, expert_feed_forward_length=2880)
    made.set(**{"attention.sliding_window": 128})
    made.output()
    for index in range(layers):
        at = "blk.%d." % index
        made.attention(index, 64, 8, 64, bias=True)
        made.norm(at + "attn_output.bias", 2880)
        made.norm(at + "attn_sinks.weight", 64)
        made.experts(index, count, 2880, kind="MXFP4", bias=True, norm="post_attention_norm")
    return made.model()


def _mamba_layer(made: _Builder, index: int, inner: int, state: int, rank: int, norms: bool = False) -> None:
    at = "blk.%d." % index
    made.norm(at + "attn_norm.weight", made.hidden)
    made.add(at + "ssm_in.weight", 2 * inner, made.hidden)
    made.norm(at + "ssm_conv1d.weight", inner, 4)
    made.norm(at + "ssm_conv1d.bias", inner)
    made.add(at + "ssm_x.weight", rank + 2 * state, inner)
    made.add(at + "ssm_dt.weight", inner, rank)
    made.norm(at + "ssm_dt.bias", inner)
    made.norm(at + "ssm_a", inner, state)
    made.norm(at + "ssm_d", inner)
    made.add(at + "ssm_out.weight", made.hidden, inner)
    if norms:
        made.norm(at + "ssm_dt_norm.weight", rank)
        made.norm(at + "ssm_b_norm.weight", state)
        made.norm(at + "ssm_c_norm.weight", state)


def _mamba2_layer(made: _Builder, index: int, inner: int, state: int, groups: int, heads: int) -> None:
    at = "blk.%d." % index
    conv = inner + 2 * groups * state
    made.norm(at + "attn_norm.weight", made.hidden)
    made.add(at + "ssm_in.weight", 2 * inner + 2 * groups * state + heads, made.hidden)
    made.norm(at + "ssm_conv1d.weight", conv, 4)
    made.norm(at + "ssm_conv1d.bias", conv)
    made.norm(at + "ssm_dt.bias", heads)
    made.norm(at + "ssm_a", heads, 1)
    made.norm(at + "ssm_d", heads, 1)
    made.norm(at + "ssm_norm.weight", groups, inner // groups)
    made.add(at + "ssm_out.weight", made.hidden, inner)


def _states(made: _Builder, inner: int, state: int, rank: int, groups: int = 0) -> None:
    made.set(
        **{"ssm.conv_kernel": 4, "ssm.inner_size": inner, "ssm.state_size": state, "ssm.time_step_rank": rank}
    )
    if groups:
        made.set(**{"ssm.group_count": groups})


def _falcon_mamba() -> Model:
    made = _Builder("mamba", 4096, 64, 65024, 1048576, feed_forward_length=0)
    made.set(**{"attention.head_count": 0, "ssm.dt_b_c_rms": True})
    _states(made, 8192, 16, 256)
    made.output()
    for index in range(64):
        _mamba_layer(made, index, 8192, 16, 256)
    return made.model()


def _mamba2() -> Model:
    made = _Builder("mamba2", 4096, 64, 32768, 1048576, feed_forward_length=0)
    made.set(**{"attention.head_count": 0})
    _states(made, 8192, 128, 128, 8)
    made.output()
    for index in range(64):
        _mamba2_layer(made, index, 8192, 128, 8, 128)
    return made.model()


def _jamba() -> Model:
    shared = [8 if index % 8 == 4 else 0 for index in range(32)]
    made = _Builder("jamba", 4096, 32, 65536, 262144, feed_forward_length=14336)
    made.set(**{"attention.head_count": 32, "attention.head_count_kv": shared, "rope.dimension_count": 128})
    made.set(expert_count=16, expert_used_count=2)
    _states(made, 8192, 16, 256)
    made.output()
    for index in range(32):
        if shared[index]:
            made.attention(index, 32, 8, 128)
        else:
            _mamba_layer(made, index, 8192, 16, 256, norms=True)
        if index % 2:
            made.experts(index, 16, 14336)
        else:
            made.mlp(index, 14336)
    return made.model()


def _granite_hybrid() -> Model:
    """Granite 4.0 H Small."""
    shared = [8 if index in (5, 15, 25, 35) else 0 for index in range(40)]
    made = _Builder("granitehybrid", 4096, 40, 100352, 131072, feed_forward_length=768)
    made.set(**{"attention.head_count": 32, "attention.head_count_kv": shared, "rope.dimension_count": 128})
    made.set(expert_count=72, expert_used_count=10, expert_feed_forward_length=768)
    made.set(expert_shared_feed_forward_length=1536)
    _states(made, 8192, 128, 128, 1)
    for index in range(40):
        if shared[index]:
            made.attention(index, 32, 8, 128)
        else:
            _mamba2_layer(made, index, 8192, 128, 1, 128)
        made.experts(index, 72, 768, 1536)
    return made.model()


def _qwen3_next() -> Model:
    made = _Builder("qwen3next", 2048, 48, 151936, 262144, feed_forward_length=5120)
    made.heads(16, 2, 256)
    made.set(**{"rope.dimension_count": 64})
    made.set(expert_count=512, expert_used_count=10, expert_feed_forward_length=512)
    made.set(expert_shared_feed_forward_length=512, full_attention_interval=4)
    _states(made, 4096, 128, 32, 16)
    made.output()
    for index in range(48):
        at = "blk.%d." % index
        if index % 4 == 3:
            made.attention(index, 16, 2, 256, "q", gated=True)
        else:
            made.norm(at + "attn_norm.weight", 2048)
            made.add(at + "attn_qkv.weight", 8192, 2048)
            made.add(at + "attn_gate.weight", 4096, 2048)
            made.norm(at + "ssm_conv1d.weight", 8192, 4)
            made.norm(at + "ssm_dt.bias", 32)
            made.norm(at + "ssm_a", 32)
            made.norm(at + "ssm_ba.weight", 64, 2048)
            made.norm(at + "ssm_norm.weight", 128)
            made.add(at + "ssm_out.weight", 2048, 4096)
        made.experts(index, 512, 512, 512, norm="post_attention_norm", gate=True)
    return made.model()


def _lfm2() -> Model:
    """LFM2 2.6B."""
    attention = (2, 5, 9, 13, 17, 21, 25, 28)
    shared = [8 if index in attention else 0 for index in range(30)]
    made = _Builder("lfm2", 2048, 30, 65536, 128000, feed_forward_length=10752)
    made.set(**{"attention.head_count": 32, "attention.head_count_kv": shared, "rope.dimension_count": 64})
    made.set(**{"shortconv.l_cache": 3})
    made.rows[-1] = ("token_embd_norm.weight", (2048,), _NORM)
    for index in range(30):
        at = "blk.%d." % index
        if shared[index]:
            made.attention(index, 32, 8, 64, "q")
        else:
            made.norm(at + "attn_norm.weight", 2048)
            made.norm(at + "shortconv.conv.weight", 2048, 3)
            made.add(at + "shortconv.in_proj.weight", 6144, 2048)
            made.add(at + "shortconv.out_proj.weight", 2048, 2048)
        made.mlp(index, 10752)
    return made.model()


def _glm_moe() -> Model:
    """GLM 4.5 Air with its draft layer."""
    made = _Builder("glm4moe", 4096, 47, 151552, 131072, feed_forward_length=10944)
    made.heads(96, 8, 128)
    made.set(**{"rope.dimension_count": 64})
    made.set(expert_count=128, expert_used_count=8, expert_feed_forward_length=1408, expert_shared_count=1)
    made.set(
        leading_dense_block_count=1, nextn_predict_layers=1, expert_gating_func=2, expert_weights_scale=1.0
    )
    made.output()
    for index in range(47):
        at = "blk.%d." % index
        made.attention(index, 96, 8, 128, bias=True)
        if index:
            made.experts(index, 128, 1408, 1408, norm="post_attention_norm", probabilities=True)
        else:
            made.mlp(index, 10944, norm="post_attention_norm")
        if index == 46:
            made.add(at + "nextn.eh_proj.weight", 4096, 8192)
            made.norm(at + "nextn.enorm.weight", 4096)
            made.norm(at + "nextn.hnorm.weight", 4096)
            made.norm(at + "nextn.shared_head_norm.weight", 4096)
    return made.model()


MAKERS: t.Mapping[str, t.Callable[[], Model]] = {
    "Llama 3.1 8B": lambda: _plain("llama", 4096, 32, 128256, 131072, 32, 8, 128, 14336),
    "Llama 3.3 70B": lambda: _plain("llama", 8192, 80, 128256, 131072, 64, 8, 128, 28672),
    "Mistral Small 24B": lambda: _plain("llama", 5120, 40, 131072, 131072, 32, 8, 128, 32768),
    "Qwen2.5 7B": lambda: _plain("qwen2", 3584, 28, 152064, 32768, 28, 4, 128, 18944, bias=True),
    "Qwen2.5 72B": lambda: _plain("qwen2", 8192, 80, 152064, 32768, 64, 8, 128, 29568, bias=True),
    "Qwen3 0.6B": lambda: _plain("qwen3", 1024, 28, 151936, 40960, 16, 8, 128, 3072, True, norms="q"),
    "Qwen3 8B": lambda: _plain("qwen3", 4096, 36, 151936, 40960, 32, 8, 128, 12288, norms="q"),
    "Qwen3 32B": lambda: _plain("qwen3", 5120, 64, 151936, 40960, 64, 8, 128, 25600, norms="q"),
    "Qwen3 30B A3B": lambda: _routed("qwen3moe", 2048, 48, 151936, 32, 4, 128, 128, 8, 768),
    "Qwen3 235B A22B": lambda: _routed("qwen3moe", 4096, 94, 151936, 64, 4, 128, 128, 8, 1536),
    "Gemma 2 9B": lambda: _gemma2(3584, 42, 16, 8, 14336),
    "Gemma 3 4B": lambda: _gemma3(2560, 34, 8, 4, 256, 10240),
    "Gemma 3 12B": lambda: _gemma3(3840, 48, 16, 8, 256, 15360),
    "Gemma 3 27B": lambda: _gemma3(5376, 62, 32, 16, 128, 21504),
    "Phi 4": lambda: _plain(
        "phi3", 5120, 40, 100352, 16384, 40, 10, 128, 17920, fused=True, fused_mlp=True,
        more={"rope.scaling.original_context_length": 16384, "attention.sliding_window": 0},
    ),
    "DeepSeek V2 Lite": lambda: _deepseek(2048, 27, 1, 10944, 16, 0, 64, 6, 1408, 2, False),
    "DeepSeek V3": lambda: _deepseek(7168, 61, 3, 18432, 128, 1536, 256, 8, 2048, 1, True),
    "gpt-oss 20B": lambda: _gpt_oss(24, 32),
    "gpt-oss 120B": lambda: _gpt_oss(36, 128),
    "Falcon Mamba 7B": _falcon_mamba,
    "Mamba Codestral 7B": _mamba2,
    "Jamba 1.5 Mini": _jamba,
    "Granite 3.3 8B": lambda: _plain(
        "granite", 4096, 40, 49159, 131072, 32, 8, 128, 12800, True,
        {"attention.scale": 0.0078125, "embedding_scale": 12.0, "residual_scale": 0.22, "logit_scale": 16.0},
    ),
    "Granite 4.0 H Small": _granite_hybrid,
    "GLM 4 9B": lambda: _plain(
        "glm4", 4096, 40, 151552, 131072, 32, 2, 128, 13696, norms="p", bias=True, fused_mlp=True,
    ),
    "GLM 4.5 Air": _glm_moe,
    "Qwen3 Next 80B A3B": _qwen3_next,
    "LFM2 2.6B": _lfm2,
    "OLMo 2 13B": lambda: _plain(
        "olmo2", 5120, 40, 100352, 4096, 40, 40, 128, 13824, norms="QP", mlp_norm="",
    ),
    "Command R7B": lambda: _plain(
        "cohere2", 4096, 32, 256000, 132096, 32, 8, 128, 14336, True,
        {"attention.sliding_window": 4096, "logit_scale": 0.25, "attention.layer_norm_epsilon": 1e-5},
        mlp_norm="",
    ),
}  # fmt: skip
