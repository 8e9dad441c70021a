# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deployments of one server in one task."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DeploymentFailed,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.dry_run import rehearse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import (
    Deployment,
    check_budget,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.model_files import (
    FileCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json

SHOWN_FAILURES = 5
Job = t.Union[Deployment, FileCache]
Value = t.TypeVar("Value")


def deploy_many(view: View, deployments: t.Sequence[Job], max_restarts: t.Optional[int]) -> Json:
    """All are read and checked before the first is changed; then a failure of one stops no other.

    The server starts what was written first while the rest is still being written. Once it does not
    answer any more, the rest is not tried.

    :raises DeploymentFailed: some failed; ``results`` in its details has all of them.
    """
    view.read_all()
    for each in deployments:
        each.prepare()
    _rehearse(view, [each for each in deployments if isinstance(each, Deployment)])
    check_budget([instance for each in deployments for instance in each.restarts], max_restarts)
    failures = _write_all(view, deployments)
    if any(each.touched for each in deployments):
        _read_again(view)
    for number, each in enumerate(deployments):
        if number not in failures:
            _try(each.settle, number, failures)
    results = [_result(each, number, failures) for number, each in enumerate(deployments)]
    if failures:
        raise _failed(deployments, failures, results)
    return _summary(deployments, results)


def _rehearse(view: View, deployments: t.Sequence[Deployment]) -> None:
    """One question to the server about all that is new."""
    asked = [(each, each.rehearsal) for each in deployments if each.rehearsal is not None]
    answers = rehearse(view.client, [rehearsal for _each, rehearsal in asked])
    for (each, _rehearsal), warnings in zip(asked, answers):
        each.warnings += warnings


def _write_all(view: View, deployments: t.Sequence[Job]) -> t.Dict[int, AutoconfigError]:
    """The failures by the place in the list."""
    failures: t.Dict[int, AutoconfigError] = {}
    for number, each in enumerate(deployments):
        _try(each.write, number, failures)
        if isinstance(failures.get(number), Unavailable) and not _answers(view.client):
            failures.update((left, _not_tried()) for left in range(number + 1, len(deployments)))
            break
    return failures


def _result(each: Job, number: int, failures: t.Dict[int, AutoconfigError]) -> Json:
    result = None if number in failures else _try(each.result, number, failures)
    if result is None:
        result = dict(failures[number].as_result(), failed=True)
    return dict(result, name=each.wanted.name)


def _try(
    call: t.Callable[[], Value], number: int, failures: t.Dict[int, AutoconfigError]
) -> t.Optional[Value]:
    try:
        return call()
    except AutoconfigError as exc:
        failures[number] = exc
        return None


def _answers(client: GpustackClient) -> bool:
    try:
        client.version()
    except Unavailable:
        return False
    except AutoconfigError:
        return True
    return True


def _not_tried() -> Unavailable:
    return Unavailable(
        "It was not tried, because GPUStack did not answer any more",
        hint="Run again when the server answers.",
    )


def _read_again(view: View) -> None:
    """Once for all, or else one by one, so that each says how it fared."""
    try:
        view.read_all()
    except AutoconfigError:
        view.forget()


def _failed(
    deployments: t.Sequence[Job], failures: t.Mapping[int, AutoconfigError], results: t.List[Json]
) -> DeploymentFailed:
    said = ["%s: %s" % (deployments[number].wanted.name, exc.message) for number, exc in failures.items()]
    more = ["and %d more" % (len(said) - SHOWN_FAILURES)] if len(said) > SHOWN_FAILURES else []
    error = DeploymentFailed(
        "%d of %d deployments failed. %s"
        % (len(said), len(deployments), "; ".join(said[:SHOWN_FAILURES] + more)),
        hint="error.results has every deployment, with its own hint and rollback.",
        results=results,
    )
    error.changed = any(result["changed"] for result in results)
    return error


def _summary(deployments: t.Sequence[Job], results: t.List[Json]) -> Json:
    return {
        "changed": any(result["changed"] for result in results),
        "predicted": any(each.check_mode for each in deployments),
        "results": results,
        "warnings": [
            "%s: %s" % (result["name"], warning) for result in results for warning in result.pop("warnings")
        ],
        "diff": [
            diff for diff in (result.pop("diff") for result in results) if diff["before"] or diff["after"]
        ],
    }
