# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts written from descriptions: what sysfs shows of cards, what lies where on a host.

A description is JSON. A list holds cards, or nodes of AMD's compute topology. A mapping is one card, or a
host:

- ``/path``: the text of that file; true for one that is there, false for one that is not; a list of names
  in a folder, or a mapping of files in it. For a vendor's tool the text is what it prints.
- ``cards`` and ``pci``: cards, each a mapping or ``8 x 10de:2330 driver nvidia``.
- the name of a tool, also with ``on PATH``: whether it is there, or what it prints.
- ``MemAvailable_kB`` and other lines of meminfo; ``container``, ``environ``, ``kernel log``.
- names of kernel drivers alone, with remarks: a card held by each.

A card has ``pci_id`` or ``vendor`` and ``device``, and may have ``address``, ``class``, ``driver``, ``kfd``;
every other scalar is a file of its folder, a list the names in a folder, a mapping the files in it.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import PROBES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import pci

Json = t.Mapping[str, t.Any]

TOOLS = {tool for vendor in PROBES.values() for tool in vendor.tools}
_CARDS = re.compile(
    r"^(?:(\d{1,3})\s*[x*]\s*)?([0-9a-f]{4}:[0-9a-f]{4})(?:.*?\bdriver[ =:]+(\S+))?", re.IGNORECASE
)
_ADDRESS = re.compile(r"^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]$", re.IGNORECASE)
_IDENTITY = ("pci_id", "vendor", "device", "class", "address", "driver", "kfd", "note", "numa_node")
_CLASSES = {
    "nvidia": "0x030200",
    "amd": "0x038000",
    "intel": "0x030000",
    "hygon": "0x0b4000",
    "aws": "0x088000",
}
# Whose card a kernel driver holds, where a description names the driver alone.
_OWNERS = ((r"^(gim|amdgpu|amdgv|radeon)", "1002:74a1"), (r"^(xe|i915)", "8086:e211"))
_KFD = "sys/class/kfd/kfd/topology/nodes"
_XGMI = 11
_CARD_LISTS = ("cards", "pci", "devices", "gpus")


@dataclass
class Host:
    """A host below ``root``, as it is being written. ``bin`` is its search path."""

    root: Path
    cards: t.List[t.Tuple[str, str]] = field(default_factory=list)
    environ: t.Dict[str, str] = field(default_factory=dict)

    @property
    def bin(self) -> Path:
        return self.root / "path"

    def write(self, path: str, content: str) -> None:
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")

    def tool(self, path: str, printed: t.Union[str, bool]) -> None:
        """A stand-in for a vendor's tool: it prints a text, or without one lists the host's cards."""
        name = path.rpartition("/")[2]
        text = printed if isinstance(printed, str) else listing(name, self.cards)
        answer = "answers/" + path.strip("/").replace("/", "-")
        self.write(answer, text)
        self.write(path, "#!/bin/sh\n/bin/cat '%s'\n" % (self.root / answer))
        (self.root / path.lstrip("/")).chmod(0o755)


def write_host(root: Path, described: t.Any) -> Host:
    """The host of a description."""
    host = Host(root)
    host.bin.mkdir()
    if isinstance(described, list):
        _write_list(host, described)
    elif set(described) & {"pci_id", "device"}:
        _write_card(host, described)
        _write_rest(host, {name: value for name, value in described.items() if name[:1].isupper()})
    elif described and all(_is_remark(name, value) for name, value in described.items()):
        for driver in described:
            _write_card(host, {"pci_id": _card_of(driver), "driver": driver})
    else:
        _write_mapping(host, described)
    return host


def _is_remark(name: str, value: t.Any) -> bool:
    named = (
        re.match(r"^[a-z][a-z0-9_-]*$", name) is not None and name not in TOOLS and name not in _CARD_LISTS
    )
    return named and isinstance(value, str)


def _card_of(driver: str) -> str:
    return next((ids for pattern, ids in _OWNERS if re.search(pattern, driver)), "10de:2330")


