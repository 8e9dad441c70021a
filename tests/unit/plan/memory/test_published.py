# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parameters counted from configs, against what publishers say that their files hold."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import assumed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import from_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.parameter_count import (
    DRAFT,
    model_modules,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.published_models import ENTRIES, Entry

TOLERANCE = 0.005

# What publishers leave out, write as null, or write wrongly.
STRANGE: t.Tuple[t.Any, ...] = (None, 0, -1, 3, 1.5, "many", [], [1], {}, True)


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_parameters_of_published_models(entry: Entry) -> None:
    arch = read_architecture(entry["config"])
    drafts = 0 if entry.get("drafts") == "excluded" else 1
    counted = sum(m.parameters * (drafts if m.role == DRAFT else 1) for m in model_modules(arch))
    assert counted == pytest.approx(entry["parameters"], rel=entry.get("tolerance", TOLERANCE))
    assert arch.confident


@given(
    entry=st.sampled_from(ENTRIES),
    changes=st.dictionaries(st.integers(0, 40), st.sampled_from(STRANGE), min_size=1, max_size=3),
)
@settings(max_examples=300)
def test_a_broken_config_is_calculated_or_refused(entry: Entry, changes: t.Dict[int, t.Any]) -> None:
    """Never a traceback, never a model of no size."""
    config = dict(entry["config"])
    inner = next((key for key in ("text_config", "llm_config") if key in config), None)
    target = config if inner is None else dict(config[inner])
    keys = sorted(target)
    for place, value in changes.items():
        target[keys[place % len(keys)]] = value
    if inner is not None:
        config[inner] = target
    try:
        arch = read_architecture(config)
        weights = from_config(arch, detect(config, None, None))
    except NotServable:
        return
    assert weights.file_bytes > 0
    for tensor in (1, 8):
        for paged in (True, False):
            cache = kv_cache(arch, tensor, "auto", 2048, paged_states=paged)
            assert 0 <= cache.request_bytes(16) <= cache.request_bytes(4096)
    assert from_config(arch, assumed("fp8")).file_bytes > 0
