# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the planner answers: plans, and what was rejected with its first broken limit."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Rejection:
    """A candidate that is not the plan, and the first limit that it breaks.

    Bytes are per GPU; ``gpu`` is its kind. ``places``: so many of the replicas have one, where that is too few.
    """

    variant: str
    quantization: t.Optional[str]
    backend: t.Optional[str]
    tensor: t.Optional[int]
    site: str
    reason: str
    needs_bytes: t.Optional[int] = None
    has_bytes: t.Optional[int] = None
    gpu: t.Optional[str] = None
    pipeline: int = 1
    data: int = 1
    hosts: int = 1
    speculative: t.Optional[str] = None
    places: t.Optional[int] = None

    @property
    def lacks_room(self) -> bool:
        """Whether it is about memory and free GPUs, and no rule or wish forbids it."""
        return self.needs_bytes is not None or self.places is not None


@dataclass(frozen=True)
class Outcome:
    """One plan for each site, in the order of their names. ``options`` would have fitted, too.

    ``moves`` are deployments that run and will not stay as they are: name, site, from, to, because, line.
    ``holds`` are the variants that a site could serve, the preferred one first: variant, quantization,
    context_tokens.
    ``distance``: by how many steps all plans together miss their service level.
    """

    plans: t.Tuple[t.Dict[str, t.Any], ...]
    lines: t.Tuple[str, ...]
    rejected: t.Tuple[Rejection, ...]
    warnings: t.Tuple[str, ...]
    kept: bool
    options: t.Tuple[t.Dict[str, t.Any], ...] = ()
    moves: t.Tuple[t.Dict[str, str], ...] = ()
    holds: t.Tuple[t.Dict[str, t.Any], ...] = ()
    distance: int = 0
