# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the next server may be changed now."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.action.rollout_gate import ActionModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import rollout_gate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.maintenance_window import (
    opens,
    windows_of,
    zone_of,
)

# Monday, the second of March 2026.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SITES = [{"name": name, "hosts": ["gpu-" + name]} for name in ("a", "b", "c")]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week that begins on that Monday."""
    return MONDAY.replace(day=MONDAY.day + day, hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("window", "moment", "opening"),
    [
        ("22:00-05:00", at(0, 23), None),
        ("22:00-05:00", at(0, 4, 59), None),
        ("22:00-05:00", at(0, 5), at(0, 22)),
        ("mon-fri 22:00-05:00", at(5, 3), None),
        ("Mon-Fri 22:00-05:00", at(5, 6), at(7, 22)),
        ("Fri-Mon 08:00-09:00", at(6, 8, 30), None),
        ("Fri-Mon 08:00-09:00", at(1, 8, 30), at(4, 8)),
        ("Sat,Sun 00:00-24:00", at(6, 23, 59), None),
        ("Sat,Sun 00:00-24:00", at(0, 0), at(5, 0)),
        ("Sun 22:00-02:00", at(0, 1), None),
    ],
)
def test_a_window_is_open_or_says_when(window: str, moment: datetime, opening: t.Optional[datetime]) -> None:
    assert opens(windows_of([window]), moment) == opening


def test_the_first_of_several_windows_counts() -> None:
    assert opens(windows_of(["Sat 00:00-24:00", "Tue 10:00-11:00"]), at(0, 12)) == at(1, 10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "night",
        "25:00-26:00",
        "22:60-23:00",
        "22:00-22:00",
        "Mo 22:00-23:00",
        "Mon 22:00",
        "Mon-Tue-Wed 01:00-02:00",
    ],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no maintenance window"):
        windows_of([text])


def test_a_zone_that_is_not_there_is_refused() -> None:
    assert MONDAY.astimezone(zone_of("Europe/Berlin")).hour == 1
    with pytest.raises(InvalidInput, match="no time zone 'Europe/Berln'"):
        zone_of("Europe/Berln")


def gate(site: str, check_mode: bool = False, **given: t.Any) -> t.Dict[str, t.Any]:
    checked = ArgumentSpecValidator(dict(rollout_gate.ARGUMENT_SPEC)).validate(
        {"site": site, "sites": SITES, **given}
    )
    assert checked.error_messages == []
    return rollout_gate.run(Task(checked.validated_parameters, check_mode))


def test_a_run_changes_no_more_than_it_may() -> None:
    assert [gate(site, budget=2)["go"] for site in "abc"] == [True, True, False]
    assert gate("c", budget=2)["reason"] == "this run may change 2, and 3 would change"
    done = [{**SITES[0], "changes": False}, *SITES[1:]]
    assert [gate(site, budget=2, sites=done)["go"] for site in "abc"] == [True, True, True]
    with pytest.raises(InvalidInput, match="budget is -1"):
        gate("a", budget=-1)


def test_a_rollout_is_paused_by_a_file_and_check_mode_looks_on(tmp_path: Path) -> None:
    file = tmp_path / "pause"
    assert gate("a", pause_file=str(file))["go"]
    file.touch()
    assert "is paused while %s" % file in gate("a", pause_file=str(file))["reason"]
    assert gate("a", check_mode=True, pause_file=str(file))["go"]
    assert gate("a", pause_file=str(file), sites=[{**SITES[0], "changes": False}])["go"]


def test_a_closed_window_says_when_it_opens() -> None:
    checked = ArgumentSpecValidator(dict(rollout_gate.ARGUMENT_SPEC)).validate(
        {"site": "a", "sites": SITES, "windows": ["Sat,Sun 00:00-24:00"]}
    )
    reason = rollout_gate.closed(checked.validated_parameters, MONDAY)
    assert reason == "its maintenance window opens Sat 2026-03-07 00:00 UTC"
    assert rollout_gate.closed(checked.validated_parameters, at(5, 1)) is None


def test_the_canary_is_watched_until_all_is_rolled_out() -> None:
    assert [gate(site, canary="gpu-a")["watched"] for site in "abc"] == [True, False, False]
    assert [gate(site)["watched"] for site in "abc"] == [True, True, True]
    half = [{**SITES[0], "changes": False}, *SITES[1:]]
    assert gate("a", canary="a", sites=half)["watched"]
    assert not gate("a", sites=half)["watched"]
    done = [{**each, "changes": False} for each in SITES]
    assert not any(gate(site, canary="a", sites=done)["watched"] for site in "abc")


@pytest.mark.parametrize(
    ("done", "changes"),
    [
        ({"applied": {"changed": False, "actions": ["created"]}}, True),
        (
            {
                "applied": {},
                "routes": [{"changed": False, "diff": {"before": {}, "after": {"name": "chat"}}}],
            },
            True,
        ),
        ({"applied": {"actions": []}, "routes": [{"diff": {"before": {}, "after": {}}}]}, False),
    ],
)
def test_the_rehearsal_says_which_sites_change(done: t.Dict[str, t.Any], changes: bool) -> None:
    hostvars = {"gpu-a": {"__model_deployment_rehearsed": {"chat": done}}, "gpu-b": {}}
    arguments: t.Dict[str, t.Any] = {
        "sites": [{**each, "speaker": each["hosts"][0], "url": ""} for each in SITES[:2]]
    }
    ActionModule.add_arguments(ActionModule.__new__(ActionModule), arguments, {"hostvars": hostvars})
    assert [each.get("changes") for each in arguments["sites"]] == [changes, None]
