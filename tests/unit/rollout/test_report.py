# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people see of a plan and of the end of a rollout."""

from __future__ import annotations

import contextlib
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.action.rollout_report import ActionModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import rollout_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import (
    WIDTH,
    wrapped,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Asked

from tests.unit.plan.builders import host, qwen3_32b, request

Json = t.Dict[str, t.Any]


def planned(kind: str, site: str, uniform: bool = False) -> Json:
    there = host(kind, 1, "gpu-" + site, site)
    outcome = make_plan(request(qwen3_32b(), [there], name="chat", asked=Asked(uniform=uniform)))
    return {
        "plans": list(outcome.plans), "plan": outcome.plans[0], "plan_lines": list(outcome.lines), "moves": [],
        "holds": list(outcome.holds), "options": [], "rejected": [], "warnings": [],
    }  # fmt: skip


DONE = ("applied", "answer", "routes", "unregistered")


def a_site(name: str, **more: t.Any) -> Json:
    """A site with one deployment, for which that was done of ``more`` which is no part of the site itself."""
    done = {key: more.pop(key) for key in DONE if key in more}
    return {
        "name": name,
        "url": "https://%s.example.com" % name,
        "speaker": "gpu-" + name,
        "hosts": [],
        "order": ["chat"],
        "served": {"chat": done} if done else {},
        **more,
    }


class Report:
    """One call, with what it shows."""

    def __init__(self) -> None:
        self.shown: t.List[str] = []
        self.loud: t.List[str] = []

    def __call__(self, part: str, *sites: Json, check_mode: bool = False, **given: t.Any) -> Json:
        checked = ArgumentSpecValidator(dict(rollout_report.ARGUMENT_SPEC)).validate(
            {"part": part, "sites": list(sites), **given}
        )
        assert checked.error_messages == []
        task = Task(checked.validated_parameters, check_mode, detail=self.shown.append, show=self.loud.append)
        return rollout_report.run(task)


@pytest.fixture
def report() -> Report:
    return Report()


DEAD = {"msg": "GPUStack cannot be reached at https://dead.example.com"}


def test_a_dead_site_stops_all_and_hides_no_plan(report: Report) -> None:
    with pytest.raises(
        InvalidInput, match="1 of 2 sites cannot be planned, and nothing was changed: dead: GPUStack"
    ):
        report("plan", a_site("good", planned=planned("H200", "good")), a_site("dead", running=DEAD))
    assert any("chat (site good" in line for line in report.shown)
    assert "dead: no plan: %s" % DEAD["msg"] in report.shown


def test_a_site_where_nothing_fits_shows_what_is_refused_as_a_table() -> None:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request(qwen3_32b(), [host("4090", 1, "gpu-a", "small")], Policy(context_tokens=40_960)))
    error = {"code": caught.value.code, **caught.value.details}
    small = a_site("small", planned={"msg": str(caught.value), "error": error})
    report = Report()
    with pytest.raises(InvalidInput, match="does not fit"):
        report("plan", small)
    assert report.shown[0] == "small: no plan, because"
    assert report.shown[1:] == caught.value.details["lines"]


def test_a_dead_site_can_be_skipped(report: Report) -> None:
    sites = (a_site("good", planned=planned("H200", "good")), a_site("dead", planned={"msg": "does not fit"}))
    answer = report("plan", *sites, site_failure="skip")
    assert answer["failed_sites"] == [{"site": "dead", "reason": "does not fit"}]
    with pytest.raises(InvalidInput, match="does not fit"):
        report("plan", sites[1], site_failure="skip")


def test_left_out_hosts_are_listed_by_reason(report: Report) -> None:
    left_out = [{"host": name, "reason": "it has no GPU"} for name in ("router", "bastion")]
    report("plan", a_site("a", planned=planned("H200", "a")), left_out=left_out)
    assert report.shown[-1] == "left out: router, bastion (it has no GPU)"


def test_sites_that_differ_are_told_and_can_agree(report: Report) -> None:
    big, small = planned("H200", "big"), planned("L40S", "small")
    sites = (a_site("big", planned=big), a_site("small", planned=small))
    assert report("plan", *sites)["agreed"] is None
    told = " ".join(line.strip() for line in report.shown)
    assert "chat is not the same everywhere" in told
    assert "uniform: true" in told
    agreed = report("plan", *sites, uniform=True)["agreed"]
    assert agreed["repository"] == small["plan"]["variant"]["repository"]
    assert agreed["context_tokens"] == min(
        each["context_tokens"]
        for site in (big, small)
        for each in site["holds"]
        if each["variant"] == agreed["repository"]
    )
    assert report("plan", sites[0], uniform=True)["agreed"] is None


