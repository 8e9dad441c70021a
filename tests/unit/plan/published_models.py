# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Published models, one in each line of the files in ``published``: numbers that their publishers state.

In ``transformers.jsonl`` they are those of the classes of transformers 5.24 with the config that they take
where none is given; it is that of the published model where the entry has its name.

``config`` has the fields of config.json that memory depends on, ``parameters`` is how many the files
hold in all. ``tolerance`` is given where that number is rounded, ``drafts: excluded`` where it leaves
draft layers out.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

Entry = t.Mapping[str, t.Any]

ENTRIES: t.List[Entry] = [
    json.loads(line)
    for path in sorted(Path(__file__).with_name("published").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
