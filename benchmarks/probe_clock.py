# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How exactly inference_probe measures: its figures beside what an engine with known delays really did.

    python -m benchmarks.probe_clock [--requests N] [--concurrency N ...]

The engine pauses before the first token and between tokens, and notes when it has sent each of them,
so that what it overslept is not counted as an error of the probe. One JSON line per concurrency.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import InferenceClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.load import LoadPlan, run_load

from tests.lab.web import Handler, Server

FIRST_S, GAP_S, TOKENS = 0.25, 0.02, 50


class Metronome(Handler):
    """Streams TOKENS tokens at a known pace."""

    firsts: t.ClassVar[list[float]] = []
    gaps: t.ClassVar[list[float]] = []

    def respond(self) -> None:
        started = time.monotonic()
        self.read_body()
        self.start_stream(200, "text/event-stream")
        sent = []
        for number in range(TOKENS):
            time.sleep(GAP_S if number else FIRST_S)
            self.chunk(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
            sent.append(time.monotonic())
        self.chunk(b"data: [DONE]\n\n")
        self.end_stream()
        self.firsts.append((sent[0] - started) * 1000)
        self.gaps.append(statistics.mean(b - a for a, b in itertools.pairwise(sent)) * 1000)


def measure(url: str, concurrency: int, requests: int) -> dict[str, t.Any]:
    """Means in milliseconds, by the probe and by the engine, and the rate that follows from the pauses."""
    Metronome.firsts.clear()
    Metronome.gaps.clear()
    options = HttpOptions()
    plan = LoadPlan("chat", "metronome", concurrency, requests, 16, TOKENS, 600)
    with InferenceClient(url, None, options) as client:
        figures = run_load(client, plan, options.clock)
    seconds = FIRST_S + GAP_S * (TOKENS - 1)
    return {
        "concurrency": concurrency,
        "requests": figures["requests"],
        "errors": figures["errors"],
        "first_token_ms": {
            "probe": figures["first_token_ms"]["mean"],
            "engine": round(statistics.mean(Metronome.firsts), 2),
        },
        "inter_token_ms": {
            "probe": figures["inter_token_ms"]["mean"],
            "engine": round(statistics.mean(Metronome.gaps), 2),
        },
        "output_tokens_per_s": {
            "probe": figures["output_tokens_per_s"],
            "without oversleeping": round(concurrency * TOKENS / seconds, 2),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--requests", type=int, default=32)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 4, 16])
    given = parser.parse_args()
    server = Server(Metronome)
    for concurrency in given.concurrency:
        print(json.dumps(measure(f"{server.url}/v1", concurrency, given.requests)))
    server.stop()


if __name__ == "__main__":
    main()
