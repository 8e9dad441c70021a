# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""llama.cpp's own server, as one process: MODEL ALIAS CONTEXT PORT. Runs in the virtual environment that holds xllamacpp."""

from __future__ import annotations

import sys
import threading

import xllamacpp

SLOTS, MOST_TOKENS = 4, 24


def main(model: str, alias: str, context: str, port: str) -> None:
    """Serve until the process is ended; the server's own threads do the work."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {alias}
    params.hostnames, params.port = ["127.0.0.1"], int(port)
    params.n_parallel, params.n_ctx = SLOTS, SLOTS * int(context)
    params.n_predict = MOST_TOKENS  # where the request says nothing
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_threads_http = 32  # requests that wait for a slot hold one each
    params.cache_ram_mib = 0
    params.warmup = False
    params.use_jinja = True
    params.endpoint_metrics = params.endpoint_slots = True
    _server = xllamacpp.Server(params)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
