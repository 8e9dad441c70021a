# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modelscan.autoconfig.model_size on the controller."""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_size import CORE
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction


class ActionModule(ControllerAction):
    core = CORE