def _write_list(host: Host, described: t.Sequence[t.Any]) -> None:
    nodes = [each for each in described if isinstance(each, dict) and "location_id" in each]
    if nodes:
        _write_topology(host, nodes)
    for each in described:
        if each not in nodes:
            _write_cards(host, each)


def _write_cards(host: Host, described: t.Any) -> None:
    """One card, or several of one line."""
    if isinstance(described, dict):
        _write_card(host, described)
        return
    found = _CARDS.match(str(described).strip())
    for _number in range(int(found.group(1) or 1) if found else 0):
        if found:
            _write_card(host, {"pci_id": found.group(2), "driver": found.group(3)})


def _write_mapping(host: Host, described: Json) -> None:
    rest: t.Dict[str, t.Any] = {}
    tools: t.Dict[str, t.Any] = {}
    for name, value in described.items():
        tool = name.rpartition("/")[2].split(" on ")[0].strip()
        if tool in TOOLS:
            tools[name if name.startswith("/") else "path/" + tool] = value
        elif name in _CARD_LISTS:
            for each in value if isinstance(value, list) else [value]:
                _write_cards(host, each)
        elif _ADDRESS.match(name) and isinstance(value, dict):
            _write_card(host, dict(value, address=name))
        elif name == "kfd" and isinstance(value, list):
            _write_topology(host, value)
        else:
            rest[name] = value
    _write_rest(host, rest)
    for path, printed in tools.items():
        if printed is not False and printed is not None:
            host.tool(path, printed)


def _write_rest(host: Host, described: Json) -> None:
    memory = []
    for name, value in described.items():
        line = re.match(r"^(Mem[A-Za-z]+|Swap[A-Za-z]+)(?:_kB)?$", name)
        if name.startswith("/"):
            _write_path(host, name, value)
        elif line:
            memory.append("%s:  %s kB" % (line.group(1), value))
        elif name == "container" and value:
            host.write("run/systemd/container", value if isinstance(value, str) else "docker")
        elif name in ("environ", "env") and isinstance(value, dict):
            host.environ.update({key: str(each) for key, each in value.items()})
        elif name in ("kernel log", "kmsg", "dmesg"):
            host.write("dev/kmsg", str(value))
    if memory:
        host.write("proc/meminfo", "\n".join(memory) + "\n")


def _write_path(host: Host, path: str, value: t.Any) -> None:
    if value is False or value is None:
        return
    if isinstance(value, list):
        for name in value:
            (host.root / path.lstrip("/") / str(name)).mkdir(parents=True, exist_ok=True)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _write_path(host, "%s/%s" % (path, name), inner)
    else:
        text = "" if value is True else str(value)
        if path == "/proc/driver/nvidia/version" and re.match(r"^[\d.]+$", text):
            text = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  Thu Jan  1" % text
        host.write(path, text)


def _write_card(host: Host, described: Json) -> None:
    ids = str(described.get("pci_id") or "%s:%s" % (described.get("vendor"), described.get("device")))
    vendor_id, device_id = (part.lower().replace("0x", "") for part in ids.split(":"))
    address = str(described.get("address") or "0000:%02x:00.0" % (0x10 + 4 * len(host.cards)))
    vendor = pci.VENDORS.get(vendor_id, pci.OTHER)
    host.cards.append((address, "%s:%s" % (vendor_id, device_id)))
    folder = "%s/%s" % (pci.DEVICES.lstrip("/"), address)
    host.write(folder + "/vendor", "0x" + vendor_id)
    host.write(folder + "/device", "0x" + device_id)
    host.write(folder + "/class", str(described.get("class") or _CLASSES.get(vendor, "0x120000")))
    host.write(folder + "/numa_node", str(described.get("numa_node", -1)))
    # Only AMD's driver writes these files.
    written = "amdgpu" if any(name.startswith("mem_info_") for name in described) else None
    driver = described.get("driver", written)
    if driver:
        (host.root / folder / "driver").symlink_to("../../../bus/pci/drivers/%s" % driver)
    node = host.root / folder / "drm" / "card0"
    node.mkdir(parents=True)
    (node / "device").symlink_to("../..")
    rest = {name: value for name, value in described.items() if name not in _IDENTITY and name[:1].islower()}
    for name, value in rest.items():
        for place in (folder, folder + "/drm/card0"):
            _write_path(host, "%s/%s" % (place, name), value)
    kfd = described.get("kfd")
    if isinstance(kfd, dict):
        bus, slot = address.split(":")[1:]
        location = int(bus, 16) << 8 | int(slot.split(".")[0], 16) << 3 | int(slot.split(".")[1], 16)
        _write_node(host, dict({"node": len(host.cards), "location_id": location, "domain": 0}, **kfd), [])


