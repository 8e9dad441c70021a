# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of our plans, through the argument parsers of the releases that the plans name."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

from tests.engines.environment import Unavailable, environment, python, unpacked
from tests.engines.plans import Planned, plans


def check() -> int:
    """A line for each plan, and how many are taken; 1 where one is refused."""
    made = list(plans())
    asked = [each for each in made if each.arguments]
    verdicts = {
        (engine, release): _verdicts(engine, release, asked)
        for engine, release in sorted({(each.engine, each.release) for each in asked})
    }
    refused = 0
    for each in made:
        if each.arguments:
            complaint = verdicts[each.engine, each.release][tuple(each.arguments)]
            refused += bool(complaint)
            verdict = "REFUSED: %s" % complaint if complaint else "taken"
            print("%-6s %-7s %-60s %s" % (each.engine, each.release, each.subject, verdict))
            if complaint:
                print("       %s" % " ".join(each.arguments))
    for each in made:
        if not each.arguments:
            print("no plan for %s %s: %s: %s" % (each.engine, each.release, each.subject, each.refusal[:150]))
    print("%d of %d plans are taken by the engines' own parsers" % (len(asked) - refused, len(asked)))
    return 1 if refused else 0


def _verdicts(engine: str, release: str, asked: t.Sequence[Planned]) -> t.Dict[t.Tuple[str, ...], str]:
    own = [each.arguments for each in asked if (each.engine, each.release) == (engine, release)]
    command = [str(python()), str(Path(__file__).with_name("parse.py")), engine]
    done = subprocess.run(
        command,
        input=json.dumps(own),
        capture_output=True,
        text=True,
        check=False,
        env=environment(unpacked(engine, release), CUDA_VISIBLE_DEVICES=""),
    )
    if done.returncode != 0:
        words = "\n".join(done.stderr.strip().splitlines()[-6:])
        raise Unavailable("The parser of %s %s does not start here:\n%s" % (engine, release, words))
    complaints = json.loads(done.stdout.splitlines()[-1])
    return {tuple(arguments): complaint for arguments, complaint in zip(own, complaints, strict=True)}
