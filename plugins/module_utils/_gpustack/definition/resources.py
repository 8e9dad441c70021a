# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a server is managed beside deployments: a table of fields for each kind. Pure: no IO."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    Json,
    ServerField,
    nested,
    sounds_secret,
)

CUSTOM_SUFFIX = "-custom"


def own_versions(value: t.Any) -> t.Any:
    """The versions of an engine that somebody added, without those of GPUStack and of its sources."""
    return {
        name: nested(config) or {}
        for name, config in (value or {}).items()
        if not (config.get("built_in_frameworks") or config.get("source_name"))
    } or None


def _maintained(value: t.Any) -> t.Any:
    """Whether it is in maintenance, with the reason; a reason without it means nothing."""
    return {"message": value.get("message") or None} if (value or {}).get("enabled") else None


@dataclass(frozen=True)
class Kind:
    """One kind of object. ``fields`` are all that its PUT replaces, ``kept`` are sent as they are."""

    noun: str
    key: str
    fields: t.Tuple[ServerField, ...]
    kept: t.Tuple[str, ...] = ()

    def values(self, row: Json) -> Json:
        """The managed fields of an object, in the words of the options."""
        return {field.name: row.get(field.key) for field in self.fields}


BACKEND = Kind(
    "inference backend",
    "backend_name",
    (
        ServerField("description", "description"),
        ServerField("versions", "version_configs", normal=own_versions, cleared={}),
        ServerField("default_version", "default_version"),
        ServerField("default_parameters", "default_backend_param", cleared=[]),
        ServerField("default_run_command", "default_run_command", cleared=""),
        ServerField("default_entrypoint", "default_entrypoint", cleared=""),
        ServerField("default_env", "default_env"),
        ServerField("health_check_path", "health_check_path"),
        ServerField("parameter_format", "parameter_format"),
        ServerField("common_parameters", "common_parameters"),
        ServerField("enabled", "enabled", cleared=False),
    ),
    kept=("backend_source", "owner_principal_id", "icon", "source_name", "source_type", "is_built_in"),
)
WORKER = Kind(
    "worker",
    "name",
    (
        ServerField("labels", "labels", cleared={}),
        ServerField("maintenance", "maintenance", normal=_maintained),
    ),
)
# Of the server's objects, what nobody manages.
UNMANAGED_OF_BACKENDS = frozenset(
    ("id", "created_at", "updated_at", "deleted_at", "built_in_version_configs", "framework_index_map")
)


def put_body(kind: Kind, row: Json, wanted: Json) -> Json:
    """The whole object as it is to be: a PUT clears what it does not name."""
    body = {kind.key: row[kind.key]}
    body.update({key: row[key] for key in kind.kept if row.get(key) is not None})
    for field in kind.fields:
        value = wanted[field.name] if field.name in wanted else row.get(field.key)
        body[field.key] = field.cleared if value is None or value == "" else value
    if kind is BACKEND:
        body["version_configs"] = _with_theirs(row, body["version_configs"])
    return body


def post_body(kind: Kind, name: str, wanted: Json) -> Json:
    """A new object."""
    body = put_body(kind, {kind.key: name}, wanted)
    return {key: value for key, value in body.items() if value is not None}


def _with_theirs(row: Json, versions: Json) -> Json:
    """The versions to send: those of a source stay, those that GPUStack brings are added by itself."""
    there = row.get("version_configs") or {}
    theirs = {name: config for name, config in there.items() if config.get("source_name")}
    brought = {name for name, config in there.items() if config.get("built_in_frameworks")}
    return dict(theirs, **{name: config for name, config in versions.items() if name not in brought})


def masked(value: t.Any) -> t.Any:
    """For people: variables whose names say that they are secrets have no value."""
    if isinstance(value, dict):
        return {
            key: "(set)" if sounds_secret(str(key)) and isinstance(item, str) and item else masked(item)
            for key, item in value.items()
        }
    return [masked(item) for item in value] if isinstance(value, list) else value
