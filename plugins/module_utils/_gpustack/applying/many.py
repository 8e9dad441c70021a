# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deployments of one server in one task."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    DeploymentFailed,
    InvalidInput,
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
# So many deployments are written at the same time; the server answers other requests meanwhile.
WRITES_AT_ONCE = 8
Job = t.Union[Deployment, FileCache]
Value = t.TypeVar("Value")


@dataclass(frozen=True)
class Removals:
    """The deployments with the mark of this collection that a list does not name are to go, ``most`` of them.

    ``job`` makes the removal of one from its name.
    """

    most: int
    job: t.Callable[[str], Job]

    def jobs(self, view: View, named: t.Sequence[str]) -> t.List[Job]:
        """In the order of their names. :raises InvalidInput: there are more than ``most``."""
        others = sorted(set(view.managed_names()) - set(named))
        if len(others) > self.most:
            raise InvalidInput(
                "This would remove %d deployments, and max_removals is %d: %s"
                % (len(others), self.most, ", ".join(others)),
                hint="Add what is to stay to deployments, or raise max_removals. Nothing was changed.",
            )
        return [self.job(name) for name in others]


def deploy_many(
    view: View,
    deployments: t.Sequence[Job],
    max_restarts: t.Optional[int],
    removals: t.Optional[Removals] = None,
    at_once: int = WRITES_AT_ONCE,
) -> Json:
    """All are read and checked before the first is changed; then a failure of one stops no other.

    The server starts what was written first while the rest is still being written. Once it does not
    answer any more, the rest is not tried. What ``removals`` finds goes last, and only if nothing has failed.

    :raises DeploymentFailed: some failed; ``results`` in its details has all of them.
    """
    view.read_all()
    extra = removals.jobs(view, [each.wanted.name for each in deployments]) if removals else []
    jobs = [*deployments, *extra]
    for each in jobs:
        each.prepare()
    _rehearse(view, [each for each in jobs if isinstance(each, Deployment)])
    check_budget([instance for each in jobs for instance in each.restarts], max_restarts)
    failures = _carry_out(view, deployments, at_once)
    if extra:
        late = _spared(extra) if failures else _carry_out(view, extra, at_once)
        failures.update({len(deployments) + place: exc for place, exc in late.items()})
    results = [_result(each, number, failures) for number, each in enumerate(jobs)]
    if failures:
        raise _failed(jobs, failures, results)
    return _summary(jobs, results)


def _carry_out(view: View, jobs: t.Sequence[Job], at_once: int) -> t.Dict[int, AutoconfigError]:
    """Write and wait. The failures by the place in the list, in its order."""
    failures = Writing(view.client, at_once).write(jobs)
    if any(each.touched for each in jobs):
        _read_again(view)
    for number, each in enumerate(jobs):
        if number not in failures:
            _try(each.settle, number, failures)
    return dict(sorted(failures.items()))


def _rehearse(view: View, deployments: t.Sequence[Deployment]) -> None:
    """One question to the server about all that is new."""
    asked = [(each, each.rehearsal) for each in deployments if each.rehearsal is not None]
    answers = rehearse(view.client, [rehearsal for _each, rehearsal in asked])
    for (each, _rehearsal), warnings in zip(asked, answers):
        each.warnings += warnings


class Writing:
    """Writes of several deployments, ``at_once`` at a time, until the server does not answer any more.

    Removals come after the others, one by one: GPUStack answers several at a time only after its own time-outs.
    """

    def __init__(self, client: GpustackClient, at_once: int) -> None:
        self._client, self._at_once = client, at_once
        self._over = threading.Event()

    def write(self, jobs: t.Sequence[Job]) -> t.Dict[int, AutoconfigError]:
        """The failures by the place in the list."""
        removals = [number for number, job in enumerate(jobs) if job.removes]
        others = [number for number, job in enumerate(jobs) if not job.removes]
        with ThreadPoolExecutor(max_workers=self._at_once) as pool:
            outcomes = dict(zip(others, pool.map(self._one, [jobs[number] for number in others])))
        outcomes.update((number, self._one(jobs[number])) for number in removals)
        return {number: exc for number, exc in sorted(outcomes.items()) if exc is not None}

    def _one(self, job: Job) -> t.Optional[AutoconfigError]:
        if self._over.is_set():
            return _not_tried()
        try:
            job.write()
        except AutoconfigError as exc:
            if isinstance(exc, Unavailable) and not _answers(self._client):
                self._over.set()
            return exc
        return None


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


def _spared(jobs: t.Sequence[Job]) -> t.Dict[int, AutoconfigError]:
    """None of them is removed where what the list names is not as wanted."""
    return {
        number: Conflict(
            "It was not removed, because other deployments of the task failed",
            hint="Run again when they are as wanted.",
        )
        for number, each in enumerate(jobs)
    }


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
