# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of LiteLLM's proxy with the files that it includes."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_document import (
    YamlDocument,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import (
    Place,
    YamlList,
)

_MOST_FILES = 64
_SETTINGS = ("general_settings", "router_settings", "environment_variables")
# What LiteLLM reads at the top of its file; of a file without any of them it is no reader.
_OWN_KEYS = frozenset(
    (
        "agent_list",
        "agents",
        "assistant_settings",
        "callback_settings",
        "classifier_plugin",
        "credential_list",
        "default_vertex_config",
        "environment_variables",
        "files_settings",
        "finetune_settings",
        "general_settings",
        "guardrails",
        "include",
        "litellm_settings",
        "mcp_servers",
        "mcp_tools",
        "model_list",
        "pass_through_endpoints",
        "plugins",
        "policies",
        "policy_attachments",
        "prompts",
        "router_settings",
        "sandbox_tools",
        "search_tools",
        "vector_store_registry",
        "worker_registry",
    )
)


@dataclass(frozen=True)
class Included:
    """One file that another one includes."""

    path: str
    entries: t.Sequence[Entry]


class LiteLLMDocument(YamlDocument):
    """One file. Settings count as the proxy merges them: those of an included file win.

    ``included`` are the files that could be read, ``unread`` says of the others why.
    """

    def __init__(self, text: str, place: Place, where: str) -> None:
        parsed = YamlList(text, place, where)
        super().__init__(parsed)
        keys = parsed.keys
        if keys and not _OWN_KEYS.intersection(keys):
            raise InvalidInput(
                "%s is no file of LiteLLM's proxy: it holds %s and none of the keys that LiteLLM reads; nothing was"
                " written" % (where, ", ".join(sorted(keys)[:5])),
                hint="Give the proxy's own file, which has model_list at its top, as path."
                " For a file inside of another one use type openai_list.",
            )
        self.included: t.List[Included] = []
        self.unread: t.List[str] = []
        self._settings: t.Dict[str, t.Any] = {}
        self._take(parsed, where, {os.path.realpath(where)})
        known = self._settings.get("environment_variables")
        environment = {str(k): v for k, v in known.items()} if isinstance(known, dict) else {}
        self._entries = [replace(entry, environment=environment) for entry in parsed.entries]
        self.included = [
            Included(file.path, [replace(entry, environment=environment) for entry in file.entries])
            for file in self.included
        ]

    @property
    def entries(self) -> t.Sequence[Entry]:
        return self._entries

    def merged_setting(self, key: str) -> t.Any:
        """One of the sections of settings, as mappings, lists and texts."""
        return self._settings.get(key)

    def _take(self, parsed: YamlList, where: str, seen: t.Set[str]) -> None:
        found = {key: parsed.plain(key) for key in _SETTINGS}
        self._settings.update((key, value) for key, value in found.items() if value is not None)
        self._follow(parsed.plain("include"), where, seen)

    def _follow(self, names: t.Any, where: str, seen: t.Set[str]) -> None:
        for name in names if isinstance(names, list) else ():
            path = os.path.join(os.path.dirname(os.path.realpath(where)), str(name))
            if os.path.realpath(path) in seen or len(seen) > _MOST_FILES:
                continue
            seen.add(os.path.realpath(path))
            try:
                parsed = YamlList(_content(path), Place(("model_list",)), path)
            except AutoconfigError as exc:
                self.unread.append(exc.message)
                continue
            self.included.append(Included(path, parsed.entries))
            self._take(parsed, path, seen)


def _content(path: str) -> str:
    try:
        data = files.read(path)
        if data is None:
            raise InvalidInput("%s, which is included, does not exist" % path)
        return data.decode("utf-8")
    except (OSError, ValueError) as exc:
        raise InvalidInput("%s, which is included, cannot be read: %s" % (path, exc)) from exc
