# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is a secret, and how it is hidden."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import (
    hidden_in_text,
    is_distinct,
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


HIDDEN_PART = "(hidden)"
# Sentences, figures, names and places that people read: nothing of them is a secret.
KEPT = (
    "key: value", "unknown key: backend_parameters", "Duplicate key: meta-llama/Llama-3.1-8B-Instruct",
    "invalid token: expired", "Unexpected token: qwen3-8b", "api_key: missing", "password: required",
    "gpustack_api_key: it holds a space", "token: unauthorized", "secret: not found", "The API key: see the settings",
    "Authorization: required", "x-api-key: header missing", "Bearer authentication is required",
    "--api-key is required", "--hf-token must be given", "give --api-key or --api-key-file", "primary key: uuid",
    "ssl key: /etc/ssl/private/router.pem", "api_key=os.environ/OPENAI_KEY", "api_key: ${OPENAI_KEY}",
    "HF_TOKEN: {{ hf_token }}", "Authorization: Bearer <your-key>", "token=5", "max_total_num_tokens=300000",
    "eos_token_id: 151645", "signature: expected 2 arguments", "key: gpustack_deployment_info", "hf_endpoint: x",
    "cache key: models.dev/catalog.json", "keys: alpha, beta, gamma", "http://127.0.0.1:8000/v1/keys/list",
    "https://h/x?page=1&perPage=100", "--max-model-len=8192 --tool-call-parser=hermes", "the pass: failed twice",
    "auth: disabled by the server", "KeyError: 'devices'", "key: 'placement' is absent",
)  # fmt: skip
# The same with a secret, which is S3cr3t-9f8e7d6c5b4a or stands in the text.
SECRET = "S3cr3t-9f8e7d6c5b4a"
MASKED = (
    "api_key=%s", "--api-key=%s", "--api-key %s", "--hf-token=x%s", "HF_TOKEN=%s", "export AWS_SECRET_ACCESS_KEY=%s",
    "password: %s", "api_key: '%s'", '{"api_key": "%s"}', '{"token": "%s"}', "{'authorization': 'Bearer %s'}",
    "X-Api-Key: %s", "Ocp-Apim-Subscription-Key: %s", "Authorization: Bearer %s", "Authorization: Basic %s",
    "curl -H 'Authorization: Bearer %s' http://h", "https://h/x?a=1&token=%s&b=2", "https://h/x?api_key=%s",
    "postgres://u:%s@db/x", "https://%s@h/v1", "redis://:%s@cache:6379/0", "master_key = %s", "key: %s",
    "Incorrect API key provided: sk-%s", "invalid token: hf_AbCdEfGhIjKlMnOpQrSt%s", "client_secret: %s",
    "401 Unauthorized: api_key='%s' is not known", "token is gpustack_0123456789abcdef_%s", "passwd=%s", "--token\t%s",
)  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_prose_is_kept(text: str) -> None:
    assert hidden_in_text(text) == text


@pytest.mark.parametrize("text", MASKED)
def test_secrets_that_others_tell_are_masked(text: str) -> None:
    shown = hidden_in_text(text % SECRET)
    assert "9f8e7d6c5b4a" not in shown
    assert HIDDEN_PART in shown


@pytest.mark.parametrize(
    "text", ["password=correct", "api_key: 'plainword'", "--api-key plainword", "--api-key=abc"]
)
def test_a_word_is_masked_where_no_sentence_can_be(text: str) -> None:
    assert HIDDEN_PART in hidden_in_text(text)


@pytest.mark.parametrize(
    ("secret", "distinct"),
    [
        ("", False), ("a", False), ("test", False), ("ready", False), ("a1b2c", False), ("qwerty", False),
        ("a1b2c3", True), ("password", True), ("correcthorse", True), ("gpustack_0123", True),
    ],
)  # fmt: skip
def test_a_secret_that_texts_hold_by_chance_is_not_torn_out_of_them(secret: str, distinct: bool) -> None:
    assert is_distinct(secret) is distinct


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
