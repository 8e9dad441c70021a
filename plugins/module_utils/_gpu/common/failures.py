# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in which vendors' tools fail, as stable codes with a hint.

Decided by text first and exit status second: the wording is stable, the status is not.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Notice

_QUOTE_LIMIT = 300
_READ_LIMIT = 20000


class Failure(t.NamedTuple):
    """``phrases`` are in lower case; ``rc`` decides only where no phrase of any failure is found."""

    code: str
    hint: str
    phrases: t.Tuple[str, ...] = ()
    rc: t.Optional[int] = None

    def notice(self, vendor: str, what: str, device: t.Optional[str] = None) -> Notice:
        return Notice(self.code, vendor, what, self.hint, device)


TIMEOUT = Failure(
    "timeout",
    "A driver that hangs shows in the kernel's log; reset the card or reboot. Hosts with many cards "
    "need persistence mode or a larger timeout_s.",
)
PARSE_ERROR = Failure(
    "parse_error", "Run the command by hand on the host; a wrapper in front of it may change its output."
)
TOOL_MISSING = Failure(
    "tool_missing", "Install the vendor's driver and its tool; in a container, mount the tool as well."
)

# What tools of vendors other than NVIDIA have in common.
DRIVER_ERROR = Failure(
    "driver_error",
    "The driver does not answer: see the kernel's log, then reset the card or reboot.",
)

COMMON_FAILURES = (
    Failure(
        "device_in_use",
        "Another container or virtual machine holds the card, or this one was given it without the driver's "
        "files: give a card to one container alone, with the vendor's runtime.",
        ("because the device is used", "ret is -8020", "resource occupied"),
    ),
    Failure(
        "driver_error",
        "The driver's manager does not answer. On the host, see that its services run and its kernel modules "
        "are loaded; in a container, give it /dev/davinci_manager, /dev/devmm_svm and /dev/hisi_hdc.",
        ("ret is -8005", "ret is -8006", "ret is -8012"),
    ),
    Failure(
        "permission_denied",
        "This user may not open the card's device nodes: add it to the groups render and video, for "
        "Ascend HwHiAiUser, for Gaudi habanalabs.",
        (
            "permission denied",
            "not permitted",
            "no permission",
            "insufficient permissions",
            "ret is -8002",
            "missing the following required groups",
        ),
    ),
    Failure(
        "driver_not_loaded",
        "Load the vendor's kernel module; after a kernel update it must be rebuilt.",
        (
            "driver not initialized",
            "amdsmi_status_not_init",
            "xpum service status error",
            "driver not loaded",
            "driver is not loaded",
            "amdgpu not found",
            "not found in modules",
            "initialize dcmi",
            "dcmi module initialize failed",
            "failed to initialize",
            "no such device",
            "cannot open shared object file",
            "level zero initialization error",
        ),
    ),
    Failure(
        "no_devices",
        "The tool runs but shows no card: see the kernel's log for the vendor's module.",
        (
            "no devices",
            "no device",
            "unable to detect any gpu",
            "no amd gpu",
            "no gpu",
            "query the npu device count",
        ),
    ),
)


def classify(outcome: Outcome, failures: t.Sequence[Failure] = COMMON_FAILURES) -> t.Optional[Failure]:
    """What went wrong; None where it is none of the known failures."""
    if outcome.timed_out:
        return TIMEOUT
    said = outcome.said[:_READ_LIMIT].lower()
    for failure in failures:
        if any(phrase in said for phrase in failure.phrases):
            return failure
    return next((failure for failure in failures if outcome.rc and failure.rc == outcome.rc), None)


def how_it_ended(command: str, outcome: Outcome, failure: t.Optional[Failure] = None) -> str:
    """One sentence on a call that gave nothing usable. The line that tells the reason comes first."""
    if outcome.timed_out:
        return "%s did not end in time and was left behind" % command
    if outcome.flooded:
        return "%s was stopped: %s" % (command, outcome.stderr)
    lines = [line.strip() for line in values.lines(outcome.said[:_READ_LIMIT]) if line.strip()]
    phrases = failure.phrases if failure else ()
    lines.sort(key=lambda line: not any(phrase in line.lower() for phrase in phrases))
    said = "; ".join(dict.fromkeys(lines))[:_QUOTE_LIMIT] or "nothing"
    return "%s ended with status %s and said: %s" % (command, outcome.rc, said)
