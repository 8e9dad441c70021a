# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import site_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import (
    ARGUMENT_SPEC,
    CORE,
    DEFAULT_SITE,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import (
    ControllerAction,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._play_hosts import play_hosts


class ActionModule(ControllerAction):
    """Runs model_plan on the controller, where the facts of all hosts of the play are at hand."""

    core = CORE

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Fills ``hosts`` and ``deployed`` from the variables of the play's hosts."""
        site_variable = arguments.get("site_variable") or ARGUMENT_SPEC["site_variable"]["default"]
        deployed_variable = arguments.get("deployed_variable")
        if "hosts" in arguments and not deployed_variable:
            return
        # The URL may be an option, a variable or in the environment: it is the same server.
        usual = arguments.get("gpustack_url") or os.environ.get("GPUSTACK_URL") or DEFAULT_SITE
        hosts, deployed = [], {}
        for host in play_hosts(variables, arguments.get("inventory_hosts")):
            site = site_name(str(host.get(site_variable) or usual))
            hosts.append(
                {
                    "name": host.name,
                    "site": site,
                    "domain": str(host.get(arguments.get("domain_variable")) or ""),
                    "gpus": host.get(arguments.get("gpus_variable")),
                    "facts": host.gpu_facts,
                }
            )
            for record in foreign.entries(foreign.entry(host.get(deployed_variable)).get("deployments")):
                deployed[site, str(record.get("name"))] = dict(record, site=site)
        arguments.setdefault("hosts", hosts)
        if deployed_variable:
            arguments.setdefault("deployed", list(deployed.values()))
