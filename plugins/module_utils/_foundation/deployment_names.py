# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of deployments, by GPUStack's rule."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

GPUSTACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?<![-_])")
_LONGEST = 63


def default_name(model: str) -> str:
    """A deployment's name from a model id: ``deepseek-ai/DeepSeek-R1`` gives ``deepseek-r1``."""
    last = model.rstrip("/").rsplit("/", 1)[-1].split("@", 1)[0].lower()
    name = re.sub(r"[^a-z0-9_.]+", "-", last).strip("-_.")
    if not name[:1].isalpha():
        name = ("model-%s" % name).rstrip("-")
    return name[:_LONGEST].rstrip("-_.")


def checked_name(name: t.Any) -> str:
    """:raises InvalidInput: GPUStack would not accept it."""
    if not isinstance(name, str) or GPUSTACK_NAME.fullmatch(name) is None:
        raise InvalidInput(
            "name %r cannot be the name of a deployment" % (name,),
            hint="Begin with a letter, go on with letters, digits, '.', '-' and '_', "
            "and end with none of '-' and '_'.",
            name=name,
        )
    return name
