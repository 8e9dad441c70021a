# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of secrets that only the server knows.

Servers since 2.3 keep former definitions, env included. A rollback names the revision, not the value.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    UPDATE,
    Found,
    Step,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    ENV_PREFIX,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import Wanted


def restored(client: GpustackClient, wanted: Wanted, found: t.Optional[Found]) -> Wanted:
    """What is wanted, with the values that ``restore_env`` leaves to a revision.

    :raises InvalidInput: the server does not keep that revision.
    """
    if wanted.restore_env is None or wanted.state == "absent":
        return wanted
    revision, variables = wanted.restore_env["revision"], wanted.restore_env["variables"]
    try:
        if found is None:
            raise NotFound("There is no deployment %s" % wanted.name)
        spec = client.revision_spec(found.model["id"], revision)
    except NotFound as exc:
        raise InvalidInput(
            "GPUStack keeps no revision %d of %s" % (revision, wanted.name),
            hint="It keeps the last ones only, since 2.3, and none of a removed deployment. "
            "Give the values with env_secrets.",
        ) from exc
    env = spec.get("env") or {}
    values = {ENV_PREFIX + name: env.get(name) for name in variables}
    secrets = wanted.secret_variables | frozenset(variables)
    return replace(wanted, fields=dict(values, **wanted.fields), secret_variables=secrets)


def keeping_secrets(client: GpustackClient, found: t.Optional[Found], step: Step) -> Step:
    """The step with a rollback that finds the secrets which the step is about to change."""
    names = [
        change.spec.name[len(ENV_PREFIX) :]
        for change in step.changes
        if change.spec.name.startswith(ENV_PREFIX) and change.spec.secret and change.found is not None
    ]
    if found is None or not names or step.kind != UPDATE or step.successor is not None:
        return step
    revisions = client.revisions(found.model["id"])
    if not revisions:
        return step
    restore = {"revision": int(revisions[0]["revision"]), "variables": names}
    return replace(step, rollback=dict(step.rollback or {}, restore_env=restore))
