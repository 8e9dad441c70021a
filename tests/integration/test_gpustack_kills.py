# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks that are killed at random moments leave nothing that the next run does not put right."""

from __future__ import annotations

import pytest

from benchmarks.gpustack_kills import kill_rounds
from tests.lab import client

ROUNDS, KILLS, SEED = 5, 6, 1


@pytest.mark.slow
def test_runs_killed_at_random_moments_end_in_one_deployment(clean_lab: client.Lab) -> None:
    summary = kill_rounds(clean_lab, ROUNDS, KILLS, SEED)
    assert summary["wrong"] == []
    assert (summary["rounds"], summary["converged"]) == (ROUNDS, ROUNDS)
    assert summary["runs_killed"] > ROUNDS
