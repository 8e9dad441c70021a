# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole deployments and routes as options of the modules that make them again elsewhere. Pure: no IO.

Deployments are for gpustack_deployment, routes for router_register, which takes one target of a route at a time.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import (
    FALLBACK_CODES,
    made_by_deployment,
)
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


def with_secrets(options: Json, secrets: t.Mapping[str, t.Mapping[str, t.Any]]) -> Json:
    """Exported options with values, by deployment and name, where ``exported`` has left a template.

    :raises InvalidInput: a value is missing; the message names it.
    """
    name, filled = options["name"], dict(options.get("env_secrets") or {})
    for variable in filled:
        if filled[variable] != _SECRET % (name, variable):
            continue
        if variable not in (secrets.get(name) or {}):
            raise InvalidInput(
                "The secret %s of %s has no value" % (variable, name),
                hint="Give it as gpustack_secrets: {%s: {%s: ...}}, for example from a vault."
                % (name, variable),
            )
        filled[variable] = secrets[name][variable]
    return dict(options, env_secrets=filled) if filled else dict(options)


def exported_routes(
    routes: t.Sequence[Json], targets: t.Sequence[Json], models: t.Sequence[Json]
) -> t.Tuple[t.List[Json], t.List[str]]:
    """The targets of all routes that no deployment brings with it, and in words what cannot be said of them."""
    names = {model["id"]: public_name(model) for model in models}
    rows: t.List[Json] = []
    lost: t.List[str] = []
    for route in sorted(routes, key=lambda row: str(row["name"])):
        led = [each for each in targets if each.get("route_id") == route["id"]]
        if made_by_deployment(route) or route["name"] in names.values():
            # An adapter has a route of its own, by another name than that of its deployment.
            own = {number for number, name in names.items() if name == route["name"]}
            own.add(route.get("created_model_id") or 0)
            if any(each.get("model_id") not in own for each in led):
                lost.append("The route %s of a deployment leads elsewhere as well." % route["name"])
            continue
        shown = [
            _target(route, each, names[each["model_id"]]) for each in led if each.get("model_id") in names
        ]
        rows += sorted(shown, key=lambda row: str(row["model"]))
        lost += _unsaid(route, led, len(shown))
    return rows, lost


def _target(route: Json, target: Json, model: str) -> Json:
    row = {"name": route["name"], "model": model}
    if target.get("weight"):
        row["weight"] = target["weight"]
    return dict(row, fallback=True) if target.get("fallback_status_codes") else row


def _unsaid(route: Json, led: t.Sequence[Json], shown: int) -> t.List[str]:
    """What the options of router_register have no words for."""
    lost = []
    if shown < len(led):
        lost.append("%d of its targets lead to what is not exported" % (len(led) - shown))
    if not led:
        lost.append("it leads nowhere")
    if route.get("access_policy") not in (None, "authed"):
        lost.append("its access policy %s is not in it" % route["access_policy"])
    if any(each.get("max_running_requests") for each in led):
        lost.append("limits of running requests are not in it")
    if any(each.get("overridden_model_name") for each in led):
        lost.append("names of models that its targets override are not in it")
    if any(each.get("fallback_status_codes") not in (None, [], FALLBACK_CODES) for each in led):
        lost.append("its status codes for the fallback become %s" % ", ".join(FALLBACK_CODES))
    return (
        ["The export of the route %s is not all of it: %s." % (route["name"], "; ".join(lost))]
        if lost
        else []
    )


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
