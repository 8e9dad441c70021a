# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which functions of the bus are cards: each vendor's classes, and what else is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import pci
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import foreign_state

from tests.unit.gpu.fakes import FakeTools, codes, facts, machine, pci_card


@pytest.mark.parametrize(
    ("ids", "device_class", "vendor"),
    [
        ("10de:2330", "0x030200", "nvidia"),
        ("10de:2684", "0x030000", "nvidia"),
        ("10de:22a3", "0x068000", None),  # an NVSwitch
        ("1002:74a1", "0x120000", "amd"),
        ("1d94:6210", "0x0b4000", "hygon"),
        ("1d94:62b7", "0x038000", "hygon"),
        ("19e5:d802", "0x120000", "ascend"),
        ("19e5:1711", "0x030000", None),  # the graphics of a management controller
        ("8086:e20b", "0x030000", "intel"),
        ("8086:37c8", "0x0b4000", None),  # QuickAssist
        ("8086:0b2b", "0x120000", None),  # an FPGA
        ("1da3:1060", "0x120000", "gaudi"),
        ("1d0f:7364", "0x088000", "aws"),
        ("1d0f:7164", "0x088000", "aws"),
        ("1d0f:8061", "0x010802", None),
        ("1d0f:ec20", "0x088000", None),
        ("10ee:5000", "0x120000", None),  # an FPGA
        ("1ed5:0400", "0x030000", "mthreads"),
        ("cabc:0370", "0x120000", "cambricon"),
        ("1a03:2000", "0x030000", None),
        ("1002:515e", "0x030000", None),  # the graphics of an older one
        ("1414:008e", "0x030200", None),
        ("abcd:0001", "0x120000", "other"),
        ("abcd:0001", "0x030000", None),
        ("abcd:0001", "0x0b4000", None),
    ],
)
def test_cards_by_the_classes_of_their_vendor(
    tmp_path: Path, ids: str, device_class: str, vendor: str | None
) -> None:
    pci_card(tmp_path, "0000:65:00.0", ids=ids, driver=None, device_class=device_class)
    assert [card.vendor for card in pci.scan(machine(tmp_path))] == ([vendor] if vendor else [])


@pytest.mark.parametrize(
    ("driver", "state"),
    [
        ("vfio-pci", "passthrough"),
        ("nvgrace-gpu-vfio-pci", "passthrough"),
        ("xe-vfio-pci", "passthrough"),
        ("pci-stub", "passthrough"),
        ("pciback", "passthrough"),
        ("gim", "sriov_host"),
        ("nouveau", "wrong_driver"),
        ("nova_core", "wrong_driver"),
        ("nova-drm", "wrong_driver"),
        ("radeon", "wrong_driver"),
        ("nvidia", None),
        ("amdgpu", None),
        ("xe", None),
        (None, None),
    ],
)
def test_drivers_that_are_not_the_vendors(driver: str | None, state: str | None) -> None:
    assert foreign_state(driver) == state


def test_names_without_a_list_on_the_host(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:65:00.0", ids="1d94:6210", driver=None, device_class="0x0b4000")
    (device,) = facts(machine(tmp_path), FakeTools())["devices"]
    assert (device["name"], device["sources"]["name"]) == ("Hygon K100_AI", "pci.ids")


def test_the_slot_has_fewer_lanes_than_the_card(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:65:00.0", ids="1002:74a1", driver="amdgpu", device_class="0x120000")
    folder = tmp_path / "sys/bus/pci/devices"
    files = {
        "mem_info_vram_total": str(192 << 30),
        "current_link_speed": "16.0 GT/s PCIe",
        "max_link_speed": "32.0 GT/s PCIe",
        "current_link_width": "4",
        "max_link_width": "16",
    }
    for name, content in files.items():
        (folder / "0000:65:00.0" / name).write_text(content)
    fact = facts(machine(tmp_path), FakeTools())
    assert codes(fact) == ["pcie_narrowed"]
    assert fact["devices"][0]["pcie"] == {
        "generation": 4,
        "generation_max": 5,
        "width": 4,
        "width_max": 16,
    }
    (folder / "max_link_width").write_text("4")
    assert codes(facts(machine(tmp_path), FakeTools())) == []
