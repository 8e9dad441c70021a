# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds what we plan against the engines themselves. Not a part of make test: it downloads 1 GB the first time.

python -m tests.engines arguments    # forty plans through vLLM's and SGLang's own argument parsers
python -m tests.engines served       # a tiny model in the real vLLM on CPU, its log read by model_calibrate
"""

from __future__ import annotations

import argparse
import sys
import typing as t

from tests.engines import arguments, served
from tests.engines.environment import Unavailable
from tests.rules.sources import Missing


def main(given: t.Optional[t.Sequence[str]] = None) -> int:
    """:return: 0, or 1 where an engine refuses or says something else than we plan."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.engines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("check", choices=["arguments", "served"])
    check = {"arguments": arguments.check, "served": served.check}[parser.parse_args(given).check]
    try:
        return check()
    except (Missing, Unavailable) as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
