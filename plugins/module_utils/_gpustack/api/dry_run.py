# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A definition that the server checks without storing it (since 2.3)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    excerpt,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json

# Fields of a creation that a document to import must not have.
_NOT_IMPORTED = frozenset(("meta", "access_policy", "cluster_id"))
_UNKNOWN = "unknown field(s): "
_MANAGED = "server-managed field(s)"
# Somebody was faster since the look. Creating it then says so, and the decision is made again.
_TAKEN = "already exists"
MESSAGE_LENGTH = 700


@dataclass(frozen=True)
class Rehearsal:
    """A definition to be checked. One that ``exists`` is checked as a new one of another name."""

    definition: Json
    exists: bool = False

    @property
    def document(self) -> Json:
        """What a deployment is imported from."""
        fields = {key: value for key, value in self.definition.items() if key not in _NOT_IMPORTED}
        if self.exists:
            fields["name"] = "rehearsal-of-%s" % self.definition["name"]
        return {key: value for key, value in fields.items() if value is not None}


def rehearse(client: GpustackClient, rehearsals: t.Sequence[Rehearsal]) -> t.List[t.List[str]]:
    """Warnings of the server about each definition, which it is told to check only.

    :raises InvalidInput: it would refuse one, with its words.
    :raises PermissionDenied: this key may not create anything.
    """
    warnings: t.List[t.List[str]] = [[] for _each in rehearsals]
    for cluster_id in {each.definition["cluster_id"] for each in rehearsals}:
        places = [n for n, each in enumerate(rehearsals) if each.definition["cluster_id"] == cluster_id]
        found = client.rehearse_creation([rehearsals[place].document for place in places], cluster_id)
        for place, errors in zip(places, found):
            warnings[place] = _judged(rehearsals[place].definition, errors)
    return warnings


def _judged(definition: Json, errors: t.Sequence[str]) -> t.List[str]:
    refusals = [text for text in errors if not text.startswith((_UNKNOWN, _MANAGED, _TAKEN))]
    if refusals:
        raise InvalidInput(
            "GPUStack would not take the definition of %s: %s"
            % (definition["name"], _shown(refusals, definition)),
            hint="Correct the option that it names. Nothing was changed.",
        )
    unknown = [text[len(_UNKNOWN) :] for text in errors if text.startswith(_UNKNOWN)]
    return ["This version of GPUStack does not know the fields %s." % ", ".join(unknown)] if unknown else []


def _shown(errors: t.Sequence[str], body: Json) -> str:
    """The server's words, unless they repeat the value of an environment variable, which may be secret."""
    text = "; ".join(errors)
    values = [str(value) for value in (body.get("env") or {}).values() if value]
    if any(value in text for value in values):
        return "(its words are withheld, because they repeat the environment)"
    return excerpt(text, MESSAGE_LENGTH)
