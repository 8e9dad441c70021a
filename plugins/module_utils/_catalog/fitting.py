# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which models of a search the given hosts can run.

The planner judges, from what the hub says about the files of a model. That takes some dozens of
requests for each model, so that their number and time are bounded; the rest is estimated.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.filters import (
    weights_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DoesNotFit,
    NotServable,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Host,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Model, Request

PLANNER, ESTIMATE = "planner", "estimate"
MAX_ASKED = 20
MAX_SECONDS = 60.0

# An estimate leaves the rest of the free memory to the engine and its cache.
WEIGHTS_SHARE = 0.9

# No format that an engine loads takes less for a weight; names overstate parameters by a fifth at most.
LEAST_BITS = 3.0


@dataclass(frozen=True)
class Fit:
    """Why a model is believed to fit.

    With ``judged_by`` planner, what model_plan would choose: the repository and its precision, the
    backend, how a replica is spread over GPUs, tokens of context, and the (first) host. With estimate, ``reason`` says why
    nothing was calculated.
    """

    judged_by: str
    repository: t.Optional[str] = None
    quantization: t.Optional[str] = None
    backend: t.Optional[str] = None
    tensor_parallel: t.Optional[int] = None
    pipeline_parallel: t.Optional[int] = None
    context_tokens: t.Optional[int] = None
    host: t.Optional[str] = None
    hosts: t.Optional[int] = None
    reason: t.Optional[str] = None


class Fitting:
    """Judges one model after another. ``uncalculated`` are ids that the planner could not calculate."""

    def __init__(
        self,
        library: Library,
        hosts: t.Sequence[Host],
        source: t.Optional[str],
        minimum_context_tokens: t.Optional[int],
        now: t.Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._hosts = tuple(hosts)
        self._source = source
        least = minimum_context_tokens or Policy().minimum_context_tokens
        self._policy = Policy(minimum_context_tokens=least, trust_remote_code=True)
        groups = _group_bytes(hosts)
        self._largest, self._all = max(groups, default=0), sum(groups)
        self._now = now
        self._end = now() + MAX_SECONDS
        self._asked = 0
        self.uncalculated: t.List[str] = []

    def judge(self, record: ModelRecord) -> t.Optional[Fit]:
        """None where the model does not fit, or nobody can tell."""
        if not record.open_weights or self._is_hopeless(record):
            return None
        if not _has_repository(record, self._source):
            return self._estimated(record, "no catalog knows its repository")
        if self._asked >= MAX_ASKED or self._now() >= self._end:
            return self._estimated(record, "%d models were asked for before it" % self._asked)
        return self._calculated(record)

    def estimates(self, record: ModelRecord) -> bool:
        """Whether the weights fit 90 % of the free memory of the largest group of equal GPUs on a host."""
        needed = weights_bytes(record)
        return record.open_weights and needed is not None and needed <= self._largest * WEIGHTS_SHARE

    def _calculated(self, record: ModelRecord) -> t.Optional[Fit]:
        try:
            with self._library.unnoted():
                shown = record.repositories[0] if record.repositories else record.id
                resolution = self._library.resolve(shown, self._source)
                variants = self._library.variants(resolution)
        except Unavailable as exc:
            return self._estimated(record, exc.message)
        except AutoconfigError as exc:
            self._asked += 1
            return self._estimated(record, exc.message)
        self._asked += 1
        model = Model(record.id, record.name, resolution.rule)
        try:
            outcome = make_plan(Request(model, "fit", tuple(variants), self._hosts, self._policy))
        except DoesNotFit:
            return None
        except NotServable:
            self.uncalculated.append(record.id)
            return None
        plan = outcome.plans[0]
        return Fit(
            PLANNER,
            repository=plan["variant"]["repository"],
            quantization=plan["variant"]["quantization"],
            backend=plan["backend"],
            tensor_parallel=plan["parallelism"]["tensor"],
            pipeline_parallel=plan["parallelism"]["pipeline"],
            context_tokens=plan["context_tokens"],
            host=plan["placement"][0]["host"],
            hosts=plan["parallelism"]["hosts"],
        )

    def _estimated(self, record: ModelRecord, reason: str) -> t.Optional[Fit]:
        return Fit(ESTIMATE, reason=reason) if self.estimates(record) else None

    def _is_hopeless(self, record: ModelRecord) -> bool:
        total = record.total_parameters
        return total is not None and total * LEAST_BITS / 8 > self._all


def _group_bytes(hosts: t.Iterable[Host]) -> t.List[int]:
    """Free memory of each group of equal GPUs on one host."""
    groups: t.Dict[t.Tuple[t.Any, ...], int] = {}
    for host in hosts:
        for gpu in host.gpus:
            key = (host.name, gpu.kind)
            groups[key] = groups.get(key, 0) + room_of(gpu, Claims()).usable_bytes
    return list(groups.values())


def _has_repository(record: ModelRecord, source: t.Optional[str]) -> bool:
    hubs = {spec.ref.source for spec in record.specs} | ({HUGGINGFACE} if record.repositories else set())
    return bool(hubs) if source == MODEL_SCOPE else HUGGINGFACE in hubs
