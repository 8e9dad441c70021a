# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A router's file in YAML or JSON, whose entries are one list."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import PlainForm
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import (
    Data,
    Document,
    Entry,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files import yaml_edit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import (
    Place,
    YamlList,
)


class YamlForm(PlainForm):
    """What the formats share whose entries are the list at ``place``."""

    place: Place

    def opened(self, text: str, where: str) -> Document:
        return YamlDocument(YamlList(text, self.place, where))


class YamlDocument:
    """One list with its edits."""

    def __init__(self, parsed: YamlList) -> None:
        self._list = parsed

    @property
    def entries(self) -> t.Sequence[Entry]:
        return self._list.entries

    def setting(self, *keys: str) -> t.Any:
        return self._list.setting(*keys)

    def appended(self, data: Data) -> str:
        return yaml_edit.appended(self._list, data)

    def replaced(self, index: int, data: Data) -> str:
        return yaml_edit.replaced(self._list, index, data)

    def removed(self, index: int) -> str:
        return yaml_edit.removed(self._list, index)
