# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the core of gpustack_deployment."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import connect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deploy import Deployer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import sounds_secret
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wanted import wanted_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task


def run(task: Task) -> Result:
    """Bring one deployment to the wanted state. Raises AutoconfigError."""
    params = task.params
    wanted = wanted_of(params)
    http = options.http_options(params)
    with connect(
        params["gpustack_url"], params["gpustack_api_key"], params["gpustack_organization_id"], http
    ) as client:
        waiter = Waiter(client, http.clock, params["wait_timeout_s"], task.progress)
        deployer = Deployer(client, task.check_mode, waiter if params["wait"] else None)
        deployer.warnings += _exposed_secrets(params["env"] or {})
        return deployer.run(wanted)


def _exposed_secrets(env: t.Mapping[str, t.Any]) -> t.List[str]:
    return [
        "env.%s looks like a secret and is visible in the task's arguments; use env_secrets." % name
        for name in sorted(env)
        if sounds_secret(name) and env[name] is not None
    ]


CORE = Core(
    run=run,
    argument_spec=dict(
        {
            "name": {"type": "str"},
            "state": {"type": "str", "default": "present", "choices": ["present", "stopped", "absent"]},
            "plan": {"type": "dict"},
            "source": {"type": "str", "choices": ["huggingface", "model_scope", "local_path"]},
            "repository": {"type": "str"},
            "file": {"type": "str"},
            "backend": {"type": "str"},
            "backend_version": {"type": "str"},
            "backend_parameters": {"type": "list", "elements": "str"},
            "env": {"type": "dict"},
            "env_secrets": {"type": "dict", "no_log": True},
            "replicas": {"type": "int"},
            "gpu_ids": {"type": "list", "elements": "str"},
            "placement": {"type": "str", "default": "plan", "choices": ["plan", "auto"]},
            "worker_selector": {"type": "dict"},
            "categories": {"type": "list", "elements": "str"},
            "description": {"type": "str"},
            "cluster": {"type": "str"},
            "vram_claim": {"type": "str", "choices": ["server", "plan"]},
            "apply": {"type": "str", "default": "recreate", "choices": ["recreate", "none"]},
            "adopt": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout_s": {"type": "float", "default": 1800.0},
        },
        **options.GPUSTACK,
        **options.HTTP,
    ),
    rules={"required_one_of": [["name", "plan"]]},
)
