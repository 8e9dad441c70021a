# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""llama.cpp's own words: arguments that decide memory, cache types, and the images that run it under GPUStack."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    last_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    CPU,
    NVIDIA,
    Gpu,
)

NAME = "llama.cpp"

# The release whose buffers were measured against plans (tests/accuracy/llama_cpp) is not far from it; images of the
# same build exist for all that is here (https://github.com/ggml-org/llama.cpp, docs/docker.md).
BUILD = "b11206"
_IMAGE = "ghcr.io/ggml-org/llama.cpp:server%s-%s"
_BUILD = re.compile(r"b\d+(?=-|\Z)")
CUDA, ROCM, VULKAN, ON_CPU = "cuda", "rocm", "vulkan", "cpu"
_SUFFIXES = {CUDA: "-cuda", ROCM: "-rocm", VULKAN: "-vulkan", ON_CPU: ""}
# What GPUStack calls the cards that a version is for; it has no word for Vulkan.
_FRAMEWORKS = {CUDA: "cuda", ROCM: "rocm", VULKAN: "rocm", ON_CPU: "cpu"}

# GPUStack wants this ending of backends and versions that are not its own.
BACKEND = "llama-cpp-custom"
COMMAND = "-m {{model_path}} --host 0.0.0.0 --port {{port}} --alias {{model_name}}"
HEALTH_PATH = "/health"

# CUDA 12 is the image's, and runs on every driver of its major version (NVIDIA's compatibility guide); built for
# Maxwell and newer (ggml-cuda's CMakeLists.txt).
_LEAST_CUDA, _LEAST_CAPABILITY = (12, 0), (5, 0)
# ROCM_DOCKER_ARCH of llama.cpp's .devops/rocm.Dockerfile; other cards of AMD are reached over Vulkan.
_ROCM_TARGETS = ("gfx803", "gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx1010", "gfx1030", "gfx1032", "gfx1100",
                 "gfx1101", "gfx1102", "gfx1150", "gfx1151", "gfx1200", "gfx1201")  # fmt: skip

# Bytes of 32 elements (ggml's table of type traits).
_BLOCK = 32
CACHE_BLOCK_BYTES = {
    "f32": 128, "f16": 64, "bf16": 64, "q8_0": 34, "q5_1": 24, "q5_0": 22, "q4_1": 20, "q4_0": 18, "iq4_nl": 18,
}  # fmt: skip

CONTEXT = ("--ctx-size", "-c")
SLOTS = ("--parallel", "-np")
LAYERS = ("--n-gpu-layers", "--gpu-layers", "-ngl")
STEP = ("--ubatch-size", "-ub")
KEYS, VALUES = ("--cache-type-k", "-ctk"), ("--cache-type-v", "-ctv")
FLASH = ("--flash-attn", "-fa")
SPLIT, SPLIT_MODE = ("--tensor-split", "-ts"), ("--split-mode", "-sm")
HOST_EXPERTS, ALL_HOST_EXPERTS = ("--n-cpu-moe", "-ncmoe"), ("--cpu-moe", "-cmoe")
OVERRIDE = ("--override-tensor", "-ot")
UNIFIED, SEPARATE = ("--kv-unified", "-kvu"), ("--no-kv-unified", "-no-kvu")
WHOLE_WINDOWS = ("--swa-full",)
MMPROJ = ("--mmproj", "-mm")
# GPUStack gives them, or the command of the backend.
MANAGED = ("--model", "-m", "--port", "--host", "--alias", "-a", "--api-key", "-hf", "--hf-repo")
MOST_SLOTS = 256


@dataclass(frozen=True)
class Options:
    """What decides llama.cpp's memory.

    ``step``: tokens that are computed together. ``pool``: tokens of all caches together, where the user fixed them.
    ``layers`` on the cards, counted from the output; None for all. ``host_experts``: so many first layers keep their
    experts on the host, and those whose tensors match ``overrides``. ``split`` as the user gave it. ``images``: their
    encoder is loaded as well.
    """

    slots: int
    step: int = 512
    keys: str = "f16"
    values: str = "f16"
    flash: bool = True
    unified: bool = True
    whole_windows: bool = False
    pool: t.Optional[int] = None
    layers: t.Optional[int] = None
    host_experts: int = 0
    overrides: t.Tuple[str, ...] = ()
    split: t.Tuple[float, ...] = ()
    images: bool = False

    @property
    def uses_host(self) -> bool:
        """Whether the user keeps some weights off the cards."""
        return self.layers is not None or bool(self.host_experts or self.overrides)

    def experts_on_host(self, layer: int) -> bool:
        name = "blk.%d.ffn_up_exps.weight" % layer
        return layer < self.host_experts or any(re.search(each, name) for each in self.overrides)

    def element_bytes(self) -> t.Tuple[float, float]:
        """Of keys and of values."""
        return CACHE_BLOCK_BYTES[self.keys] / _BLOCK, CACHE_BLOCK_BYTES[self.values] / _BLOCK


