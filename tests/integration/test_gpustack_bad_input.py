# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that ask for what cannot be, through ansible-playbook: one line says what is wrong, nothing is written."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.integration.gpustack_site import Json, Site
from tests.lab import client


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


WRONG: t.Sequence[t.Tuple[Json, str]] = (
    ({"replicas": "many"}, "argument 'replicas' is of type str and we were unable to convert to int"),
    ({"replicas": -1}, "replicas is -1. Give 0 or more."),
    ({"backend_parameters": {"a": "b"}}, "'backend_parameters' is of type dict"),
    ({"repicas": 2}, "unsupported option: repicas (did you mean replicas?)"),
    ({"speculative_config": {"algoritm": "mtp"}}, "speculative_config.algoritm (did you mean algorithm?)"),
    ({"gpu_ids": ["gpu-a:cuda:99"]}, "GPUStack has no GPU gpu-a:cuda:99"),
    ({"gpu_ids": ["first"]}, "An id has the form worker:type:index."),
    ({"state": "started"}, "value of state must be one of"),
    ({"env_secrets": {"HF_TOKEN": "hf_1"}}, "env_secrets.HF_TOKEN is shorter than 8 characters"),
    ({"plan": {"schema": 99}}, "plan is not a plan of schema 1"),
    ({"cluster": "nowhere"}, "no cluster nowhere. Visible to this key are: Default Cluster"),
)


def test_each_is_refused_in_one_line_before_anything_is_written(site: Site, tmp_path: Path) -> None:
    mark = site.lab.mark()
    for options, words in WRONG:
        done = site.playbook(tmp_path, **options)
        output = done.stdout + done.stderr
        assert done.returncode == 2, (options, output)
        failed = next(line for line in output.splitlines() if line.startswith("fatal: "))
        result = json.loads(failed.partition("=> ")[2])
        assert words in result["msg"], options
        assert not result["changed"]
        assert "Traceback" not in output
    assert site.writes(mark) == []
