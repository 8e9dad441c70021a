# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real processes, none of which lives longer than its test."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import (
    STDERR_LIMIT,
    Deadline,
    Outcome,
    Runner,
    TimedOut,
)


def script(folder: Path, body: str) -> str:
    path = folder / "tool"
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return str(path)


def runner(folder: Path, seconds: float = 10.0) -> Runner:
    environ = {
        "PATH": "%s:%s" % (folder, os.environ["PATH"]),
        "LC_ALL": "de_DE.UTF-8",
        "CUDA_VISIBLE_DEVICES": "1",
    }
    return Runner(Deadline(seconds), environ)


def test_the_tool_gets_a_plain_environment_and_no_input(tmp_path: Path) -> None:
    tool = script(tmp_path, 'echo "$LC_ALL/${CUDA_VISIBLE_DEVICES-unset}/$(cat)"; echo bad >&2; exit 9\n')
    assert runner(tmp_path).run([tool]) == Outcome(9, "C/unset/\n", "bad\n")


def test_a_hanging_tool_is_left_behind_with_its_children(tmp_path: Path) -> None:
    tool = script(tmp_path, 'echo $$ > "%s/pid"; sleep 60; echo late\n' % tmp_path)
    started = time.monotonic()
    outcome = runner(tmp_path, 0.5).run([tool])
    assert outcome == Outcome(None, timed_out=True)
    assert time.monotonic() - started < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_tool_that_cannot_start_is_an_outcome(tmp_path: Path) -> None:
    outcome = runner(tmp_path).run([str(tmp_path / "nothing")])
    assert (outcome.rc, outcome.timed_out) == (None, False)
    assert "nothing" in outcome.said


def test_the_search_path_goes_before_the_fixed_directories(tmp_path: Path) -> None:
    tool = script(tmp_path, "exit 0\n")
    other = tmp_path / "other"
    other.mkdir()
    fixed = Runner(Deadline(1), {"PATH": str(other)}, directories=[str(tmp_path)])
    assert fixed.find("tool") == tool
    assert fixed.find("no-such-tool-anywhere") is None


def test_deadline_never_goes_below_zero() -> None:
    moments = iter([100.0, 104.0, 111.0])
    deadline = Deadline(10, lambda: next(moments))
    assert (deadline.left_s(), deadline.left_s()) == (6.0, 0.0)


def test_a_library_is_called_in_a_copy(tmp_path: Path) -> None:
    assert runner(tmp_path).call(os.getpid) != os.getpid()
    big = runner(tmp_path).call(lambda: b"x" * 1_000_000)
    assert len(big) == 1_000_000


def test_a_library_that_hangs_or_crashes_does_not_take_us_along(tmp_path: Path) -> None:
    with pytest.raises(TimedOut):
        runner(tmp_path, 0.2).call(lambda: time.sleep(60))
    with pytest.raises(RuntimeError):
        runner(tmp_path).call(lambda: os._exit(3))
    with pytest.raises(RuntimeError):
        runner(tmp_path).call(lambda: 1 // 0)


def test_a_flood_is_stopped_and_says_nothing(tmp_path: Path) -> None:
    outcome = runner(tmp_path).run([script(tmp_path, "exec yes 'GPU 0: NVIDIA H100 (UUID: GPU-0)'\n")])
    assert (outcome.rc, outcome.stdout, outcome.flooded) == (None, "", True)
    assert "MiB" in outcome.stderr


def test_complaints_without_end_are_not_kept(tmp_path: Path) -> None:
    outcome = runner(tmp_path).run([script(tmp_path, "head -c 3000000 /dev/zero >&2; echo done\n")])
    assert (outcome.rc, outcome.stdout, len(outcome.stderr)) == (0, "done\n", STDERR_LIMIT)


def test_a_child_that_holds_the_output_is_not_waited_for(tmp_path: Path) -> None:
    tool = script(tmp_path, 'sleep 60 & echo $! > "%s/pid"; echo done\n' % tmp_path)
    started = time.monotonic()
    assert runner(tmp_path, 30).run([tool]) == Outcome(0, "done\n")
    assert time.monotonic() - started < 15
    child = Path("/proc/%s/stat" % (tmp_path / "pid").read_text().strip())
    while child.exists() and child.read_text().split()[2] != "Z":
        assert time.monotonic() - started < 15
        time.sleep(0.01)


def test_one_question_is_asked_once(tmp_path: Path) -> None:
    tool = script(tmp_path, 'echo again >> "%s/asked"\n' % tmp_path)
    asking = runner(tmp_path)
    for shared in (asking, asking.share(2)):
        shared.run([tool, "--json"])
    assert (tmp_path / "asked").read_text() == "again\n"


def test_reading_counts_into_the_time(tmp_path: Path) -> None:
    with pytest.raises(TimedOut), runner(tmp_path, 0.2).limited():
        time.sleep(60)
    with runner(tmp_path, 0.2).limited():
        pass
    time.sleep(0.3)


def test_a_tool_in_the_root_of_a_container_gets_its_own_loader(tmp_path: Path) -> None:
    root = tmp_path / "run/nvidia/driver"
    (root / "usr/bin").mkdir(parents=True)
    (root / "lib64").mkdir()
    loader = root / "lib64/ld-linux-x86-64.so.2"
    loader.write_text('#!/bin/sh\necho "$@"\n')
    loader.chmod(0o755)
    found = Runner(Deadline(5), {"PATH": ""}, directories=[str(tmp_path / "run/nvidia/*/usr/bin")])
    tool = root / "usr/bin/nvidia-smi"
    tool.write_text("")
    tool.chmod(0o755)
    said = found.run([str(found.find("nvidia-smi")), "-L"]).stdout.split()
    assert (said[0], said[2:]) == ("--library-path", [str(tool), "-L"])
