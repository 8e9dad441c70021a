# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of gpustack_deployment."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import checked_base_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    connect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.blue_green import (
    Handover,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.many import (
    WRITES_AT_ONCE,
    Job,
    Removals,
    deploy_many,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.model_files import (
    FileCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    sounds_secret,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.plan_overrides import (
    check_overrides,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    CACHED,
    UNCACHED,
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import PATHS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.proof import (
    Completions,
    Endpoint,
)

MOST_AT_ONCE = 64


def run(task: Task) -> Result:
    """Bring one deployment, or several, to the wanted state. Raises AutoconfigError."""
    params = task.params
    if params["deployments"] is not None:
        _check_beside_list(params)
    http = options.http_options(params)
    with connect(
        params["gpustack_url"], params["gpustack_api_key"], params["gpustack_organization_id"], http
    ) as client:
        view = View(client)
        if params["deployments"] is None:
            return _job(task, view, params, http).run(params["max_restarts"])
        each = [_job(task, view, given, http) for given in params["deployments"]]
        names = [deployment.wanted.name for deployment in each]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidInput("deployments names %s more than once" % ", ".join(twice))
        removals = _removals(task, view, http) if params["prune"] else None
        return deploy_many(view, each, params["max_restarts"], removals, _at_once(params))


def _removals(task: Task, view: View, http: HttpOptions) -> Removals:
    most = task.params["max_removals"]
    if most < 0:
        raise InvalidInput("max_removals is %d" % most, hint="Give 0 or more.")
    defaults = {name: row.get("default") for name, row in DEPLOYMENT.items()}
    return Removals(most, lambda name: _job(task, view, dict(defaults, name=name, state="absent"), http))


def _at_once(params: t.Mapping[str, t.Any]) -> int:
    at_once = int(params["writes_at_once"])
    if not 1 <= at_once <= MOST_AT_ONCE:
        raise InvalidInput(
            "writes_at_once is %d" % at_once, hint="Give a number from 1 to %d." % MOST_AT_ONCE
        )
    return at_once


def _check_beside_list(params: t.Mapping[str, t.Any]) -> None:
    """InvalidInput where an option of one deployment is given beside the list, which would not look at it."""
    given = sorted(name for name, row in DEPLOYMENT.items() if params[name] != row.get("default"))
    if given:
        raise InvalidInput(
            "%s cannot be given beside deployments" % ", ".join(given),
            hint="Give it in each item of the list that it is meant for.",
        )


def _job(task: Task, view: View, given: t.Mapping[str, t.Any], http: HttpOptions) -> Job:
    wanted = wanted_of(given)
    waiter = None
    if task.params["wait"]:
        waiter = _waiter(task, view.client, http, wanted.name)
    job: Job
    if wanted.state in (CACHED, UNCACHED):
        job = FileCache(view, wanted, task.check_mode, waiter)
    else:
        job = Deployment(view, wanted, task.check_mode, waiter, _handover(task, http))
    job.warnings += _exposed_secrets(given["env"] or {}) + check_overrides(wanted)
    return job


def _handover(task: Task, http: HttpOptions) -> Handover:
    """How ``apply: blue_green`` proves a new deployment and drains the old one."""
    params = task.params
    key = params["probe_api_key"] or params["gpustack_api_key"]
    url = "%s/v1" % checked_base_url(params["gpustack_url"], "gpustack_url")

    def prove(name: str) -> None:
        kind, patience_s = params["probe_kind"], params["probe_patience_s"]
        Completions(Endpoint(url, name, key), None, kind, patience_s, http, task.progress).ask_backend()

    return Handover(prove, params["drain_s"], http.clock)


def _waiter(task: Task, client: GpustackClient, http: HttpOptions, name: str) -> Waiter:
    def progress(line: str) -> None:
        task.progress("%s: %s" % (name, line))

    def announce(line: str) -> None:
        task.announce("%s: %s" % (name, line))

    params = task.params
    return Waiter(client, http.clock, params["wait_timeout_s"], progress, params["stall_timeout_s"], announce)


def _exposed_secrets(env: t.Mapping[str, t.Any]) -> t.List[str]:
    return [
        "env.%s looks like a secret and is visible in the task's arguments; use env_secrets." % name
        for name in sorted(env)
        if sounds_secret(name) and env[name] is not None
    ]


_SPECULATIVE: options.Spec = {
    "enabled": {"type": "bool"},
    "algorithm": {"type": "str", "choices": ["eagle3", "mtp", "ngram"]},
    "draft_model": {"type": "str"},
    "num_draft_tokens": {"type": "int", "no_log": False},
    "ngram_min_match_length": {"type": "int"},
    "ngram_max_match_length": {"type": "int"},
}
_EXTENDED_KV_CACHE: options.Spec = {
    "enabled": {"type": "bool"},
    "mode": {"type": "str", "choices": ["local", "shared"]},
    "cache_service_id": {"type": "int"},
    "ram_ratio": {"type": "float"},
    "ram_size": {"type": "int"},
    "chunk_size": {"type": "int"},
}
_SCALING_SCHEDULE: options.Spec = {
    "enabled": {"type": "bool"},
    "paused": {"type": "bool"},
    "baseline_replicas": {"type": "int"},
    "rules": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str"},
            "start_cron": {"type": "str", "required": True},
            "duration_seconds": {"type": "int", "required": True},
            "replicas": {"type": "int", "required": True},
        },
    },
}
_LORA: options.Spec = {
    "lora_name": {"type": "str", "required": True},
    "lora_repo_name": {"type": "str"},
    "source": {"type": "str", "choices": ["huggingface", "model_scope", "local_path"]},
    "huggingface_filename": {"type": "str"},
    "model_scope_file_path": {"type": "str"},
    "local_path": {"type": "str"},
}
_GPU_TYPE: options.Spec = {
    "type": {"type": "str"},
    "accelerator_sliced_memory_percentage": {"type": "int"},
    "accelerator_sliced_cores_percentage": {"type": "int"},
    "accelerator_partitioned_profile": {"type": "str"},
}
_DISAGGREGATION: options.Spec = {
    "mode": {"type": "str"},
    "vendor": {"type": "str"},
    "readiness": {"type": "str", "choices": ["any_per_role", "all"]},
    "kv_load_failure_policy": {"type": "str", "choices": ["fail", "recompute"]},
}
_GATHER: options.Spec = {"strategy": {"type": "str"}, "layer": {"type": "str"}}
# Of one deployment, in the task itself or in an item of the list.
DEPLOYMENT: options.Spec = {
    "name": {"type": "str"},
    "state": {
        "type": "str",
        "default": "present",
        "choices": ["present", "stopped", "restarted", "absent", "cached", "uncached"],
    },
    "restart": {"type": "str", "default": "all", "choices": ["all", "failed"]},
    "plan": {"type": "dict"},
    "source": {"type": "str", "choices": ["huggingface", "model_scope", "local_path"]},
    "repository": {"type": "str"},
    "file": {"type": "str"},
    "backend": {"type": "str"},
    "backend_version": {"type": "str"},
    "backend_parameters": {"type": "list", "elements": "str"},
    "image_name": {"type": "str"},
    "run_command": {"type": "str"},
    "env": {"type": "dict"},
    "env_secrets": {"type": "dict", "no_log": True},
    "env_mode": {"type": "str", "default": "merge", "choices": ["merge", "replace"]},
    "restore_env": {
        "type": "dict",
        "options": {
            "revision": {"type": "int", "required": True},
            "variables": {"type": "list", "elements": "str", "required": True},
        },
    },
    "offline": {"type": "bool"},
    "replicas": {"type": "int"},
    "gpu_ids": {"type": "list", "elements": "str"},
    "gpus_per_replica": {"type": "int"},
    "gpu_type_selector": {"type": "dict", "options": _GPU_TYPE},
    "placement": {"type": "str", "default": "plan", "choices": ["plan", "auto"]},
    "placement_strategy": {"type": "str", "choices": ["spread", "binpack"]},
    "distributed_inference": {"type": "bool"},
    "worker_selector": {"type": "dict"},
    "cpu_offloading": {"type": "bool"},
    "speculative_config": {"type": "dict", "options": _SPECULATIVE},
    "extended_kv_cache": {"type": "dict", "options": _EXTENDED_KV_CACHE},
    "lora_list": {"type": "list", "elements": "dict", "options": _LORA},
    "roles": {"type": "list", "elements": "dict"},
    "disaggregation": {"type": "dict", "options": _DISAGGREGATION},
    "gather": {"type": "dict", "options": _GATHER},
    "scaling_schedule": {"type": "dict", "options": _SCALING_SCHEDULE},
    "native_anthropic_api": {"type": "bool"},
    "generic_proxy": {"type": "bool"},
    "restart_on_error": {"type": "bool"},
    "categories": {"type": "list", "elements": "str"},
    "description": {"type": "str"},
    "access_policy": {"type": "str", "choices": ["authed", "public"]},
    "cluster": {"type": "str"},
    "vram_claim": {"type": "str", "choices": ["server", "plan"]},
    "apply": {"type": "str", "default": "recreate", "choices": ["recreate", "rolling", "blue_green", "none"]},
    "adopt": {"type": "bool", "default": False},
    "prefetch": {"type": "bool", "default": False},
    "overcommit": {"type": "bool", "default": False},
}

CORE = Core(
    run=run,
    argument_spec=dict(
        DEPLOYMENT,
        deployments={
            "type": "list",
            "elements": "dict",
            "options": DEPLOYMENT,
            "required_one_of": [["name", "plan"]],
        },
        prune={"type": "bool", "default": False},
        max_removals={"type": "int"},
        writes_at_once={"type": "int", "default": WRITES_AT_ONCE},
        max_restarts={"type": "int"},
        probe_kind={"type": "str", "default": "chat", "choices": list(PATHS)},
        probe_api_key={"type": "str", "no_log": True},
        probe_patience_s={"type": "float", "default": 120.0},
        drain_s={"type": "float", "default": 10.0},
        wait={"type": "bool", "default": True},
        wait_timeout_s={"type": "float"},
        stall_timeout_s={"type": "float", "default": 600.0},
        **options.GPUSTACK,
        **options.HTTP,
    ),
    rules={
        "required_one_of": [["name", "plan", "deployments"]],
        "mutually_exclusive": [["deployments", "name"], ["deployments", "plan"]],
        "required_if": [["prune", True, ["deployments", "max_removals"]]],
    },
)