@pytest.mark.parametrize(
    "because", ["replan is always", ", ".join("wish_%d was not set and is 1" % n for n in range(6))]
)
def test_moves_are_shown_in_a_quiet_run_too_however_long_they_are(because: str, report: Report) -> None:
    line = "chat: moves from gpu-a (GPU 0) to gpu-b (GPU 0) because " + because
    moving = planned("H200", "a")
    moving.update(moves=[{"line": line}], plan_lines=wrapped(["  ! " + line, *moving["plan_lines"]]))
    report("plan", a_site("a", planned=moving))
    assert " ".join(each.strip() for each in report.loud) == "! " + line


def test_nothing_that_is_told_of_many_hosts_is_wider_than_a_terminal(report: Report) -> None:
    left_out = [{"host": "gpu-%02d.rack-7.example.com" % n, "reason": "it has no GPU"} for n in range(40)]
    dead = a_site("dead", planned={"msg": "does not answer " * 20})
    report("plan", a_site("a", planned=planned("H200", "a")), dead, left_out=left_out, site_failure="skip")
    first = next(n for n, line in enumerate(report.shown) if line.startswith("dead: no plan: does not"))
    told = report.shown[first:]
    assert all(len(line) <= WIDTH for line in told), told
    assert sum(line.count("rack-7") for line in told) == 40


@pytest.mark.parametrize("ending", ["json", "html"])
def test_the_report_is_written_in_check_mode_and_is_no_change(
    ending: str, report: Report, tmp_path: Path
) -> None:
    file = tmp_path / ("plan." + ending)
    sites = [a_site(name, planned=planned("H200", name)) for name in ("a", "b")]
    answer = report("plan", *sites, report=str(file), check_mode=True)
    assert not answer["changed"]
    assert "gpu-b" in file.read_text()


