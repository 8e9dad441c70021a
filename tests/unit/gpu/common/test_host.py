# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import host, pci

from tests.unit.gpu.fakes import FakeTools, facts, machine, pci_card

FIB_TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.10
           /32 host LOCAL
Local:
        |-- 192.0.2.10
           /32 host LOCAL
"""


def test_addresses_are_this_hosts_own() -> None:
    assert host.local_addresses(FIB_TRIE) == ["192.0.2.10"]
    assert host.local_addresses("") == []


def test_memory_of_a_host(tmp_path: Path) -> None:
    assert host.host_memory(machine(tmp_path)) == host.HostMemory(127000000 * 1024, 118000000 * 1024)


def test_memory_of_a_container_with_a_limit(tmp_path: Path) -> None:
    limited = machine(
        tmp_path, {"sys/fs/cgroup/memory.max": "1000000\n", "sys/fs/cgroup/memory.current": "400000\n"}
    )
    assert host.host_memory(limited) == host.HostMemory(1000000, 600000)


def test_memory_without_a_limit_or_without_meminfo(tmp_path: Path) -> None:
    free = machine(tmp_path, {"sys/fs/cgroup/memory.max": "max\n"})
    assert host.host_memory(free).total_bytes == 127000000 * 1024
    assert host.parse_meminfo("nonsense") == host.HostMemory(None, None)


def test_memory_of_a_container_of_control_groups_version_1(tmp_path: Path) -> None:
    files = {"limit_in_bytes": "1000000\n", "usage_in_bytes": "400000\n"}
    limited = machine(tmp_path, {"sys/fs/cgroup/memory/memory." + name: text for name, text in files.items()})
    assert host.host_memory(limited) == host.HostMemory(1000000, 600000)


def test_ipv6_addresses_of_global_scope() -> None:
    text = (
        "00000000000000000000000000000001 01 80 10 80       lo\n"
        "20010db8000000000000000000000010 02 40 00 80     eth0\n"
        "fe80000000000000000000000000000a 02 40 20 80     eth0\n"
    )
    assert host.global_addresses(text) == ["2001:db8::10"]
    assert host.global_addresses("nonsense") == []


@pytest.mark.parametrize(
    ("file", "content", "container", "wsl"),
    [
        ("etc/issue", "", False, False),
        (".dockerenv", "", True, False),
        ("run/.containerenv", "", True, False),
        ("proc/1/cgroup", "0::/kubepods.slice/kubepods-pod1.slice", True, False),
        ("proc/version", "Linux version 5.15.153.1-microsoft-standard-WSL2", False, True),
    ],
)
def test_surroundings(tmp_path: Path, file: str, content: str, container: bool, wsl: bool) -> None:
    here = machine(tmp_path, {file: content})
    assert (host.in_container(here), host.in_wsl(here)) == (container, wsl)


def test_host_facts_of_the_machine_that_runs_this_test(tmp_path: Path) -> None:
    facts = host.host_facts(machine(tmp_path, {"etc/machine-id": "0f3c\n"}))
    assert facts["machine_id"] == "0f3c"
    assert facts["name"]
    assert facts["cpu"]["count"] >= 1


def test_virtual_functions_and_broken_entries_are_no_cards(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    pci_card(tmp_path, "0000:17:00.4")
    (tmp_path / "sys/bus/pci/devices/0000:17:00.4/physfn").symlink_to("../0000:17:00.0")
    (tmp_path / "sys/bus/pci/devices/nonsense").mkdir()
    (tmp_path / "sys/bus/pci/devices/0000:18:00.0").mkdir()
    (card,) = pci.scan(machine(tmp_path))
    assert card == pci.PciCard("0000:17:00.0", "nvidia", "10de:2330", "nvidia", 1)


def test_any_accelerator_is_counted_and_named(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0", ids="abcd:0001", driver=None, device_class="0x120000")
    pci_card(tmp_path, "0000:18:00.0", ids="1ed5:0400", driver="mtgpu", device_class="0x030200")
    pci_card(tmp_path, "0000:19:00.0", ids="abcd:0002", driver=None, device_class="0x030000")
    pci_card(tmp_path, "0000:00:0b.0", ids="8086:7d1d", driver="intel_vpu", device_class="0x120000")
    names = (
        "abcd  Some Maker\n\t0001  Fast Accelerator\n\t\tabcd 0001  A subsystem\n1ed5  Moore\n\t0400  S4000\n"
    )
    here = machine(tmp_path, {"usr/share/misc/pci.ids": names})
    fact = facts(here, FakeTools())
    assert [(device["vendor"], device["name"], device["schedulable"]) for device in fact["devices"]] == [
        ("other", "Fast Accelerator", False),
        ("mthreads", "S4000", False),
    ]
    assert fact["devices"][0]["sources"] == {"name": "pci.ids"}


def test_numa_node_minus_one_is_none(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    (tmp_path / "sys/bus/pci/devices/0000:17:00.0/numa_node").write_text("-1\n")
    assert pci.numa_node(machine(tmp_path), "0000:17:00.0") is None
