# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How a GPUStack server is reached; the twin of C(options.GPUSTACK) in module_utils."""

    DOCUMENTATION = r"""
options:
  gpustack_url:
    description:
      - Base URL of the GPUStack server, for example V(https://gpustack.example.com).
      - If not set, the environment variable E(GPUSTACK_URL) is used.
    type: str
  gpustack_api_key:
    description:
      - API key of the GPUStack server. Managing deployments needs the scope C(management).
      - If not set, the environment variable E(GPUSTACK_API_KEY) is used.
    type: str
  gpustack_organization_id:
    description:
      - Organization to work in, for keys that see more than one.
    type: int
"""
