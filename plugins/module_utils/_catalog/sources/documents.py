# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catalogs in files, whatever their format.

JSON, YAML and TOML become plain values; a checkout of models.dev becomes one document in the form
of its catalog.json.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    NotFound,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.markup import (
    toml_value,
    yaml_value,
)

MAX_FILE_BYTES = 64 << 20
GENERATED = ("catalog.json", "models.json", "api.json", "models.dev-models.json", "models.dev-api.json")


@dataclass(frozen=True)
class Document:
    """A decoded file, and when it was written, in seconds since the epoch.

    ``problems`` are parts of a folder that cannot be read, and are left out.
    """

    value: t.Any
    as_of: float
    problems: t.Tuple[str, ...] = ()


def decode(data: bytes, name: str) -> t.Any:
    """The value of JSON, YAML or TOML; ``name`` tells which, and is named in errors."""
    suffix = os.path.splitext(name)[1].lower()
    read = {".toml": toml_value, ".json": json_value}.get(suffix, yaml_value)
    try:
        return read(data)
    except Undecodable as exc:
        raise UnexpectedReply("%s cannot be read: it %s" % (name, exc)) from exc


def read_file(path: str) -> Document:
    """:raises NotFound: it does not exist. :raises UnexpectedReply: it is not what its name says."""
    data, as_of = read_bytes(path)
    return Document(decode(data, path), as_of)


def read_bytes(path: str) -> t.Tuple[bytes, float]:
    """The content of a file, and when it was written. :raises NotFound: it does not exist."""
    try:
        data = files.read(path, MAX_FILE_BYTES)
        if data is None:
            raise NotFound("%s does not exist" % path)
        return data, os.stat(path).st_mtime
    except (OSError, ValueError) as exc:
        raise InvalidInput("%s cannot be read: %s" % (path, getattr(exc, "strerror", None) or exc)) from exc


def is_checkout(folder: str) -> bool:
    return os.path.isdir(os.path.join(folder, "providers"))


def read_models_dev(folder: str) -> Document:
    """models.dev from a folder: its checkout, or its generated files."""
    if is_checkout(folder):
        return _checkout(folder)
    found, as_of = read_generated(folder)
    return Document(merged(found), as_of)


def read_generated(folder: str) -> t.Tuple[t.Dict[str, bytes], float]:
    """The generated files of models.dev by their names, and when the newest was written."""
    found = [name for name in GENERATED if os.path.isfile(os.path.join(folder, name))]
    if not found:
        raise NotFound(
            "%s holds neither models.dev's folder providers nor one of %s" % (folder, ", ".join(GENERATED)),
            hint="Give a checkout of models.dev, or a folder with its generated files.",
        )
    read = {name: read_bytes(os.path.join(folder, name)) for name in found}
    return {name: data for name, (data, _at) in read.items()}, max(as_of for _data, as_of in read.values())


def merged(generated: t.Mapping[str, bytes]) -> t.Dict[str, t.Any]:
    """Generated files as one document; what catalog.json says goes before its parts."""
    whole: t.Dict[str, t.Any] = {"models": {}, "providers": {}}
    for name in reversed(list(generated)):
        value = entry(decode(generated[name], name))
        if name == "catalog.json":
            whole.update((key, entry(part)) for key, part in value.items())
        else:
            whole["models" if "models" in name.rsplit("-", 1)[-1] else "providers"].update(value)
    return whole


def _checkout(folder: str) -> Document:
    """``models/<org>/<name>.toml`` and ``providers/<id>/models/<model id>.toml``.

    An entry with ``base_model`` has that entry's facts where it says nothing itself.
    """
    problems: t.List[str] = []
    entries = dict(_entries(os.path.join(folder, "models"), problems))
    canonical = {name: document.value for name, document in entries.items()}
    newest = max((document.as_of for document in entries.values()), default=0.0)
    providers: t.Dict[str, t.Any] = {}
    for provider in sorted(os.listdir(os.path.join(folder, "providers"))):
        models = {}
        for name, document in _entries(os.path.join(folder, "providers", provider, "models"), problems):
            base = canonical.get(str(document.value.get("base_model")), {})
            inherited = {key: value for key, value in base.items() if key not in ("weights", "id")}
            models[name] = dict(inherited, **document.value, id=name)
            newest = max(newest, document.as_of)
        providers[provider] = {"id": provider, "models": models}
    if problems and not canonical and not any(each["models"] for each in providers.values()):
        raise UnexpectedReply("No entry of %s can be read: %s" % (folder, problems[0]))
    return Document({"models": canonical, "providers": providers}, newest, tuple(problems))


def _entries(top: str, problems: t.List[str]) -> t.Iterator[t.Tuple[str, Document]]:
    """The files of a folder by their names; those that cannot be read are ``problems``."""
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".toml"):
                path = os.path.join(folder, name)
                try:
                    document = read_file(path)
                except AutoconfigError as exc:
                    problems.append(exc.message)
                    continue
                relative = os.path.relpath(path, top)[: -len(".toml")]
                yield relative.replace(os.sep, "/"), document
