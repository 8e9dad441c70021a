# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: NVIDIA's ways to fail, as stable codes with a hint.

Decided by text first and exit status second: the wording is stable, the status is not.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.runner import Outcome


@dataclass(frozen=True)
class Failure:
    """``phrases`` are in lower case; ``rc`` decides only where no phrase of any failure is found."""

    code: str
    hint: str
    phrases: t.Tuple[str, ...] = ()
    rc: t.Optional[int] = None


TOOL_MISSING = Failure(
    "tool_missing", "Install NVIDIA's driver; in a container, have the container toolkit provide it."
)
TIMEOUT = Failure(
    "timeout",
    "A driver that hangs shows in the kernel's log; reset the card or reboot. Hosts with many cards "
    "need persistence mode or a larger timeout_s.",
)
PARSE_ERROR = Failure(
    "parse_error", "Run the command by hand on the host; a wrapper in front of it may change its output."
)
DEVICE_LOST = Failure(
    "device_lost",
    "A card does not answer. See NVRM and Xid lines of the kernel's log; reset the card or reboot.",
    ("unable to determine the device handle", "gpu is lost", "fallen off the bus"),
    15,
)

FAILURES = (
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
        "library_missing",
        "libnvidia-ml is not found: install the driver's libraries; in a container, the container toolkit.",
        ("library not found", "couldn't find libnvidia-ml", "nvml shared library"),
        12,
    ),
    Failure(
        "permission_denied",
        "This user may not open /dev/nvidia*: check the nodes' mode and the group video.",
        ("insufficient permissions", "permission denied"),
        4,
    ),
    Failure(
        "no_devices",
        "The driver is loaded but serves no card: look for RmInitAdapter in the kernel's log.",
        ("no devices were found",),
        6,
    ),
)


def classify(outcome: Outcome) -> t.Optional[Failure]:
    """What went wrong; None where it is none of the known failures."""
    if outcome.timed_out:
        return TIMEOUT
    said = outcome.said.lower()
    for failure in FAILURES:
        if any(phrase in said for phrase in failure.phrases):
            return failure
    return next((failure for failure in FAILURES if outcome.rc and failure.rc == outcome.rc), None)
