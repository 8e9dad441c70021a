# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the server has the engine, and its version, that is asked for."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json

SHOWN_VERSIONS = 5


def is_lacking(view: View, definition: Json, planned: t.Optional[Json]) -> bool:
    """Whether the server has not yet the backend, or the version of it, that the plan says how to make.

    ``planned`` is the plan's C(backend_definition), where it has one. False where the server does not tell.
    """
    name, version = definition.get("backend"), definition.get("backend_version")
    if not planned or name != planned.get("name") or version not in (planned.get("versions") or {}):
        return False
    rows = view.backends(definition["cluster_id"])
    return bool(rows) and not any(
        row.get("backend_name") == name
        and any(str(each.get("version")) == version for each in row.get("versions") or ())
        for row in rows
    )


def check_backend(view: View, definition: Json, planned: t.Optional[Json] = None) -> t.List[str]:
    """Warnings about the engine of a definition with its cluster; nothing where the server does not tell.

    ``planned`` as for ``is_lacking``.

    :raises InvalidInput: the server has no such engine, or no such version of it, for its workers.
    """
    name, version = definition.get("backend"), definition.get("backend_version")
    if not name:
        return []
    rows = view.backends(definition["cluster_id"])
    if not rows:
        return []
    if is_lacking(view, definition, planned):
        raise InvalidInput(
            "GPUStack has no backend %s with the version %s" % (name, version),
            hint="Make it first: give the plan's backend_definition to modelscan.autoconfig.gpustack_backend, with a "
            "gpustack_api_key that may create backends, or let an administrator run the playbook "
            "modelscan.autoconfig.backend. Deploying with the role does both.",
        )
    found = [row for row in rows if row.get("backend_name") == name]
    if not found:
        raise InvalidInput(
            "GPUStack has no backend %s; it has %s"
            % (name, ", ".join(sorted(str(row.get("backend_name")) for row in rows))),
            hint=_nearest(name, [str(row.get("backend_name")) for row in rows], "backend"),
        )
    if found[0].get("enabled") is False:
        raise InvalidInput(
            "The backend %s is switched off on this GPUStack server" % name,
            hint="Enable it in GPUStack, or choose another one.",
        )
    return _check_version(name, version, found[0])


def _check_version(name: str, version: t.Optional[str], backend: Json) -> t.List[str]:
    versions = {str(row.get("version")): row for row in backend.get("versions") or ()}
    if not versions and backend.get("is_built_in") and name != "Custom":
        raise InvalidInput(
            "GPUStack has no version of %s for the GPUs of this cluster" % name,
            hint="Its GPUs, or their drivers, are not supported by this engine: choose another one, "
            "or update the drivers.",
        )
    if version is None or not versions:
        return []
    if version not in versions:
        newest = list(versions)[:SHOWN_VERSIONS]
        raise InvalidInput(
            "GPUStack has no version %s of %s for the GPUs of this cluster; it has %s%s"
            % (version, name, ", ".join(newest), " and older ones" if len(versions) > len(newest) else ""),
            hint=_nearest(version, list(versions), "backend_version"),
        )
    if versions[version].get("is_deprecated"):
        return ["GPUStack calls the version %s of %s deprecated." % (version, name)]
    return []


def _nearest(given: str, known: t.Sequence[str], option: str) -> str:
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(given.lower(), list(by_lower), n=1, cutoff=0.5)
    if not near:
        return "Correct %s, or leave it to GPUStack." % option
    return "Did you mean %s: %s?" % (option, by_lower[near[0]])
