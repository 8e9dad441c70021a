# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    record,
    table,
    text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.export import with_secrets
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import checked

DOCUMENTATION = r"""
name: backup_deployments
short_description: Give the deployments of a backup their secrets
version_added: 0.1.0
description:
  - Puts values in the places of secrets of the deployments that the playbook C(modelscan.autoconfig.backup) has kept.
  - All other texts are left as they are. They come from a server, and are no templates.
positional: _input
options:
  _input:
    description: RV(modelscan.autoconfig.gpustack_deployment_info#module:export), as the file has it.
    type: list
    elements: dict
    required: true
  secrets:
    description: Values by the name of the deployment and that of the variable.
    type: dict
    default: {}
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Make the deployments of a backup
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    deployments: >-
      {{ (lookup('ansible.builtin.file', 'gpustack.yml') | from_yaml).gpustack_deployments
         | modelscan.autoconfig.backup_deployments(gpustack_secrets) }}
"""

RETURN = r"""
_value:
  description:
    - The deployments as O(modelscan.autoconfig.gpustack_deployment#module:deployments) takes them.
  type: list
  elements: dict
"""

Json = t.Dict[str, t.Any]
DEPLOYMENTS = items(record({"name": text(empty=False)}, {"env_secrets": table(text())}))
SECRETS = table(table(anything))


def backup_deployments(
    deployments: t.Sequence[Json], secrets: t.Optional[t.Mapping[str, t.Any]] = None
) -> t.List[Json]:
    """The same options with their secrets.

    :raises AnsibleFilterError: these are no deployments of a backup, or a secret has no value.
    """
    checked("backup_deployments", DEPLOYMENTS, deployments)
    checked("backup_deployments", SECRETS, secrets or {})
    try:
        return [with_secrets(each, secrets or {}) for each in deployments]
    except InvalidInput as exc:
        raise AnsibleFilterError("%s. %s" % (exc.message, exc.hint)) from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"backup_deployments": backup_deployments}
