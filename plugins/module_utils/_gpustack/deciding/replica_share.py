# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many of the chosen GPUs each replica gets, where GPUStack counts. Pure: no IO."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    FieldSpec,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    GPUS_PER_REPLICA,
    Json,
)

# Engines whose tensor parallel sizes GPUStack rounds down.
_POWERS_OF_TWO = frozenset((None, "vLLM", "SGLang", "MindIE"))


def regrouped(
    was: Json, filled: t.Sequence[str], fields: Json, changes: t.Sequence[Difference]
) -> t.List[Difference]:
    """The number of GPUs of a replica, where more or fewer replicas share the same GPUs and the server has counted it.

    It counts once. Without this, what one GPU serves would depend on the way that led to the definition.
    ``was`` and ``fields`` are the managed fields before and as wanted, ``filled`` what is left to the server.
    """
    names = {change.spec.name for change in changes}
    counted, gpu_ids = was[GPUS_PER_REPLICA], was["gpu_ids"]
    if "replicas" not in names or {"gpu_ids", "backend_parameters", "backend", GPUS_PER_REPLICA} & names:
        return []
    if not (gpu_ids and counted and fields["replicas"] and GPUS_PER_REPLICA in filled):
        return []
    if counted != gpus_of_each(len(gpu_ids), was["replicas"], was["backend"]):
        # The engine's parameters say the number, whatever the replicas are.
        return []
    now = gpus_of_each(len(gpu_ids), fields["replicas"], was["backend"])
    return [Difference(FieldSpec(GPUS_PER_REPLICA), now, counted)] if now != counted else []


def gpus_of_each(gpus: int, replicas: int, backend: t.Optional[str]) -> int:
    """How many of ``gpus`` GPUStack gives to each replica, where no parameter says it."""
    share = gpus // (replicas or 1)
    if backend not in _POWERS_OF_TWO:
        return share
    return 1 << (share.bit_length() - 1) if share else 0