def _write_topology(host: Host, nodes: t.Sequence[Json]) -> None:
    """Nodes and the cards that they are parts of; without links of their own all are joined by xGMI."""
    gpus = [node for node in nodes if node.get("simd_count")]
    slots: t.Dict[t.Tuple[int, int], t.List[Json]] = {}
    for node in gpus:
        slots.setdefault((int(node.get("domain", 0)), int(node["location_id"]) & ~7), []).append(node)
    for (domain, place), parts in slots.items():
        version = int(parts[0].get("gfx_target_version", 0))
        card = {
            "pci_id": "1002:75a0" if version // 100 == 905 else "1002:74a1",
            "address": "%04x:%02x:%02x.0" % (domain, place >> 8 & 0xFF, place >> 3 & 0x1F),
            "class": "0x120000",
            "driver": "amdgpu",
            "mem_info_vram_total": 196592 * 1024**2,
            "mem_info_vram_used": 0,
            "current_compute_partition": "CPX" if len(parts) > 1 else "SPX",
        }
        _write_card(host, card)
    for node in nodes:
        ends = [other["node"] for other in gpus if other["node"] != node["node"]]
        _write_node(host, node, ends if node in gpus else [])


def _write_node(host: Host, node: Json, ends: t.Sequence[int]) -> None:
    folder = "%s/%s" % (_KFD, node["node"])
    scalars = {name: value for name, value in node.items() if isinstance(value, int) and name != "node"}
    host.write(folder + "/properties", "".join("%s %d\n" % each for each in scalars.items()))
    host.write(folder + "/gpu_id", str(node.get("gpu_id", 1000 + int(node["node"]))))
    links = node.get("io_links")
    if isinstance(links, dict):
        links = list(links.values())
    listed = links if isinstance(links, list) else [{"type": _XGMI, "node_to": end} for end in ends]
    for number, link in enumerate(listed):
        properties = "".join("%s %d\n" % each for each in link.items() if isinstance(each[1], int))
        host.write("%s/io_links/%d/properties" % (folder, number), properties)
    for name, bank in node.items():
        if name.startswith("mem_banks/") and isinstance(bank, dict):
            properties = "".join("%s %d\n" % each for each in bank.items() if isinstance(each[1], int))
            host.write("%s/%s/properties" % (folder, name), properties)


def listing(tool: str, cards: t.Sequence[t.Tuple[str, str]]) -> str:
    """What a vendor's tool says of cards of which only the identity is described."""
    if tool == "nvidia-smi":
        blocks = [
            "GPU 0000%s\n    PCI\n        Device Id : 0x%s%s\n        Bus Id : 0000%s\n"
            "    Product Name : NVIDIA Device %s\n"
            % (address, ids[5:].upper(), ids[:4].upper(), address, ids[5:])
            for address, ids in cards
            if ids.startswith("10de:")
        ]
        return "==============NVSMI LOG==============\n\nAttached GPUs : %d\n" % len(blocks) + "".join(blocks)
    if tool == "rocm-smi":
        found = [each for each in cards if each[1].startswith("1002:")]
        return json.dumps(
            {
                "card%d" % number: {"PCI Bus": address, "Device ID": "0x" + ids[5:]}
                for number, (address, ids) in enumerate(found)
            }
        )
    return ""