def test_a_report_tells_why_no_site_has_a_plan(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    refused = {
        "variant": "a/b", "quantization": "bf16", "backend": "vLLM", "gpu": "L4", "tensor": 1, "pipeline": 1, "data": 1,
        "site": "a", "reason": "needs 64.3 GiB per GPU, has 22.0 GiB",
    }  # fmt: skip
    planned_in_vain = {"msg": "does not fit", "error": {"code": "does_not_fit", "rejected": [refused]}}
    with pytest.raises(InvalidInput, match="does not fit"):
        report("plan", a_site("a", planned=planned_in_vain), report=str(file))
    assert "needs 64.3 GiB per GPU" in file.read_text()


RUNS: Json = {
    "changed": True, "predicted": False, "actions": ["created"],
    "deployment": {"name": "chat", "state": "running", "instances": [{"worker": "gpu-a"}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("site", "state"),
    [
        ({"applied": RUNS}, "done (created)"),
        ({"applied": {**RUNS, "changed": False, "actions": []}}, "unchanged"),
        ({"applied": {**RUNS, "predicted": True}}, "would be done (created)"),
        (
            {"applied": {**RUNS, "changed": False}, "routes": [{"changed": True, "route": {}}]},
            "done (created)",
        ),
        ({"failure": {"msg": "CUDA out of memory", "restored": True}}, "restored (CUDA out of memory)"),
        ({"failure": {"msg": "no answer", "restored": False}}, "failed (no answer)"),
        ({"planned": {"msg": "does not fit"}}, "left out (does not fit)"),
        ({"running": DEAD}, "left out (%s)" % DEAD["msg"]),
        ({"planned": {"plans": [{"name": "chat"}]}}, "not reached"),
    ],
)
def test_the_end_tells_of_each_site(site: Json, state: str, report: Report) -> None:
    report("summary", a_site("a", **site))
    assert report.loud[0] == "a: " + state


def test_what_runs_comes_with_its_address_and_a_command_that_works(report: Report) -> None:
    report("summary", a_site("a", applied=RUNS, answer={"latency_ms": 12, "answer": "pong"}))
    address, command = (next(line for line in report.loud if word in line) for word in ("address", "curl"))
    assert address.split(None, 1)[1] == "https://a.example.com/v1, model chat"
    body = json.loads(command.partition(" -d ")[2].strip("'"))
    assert body["model"] == "chat"
    assert "https://a.example.com/v1/chat/completions" in command
    assert "$GPUSTACK_API_KEY" in command
    assert any("pong" in line for line in report.loud)


@pytest.mark.parametrize("predicted", [False, True])
def test_the_report_of_a_rollout_tells_of_each_site_and_what_was_measured(
    predicted: bool, report: Report, tmp_path: Path
) -> None:
    file = tmp_path / "end.html"
    load = {"first_token_ms": {"p50": 1e6}, "inter_token_ms": {"p50": 0.001}, "output_tokens_per_s": 333.25}
    done = a_site(
        "a", planned=planned("H200", "a"), applied={**RUNS, "predicted": predicted}, answer={"load": load}
    )
    broken = a_site(
        "b", planned=planned("H200", "b"), applied=RUNS, failure={"msg": "<out> of memory", "restored": True}
    )
    answer = report("summary", done, broken, report=str(file), check_mode=predicted)
    assert not answer["changed"]
    page = file.read_text()
    assert "<h1>Rollout" in page
    assert "&lt;out&gt; of memory" in page
    assert "1 %s, 1 restored" % ("would be done" if predicted else "done") in page
    assert ("predicted, nothing was changed" in page) == predicted
    assert ("above the range" in page, "below the range" in page, "333.2" in page) == (True, True, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("performance", {"tokens_per_s": [1], "first_token_ms": [1, 2], "inter_token_ms": [1, 2]}),
        ("cost", {"usd_per_hour": "much"}),
        ("level", {"missed": 3}),
        ("evidence", {"total_bytes": []}),
    ],
)
def test_figures_of_a_wrong_form_are_refused(name: str, value: Json, report: Report, tmp_path: Path) -> None:
    broken = planned("H200", "a")
    broken["plans"][0][name] = value
    with pytest.raises(InvalidInput, match=r"sites\[0\]\.planned\.plans\[0\]\.%s" % name):
        report("plan", a_site("a", planned=broken), report=str(tmp_path / "r.html"))


def test_a_removal_says_what_is_gone(report: Report) -> None:
    gone = {
        "before": {"instances": [{"worker": "gpu-a"}]},
        "actions": ["deleted"],
        "changed": True,
        "predicted": False,
    }
    routes = [{"changed": True, "route": {"name": "chat"}, "path": "/etc/litellm.yaml"}]
    running = {"deployments": [{"name": "chat-2"}]}
    report(
        "removal",
        a_site("a", applied=gone, unregistered=routes),
        a_site("b", applied={}, running=running),
    )
    assert report.loud == [
        "a: deployment chat on gpu-a: deleted",
        "a: route chat in /etc/litellm.yaml",
        "b: no deployment is called chat; did you mean chat-2?",
    ]


def failed(code: str, said: str) -> Json:
    return {"msg": said, "error": {"code": code}}


AS_IT_RUNS = {**RUNS, "changed": False, "actions": []}


def test_no_drift_is_told_and_no_failure(report: Report) -> None:
    report("drift", a_site("a", planned=planned("H200", "a"), applied=AS_IT_RUNS))
    assert report.loud == ["a: as asked for"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"applied": {**RUNS, "actions": ["updated", "restarted"]}},
            "a: the deployment chat would be updated, restarted",
        ),
        (
            {"applied": {**AS_IT_RUNS, "deployment": {"name": "chat", "state": "error"}}},
            "a: the deployment chat is error",
        ),
        (
            {"routes": [{"changed": True, "route": {"name": "chat"}}]},
            "a: the route chat in the running router differs",
        ),
        ({"planned": failed("does_not_fit", "It does not fit")}, "a: It does not fit"),
        (
            {"failure": failed("conflict", "The deployment chat is another's")},
            "a: The deployment chat is another's",
        ),
    ],
)
def test_drift_fails_and_is_named(changes: Json, words: str, report: Report) -> None:
    site = {"planned": planned("H200", "a"), "applied": AS_IT_RUNS, **changes}
    with pytest.raises(rollout_report.Drifted) as caught:
        report("drift", a_site("a", **site))
    assert caught.value.details["drift"] == [words]


@pytest.mark.parametrize(
    "changes",
    [
        {"running": failed("unavailable", "no answer")},
        {"planned": failed("invalid_input", "no answer")},
        {"failure": failed("permission_denied", "no answer")},
        {"failure": {"msg": "no answer"}},
    ],
)
def test_what_cannot_be_compared_is_no_drift_and_hides_none(changes: Json, report: Report) -> None:
    unknown = a_site("a", **changes)
    with pytest.raises(rollout_report.NotCompared, match="Could not be compared: a: no answer"):
        report("drift", unknown, a_site("b", planned=planned("H200", "b"), applied=AS_IT_RUNS))
    assert report.loud == ["b: as asked for"]
    other = a_site("b", planned=planned("H200", "b"), applied={**RUNS, "actions": ["updated"]})
    with pytest.raises(rollout_report.Drifted, match="b: .* updated. Could not be compared: a: no answer"):
        report("drift", unknown, other)


