# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All inputs of one plan: the model, its repositories, the hosts, the wishes, what runs already."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    DraftModel,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    WHEN_NEEDED,
    ApiPrice,
    Policy,
)

Record = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Model:
    """Which model was asked for, by which rule its repositories were found, and its cheapest API.

    ``licence`` and ``categories`` are what catalogs say of it.
    """

    id: str
    name: str
    rule: str
    api: t.Optional[ApiPrice] = None
    licence: t.Optional[str] = None
    categories: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What the user wrote, where the plan works with what came of it.

    ``variants`` are repositories that the user named, ``worker_labels`` what the workers of the server
    must be labelled with. ``uniform``: all sites serve the same.
    """

    model: str = ""
    source: t.Optional[str] = None
    variants: t.Tuple[str, ...] = ()
    worker_labels: t.Mapping[str, str] = field(default_factory=dict)
    uniform: bool = False


@dataclass(frozen=True)
class Agreed:
    """What all sites of a rollout can hold, where they are to serve the same."""

    repository: str
    quantization: str
    context_tokens: int


@dataclass(frozen=True)
class Request:
    """All inputs of one plan.

    ``deployed`` are records as gpustack_deployment_info gives them; ``notes`` say what about the
    hosts cannot be used. ``companions``: names of deployments that are planned together, whose memory
    is given back; ``reserved``: bytes that those planned before this one take, by GPU. With
    ``beside_running`` a new plan leaves what the running deployment of its name holds. ``draft`` is
    GPUStack's draft model for this one. ``workers`` are those that the servers of the sites show, None
    where nobody asked. ``barred`` are GPUs, by uuid, that the user keeps from being used. With ``agreed``
    nothing else is planned; then ``wished`` is the policy as the user gave it.
    """

    model: Model
    name: str
    variants: t.Tuple[Variant, ...]
    hosts: t.Tuple[Host, ...]
    policy: Policy = Policy()
    deployed: t.Tuple[Record, ...] = ()
    replan: str = WHEN_NEEDED
    notes: t.Tuple[str, ...] = ()
    companions: t.Tuple[str, ...] = ()
    reserved: t.Mapping[str, int] = field(default_factory=dict)
    beside_running: bool = False
    draft: t.Optional[DraftModel] = None
    asked: Asked = Asked()
    workers: t.Optional[t.Tuple[Record, ...]] = None
    barred: t.FrozenSet[str] = frozenset()
    agreed: t.Optional[Agreed] = None
    wished: t.Optional[Policy] = None

    @property
    def own_names(self) -> t.Tuple[str, ...]:
        """The deployments whose memory is given back."""
        return self.companions or (self.name,)
