# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that are brought back from a revision of the server."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    Found,
    decide,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.secret_values import (
    keeping_secrets,
    restored,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    Wanted,
    wanted_of,
)

from tests.unit.gpustack.conftest import Json, a_model, listed, page, parameters
from tests.unit.wire import Wire

REVISIONS = listed("/v2/models/7/revisions")
OLD, NEW = "canary-old-value", "canary-new-value"


def wanted(**options: t.Any) -> Wanted:
    return wanted_of(parameters(name="qwen3-8b", **options))


def rollback_of(client: GpustackClient, env: t.Optional[Json], **options: t.Any) -> Json:
    there = Found(a_model(env=env))
    done = keeping_secrets(client, there, decide(wanted(**options), there))
    assert "canary" not in str(done.rollback)
    return done.rollback or {}


def test_the_rollback_names_the_revision_in_force(wire: Wire, client: GpustackClient) -> None:
    rows = [{"revision": number, "created_at": "2026-01-01T10:00:00Z"} for number in (3, 4)]
    wire.expect(REVISIONS, body=page(*rows))
    rollback = rollback_of(client, {"HF_TOKEN": OLD}, env_secrets={"HF_TOKEN": NEW, "ADDED_KEY": NEW})
    assert rollback["restore_env"] == {"revision": 4, "variables": ["HF_TOKEN"]}
    assert rollback["env"] == {"ADDED_KEY": None}


def test_without_revisions_secrets_are_left_to_the_caller(wire: Wire, client: GpustackClient) -> None:
    wire.expect(REVISIONS, status=404, body={"detail": "Not Found"})
    assert "restore_env" not in rollback_of(client, {"HF_TOKEN": OLD}, env_secrets={"HF_TOKEN": NEW})


def test_what_changes_no_secret_asks_for_no_revision(client: GpustackClient) -> None:
    assert "restore_env" not in rollback_of(client, {"HF_TOKEN": OLD}, description="text")
    assert "restore_env" not in rollback_of(client, None, env_secrets={"HF_TOKEN": NEW})


def test_values_come_from_the_revision_unless_they_are_given(wire: Wire, client: GpustackClient) -> None:
    wire.expect("GET /v2/models/7/revisions/4", body={"spec": {"env": {"HF_TOKEN": OLD, "B_KEY": OLD}}})
    wish = wanted(
        restore_env={"revision": 4, "variables": ["HF_TOKEN", "B_KEY", "GONE"]}, env_secrets={"B_KEY": NEW}
    )
    done = restored(client, wish, Found(a_model()))
    assert done.fields == {"env.HF_TOKEN": OLD, "env.B_KEY": NEW, "env.GONE": None}
    assert done.secret_variables == {"HF_TOKEN", "B_KEY", "GONE"}


def test_a_revision_that_is_not_kept_is_said(wire: Wire, client: GpustackClient) -> None:
    wish = wanted(restore_env={"revision": 4, "variables": ["HF_TOKEN"]})
    wire.expect("GET /v2/models/7/revisions/4", status=404, body={"message": "Revision not found"})
    for there in (Found(a_model()), None):
        with pytest.raises(InvalidInput, match="keeps no revision 4 of qwen3-8b"):
            restored(client, wish, there)
