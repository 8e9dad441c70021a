# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a fleet as one page, by shape and site."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import summary
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import SOURCE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report import markup
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.bars import bars, measured_use

Fact = t.Mapping[str, t.Any]


def fleet_page(
    hosts: t.Mapping[str, t.Optional[Fact]], sites: t.Mapping[str, str], broken: t.Mapping[str, str]
) -> str:
    """A page for what gpu_facts found, by host; ``sites`` are the names of their sites, as far as there are some.

    ``broken`` says what is wrong with the facts of hosts that are given without any.

    Its date is that of the newest facts. It depends on what is given alone.
    """
    shapes: t.Dict[str, t.Dict[str, Fact]] = {}
    for name in sorted(hosts):
        fact = hosts[name] or {}
        shapes.setdefault(_shape(fact), {})[name] = fact
    found = [fact for fact in hosts.values() if fact]
    devices = [device for fact in found for device in fact.get("devices") or ()]
    badges = ["simulated"] if any(device.get("source") == SOURCE for device in devices) else []
    ordered = sorted(shapes.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = [_row(shape, there, sites) for shape, there in ordered]
    return markup.page(
        "Fleet",
        markup.header(
            "Fleet", max((str(fact.get("collected_at") or "") for fact in found), default=""), badges
        ),
        "<p>%d hosts, %d cards</p>" % (len(hosts), len(devices)),
        _problems(hosts, broken),
        markup.heading("By shape and site"),
        markup.table(("shape", "hosts", "sites", "usable cards", "free GiB", "total GiB"), rows),
        *(_shape_section(shape, there) for shape, there in ordered if _cards(there)),
    )


def _shape(fact: Fact) -> str:
    return summary.count_by_name(fact.get("devices") or ()) or "no cards" if fact else "no facts"


def _cards(hosts: t.Mapping[str, Fact]) -> t.List[t.Tuple[str, Fact]]:
    return [(name, device) for name, fact in hosts.items() for device in fact.get("devices") or ()]


def _row(shape: str, hosts: t.Mapping[str, Fact], sites: t.Mapping[str, str]) -> t.Tuple[markup.Cell, ...]:
    usable = [device for _name, device in _cards(hosts) if device.get("schedulable")]
    there = list(dict.fromkeys(sites[name] for name in hosts if sites.get(name)))
    amounts = [summary.total(usable, "memory_%s_bytes" % key) for key in ("free", "total")]
    return (
        shape, "%d: %s" % (len(hosts), markup.names(list(hosts))), markup.names(there), len(usable),
        *(None if each is None else summary.gib(each) for each in amounts),
    )  # fmt: skip


def _shape_section(shape: str, hosts: t.Mapping[str, Fact]) -> str:
    uses = [
        (
            name,
            device.get("index") or 0,
            measured_use(
                device["memory_total_bytes"] - device["memory_free_bytes"], device["memory_free_bytes"]
            ),
        )
        for name, device in _cards(hosts)
        if device.get("memory_total_bytes") and device.get("memory_free_bytes") is not None
    ]
    return markup.heading(shape) + bars(uses) if uses else ""


def _problems(hosts: t.Mapping[str, t.Optional[Fact]], broken: t.Mapping[str, str]) -> str:
    """What is wrong, each once with its hosts."""
    said: t.Dict[str, t.List[str]] = {}
    for name in sorted(hosts):
        fact = hosts[name]
        why = "its GPU facts are broken: %s" % broken[name] if name in broken else "it gave no GPU facts"
        for each in summary.raised(fact) if fact else [why]:
            said.setdefault(each, []).append(name)
    rows = [(what, markup.names(there)) for what, there in said.items()]
    return markup.heading("Problems") + markup.table(("what", "hosts"), rows) if rows else ""
