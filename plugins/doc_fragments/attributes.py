# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What modules of this collection say about check mode, diff mode and idempotence."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what would be done, without changing anything.
  diff_mode:
    description: Returns what was changed, or in check mode what would be changed, in diff mode.
  idempotent:
    description: Called again with the same arguments, it changes nothing if nothing else has.
"""
