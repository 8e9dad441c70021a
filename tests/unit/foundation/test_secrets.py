# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is a secret, and how it is hidden."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import (
    hidden_in_text,
    is_secret_name,
    secrets_in,
    without_secrets,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.text import (
    terminal_text,
    terminal_value,
)


@pytest.mark.parametrize(
    "name",
    ["HF_TOKEN", "api_key", "apiKey", "X-Api-Key", "Ocp-Apim-Subscription-Key", "Authorization", "AWS_ACCESS_KEY_ID",
     "AWS_SESSION_TOKEN", "password", "DB_PASSWD", "--hf-token", "--api-key", "clientSecret", "master_key", "token"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["max_tokens", "num_draft_tokens", "tokenizer", "TOKENIZERS_PARALLELISM", "monkey", "eos_token", "key_fingerprint",
     "context_tokens", "author", "keyboard", "", "model", "gpustack_url", "pad_token_id", "primary_key"],
)  # fmt: skip
def test_names_of_something_else(name: str) -> None:
    assert not is_secret_name(name)


CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    "given",
    [
        {"env": {"HF_TOKEN": CANARY}},
        {"entry": {"auth": [{"api_key": {"value": CANARY}}]}},
        {"env": {"DATABASE_URL": "postgres://u:%s@db/x" % CANARY}},
        {"catalogs": ["https://h/x.json?a=1&token=%s" % CANARY]},
        {"catalogs": ["https://%s@h/x.json" % CANARY]},
        {"backend_parameters": ["--port=1", "--hf-token=" + CANARY]},
        {"backend_parameters": ["--api-key", CANARY]},
        {"run_command": "vllm serve x --api-key %s --port 1" % CANARY},
        {"run_command": "curl -H 'Authorization: Bearer %s'" % CANARY},
        {"line": "chat http://x api_key: '%s'" % CANARY},
    ],
)
def test_secrets_are_found_and_hidden(given: t.Any) -> None:
    assert CANARY in secrets_in(given)
    (value,) = given.values()
    if not isinstance(value, dict):
        assert CANARY not in str(without_secrets(value))


@pytest.mark.parametrize(
    "text",
    [
        "nothing here",
        "--max-model-len=8192 --tool-call-parser=hermes",
        "api_key=os.environ/KEY",
        "max_total_num_tokens=300000, context_len=8192",
        "http://127.0.0.1:8000/v1",
        "https://h/x?page=1&perPage=100",
        "token=5",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hidden_in_text(text) == text
    assert not secrets_in(text)


def test_a_text_keeps_what_is_around_a_secret() -> None:
    said = "401 for https://u:%s@h/v1: Incorrect API key; api_key='%s' (x)" % (CANARY, CANARY)
    assert hidden_in_text(said) == "401 for https://(hidden)@h/v1: Incorrect API key; api_key='(hidden)' (x)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("\ud800", "\\ud800"),
        ("a\rb\x7f", "a\\x0db\\x7f"),
        ("größe 日本 😀", "größe 日本 😀"),
    ],
)
def test_text_for_terminals(text: str, shown: str) -> None:
    assert terminal_text(text) == shown
    assert terminal_value({text: [text, 1, None, float("inf")]}) == {shown: [shown, 1, None, "inf"]}
