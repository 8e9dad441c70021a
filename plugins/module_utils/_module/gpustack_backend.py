# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of gpustack_backend."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    Json,
    connect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.resource import Resource
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.resources import (
    BACKEND,
    CUSTOM_SUFFIX,
    own_versions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task

REPLACE, ADD = "replace", "add"


class _Backends:
    def __init__(self, client: GpustackClient) -> None:
        self.find = client.backend_row
        self.write = client.write_backend


def run(task: Task) -> Result:
    """Bring one inference backend to the wanted state. Raises AutoconfigError."""
    params = task.params
    name, http = params["name"], options.http_options(params)
    with connect(
        params["gpustack_url"], params["gpustack_api_key"], params["gpustack_organization_id"], http
    ) as client:
        store = _Backends(client)
        found = store.find(name)
        wanted = _wanted(params)
        if wanted and "versions" in wanted and params["versions_mode"] == ADD:
            wanted["versions"] = {
                **(own_versions((found or {}).get("version_configs")) or {}),
                **wanted["versions"],
            }
        _check(name, wanted, found)
        backend = Resource(BACKEND, store, name, wanted, task.check_mode, client.delete_backend)
        return backend.bring(found)


def _wanted(params: t.Mapping[str, t.Any]) -> t.Optional[Json]:
    if params["state"] == "absent":
        return None
    names = [field.name for field in BACKEND.fields]
    wanted = {name: params[name] for name in names if params[name] is not None}
    if "versions" in wanted:
        wanted["versions"] = {version: _version(version, row) for version, row in wanted["versions"].items()}
    for variables in (
        wanted.get("default_env"),
        *(row.get("env") for row in wanted.get("versions", {}).values()),
    ):
        for variable in variables or {}:
            variables[variable] = str(variables[variable])
    return wanted


def _version(version: str, row: t.Any) -> Json:
    known = ("image_name", "run_command", "entrypoint", "custom_framework", "env")
    if not isinstance(row, dict) or set(row) - set(known):
        raise InvalidInput(
            "versions.%s is not a version of an inference backend" % version,
            hint="It is a dictionary with some of %s." % ", ".join(known),
        )
    return {key: value for key, value in row.items() if value is not None}


def _check(name: str, wanted: t.Optional[Json], found: t.Optional[Json]) -> None:
    """InvalidInput for what the server would refuse."""
    source = (found or {}).get("backend_source")
    if wanted is None and source not in (None, "custom"):
        raise InvalidInput(
            "The inference backend %s is GPUStack's own (%s) and cannot be removed" % (name, source),
            hint="A community backend can be switched off with enabled: false.",
        )
    if wanted is not None and found is None and not name.endswith(CUSTOM_SUFFIX):
        raise InvalidInput(
            "There is no inference backend %s, and the name of a new one ends in %s" % (name, CUSTOM_SUFFIX),
            hint="Correct the name.",
        )
    if wanted and "enabled" in wanted and source != "community":
        raise InvalidInput(
            "enabled is given, and the inference backend %s is no community backend" % name,
            hint="Others are always enabled.",
        )


CORE = Core(
    run=run,
    argument_spec=dict(
        {
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
            "description": {"type": "str"},
            "versions": {"type": "dict"},
            "versions_mode": {"type": "str", "default": REPLACE, "choices": [REPLACE, ADD]},
            "default_version": {"type": "str"},
            "default_parameters": {"type": "list", "elements": "str"},
            "default_run_command": {"type": "str"},
            "default_entrypoint": {"type": "str"},
            "default_env": {"type": "dict"},
            "health_check_path": {"type": "str"},
            "parameter_format": {"type": "str", "choices": ["space", "equal"]},
            "common_parameters": {"type": "list", "elements": "str"},
            "enabled": {"type": "bool"},
        },
        **options.GPUSTACK,
        **options.HTTP,
    ),
)
