# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs, providers and people write around a name; and whose weights nobody can have."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.closed import (
    maker_of_closed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.typed import (
    cleaned,
    typed,
    untagged_names,
)


@pytest.mark.parametrize(
    ("text", "owner", "name", "repository"),
    [
        ("Qwen/Qwen3-8B", "Qwen", "Qwen3-8B", "Qwen/Qwen3-8B"),
        ("hosted_vllm/Qwen/Qwen3-8B", "Qwen", "Qwen3-8B", "Qwen/Qwen3-8B"),
        ("huggingface/together/a/b", "a", "b", "a/b"),
        ("meta-llama/Llama-3-8B", "meta-llama", "Llama-3-8B", "meta-llama/Llama-3-8B"),
        ("groq/llama-3.1-8b-instant", None, "llama-3.1-8b-instant", None),
        ("fireworks_ai/accounts/fireworks/models/glm-4p7", None, "glm-4p7", None),
        ("bedrock/us.meta.llama3-1-8b-v1:0", "meta", "llama3-1-8b", "meta/llama3-1-8b"),
        ("@cf/meta/llama-3-8b", "meta", "llama-3-8b", "meta/llama-3-8b"),
        ("publishers/meta/models/llama-3-8b", "meta", "llama-3-8b", "meta/llama-3-8b"),
        ("qwen3:8b-q4_K_M", None, "qwen3:8b-q4_K_M", None),
        ("a/b:free", "a", "b", "a/b"),
        ("a/b-GGUF:Q4_K_M", "a", "b-GGUF:Q4_K_M", "a/b-GGUF"),
        ("a/b:7b", "a", "b:7b", None),
        ("a/b-GGUF/b-Q4_K_M.gguf", "a", "b-GGUF", "a/b-GGUF"),
        ("qwen/qwen3-8b@q4_k_m", "qwen", "qwen3-8b-q4_k_m", "qwen/qwen3-8b-q4_k_m"),
        ("claude-opus-4@20250514", None, "claude-opus-4", None),
        ("Qwen--Qwen3-8B", None, "Qwen--Qwen3-8B", "Qwen/Qwen3-8B"),
        ("千问3-32B", None, "qwen 3-32B", None),
        ("openrouter/auto", None, "", None),
        ("70b", None, "70b", None),
        ("/", None, "", None),
    ],
)
def test_owner_name_and_repository(
    text: str, owner: t.Optional[str], name: str, repository: t.Optional[str]
) -> None:
    found = typed(text)
    assert (found.owner, found.name, found.repository) == (owner, name, repository)


@pytest.mark.parametrize(
    "text",
    [
        "  a/b ",
        "`a/b`",
        "'a/b'",
        "\u201ca/b\u201d",
        "<a/b>",
        "model: a/b",
        "ollama run a/b",
        "vllm serve a/b --port 1",
        "a / b",
    ],
)
def test_what_stands_around_a_name(text: str) -> None:
    assert cleaned(text) == "a/b"


def test_tags_come_off_one_after_the_other() -> None:
    assert untagged_names("qwen-turbo-latest") == ["qwen-turbo-latest", "qwen-turbo", "qwen"]


@pytest.mark.parametrize(
    "name",
    """claude|claude sonnet 4.5|opus|gpt-5|gpt4o|chatgpt-4o-latest|o3|o4-mini|text-embedding-3-large|gemini 3 pro|grok-4|sonar
    qwen3-max|qwen-plus|qwen3-coder-plus|mistral-medium-2505|doubao-seed-1.6|nova-pro|glm-5-turbo|FLUX.1-Kontext-pro
    dall-e-3|whisper-1|voyage-3|kling-v2|ernie-5.0""".replace("\n", "|").split("|"),
)
def test_families_that_nobody_can_have(name: str) -> None:
    assert maker_of_closed(name) is not None


@pytest.mark.parametrize(
    "name",
    """gpt-oss-120b|gpt-2|gpt-j-6b|gpt-neox-20b|qwen3-32b|qwen-image|qwen3-coder-480b-a35b-instruct|grok-1|grok-2|glm-4.7
    glm-4.7-flash|glm-4-9b-chat|mistral-medium-3.5-128b|mistral-small-2603|flux.1-dev|flux.2-klein-4b|whisper-large-v3
    kimi-latest|deepseek-chat|step-3.5-flash|ernie-4.5-21b-a3b|hunyuan-a13b-instruct|command-r|phi-4|o1-open|solar-10.7b
    minimax-m2|mimo-v2-flash|seed-oss-36b-instruct|wan2.2-t2v|jamba-1.5|opusdistill|stable-diffusion-3.5-large""".replace(
        "\n", "|"
    ).split("|"),
)
def test_what_is_open_is_never_in_the_table(name: str) -> None:
    assert maker_of_closed(name.strip()) is None
