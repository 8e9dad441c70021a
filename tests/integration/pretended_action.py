# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for an action of the collection in a play of the role: servers are entries of a JSON file.

The file is copied under the name of each action that would ask a server or a host. A deployment is what its plan says; the
names in ``fails`` fail to deploy, those in ``breaks`` answer once and fail when they are watched. Calls are kept, in order.
"""

from __future__ import annotations

import fcntl
import json
import os
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_order import rollout_order

Json = t.Dict[str, t.Any]


class ActionModule(ActionBase):  # type: ignore[misc]
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[Json] = None) -> Json:
        result: Json = super().run(tmp, task_vars)
        arguments: Json = json.loads(json.dumps(self._task.args, default=str))
        file = Path(os.environ["PRETENDED_SERVERS"])
        with file.open("r+") as lock:
            # Hosts of a play act at the same time.
            fcntl.flock(lock, fcntl.LOCK_EX)
            result.update(self._act(file, arguments))
        return result

    def _act(self, file: Path, arguments: Json) -> Json:
        world: Json = json.loads(file.read_text())
        name = self._task.action.rpartition(".")[2]
        url = str(arguments.get("gpustack_url", ""))
        models = world["servers"].setdefault(url, {}) if name != "gpu_facts" else {}
        result: Json = globals()["_" + name](arguments, models, world, self._task.check_mode)
        if not self._task.check_mode:
            call = [name, url, arguments.get("name") or arguments.get("model") or _planned_name(arguments)]
            world["calls"].append([*call, "load"] if arguments.get("load") else call)
            file.write_text(json.dumps(world))
        return result


def _planned_name(arguments: Json) -> t.Any:
    return (arguments.get("plan") or {}).get("name")


def _gpu_facts(_arguments: Json, _models: Json, _world: Json, _check: bool) -> Json:
    return {"ansible_facts": {"autoconfig_gpu": {"devices": [{}], "warnings": []}}}


def _gpustack_deployment_info(_arguments: Json, models: Json, _world: Json, _check: bool) -> Json:
    deployments = [{"name": name, "plan_id": plan["plan_id"]} for name, plan in models.items()]
    return {"deployments": deployments, "workers": [], "server": {"version": "2.3.0"}}


def _model_plan(arguments: Json, _models: Json, world: Json, _check: bool) -> Json:
    entries = arguments.get("models") or [arguments]
    plans = []
    for entry in entries:
        context = entry.get("context_tokens") or arguments.get("context_tokens") or 4096
        variant = {**world["plan"]["variant"], "repository": entry["model"]}
        plan = {**world["plan"], "name": entry["name"], "site": arguments["gpustack_url"]}
        plan.update(variant=variant, context_tokens=context, plan_id="%s-%d" % (entry["name"], context))
        plans.append(plan)
    order = rollout_order({entry["name"]: entry.get("after") or () for entry in entries})
    return {"plans": plans, "plan": plans[0], "order": order, "plan_lines": [], "holds": [], "moves": []}


def _gpustack_deployment(arguments: Json, models: Json, world: Json, check: bool) -> Json:
    name = arguments.get("name") or arguments["plan"]["name"]
    before, wanted = models.get(name), arguments.get("plan") if arguments["state"] == "present" else None
    if before == wanted:
        return {"changed": False, "actions": [], "deployment": {"name": name, "state": "running"}}
    back = {"name": name, "state": "present", "plan": before} if before else {"name": name, "state": "absent"}
    if not check:
        models.pop(name, None)
        if wanted is not None:
            models[name] = wanted
    done: Json = {"changed": True, "predicted": check, "actions": ["changed"], "rollback": back}
    if not check and wanted is not None and wanted["plan_id"] in world["fails"]:
        return {"failed": True, "msg": "engine exited with code 1", "error": {"rollback": back}}
    return {**done, "before": before and {}, "deployment": {"name": name, "state": "running"}}


def _gpustack_backend(arguments: Json, _models: Json, world: Json, check: bool) -> Json:
    """Backends of a server, by the URL; those in ``barred`` let nobody make one."""
    url, name = arguments["gpustack_url"], arguments["name"]
    backends = world.setdefault("backends", {}).setdefault(url, {})
    if url in world.get("barred", ()) and name not in backends and not check:
        return {"failed": True, "msg": "GPUStack: POST returned 403", "error": {"code": "permission_denied"}}
    kept = ("versions", "default_run_command", "health_check_path", "parameter_format", "versions_mode")
    wanted = {key: arguments[key] for key in kept}
    changed = backends.get(name) != wanted
    if not check:
        backends[name] = wanted
    return {"changed": changed}


def _inference_probe(arguments: Json, models: Json, world: Json, check: bool) -> Json:
    if not check and arguments.get("load") and arguments["model"] in world["breaks"]:
        return {"failed": True, "msg": "The load does not keep its limits"}
    return {"changed": False, "latency_ms": 12, "answer": "pong"}