def test_the_action_adds_what_speakers_have_registered() -> None:
    served: Json = {"chat": {"applied": RUNS}}
    registered: Json = {"__model_deployment_served": served, "__model_deployment_planned": {"skipped": True}}
    arguments: Json = {"sites": [a_site("a"), {"name": "b"}]}
    del arguments["sites"][0]["served"]
    ActionModule.add_arguments(
        ActionModule.__new__(ActionModule), arguments, {"hostvars": {"gpu-a": registered}}
    )
    assert arguments["sites"][0] == a_site("a", applied=RUNS)


EMBEDS: Json = {**RUNS, "deployment": {**RUNS["deployment"], "name": "embed"}}


def several(**done: t.Any) -> Json:
    """A site with an embedding that an application's model waits for."""
    return {**a_site("a"), "order": ["embed", "chat"], "served": done}


def test_several_models_have_one_end_with_all_of_them(report: Report) -> None:
    site = several(
        embed={"applied": EMBEDS, "kind": "embedding"}, chat={"applied": AS_IT_RUNS, "kind": "chat"}
    )
    report("summary", site)
    assert report.loud[0] == "a: done (created)"
    assert [line.split()[1] for line in report.loud if "  deployment" in line] == ["embed,", "chat,"]
    assert ["/embeddings" in line for line in report.loud if "curl" in line] == [True, False]


def test_of_several_models_the_one_that_failed_is_named(report: Report) -> None:
    failure = {"msg": "no answer", "model": "chat", "restored": True}
    report("summary", {**several(embed={"applied": EMBEDS}), "failure": failure})
    assert report.loud[0] == "a: restored (chat: no answer)"


def test_after_going_back_only_what_ran_before_is_said_to_answer(report: Report) -> None:
    failure = {"msg": "no answer", "model": "chat", "restored": True}
    there = {"deployments": [{"name": "embed", "state": "running"}]}
    report("summary", {**several(embed={"applied": EMBEDS}, chat={}), "failure": failure, "running": there})
    assert [line.strip() for line in report.loud if "  deployment" in line] == [
        "deployment  embed, running, as before",
        "deployment  chat, not there, as before",
    ]
    commands = [line for line in report.loud if "curl" in line]
    assert len(commands) == 1
    assert '"embed"' in commands[0]
    assert sum("address" in line for line in report.loud) == 1


def test_drift_of_one_of_several_models_is_named(report: Report) -> None:
    site = several(embed={"applied": AS_IT_RUNS}, chat={"applied": {**RUNS, "actions": ["updated"]}})
    site["planned"] = {"plans": [{"name": "embed"}, {"name": "chat"}], "order": ["embed", "chat"]}
    with pytest.raises(rollout_report.Drifted, match="a: the deployment chat would be updated"):
        report("drift", site)


LATER = {"go": False, "reason": "its maintenance window opens Sat 2026-03-07 00:00 UTC"}


def test_what_was_not_begun_says_why_and_fails_only_where_nothing_was(report: Report) -> None:
    waiting = a_site("b", gate=LATER)
    answer = report("summary", a_site("a", applied=RUNS), waiting)
    assert [each["state"] for each in answer["states"]] == ["done", "not begun"]
    assert report.loud[-2:] == [
        "b: not begun (%s)" % LATER["reason"], "the same run goes on where this one has stopped",
    ]  # fmt: skip
    with pytest.raises(Conflict, match="Nothing was changed: b: not begun"):
        report("summary", waiting, a_site("dead", running=DEAD))


def _without(value: Json, *path: t.Any) -> Json:
    found = json.loads(json.dumps(value))
    parent = found
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return t.cast(Json, found)


@pytest.mark.parametrize(
    "path",
    [
        ("plans", 0, "name"),
        ("plans", 0, "variant", "repository"),
        ("plans", 0, "memory", "gpus"),
        ("holds", 0, "variant"),
    ],
)
def test_a_result_with_a_hole_is_refused_with_the_path(
    path: t.Sequence[t.Any], report: Report, tmp_path: Path
) -> None:
    broken = _without(planned("H200", "a"), *path)
    with pytest.raises(InvalidInput, match=r"sites\[0\]\.planned\.%s.*%s is absent" % (path[0], path[-1])):
        report("plan", a_site("a", planned=broken), report=str(tmp_path / "r.html"))


@pytest.mark.parametrize("part", ["summary", "removal", "drift"])
@pytest.mark.parametrize("name", ["planned", "applied", "running", "failure", "answer"])
def test_an_incomplete_result_is_no_defect(part: str, name: str, report: Report) -> None:
    for value in ({}, {"plans": [{}], "changed": True, "actions": None, "deployment": None}):
        with contextlib.suppress(AutoconfigError):
            report(part, a_site("a", **{name: value}))
