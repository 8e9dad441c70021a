# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan against the start-up log of its engine, and what later plans learn.

A correction is a factor on one term of one engine's release on one card: measured over predicted. Of
several logs the largest factor stays, so that a corrected plan never sets less aside than was measured.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import Overhead
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.startup_log import StartupLog

WEIGHTS, ACTIVATION, RUNTIME = "weights_bytes", "activation_bytes", "runtime_bytes"
GRAPHS, CACHE, TOKENS = "cuda_graphs_bytes", "kv_cache_bytes", "kv_cache_tokens"

TERMS = (WEIGHTS, ACTIVATION, RUNTIME, GRAPHS, CACHE, TOKENS)

# Terms that belong to an engine on a card. Weights are the model's own, and the cache is what is left.
CORRECTABLE = (ACTIVATION, RUNTIME, GRAPHS)

# A factor beyond these speaks of another layout or other arguments than the plan's.
PLAUSIBLE_FACTORS = (0.1, 10.0)

# The files of a model give its weights: a log that has this much more or less of them is of another one.
WEIGHTS_FACTORS = (0.8, 1.25)

_FACTOR_DIGITS = 4

_OWN_LOG = "Give the log of the engine that this plan started, with the plan's own arguments."

Plan = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Row:
    """One term, predicted and measured, in bytes or tokens; ``measured`` None: the log does not say."""

    term: str
    predicted: int
    measured: t.Optional[int]

    @property
    def error_percent(self) -> t.Optional[float]:
        """By how much the prediction is above (+) or below (-) what was measured."""
        return round(100 * (self.predicted / self.measured - 1), 1) if self.measured else None


@dataclass(frozen=True)
class Correction:
    """``factor`` on what the planner predicts for a term; ``measured_bytes`` are the most that were seen."""

    engine: str
    version: str
    card: str
    term: str
    factor: float
    measured_bytes: int

    @property
    def key(self) -> t.Tuple[str, str, str, str]:
        return self.engine, self.card, self.version, self.term


def compare(plan: Plan, log: StartupLog) -> t.List[Row]:
    """The plan's memory on its tightest GPU beside the log's."""
    memory = plan["memory"]
    measured = {
        WEIGHTS: log.weights_bytes,
        ACTIVATION: _activation(plan, log),
        RUNTIME: _runtime(log),
        GRAPHS: log.graphs_bytes,
        CACHE: log.kv_cache_bytes,
        TOKENS: log.kv_cache_tokens,
    }
    return [Row(term, int(memory[term]), measured[term]) for term in TERMS]


def _runtime(log: StartupLog) -> t.Optional[int]:
    if log.runtime_bytes is None and log.consumed_bytes is not None and log.weights_bytes is not None:
        return max(0, log.consumed_bytes - log.weights_bytes)
    return log.runtime_bytes


def _activation(plan: Plan, log: StartupLog) -> t.Optional[int]:
    """As logged; else what is left of the budget when all the rest is taken from it."""
    if log.activation_bytes is not None or log.requested_bytes is None or log.kv_cache_bytes is None:
        return log.activation_bytes
    if log.weights_bytes is None:
        return None
    runtime = _runtime(log)
    runtime = int(plan["memory"][RUNTIME]) if runtime is None else runtime
    rest = log.requested_bytes - log.weights_bytes - log.kv_cache_bytes - (log.graphs_estimate_bytes or 0)
    return max(0, rest - runtime)


