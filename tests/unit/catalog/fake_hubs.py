# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What hubs and catalogs answer, in the shapes that their official clients read."""

from __future__ import annotations

import json
import struct
import typing as t

from tests.unit.wire import Wire

COMMIT = "c" * 40
CONFIG = {"architectures": ["Qwen3ForCausalLM"], "torch_dtype": "bfloat16"}
LICENCE = {"cardData": {"license": "apache-2.0"}}
QUANTIZED = (
    "{owner}/{name}-FP8",
    "{owner}/{name}-AWQ",
    "{owner}/{name}-GPTQ-Int4",
    "{owner}/{name}-GPTQ-Int8",
    "RedHatAI/{name}-FP8",
    "RedHatAI/{name}-FP8-dynamic",
    "RedHatAI/{name}-quantized.w8a8",
    "RedHatAI/{name}-quantized.w4a16",
    "neuralmagic/{name}-FP8",
    "neuralmagic/{name}-FP8-dynamic",
    "neuralmagic/{name}-quantized.w8a8",
    "neuralmagic/{name}-quantized.w4a16",
    "nvidia/{name}-FP8",
)


def safetensors(tensors: t.Mapping[str, t.Tuple[str, t.Sequence[int], int]], pad: int = 0) -> bytes:
    """A file: name -> (dtype, shape, bytes); ``pad`` adds spaces to the header, as writers may."""
    header: t.Dict[str, t.Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, (dtype, shape, size) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode() + b" " * pad
    return struct.pack("<Q", len(text)) + text + b"\0" * offset


SHARD = safetensors({"model.norm.weight": ("BF16", [64], 128)})


def hf_info(name: str, files: t.Mapping[str, t.Union[bytes, int]], **more: t.Any) -> t.Dict[str, t.Any]:
    """GET /api/models/NAME?blobs=true; a file is its content or its size."""
    siblings = []
    for path, content in files.items():
        size = content if isinstance(content, int) else len(content)
        siblings.append({"rfilename": path, "size": size, "lfs": {"sha256": "a" * 64, "size": size}})
    return {"id": name, "sha": COMMIT, "gated": False, "siblings": siblings, **LICENCE, **more}


def expect_hf(wire: Wire, name: str, shard: bytes = SHARD, **more: t.Any) -> None:
    """All requests that describing a repository with one shard takes."""
    config = json.dumps(CONFIG).encode()
    info = hf_info(name, {"config.json": config, "model.safetensors": shard}, **more)
    wire.expect("GET /api/models/%s?blobs=true&securityStatus=true" % name, 200, info)
    wire.expect("GET /%s/resolve/%s/config.json" % (name, COMMIT), 200, config)
    wire.expect("GET /%s/resolve/%s/model.safetensors" % (name, COMMIT), 206, shard)


def expect_missing(wire: Wire, *names: str) -> None:
    """The hub hides missing repositories from anonymous callers behind 401."""
    for name in names:
        wire.expect(
            "GET /api/models/%s?blobs=true&securityStatus=true" % name,
            401,
            {"error": "Invalid username or password."},
            {"x-error-code": "RepoNotFound"},
        )


def expect_copies(wire: Wire, base: str, *names: str) -> None:
    """The hub relates these repositories to ``base``, the most downloaded first."""
    call = "GET /api/models?filter=base_model%%3Aquantized%%3A%s&sort=downloads&direction=-1&limit=100"
    wire.expect(call % base.replace("/", "%2F"), 200, [{"id": name} for name in names])


def quantized_names(repository: str) -> t.List[str]:
    owner, name = repository.split("/")
    return [pattern.format(owner=owner, name=name) for pattern in QUANTIZED]


def model(name: str, **facts: t.Any) -> t.Dict[str, t.Any]:
    """An entry of models.dev."""
    entry = {
        "id": name,
        "name": name.rsplit("/", 1)[-1],
        "attachment": False,
        "reasoning": False,
        "tool_call": True,
        "open_weights": True,
        "release_date": "2025-01-01",
        "last_updated": "2025-01-01",
        "modalities": {"input": ["text"], "output": ["text"]},
        "limit": {"context": 32768, "output": 8192},
    }
    return {**entry, **facts}


def provider(name: str, *models: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    return {"id": name, "name": name, "models": {entry["id"]: entry for entry in models}}


def weights(*repositories: str) -> t.List[t.Dict[str, str]]:
    return [{"label": "Hugging Face", "url": "https://huggingface.co/%s" % name} for name in repositories]


CATALOG: t.Dict[str, t.Any] = {
    "models": {
        "acme/rocket-8b": model(
            "acme/rocket-8b", family="rocket", weights=weights("Acme/Rocket-8B"), license="MIT"
        ),
        "acme/vision-2b": model(
            "acme/vision-2b",
            weights=weights("Acme/Vision-2B"),
            release_date="2026-01-01",
            modalities={"input": ["text", "image"], "output": ["text"]},
        ),
        "openai/gpt-4o": model("openai/gpt-4o", family="gpt", open_weights=False),
    },
    "providers": {
        "shop": provider(
            "shop",
            model("acme/rocket-8b", cost={"input": 0.1, "output": 0.4}),
            model("Other/Mixed-Case", open_weights=True),
            model("deepseek-chat"),
        ),
        "openai": provider("openai", model("gpt-4o", open_weights=False, cost={"input": 2.5, "output": 10})),
        "huggingface": provider("huggingface", model("Acme/Rocket-8B-Instruct", open_weights=False)),
    },
}
