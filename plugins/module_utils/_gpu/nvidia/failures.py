# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA's ways to fail, as stable codes with a hint."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import failures, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

TOOL_MISSING = Failure(
    "tool_missing",
    "Install NVIDIA's driver; in a container, have the container toolkit provide it.",
    ("nvidia-smi: command not found", "nvidia-smi: not found"),
    127,
)
DRIVER_IN_CONTAINER = Failure(
    "tool_missing",
    "NVIDIA's operator keeps the driver below /run/nvidia/driver, where no nvidia-smi is found: see that its "
    "driver container runs.",
)
DEVICE_LOST = Failure(
    "device_lost",
    "A card does not answer. See NVRM and Xid lines of the kernel's log; reset the card or reboot.",
    ("unable to determine the device handle", "gpu is lost", "fallen off the bus"),
    15,
)

FAILURES = (
    TOOL_MISSING,
    Failure(
        "driver_mismatch",
        "The driver was updated under a loaded kernel module: reboot, or reload the module.",
        ("driver/library version mismatch",),
        18,
    ),
    Failure(
        "driver_not_loaded",
        "Load the kernel module. After a kernel update it must be rebuilt, under Secure Boot signed. "
        "On a host without an NVIDIA card, remove the tool.",
        ("couldn't communicate with the nvidia driver", "driver not loaded"),
        9,
    ),
    DEVICE_LOST,
    Failure(
        "container_device_lost",
        "The container lost its device nodes, as after a reload of the host's daemons: restart it.",
        ("failed to initialize nvml: unknown error",),
    ),
    Failure(
        "reset_required",
        "Reset the card (nvidia-smi -r -i), or reboot the host.",
        ("gpu requires reset", "gpu requires restart"),
        16,
    ),
    Failure(
        "library_missing",
        "libnvidia-ml is not found: install the driver's libraries; in a container, the container toolkit.",
        (
            "library not found",
            "error_library_not_found",
            "couldn't find libnvidia-ml",
            "nvml shared library",
            "cannot open shared object file",
        ),
        12,
    ),
    Failure(
        "permission_denied",
        "This user may not open /dev/nvidia*: check the nodes' mode and the group video.",
        ("insufficient permissions", "permission denied", "sufficient permissions"),
        4,
    ),
    Failure(
        "access_blocked",
        "Under WSL: update the driver of Windows and WSL itself, then restart it with wsl --shutdown.",
        ("blocked by the operating system",),
    ),
    Failure(
        "tool_broken",
        "The tool itself does not run: it is damaged or built for another processor. Install the driver's "
        "utilities anew.",
        (
            "exec format error",
            "segmentation fault",
            "input/output error",
            "core dumped",
            "illegal instruction",
        ),
    ),
    Failure(
        "driver_error",
        "The driver does not answer: see NVRM lines of the kernel's log, then reset the card or reboot.",
        (
            "failed to initialize nvml: not found",
            "failed to initialize nvml: memory error",
            "failed to initialize nvml: interrupt request issue",
            "failed to initialize nvml: timeout",
            "failed to initialize nvml: gpu not found",
        ),
    ),
    Failure(
        "no_devices",
        "The driver is loaded but serves no card: look for RmInitAdapter in the kernel's log.",
        ("no devices were found", "no devices found"),
        6,
    ),
)


def classify(outcome: Outcome, container: bool = True) -> t.Optional[Failure]:
    """What went wrong; None where it is none of the known failures.

    Outside a container an unknown error is that of the driver.
    """
    found = failures.classify(outcome, FAILURES)
    lost_nodes = found is not None and found.code == "container_device_lost"
    return failures.DRIVER_ERROR if lost_nodes and not container else found


def named_cards(outcome: Outcome) -> t.List[str]:
    """The addresses of all cards whose handle could not be had."""
    found = re.findall(
        r"device handle for GPU\s?(?:\d{1,3}:\s)?((?:[0-9a-f]{1,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])",
        outcome.said,
        re.IGNORECASE,
    )
    addresses = (values.pci_address(each) for each in found)
    return list(dict.fromkeys(each for each in addresses if each))


def named_card(outcome: Outcome) -> t.Optional[str]:
    """The address of the card that a complaint is about, where it names one."""
    found = re.search(
        r"GPU\s?(?:\d{1,3}:\s)?((?:[0-9a-f]{1,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])",
        outcome.said,
        re.IGNORECASE,
    )
    return values.pci_address(found.group(1)) if found else None
