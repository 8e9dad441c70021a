# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What engines and GPUStack say when a deployment fails, and what to do about it."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.failure_messages import (
    hint_for,
)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "GPU memory did not suffice"),
        ("HIP out of memory. Tried to allocate 2.00 GiB", "GPU memory did not suffice"),
        ("No suitable workers.\nDetails:\n- x", "finds no GPUs"),
        ("ValueError: No available memory for the cache blocks", "shorter context"),
        (
            "ValueError: To serve at least one request with the models's max seq len (131072), "
            "(16.00 GiB KV cache is needed, which is larger than the available KV cache memory (4.00 GiB)",
            "shorter context",
        ),
        ("RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.", "shorter context"),
        (
            "ValueError: Free memory on device (20.1/79.1 GiB) on startup is less than desired GPU memory "
            "utilization (0.9, 71.2 GiB).",
            "Something else holds memory",
        ),
        ("Inference server exited with code 137", "main memory"),
        ("Access to model meta-llama/x is restricted and you are not authenticated", "licence"),
        ("403 Client Error: Forbidden for url", "token"),
        ("OSError: [Errno 28] No space left on device", "disk"),
        ("Not enough free disk space to download the file.", "disk"),
        ("CUDA driver version is insufficient for CUDA runtime version", "driver"),
        ("The NVIDIA driver on your system is too old (found version 11040).", "driver"),
        ("nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8", "driver"),
        ("CUDA error: no kernel image is available for execution on the device", "kind of GPU"),
        ("Please pass the argument `trust_remote_code=True` to allow custom code to be run.", "trust it"),
        ("Total number of attention heads (40) must be divisible by tensor parallel size (3).", "split"),
        ("vllm: error: unrecognized arguments: --max-modellen=1", "backend_parameters"),
        (
            "ValueError: Model architectures ['NewForCausalLM'] are not supported for now.",
            "newer backend_version",
        ),
        ("Back-off pulling image: ImagePullBackOff", "container image"),
        ("HTTPSConnectionPool: Max retries exceeded with url: /api/models", "cannot reach the hub"),
        ("RuntimeError: NCCL error: unhandled system error", "talk to each other"),
        ("model pending; m-1 unreachable", "worker does not answer"),
        ("/models/q does not exist", "as the worker sees it"),
        ("something else", "Read the instance's log"),
    ],
)
def test_known_messages_have_a_hint(message: str, words: str) -> None:
    assert words in hint_for(message)


def test_the_log_is_read_from_its_end_where_the_message_says_nothing() -> None:
    """A healthy engine reports its KV cache as well, and says why it died before it says that it died."""
    log = [
        "INFO GPU KV cache size: 301,000 tokens",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "RuntimeError: Engine core initialization failed. See root cause above.",
    ]
    assert "GPU memory did not suffice" in hint_for("Inference server exited with code 1", log)
    assert "disk" in hint_for("No space left on device", log)
