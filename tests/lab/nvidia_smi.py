# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for nvidia-smi: prints a real card's output for GPUs that do not exist.

It reads gpus.json from its own folder or the one above (written by the lab, see shapes.py) and
answers ``-L``, ``-q -x``, ``--query-gpu=``, ``topo -m`` and no arguments as driver 570 does, or fails
as a broken driver does. Only the standard library, so that it runs on any host.
"""

from __future__ import annotations

import json
import os
import sys
import time
import typing as t
from xml.etree import ElementTree

Json = t.Dict[str, t.Any]
NOT_A_FIELD = 'Field "%s" is not a valid field to query.\n'
FAILURES = {
    "driver_not_loaded": (
        9,
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
        "Make sure that the latest NVIDIA driver is installed and running.\n",
    ),
    "driver_mismatch": (
        18,
        "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 570.124\n",
    ),
    "no_devices": (6, "No devices were found"),
    "unknown_error": (255, "Failed to initialize NVML: Unknown Error"),
    "device_lost": (255, "Unable to determine the device handle for GPU0000:1B:00.0: Unknown Error"),
}


def used(gpu: Json) -> int:
    held = gpu["foreign_used_mib"] + sum(gpu["claims"].values())
    return int(min(held, gpu["memory_total_mib"] - gpu["memory_reserved_mib"]))


def free(gpu: Json) -> int:
    return int(gpu["memory_total_mib"] - gpu["memory_reserved_mib"] - used(gpu))


def processes(gpu: Json) -> t.List[t.Tuple[int, str, int]]:
    """(pid, name, MiB) of each holder of memory; pids are made up and stay the same."""
    held = [("/usr/bin/python3", gpu["foreign_used_mib"])] if gpu["foreign_used_mib"] else []
    held += [("VLLM::EngineCore", mib) for _name, mib in sorted(gpu["claims"].items())]
    return [(4200 + 100 * gpu["index"] + number, name, mib) for number, (name, mib) in enumerate(held)]


FIELDS: t.Dict[str, t.Callable[[Json, Json], t.Any]] = {
    "index": lambda gpu, _: gpu["index"],
    "count": lambda _, document: len(document["gpus"]),
    "name": lambda gpu, _: gpu["product"],
    "gpu_name": lambda gpu, _: gpu["product"],
    "uuid": lambda gpu, _: gpu["uuid"],
    "gpu_uuid": lambda gpu, _: gpu["uuid"],
    "pci.bus_id": lambda gpu, _: gpu["pci_bus_id"],
    "gpu_bus_id": lambda gpu, _: gpu["pci_bus_id"],
    "pci.device_id": lambda gpu, _: "0x" + gpu["pci_device_id"],
    "driver_version": lambda _, document: document["driver_version"],
    "compute_cap": lambda gpu, _: gpu["compute_capability"],
    "memory.total": lambda gpu, _: "%d MiB" % gpu["memory_total_mib"],
    "memory.reserved": lambda gpu, _: "%d MiB" % gpu["memory_reserved_mib"],
    "memory.used": lambda gpu, _: "%d MiB" % used(gpu),
    "memory.free": lambda gpu, _: "%d MiB" % free(gpu),
    "mig.mode.current": lambda gpu, _: mig_mode(gpu, "[N/A]"),
    "ecc.mode.current": lambda gpu, _: gpu["ecc"].replace("N/A", "[N/A]"),
    "power.limit": lambda gpu, _: "%.2f W" % gpu["power_limit_w"],
    "power.draw": lambda gpu, _: "%.2f W" % idle_power(gpu),
    "temperature.gpu": lambda _gpu, _document: 31,
    "utilization.gpu": lambda _gpu, _document: "0 %",
    "persistence_mode": lambda _gpu, _document: "Enabled",
    "compute_mode": lambda _gpu, _document: "Default",
    "addressing_mode": lambda gpu, _: "[N/A]" if gpu["ecc"] == "N/A" else "None",
}


def mig_mode(gpu: Json, absent: str) -> str:
    capable = gpu["compute_capability"] in ("8.0", "9.0", "10.0")
    return "Disabled" if capable else absent


def idle_power(gpu: Json) -> float:
    return float(gpu["power_limit_w"] * 0.1)


def query(document: Json, names: t.List[str], options: t.List[str]) -> int:
    """CSV of ``--query-gpu``; ``options`` are the words after ``--format=``."""
    for name in names:
        if name not in FIELDS:
            print(NOT_A_FIELD % name)
            return 2
    if "noheader" not in options:
        units = {"memory": " [MiB]", "power": " [W]", "utilization": " [%]"}
        plain = "nounits" in options
        print(", ".join(name + units.get(name.split(".")[0], "") * (not plain) for name in names))
    for gpu in document["gpus"]:
        cells = [str(FIELDS[name](gpu, document)) for name in names]
        if "nounits" in options:
            cells = [
                cell.rsplit(" ", 1)[0] if cell.endswith((" MiB", " W", " %")) else cell for cell in cells
            ]
        print(", ".join(cells))
    return 0


def add(parent: ElementTree.Element, name: str, content: t.Any) -> ElementTree.Element:
    """Append an element; ``content`` is a text or a dict of child elements."""
    element = ElementTree.SubElement(parent, name)
    if isinstance(content, dict):
        for child, value in content.items():
            add(element, child, value)
    else:
        element.text = str(content)
    return element


def gpu_elements(gpu: Json) -> Json:
    """The elements of one <gpu> that planners and monitors read, in the order of driver 570."""
    mib = "%d MiB"
    mig = mig_mode(gpu, "N/A")
    watts = "%.2f W" % gpu["power_limit_w"]
    bus, device = gpu["pci_bus_id"].split(":")[1], gpu["pci_bus_id"].split(":")[2].split(".")[0]
    return {
        "product_name": gpu["product"],
        "product_brand": gpu["brand"],
        "product_architecture": gpu["architecture"],
        "display_mode": "Disabled",
        "display_active": "Disabled",
        "persistence_mode": "Enabled",
        "addressing_mode": "None",
        "mig_mode": {"current_mig": mig, "pending_mig": mig},
        "mig_devices": "None",
        "uuid": gpu["uuid"],
        "minor_number": gpu["index"],
        "gpu_virtualization_mode": {"virtualization_mode": "None", "host_vgpu_mode": "N/A"},
        "gpu_recovery_action": "None",
        "pci": {
            "pci_bus": bus,
            "pci_device": device,
            "pci_domain": "0000",
            "pci_device_id": gpu["pci_device_id"],
            "pci_bus_id": gpu["pci_bus_id"],
            "pci_gpu_link_info": {
                "pcie_gen": {"max_link_gen": 5, "current_link_gen": 5},
                "link_widths": {"max_link_width": "16x", "current_link_width": "16x"},
            },
        },
        "fb_memory_usage": {
            "total": mib % gpu["memory_total_mib"],
            "reserved": mib % gpu["memory_reserved_mib"],
            "used": mib % used(gpu),
            "free": mib % free(gpu),
        },
        "compute_mode": "Default",
        "utilization": {"gpu_util": "0 %", "memory_util": "0 %"},
        "ecc_mode": {"current_ecc": gpu["ecc"], "pending_ecc": gpu["ecc"]},
        "temperature": {"gpu_temp": "31 C"},
        "gpu_power_readings": {
            "power_state": "P0",
            "instant_power_draw": "%.2f W" % idle_power(gpu),
            "current_power_limit": watts,
            "requested_power_limit": watts,
            "default_power_limit": watts,
        },
    }


def print_xml(document: Json) -> int:
    root = ElementTree.Element("nvidia_smi_log")
    add(root, "timestamp", time.strftime("%a %b %d %H:%M:%S %Y"))
    add(root, "driver_version", document["driver_version"])
    add(root, "cuda_version", document["cuda_version"])
    add(root, "attached_gpus", len(document["gpus"]))
    for gpu in document["gpus"]:
        element = add(root, "gpu", gpu_elements(gpu))
        element.set("id", gpu["pci_bus_id"])
        holders = add(element, "processes", {})
        for pid, name, mib in processes(gpu):
            row = {"gpu_instance_id": "N/A", "compute_instance_id": "N/A", "pid": pid, "type": "C"}
            row.update(process_name=name, used_memory="%d MiB" % mib)
            add(holders, "process_info", row)
    ElementTree.indent(root, "\t")
    print('<?xml version="1.0" ?>')
    print('<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">')
    print(ElementTree.tostring(root, encoding="unicode"))
    return 0


def link(gpus: t.List[Json], row: int, column: int) -> str:
    """The word of ``topo -m`` for two cards: NVLink where both have it, else the way over PCIe."""
    if row == column:
        return " X "
    links = min(gpus[row]["nvlink"], gpus[column]["nvlink"])
    if links:
        return "NV%d" % links
    half = max(len(gpus) // 2, 1)
    return "NODE" if len(gpus) <= 4 or row // half == column // half else "SYS"


def print_topology(document: Json) -> int:
    gpus = document["gpus"]
    names = ["GPU%d" % gpu["index"] for gpu in gpus]
    tail = ["CPU Affinity", "NUMA Affinity", "GPU NUMA ID"]
    print("\t\x1b[4m" + "\t".join(names + tail) + "\x1b[0m")
    for row, name in enumerate(names):
        cells = [link(gpus, row, column) for column in range(len(gpus))]
        print("\t".join([name] + cells + ["0-31", "0", "", "N/A"]))
    print("\nLegend:\n\n  X    = Self")
    print(
        "  SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes (e.g., QPI/UPI)"
    )
    print(
        "  NODE = Connection traversing PCIe as well as the interconnect between PCIe Host Bridges within a NUMA node"
    )
    print("  NV#  = Connection traversing a bonded set of # NVLinks")
    return 0


def print_table(document: Json) -> int:
    print(time.strftime("%a %b %d %H:%M:%S %Y"))
    rule = "+" + "-" * 41 + "+" + "-" * 24 + "+" + "-" * 22 + "+"
    versions = (document["driver_version"], document["driver_version"], document["cuda_version"])
    print("+" + "-" * 89 + "+")
    print("| NVIDIA-SMI %-22s Driver Version: %-14s CUDA Version: %-8s |" % versions)
    print("|" + rule[1:-1] + "|")
    print("| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |")
    print("| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |")
    print("|" + rule[1:-1].replace("-", "=") + "|")
    for gpu in document["gpus"]:
        ecc = "0" if gpu["ecc"] == "Enabled" else "N/A"
        print(
            "| %3d  %-24.24s       On  |   %16s Off | %20s |"
            % (gpu["index"], gpu["product"], gpu["pci_bus_id"], ecc)
        )
        power = "%3dW / %4dW" % (idle_power(gpu), gpu["power_limit_w"])
        memory = "%dMiB / %6dMiB" % (used(gpu), gpu["memory_total_mib"])
        print("| N/A   31C    P0        %15s  | %22s |      0%%      Default |" % (power, memory))
        print(rule)
    return 0


def read_document() -> Json:
    here = os.path.dirname(os.path.realpath(__file__))
    beside, above = os.path.join(here, "gpus.json"), os.path.join(os.path.dirname(here), "gpus.json")
    with open(beside if os.path.exists(beside) else above, encoding="utf-8") as handle:
        return t.cast(Json, json.load(handle))


def main(arguments: t.List[str]) -> int:
    document = read_document()
    broken = document["broken"]
    if broken == "hang":
        time.sleep(600)
    if broken in FAILURES:
        code, text = FAILURES[broken]
        print(text)
        return code
    if "-L" in arguments or "--list-gpus" in arguments:
        for gpu in document["gpus"]:
            print("GPU %d: %s (UUID: %s)" % (gpu["index"], gpu["product"], gpu["uuid"]))
        return 0
    if arguments[:1] == ["topo"]:
        return print_topology(document)
    if "-x" in arguments or "--xml-format" in arguments:
        return print_xml(document)
    for argument in arguments:
        if argument.startswith("--query-gpu="):
            formats = [
                word for text in arguments if text.startswith("--format=") for word in text[9:].split(",")
            ]
            return query(document, argument.split("=", 1)[1].replace(" ", "").split(","), formats)
    return print_table(document)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
