# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model of the lab's engine: a Llama of 0.6 MB with random weights. It speaks in words that mean nothing."""

from __future__ import annotations

import random
import struct
import typing as t
from array import array

from tests.lab.architectures import Tensor
from tests.lab.gguf_files import ARRAY, FLOAT32, INT32, STRING, UINT32, assembled, pair, text

CONTEXT = 4096
_HIDDEN, _INNER, _LAYERS, _HEADS, _KV_HEADS, _HEAD = 64, 128, 2, 4, 2, 16
_SPREAD, _WORD_SPREAD = 0.05, 0.35
# The first number of each token's vector; the output layer tells words from bytes by it.
_MARK, _FOR_WORDS, _AGAINST_BYTES = 4.0, 1.0, -2.0
_NORMAL, _CONTROL = 1, 3
_SPECIAL = ("<s>", "</s>")
_PAIRS = [a + b for a in "bcdfghjklmnpqrstvwxyz" for b in "aeiou"]
_WORDS = """
    acorn amber anchor apple arrow autumn bamboo barley basket beacon birch blossom breeze bridge bronze brook
    candle canyon cedar cherry cinder clay cliff cloud clover cobalt copper coral cotton crane creek crystal
    dawn desert dew dune eagle echo elm ember falcon feather fern field flint forest fossil fountain fox frost
    garden garnet ginger glacier glass granite grove harbor hazel heron hill honey horizon indigo iris island
    ivory jade juniper kettle lagoon lantern lark lavender leaf lemon lily linen maple marble meadow mint moon
    moss mountain nectar nest north oak ocean olive onyx opal orchard otter pearl pebble pepper pine plum pond
    poppy prairie quartz rain raven reed ridge river robin rose saffron sage sand shell silver sky slate snow
    spark spring spruce star stone storm straw summer sun swan thistle thunder tide timber topaz tulip valley
    velvet violet walnut water wave willow wind winter wren
"""
_CHAT = (
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def model_bytes() -> bytes:
    """The GGUF file, the same each time."""
    tensors = dict(_tensors(len(_tokens())))
    table = [Tensor(name, "F32", shape) for name, (shape, _numbers) in tensors.items()]
    head, _size = assembled(_about(), table, "F32")
    return head + b"".join(_padded(numbers.tobytes()) for _shape, numbers in tensors.values())


def _about() -> t.List[bytes]:
    """What the header says of the model and of its vocabulary of bytes, pairs of letters and words."""
    sizes = {
        "context_length": CONTEXT, "embedding_length": _HIDDEN, "block_count": _LAYERS,
        "feed_forward_length": _INNER, "attention.head_count": _HEADS, "attention.head_count_kv": _KV_HEADS,
        "rope.dimension_count": _HEAD, "vocab_size": len(_tokens()),
    }  # fmt: skip
    kinds = [_CONTROL] * len(_SPECIAL) + [_NORMAL] * (len(_tokens()) - len(_SPECIAL))
    return [
        pair("general.architecture", STRING, text("llama")),
        pair("general.name", STRING, text("random words")),
        *(pair(f"llama.{name}", UINT32, struct.pack("<I", size)) for name, size in sizes.items()),
        pair("llama.attention.layer_norm_rms_epsilon", FLOAT32, struct.pack("<f", 1e-5)),
        pair("tokenizer.ggml.model", STRING, text("gpt2")),
        pair("tokenizer.ggml.pre", STRING, text("default")),
        pair("tokenizer.ggml.tokens", ARRAY, _array(STRING, map(text, _tokens()))),
        pair("tokenizer.ggml.token_type", ARRAY, _array(INT32, (struct.pack("<i", kind) for kind in kinds))),
        pair("tokenizer.ggml.merges", ARRAY, _array(STRING, (text(" ".join(each)) for each in _PAIRS))),
        pair("tokenizer.ggml.bos_token_id", UINT32, struct.pack("<I", 0)),
        pair("tokenizer.ggml.eos_token_id", UINT32, struct.pack("<I", 1)),
        pair("tokenizer.chat_template", STRING, text(_CHAT)),
    ]


def _array(kind: int, items: t.Iterable[bytes]) -> bytes:
    listed = list(items)
    return struct.pack("<IQ", kind, len(listed)) + b"".join(listed)


def _tokens() -> t.List[str]:
    return [*_SPECIAL, *_byte_names(), *_PAIRS, *("\u0120" + word for word in _WORDS.split())]


def _byte_names() -> t.List[str]:
    """The letters that stand for the 256 bytes in vocabularies of GPT-2's kind."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    names = {byte: chr(byte) for byte in shown}
    names.update({byte: chr(256 + number) for number, byte in enumerate(hidden)})
    return [names[byte] for byte in range(256)]


def _tensors(tokens: int) -> t.Iterator[t.Tuple[str, t.Tuple[t.Tuple[int, ...], array[float]]]]:
    chance = random.Random(0)

    def matrix(rows: int, columns: int, spread: float = _SPREAD) -> t.Tuple[t.Tuple[int, ...], array[float]]:
        return (rows, columns), array("f", (chance.gauss(0, spread) for _each in range(rows * columns)))

    ones = ((_HIDDEN,), array("f", [1.0] * _HIDDEN))
    shape, vectors = matrix(tokens, _HIDDEN, 1.0)
    vectors[0::_HIDDEN] = array("f", [_MARK] * tokens)
    yield "token_embd.weight", (shape, vectors)
    for layer in range(_LAYERS):
        yield f"blk.{layer}.attn_norm.weight", ones
        yield f"blk.{layer}.attn_q.weight", matrix(_HEADS * _HEAD, _HIDDEN)
        yield f"blk.{layer}.attn_k.weight", matrix(_KV_HEADS * _HEAD, _HIDDEN)
        yield f"blk.{layer}.attn_v.weight", matrix(_KV_HEADS * _HEAD, _HIDDEN)
        yield f"blk.{layer}.attn_output.weight", matrix(_HIDDEN, _HEADS * _HEAD)
        yield f"blk.{layer}.ffn_norm.weight", ones
        yield f"blk.{layer}.ffn_gate.weight", matrix(_INNER, _HIDDEN)
        yield f"blk.{layer}.ffn_up.weight", matrix(_INNER, _HIDDEN)
        yield f"blk.{layer}.ffn_down.weight", matrix(_HIDDEN, _INNER)
    yield "output_norm.weight", ones
    yield "output.weight", _output(tokens, matrix)


def _output(tokens: int, matrix: t.Callable[..., t.Any]) -> t.Tuple[t.Tuple[int, ...], array[float]]:
    """Words are likely, single bytes and an early end are not."""
    words = len(_WORDS.split())
    _shape, rows = matrix(words, _HIDDEN, _WORD_SPREAD)
    rows[0::_HIDDEN] = array("f", [_FOR_WORDS] * words)
    other = array("f", ([_AGAINST_BYTES] + [0.0] * (_HIDDEN - 1)) * (tokens - words))
    return (tokens, _HIDDEN), other + rows


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 32)
