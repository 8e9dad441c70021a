# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How HTTP is spoken; the twin of C(options.HTTP) in module_utils."""

    DOCUMENTATION = r"""
options:
  timeout_s:
    description:
      - Seconds to wait for one answer of a server.
    type: float
    default: 30.0
  validate_certs:
    description:
      - Whether TLS certificates are verified.
    type: bool
    default: true
  ca_path:
    description:
      - File with PEM certificates to trust instead of the system's.
    type: path
requirements:
  - httpx
notes:
  - Proxies are taken from the environment variables E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY).
"""
