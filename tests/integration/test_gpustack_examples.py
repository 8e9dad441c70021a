# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation of both modules, one after the other, on a genuine GPUStack server."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.modelscan.autoconfig.plugins.modules import (
    gpustack_deployment,
    gpustack_deployment_info,
)

from tests.integration.gpustack_site import PLAN, Site
from tests.lab import client

# What the examples name, and what the lab has.
HERE = {
    "meta-llama/Llama-3.1-8B-Instruct": "Qwen/Qwen3-8B",
    "RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8": "Qwen/Qwen3-8B-FP8",
    "drain_s: 60": "drain_s: 0",
}


# The other examples wait for what is not there, or speak with another server: test_gpustack_whole_server does that.
LOOKS = 2


def test_the_examples_run(clean_lab: client.Lab, tmp_path: Path) -> None:
    site = Site(clean_lab)
    looks = yaml.safe_load(gpustack_deployment_info.EXAMPLES)[:LOOKS]
    text = gpustack_deployment.EXAMPLES + yaml.safe_dump(looks)
    for named, there in dict(
        HERE, **{"https://gpustack.example.com": clean_lab.state["gpustack"]["url"]}
    ).items():
        text = text.replace(named, there)
    variables = {
        "planned": {"plan": dict(PLAN, name="qwen3-8b")},
        "vault_hf_token": "canary-3f9a17c2b8",
        "gpustack_deployments": [{"name": "llama-3.1-8b"}, {"name": "qwen3-8b"}],
    }
    tasks = yaml.safe_load(text)
    done = site.play(tmp_path, tasks, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    names = [row["name"] for row in site.info()["deployments"]]
    assert names == ["qwen3-8b"]
