# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user's arguments change in a model's config.

YaRN stretches positions: ``--hf-overrides`` (vLLM), ``--json-model-override-args`` (SGLang), and ``--rope-scaling``
of older releases of vLLM, as model cards say it.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument

_CONFIG = ("--hf-overrides", "--json-model-override-args")
_ROPE = "--rope-scaling"
_POSITIONS = ("rope_scaling", "rope_parameters", "max_position_embeddings")


def position_overrides(user: t.Sequence[Argument]) -> t.Dict[str, t.Any]:
    """The fields of positions that arguments set, those of the text model included; empty for none.

    :raises InvalidInput: an argument is no JSON object.
    """
    found: t.Dict[str, t.Any] = {}
    for argument in user:
        if argument.flag in _CONFIG:
            told = _object(argument)
            inner = told.get("text_config")
            for holder in (told, inner if isinstance(inner, t.Mapping) else {}):
                found.update({key: holder[key] for key in _POSITIONS if key in holder})
        elif argument.flag == _ROPE:
            found["rope_scaling"] = dict(_object(argument))
    return found


def _object(argument: Argument) -> t.Mapping[str, t.Any]:
    try:
        told = json.loads(argument.value or "")
    except ValueError:
        told = None
    if not isinstance(told, t.Mapping):
        raise InvalidInput(
            "backend_parameters contains %s, whose value is no JSON object" % argument.flag,
            hint='Write it as %s={"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}.' % argument.flag,
            parameter=argument.flag,
        )
    return told
