# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which edition of a model a typed name means, by the form of the name."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.typed import typed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.ranking import (
    Names,
    Ranking,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import HUGGINGFACE

REPOSITORIES = (
    "acme/Rocket-3.1-70B", "acme/Rocket-3.1-70B-Instruct", "acme/Rocket-3.1-8B", "acme/Rocket-3.1-8B-Instruct",
    "acme/Comet-3-4b-pt", "acme/Comet-3-4b-it", "acme/Meteor3-8B", "acme/Meteor3-8B-Base", "meta-llama/Llama-3.1-8B",
    "meta-llama/Llama-3.1-8B-Instruct", "acme/Bolide-7B-Instruct-v0.1", "acme/Bolide-7B-Instruct-v0.3",
)  # fmt: skip
NAMES = Names(
    [ModelRecord(name, name, "models.dev", open_weights=True, repositories=(name,)) for name in REPOSITORIES],
    HUGGINGFACE,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("rocket3.1:70b", "acme/Rocket-3.1-70B-Instruct"),
        ("ollama/rocket3.1:8b", "acme/Rocket-3.1-8B-Instruct"),
        ("rocket3.1:8b-q4_K_M", "acme/Rocket-3.1-8B-Instruct"),
        ("rocket3.1:70b-instruct-q4_K_M", "acme/Rocket-3.1-70B-Instruct"),
        ("rocket3.1:70b-text", "acme/Rocket-3.1-70B"),
        ("rocket3.1:70b-base-q8_0", "acme/Rocket-3.1-70B"),
        ("Rocket 3.1 70B", "acme/Rocket-3.1-70B"),
        ("Rocket-3.1-70B", "acme/Rocket-3.1-70B"),
        ("rocket 3.1 70b instruct", "acme/Rocket-3.1-70B-Instruct"),
        ("comet3:4b", "acme/Comet-3-4b-it"),
        ("comet3:4b-pt", "acme/Comet-3-4b-pt"),
        ("meteor3:8b", "acme/Meteor3-8B"),
        ("meteor3:8b-base", "acme/Meteor3-8B-Base"),
        ("llama3.1", "meta-llama/Llama-3.1-8B-Instruct"),
        ("llama3.1:latest", "meta-llama/Llama-3.1-8B-Instruct"),
        ("Llama 3.1 8B", "meta-llama/Llama-3.1-8B"),
        ("bolide:7b", "acme/Bolide-7B-Instruct-v0.3"),
    ],
)
def test_the_edition_that_the_form_of_a_name_means(text: str, meant: str) -> None:
    assert Ranking(typed(text), NAMES, lambda _words, _limit: ()).candidates()[0].repository == meant
