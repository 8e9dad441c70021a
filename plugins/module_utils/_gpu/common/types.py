# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe finds. Field names are the names of the facts.

Memory counts bytes, power watts, link speed GB/s in both directions together. None is unknown.
"""

from __future__ import annotations

import typing as t

Fact = t.Dict[str, t.Any]

# Version of the facts.
SCHEMA = 1

_NOTHING: t.Mapping[str, t.Any] = {}


def plain(value: t.Any) -> t.Any:
    """Dictionaries and lists, as JSON has them, of the tuples of this file."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, t.Mapping):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, (tuple, list)) else value


# A host compiles what it imports anew: named tuples cost a tenth of data classes.
class MigInstance(t.NamedTuple):
    """A slice of an NVIDIA card. With ``shares_memory`` a sibling counts the same bytes."""

    uuid: t.Optional[str] = None
    index: t.Optional[int] = None  # type: ignore[assignment]
    profile: t.Optional[str] = None
    gpu_instance_id: t.Optional[int] = None
    compute_instance_id: t.Optional[int] = None
    memory_total_bytes: t.Optional[int] = None
    memory_used_bytes: t.Optional[int] = None
    memory_free_bytes: t.Optional[int] = None
    shares_memory: bool = False


class Mig(t.NamedTuple):
    """``mode`` is enabled, disabled, or None where the card has no such mode."""

    mode: t.Optional[str] = None
    instances: t.Tuple[MigInstance, ...] = ()
    profiles: t.Tuple[Fact, ...] = ()


class Condition(t.NamedTuple):
    """Something about a card: a code of the table of conditions, and what it is here."""

    code: str
    detail: str


class Health(t.NamedTuple):
    """``state`` is ok, unhealthy or unknown."""

    state: str = "unknown"
    detail: t.Optional[str] = None
    conditions: t.Tuple[Condition, ...] = ()


class Process(t.NamedTuple):
    """Who holds memory of a card."""

    pid: int
    name: t.Optional[str]
    used_bytes: t.Optional[int]


class Device(t.NamedTuple):
    """One card. ``state`` is ok or the stable code of what is wrong with it.

    ``source`` told the values, but for those named in ``sources``.
    """

    vendor: str
    source: str
    index: t.Optional[int] = None  # type: ignore[assignment]
    uuid: t.Optional[str] = None
    pci_bus_id: t.Optional[str] = None
    pci_id: t.Optional[str] = None
    name: t.Optional[str] = None
    architecture: t.Optional[str] = None
    compute_capability: t.Optional[str] = None
    gfx: t.Optional[str] = None
    soc: t.Optional[str] = None
    state: str = "ok"
    schedulable: bool = True
    memory_total_bytes: t.Optional[int] = None
    memory_reserved_bytes: t.Optional[int] = None
    memory_used_bytes: t.Optional[int] = None
    memory_free_bytes: t.Optional[int] = None
    unified_memory: bool = False
    mig: Mig = Mig()
    vgpu: t.Optional[t.Mapping[str, t.Any]] = None
    ecc: t.Optional[bool] = None
    health: Health = Health()
    processes_bytes: t.Optional[int] = None
    processes: t.Tuple[Process, ...] = ()
    power_limit_w: t.Optional[float] = None
    numa_node: t.Optional[int] = None
    addressing_mode: t.Optional[str] = None
    fabric_state: t.Optional[str] = None
    recovery_action: t.Optional[str] = None
    xids: t.Optional[t.Tuple[int, ...]] = None
    partition: t.Optional[t.Mapping[str, t.Any]] = None
    kernel_driver: t.Optional[str] = None
    persistence: t.Optional[bool] = None
    compute_mode: t.Optional[str] = None
    pcie: t.Optional[Fact] = None
    nvlinks: t.Optional[Fact] = None
    fabric: t.Optional[Fact] = None
    memory_errors: t.Optional[Fact] = None
    load: t.Optional[Fact] = None
    specs: t.Optional[t.Mapping[str, t.Any]] = None
    sources: t.Mapping[str, str] = _NOTHING

    def told_by(self, source: str, **values: t.Any) -> Device:
        """This device with ``values`` that another source than the device's own knows."""
        known = {name for name, value in values.items() if value not in (None, ())}
        return self._replace(sources=dict(self.sources, **dict.fromkeys(known, source)), **values)

    def as_fact(self) -> Fact:
        return {name: plain(value) for name, value in self._asdict().items()}


class Link(t.NamedTuple):
    """Between the devices of index ``a`` and ``b``; ``grade`` is the tool's word: NV18, PIX, SYS."""

    a: int
    b: int
    kind: str
    grade: str
    gbps: t.Optional[float] = None

    def as_fact(self) -> Fact:
        return {"a": self.a, "b": self.b, "kind": self.kind, "class": self.grade, "gbps": self.gbps}


class Notice(t.NamedTuple):
    """Something that a person should know: stable ``code``, what happened, what to do.

    ``severity`` is error, warning or note.
    """

    code: str
    vendor: t.Optional[str]
    message: str
    hint: str
    device: t.Optional[str] = None
    severity: str = "warning"

    def as_fact(self) -> Fact:
        return dict(self._asdict())


class Findings(t.NamedTuple):
    """What one probe knows. ``driver`` and ``runtime`` are versions: ``570.124.06``, ``12.8``;
    ``details`` are facts about the driver."""

    devices: t.Tuple[Device, ...] = ()
    links: t.Tuple[Link, ...] = ()
    notices: t.Tuple[Notice, ...] = ()
    driver: t.Optional[str] = None
    runtime: t.Mapping[str, str] = _NOTHING
    details: t.Mapping[str, t.Any] = _NOTHING


class Memory(t.NamedTuple):
    """The four numbers of a card, with what can be derived filled in and nonsense taken out."""

    total: t.Optional[int]
    reserved: t.Optional[int]
    used: t.Optional[int]
    free: t.Optional[int]

    @classmethod
    def of(
        cls,
        total: t.Optional[int],
        reserved: t.Optional[int],
        used: t.Optional[int],
        free: t.Optional[int],
    ) -> Memory:
        """A total of 0 is unknown; no part is larger than the whole."""
        if not total:
            return cls(None, None, None, None)
        reserved, used, free = (
            part if part is None or part <= total else None for part in (reserved, used, free)
        )
        if free is None and used is not None:
            free = max(0, total - used - (reserved or 0))
        return cls(total, reserved, used, free)
