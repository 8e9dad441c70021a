# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""llama.cpp's own figures of a model: it plans all of its buffers and allocates none.

The wheel ``xllamacpp`` holds its server. It loads in a process of its own, which an assertion may end.
"""

from __future__ import annotations

import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from importlib import metadata

MIB = 1 << 20
_LIMIT_S, _ATTEMPTS = 300, 6
_KV = re.compile(r"llama_kv_cache\w*: size = +([\d.]+) MiB")
_STATES = re.compile(r"llama_memory_recurrent: size = +([\d.]+) MiB")
_COMPUTE = re.compile(r"compute buffer size = +([\d.]+) MiB")
_PROGRAM = """
import sys, time, xllamacpp as x
p = x.CommonParams()
p.model.path = sys.argv[1]
for word in sys.argv[2:]:
    name, _equals, value = word.partition("=")
    old = getattr(p, name)
    setattr(p, name, value == "1" if isinstance(old, bool) else type(old)(int(value)))
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
p.warmup = p.fit_params = False
p.no_alloc, p.load_mode = True, x.llama_load_mode.LLAMA_LOAD_MODE_NONE
p.verbosity = 4
server = x.Server(p)
time.sleep(0.2)
"""


@dataclass(frozen=True)
class Figures:
    """Bytes that llama.cpp reports: all caches and states, and its largest compute buffer."""

    cache_bytes: int
    compute_bytes: int


def figures(path: str, options: t.Mapping[str, int]) -> Figures:
    """:raises RuntimeError: it does not load the file, with the end of what it said."""
    words = ["%s=%d" % pair for pair in options.items()]
    for _attempt in range(_ATTEMPTS):
        text = _said(path, words)
        compute = _COMPUTE.findall(text)
        if compute:
            break
    else:
        said = [line for line in text.splitlines() if " E " in line or "ASSERT" in line]
        raise RuntimeError("%s did not load: %s" % (path, "; ".join(said[:4])))
    cache = sum(float(size) for size in _KV.findall(text) + _STATES.findall(text))
    return Figures(int(cache * MIB), int(max(map(float, compute)) * MIB))


def _said(path: str, words: t.Sequence[str]) -> str:
    """What one process logs. Buffers without memory end it once it has told them, now and then before."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, path, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LIMIT_S,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace")


def version() -> str:
    """Of the wheel."""
    return metadata.version("xllamacpp")