def corrections_from(rows: t.Sequence[Row], engine: str, version: str, card: str) -> t.List[Correction]:
    """What later plans take over.

    :raises InvalidInput: a term is so far off that the log is not of this plan.
    """
    other = another_model(rows)
    if other is not None:
        raise InvalidInput(other, hint=_OWN_LOG, term=WEIGHTS)
    found = []
    for row in rows:
        if row.term not in CORRECTABLE or not row.measured or not row.predicted:
            continue
        # Rounded up, so that the prediction does not fall below what it is corrected to.
        factor = -(-row.measured * 10**_FACTOR_DIGITS // row.predicted) / 10**_FACTOR_DIGITS
        if not PLAUSIBLE_FACTORS[0] <= factor <= PLAUSIBLE_FACTORS[1]:
            raise InvalidInput(
                "The log has %.2f GiB of %s, the plan %.2f GiB: they are not of the same deployment"
                % (row.measured / GIB, row.term, row.predicted / GIB),
                hint=_OWN_LOG,
                term=row.term,
            )
        found.append(Correction(engine, version, card, row.term, factor, row.measured))
    return found


def another_model(rows: t.Iterable[Row]) -> t.Optional[str]:
    """Why the log cannot be of the plan's model and layout; None where it can."""
    for row in rows:
        if row.term == WEIGHTS and row.measured and row.predicted:
            factor = row.measured / row.predicted
            if not WEIGHTS_FACTORS[0] <= factor <= WEIGHTS_FACTORS[1]:
                return "The log has %.2f GiB of weights on a GPU, the plan %.2f GiB: they are not of the same deployment" % (
                    row.measured / GIB, row.predicted / GIB,
                )  # fmt: skip
    return None


def merged(known: t.Iterable[Correction], new: t.Iterable[Correction]) -> t.List[Correction]:
    """One correction for each engine, card, release and term: the largest of all, in a fixed order."""
    rows: t.Dict[t.Tuple[str, str, str, str], Correction] = {}
    for each in [*known, *new]:
        other = rows.get(each.key, each)
        rows[each.key] = replace(
            each,
            factor=max(each.factor, other.factor),
            measured_bytes=max(each.measured_bytes, other.measured_bytes),
        )
    return [rows[key] for key in sorted(rows)]


def as_record(correction: Correction) -> t.Dict[str, t.Any]:
    return asdict(correction)


def from_record(record: t.Any) -> Correction:
    """:raises InvalidInput: it is not as ``as_record`` writes it."""
    try:
        found = Correction(
            engine=str(record["engine"]),
            version=str(record["version"]),
            card=str(record["card"]),
            term=str(record["term"]),
            factor=float(record["factor"]),
            measured_bytes=int(record["measured_bytes"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as exc:
        raise InvalidInput("A correction has no usable %s: %r" % (exc, record)) from exc
    if found.term not in CORRECTABLE or not PLAUSIBLE_FACTORS[0] <= found.factor <= PLAUSIBLE_FACTORS[1]:
        raise InvalidInput(
            "A correction has the term %s and the factor %s" % (found.term, found.factor),
            hint="Terms are %s, factors between %s and %s." % (", ".join(CORRECTABLE), *PLAUSIBLE_FACTORS),
        )
    return found


def relevant(
    known: t.Iterable[Correction], engine: str, card: str, version: t.Optional[str]
) -> t.Tuple[Correction, ...]:
    """Those of an engine on a card: of the release, or of the newest one where none is given."""
    here = [each for each in known if each.engine == engine and each.card == card]
    wanted = version or max((each.version for each in here), key=_release, default="")
    return tuple(each for each in here if each.version == wanted)


def _release(version: str) -> t.Tuple[t.Tuple[int, ...], str]:
    numbers = tuple(int(part) for part in version.split("+")[0].split(".") if part.isdigit())
    return numbers, version


def corrected(overhead: Overhead, corrections: t.Iterable[Correction]) -> Overhead:
    """``overhead`` with the factors of an engine on a card."""
    sizes = {
        ACTIVATION: overhead.activation_bytes,
        RUNTIME: overhead.runtime_bytes,
        GRAPHS: overhead.graphs_bytes,
    }
    for each in corrections:
        size = -int(-sizes[each.term] * each.factor // 1)
        # What runs beside the engine's own memory does not depend on the model.
        sizes[each.term] = max(size, each.measured_bytes) if each.term == RUNTIME else size
    return replace(
        overhead,
        activation_bytes=sizes[ACTIVATION],
        runtime_bytes=sizes[RUNTIME],
        graphs_bytes=sizes[GRAPHS],
    )