def options_of(user: t.Sequence[Argument], concurrency: int) -> Options:
    """:raises InvalidInput: an argument makes no sense, or is not the user's to set."""
    managed = last_of(user, MANAGED)
    if managed is not None:
        raise InvalidInput(
            "backend_parameters contains %s, which the command of the backend sets" % managed,
            hint="Leave it out.",
            parameter=managed.flag,
        )
    mode = last_of(user, SPLIT_MODE)
    if mode is not None and mode.value != "layer":
        raise InvalidInput(
            "backend_parameters contains %s, whose memory cannot be planned" % mode,
            hint="Leave it out: cards are split by layer.",
            parameter=mode.flag,
        )
    slots = _count(user, SLOTS)
    every = last_of(user, ALL_HOST_EXPERTS) is not None
    found = Options(
        slots=min(MOST_SLOTS, slots or concurrency),
        step=_count(user, STEP) or Options.step,
        keys=_cache_type(user, KEYS),
        values=_cache_type(user, VALUES),
        flash=_flash(user),
        unified=last_of(user, SEPARATE) is None,
        whole_windows=last_of(user, WHOLE_WINDOWS) is not None,
        pool=_count(user, CONTEXT),
        layers=_layers(user),
        host_experts=10**6 if every else _count(user, HOST_EXPERTS) or 0,
        overrides=tuple(_overrides(user)),
        split=_split(user),
        images=last_of(user, MMPROJ) is not None,
    )
    if not found.flash and found.values not in ("f16", "f32", "bf16"):
        raise InvalidInput(
            "%s=%s needs flash attention, which backend_parameters switches off" % (VALUES[0], found.values),
            hint="Leave out %s." % FLASH[0],
            parameter=VALUES[0],
        )
    return found


def _count(user: t.Sequence[Argument], flags: t.Sequence[str]) -> t.Optional[int]:
    argument = last_of(user, flags)
    if argument is None:
        return None
    if not (argument.value or "").isdigit():
        raise InvalidInput(
            "backend_parameters contains %s, which is not a whole number" % argument,
            hint="Write it as %s=N." % flags[0],
            parameter=argument.flag,
        )
    return int(argument.value or 0) or None


def _layers(user: t.Sequence[Argument]) -> t.Optional[int]:
    argument = last_of(user, LAYERS)
    if argument is None or argument.value in ("all", "auto", "-1"):
        return None
    value = argument.value or ""
    return 0 if value == "0" else _count(user, LAYERS)


def _cache_type(user: t.Sequence[Argument], flags: t.Sequence[str]) -> str:
    argument = last_of(user, flags)
    if argument is None:
        return "f16"
    if argument.value not in CACHE_BLOCK_BYTES:
        raise InvalidInput(
            "backend_parameters contains %s, a type of cache that llama.cpp does not have" % argument,
            hint="Use one of: %s." % ", ".join(CACHE_BLOCK_BYTES),
            parameter=argument.flag,
        )
    return argument.value


def _flash(user: t.Sequence[Argument]) -> bool:
    argument = last_of(user, FLASH)
    return argument is None or argument.value not in ("off", "0", "false", "disabled")


def _overrides(user: t.Sequence[Argument]) -> t.Iterator[str]:
    """Patterns of tensors that the user keeps on the host."""
    for argument in user:
        for rule in (argument.value or "").split(",") if argument.flag in OVERRIDE else ():
            pattern, _equals, place = rule.rpartition("=")
            if place != "CPU":
                continue
            try:
                re.compile(pattern)
            except re.error as exc:
                raise InvalidInput(
                    "backend_parameters contains %s, whose pattern makes no sense: %s" % (argument, exc),
                    hint=r"Write it as %s=\.ffn_.*_exps\.=CPU." % OVERRIDE[0],
                    parameter=argument.flag,
                ) from exc
            yield pattern


def _split(user: t.Sequence[Argument]) -> t.Tuple[float, ...]:
    argument = last_of(user, SPLIT)
    if argument is None:
        return ()
    try:
        shares = tuple(float(each) for each in re.split(r"[,/]", argument.value or ""))
    except ValueError:
        shares = ()
    if not shares or min(shares) < 0 or sum(shares) <= 0:
        raise InvalidInput(
            "backend_parameters contains %s, which is no list of shares" % argument,
            hint="Write it as %s=3,1, or leave it out: the plan finds one." % SPLIT[0],
            parameter=argument.flag,
        )
    return shares


def runtime_of(kind: Gpu) -> str:
    """Which build of llama.cpp runs on a card."""
    if kind.vendor == CPU:
        return ON_CPU
    if kind.vendor == AMD:
        return ROCM if kind.target in _ROCM_TARGETS else VULKAN
    return CUDA


def obstacle(kind: Gpu) -> t.Optional[str]:
    """Why no image of llama.cpp runs on a card under GPUStack."""
    if kind.vendor not in (NVIDIA, AMD, CPU):
        return "llama.cpp has no image for cards of vendor %s that GPUStack could run" % kind.vendor
    if kind.capability is not None and kind.capability < _LEAST_CAPABILITY:
        return "llama.cpp is built for compute capability %d.%d and newer; %s has %d.%d" % (
            *_LEAST_CAPABILITY, kind.name, *kind.capability,
        )  # fmt: skip
    if kind.cuda is not None and kind.cuda < _LEAST_CUDA:
        return "the image of llama.cpp needs CUDA 12, and the driver of %s runs up to %d.%d: install R525" % (
            kind.name, *kind.cuda,
        )  # fmt: skip
    return None


def version_of(kind: Gpu) -> str:
    """The name of the version in GPUStack's backend."""
    return "%s-%s-custom" % (BUILD, runtime_of(kind))


def definition(kind: Gpu, version: str) -> t.Dict[str, t.Any]:
    """The inference backend that GPUStack has to have, as M(gpustack_backend) takes it.

    A version that begins with a build, as ``b9000-cuda-custom`` does, has the image of that build. One of any
    other name is somebody's own, and has to be there already.
    """
    runtime, build = runtime_of(kind), _BUILD.match(version)
    image = {
        "image_name": _IMAGE % (_SUFFIXES[runtime], build.group() if build else ""),
        "custom_framework": _FRAMEWORKS[runtime],
    }
    return {
        "name": BACKEND,
        "description": "llama.cpp's server, for models in GGUF",
        "versions": {version: image} if build else {},
        "default_run_command": COMMAND,
        "health_check_path": HEALTH_PATH,
        "parameter_format": "space",
    }
