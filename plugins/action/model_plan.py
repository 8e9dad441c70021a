# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import (
    ARGUMENT_SPEC,
    CORE,
    DEFAULT_SITE,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import (
    ControllerAction,
)

Variables = t.Mapping[str, t.Any]


class ActionModule(ControllerAction):
    """Runs model_plan on the controller, where the facts of all hosts of the play are at hand."""

    core = CORE

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: Variables) -> None:
        """Fills ``hosts`` and ``deployed`` from the variables of the play's hosts."""
        site_variable = arguments.get("site_variable") or ARGUMENT_SPEC["site_variable"]["default"]
        deployed_variable = arguments.get("deployed_variable")
        domain_variable, gpus_variable = (arguments.get("%s_variable" % each) for each in ("domain", "gpus"))
        hosts, deployed = [], {}
        for name in variables.get("ansible_play_hosts_all") or ():
            host = variables["hostvars"][name]
            site = str(host.get(site_variable) or DEFAULT_SITE)
            facts = (host.get("ansible_facts") or {}).get("autoconfig_gpu")
            domain = str(host.get(domain_variable) or "") if domain_variable else ""
            gpus = host.get(gpus_variable) if gpus_variable else None
            hosts.append({"name": name, "site": site, "domain": domain, "gpus": gpus, "facts": facts})
            for record in _records(host, deployed_variable):
                deployed[site, record.get("name")] = record
        arguments.setdefault("hosts", hosts)
        if deployed_variable:
            arguments.setdefault("deployed", list(deployed.values()))


def _records(host: Variables, variable: t.Optional[str]) -> t.List[Variables]:
    """Deployment records of a registered result of gpustack_deployment_info; a skipped one has none."""
    registered = host.get(variable) if variable else None
    return list((registered or {}).get("deployments") or ())
