# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole deployments as options of gpustack_deployment, to make them again elsewhere. Pure: no IO."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    ENV_PREFIX,
    GPUS_PER_REPLICA,
    SERVER_FIELDS,
    Json,
    as_option,
    sounds_secret,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    fields_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    Mark,
    public_name,
)

_SECRET = "{{ gpustack_secrets['%s']['%s'] }}"


def exported(model: Json, route: t.Optional[Json], cluster: t.Optional[str]) -> Json:
    """The options that make a deployment like this one: neither what the server chose, nor values of secrets.

    Secrets become templates that read the variable C(gpustack_secrets), by deployment and name.
    """
    name, mark, fields = public_name(model), Mark.of(model), fields_of(model)
    if route and route.get("access_policy"):
        fields["access_policy"] = route["access_policy"]
    scheduled = bool((model.get("scaling_schedule") or {}).get("enabled"))
    stopped = not model.get("replicas") and not scheduled
    options: Json = {"name": name, "state": "stopped" if stopped else "present"}
    for key in ("source", "repository", "file", "gpu_ids", GPUS_PER_REPLICA):
        if fields[key] and key not in mark.filled:
            options[key] = fields[key]
    for row in SERVER_FIELDS:
        chosen = row.key not in mark.filled and row.normal(fields[row.name]) is not None
        if chosen and not (row.name == "replicas" and (scheduled or stopped)):
            options[row.name] = as_option(fields[row.name])
    if options.get("roles"):
        options["roles"] = [_without_secrets(role) for role in options["roles"]]
    if cluster is not None:
        options["cluster"] = cluster
    return dict(options, **_variables(name, mark, fields))


def _variables(name: str, mark: Mark, fields: Json) -> Json:
    env: Json = {}
    secrets: Json = {}
    for key in sorted(key for key in fields if key.startswith(ENV_PREFIX)):
        variable = key[len(ENV_PREFIX) :]
        if variable in mark.secrets or sounds_secret(variable):
            secrets[variable] = _SECRET % (name, variable)
        else:
            env[variable] = fields[key]
    return {key: value for key, value in (("env", env), ("env_secrets", secrets)) if value}


def _without_secrets(role: Json) -> Json:
    env = {key: value for key, value in (role.get("env") or {}).items() if not sounds_secret(key)}
    return dict({key: value for key, value in role.items() if key != "env"}, **({"env": env} if env else {}))
