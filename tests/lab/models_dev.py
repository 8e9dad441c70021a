# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""models.dev's generated files, from the section ``models_dev`` of models.yaml."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

_MODELS = Path(__file__).with_name("models.yaml")
_ONLY_CANONICAL = ("weights", "license", "links", "benchmarks")
Json = t.Dict[str, t.Any]


def documents() -> t.Dict[str, Json]:
    """The files by path: canonical models, models by provider, and both."""
    section = yaml.safe_load(_MODELS.read_text(encoding="utf-8"))["models_dev"]
    canonical = {entry["id"]: _canonical(entry) for entry in section["models"]}
    providers = {entry["id"]: _provider(entry, canonical) for entry in section["providers"]}
    return {
        "/models.json": canonical,
        "/api.json": providers,
        "/catalog.json": {"models": canonical, "providers": providers},
    }


def _canonical(entry: Json) -> Json:
    model = {**_DEFAULTS, **{name: value for name, value in entry.items() if name != "repository"}}
    if "repository" in entry:
        url = f"https://huggingface.co/{entry['repository']}"
        model["weights"] = [{"label": "Hugging Face", "url": url}]
    return model


def _provider(entry: Json, canonical: t.Mapping[str, Json]) -> Json:
    models = {}
    for model in entry["models"]:
        base = canonical.get(model.get("base_model", ""), _DEFAULTS)
        facts = {name: value for name, value in base.items() if name not in _ONLY_CANONICAL}
        own = {name: value for name, value in model.items() if name != "base_model"}
        models[model["id"]] = {**facts, **own}
    return {**entry, "models": models}


_DEFAULTS: Json = {
    "attachment": False,
    "reasoning": False,
    "tool_call": True,
    "temperature": True,
    "open_weights": True,
    "modalities": {"input": ["text"], "output": ["text"]},
}
