# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What GPUStack's catalog advises for a repository on some cards."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Spec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.gpu_filters import admits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Gpu
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import LATENCY, Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described


def advised(described: Described, engine: Engine, kind: Gpu, policy: Policy) -> t.Optional[Spec]:
    """The catalog's entry for this repository on this engine and card; of several the one for the goal."""
    entries = [
        spec
        for spec in described.advice
        if spec.backend == engine.name and admits([spec.gpu_filters] if spec.gpu_filters else [], kind)
    ]
    wanted = LATENCY if policy.goal == LATENCY else policy.mode
    return next((spec for spec in entries if spec.mode == wanted), entries[0] if entries else None)


def version_of(described: Described, engine: Engine, kind: Gpu, policy: Policy) -> t.Optional[str]:
    """The engine's version: the user's, else the one that the catalog names; None: the server's default."""
    if policy.backend_version is not None:
        return policy.backend_version
    spec = advised(described, engine, kind, policy)
    return None if spec is None else spec.backend_version
