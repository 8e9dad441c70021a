# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draft models of GPUStack's catalog, which speculative decoding uses. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    normal,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.fields import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.gpustack_sets import (
    REPOSITORY_FIELDS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
    RepositoryRef,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import weight_files


class Draft(t.NamedTuple):
    """An entry of the catalog: GPUStack finds the draft by its ``name``."""

    name: str
    algorithm: str
    ref: RepositoryRef


def draft_for(entries: t.Iterable[Entry], names: t.Iterable[str]) -> t.Optional[Draft]:
    """The draft of a model that is known by ``names``: it is called as the model and the algorithm."""
    wanted = {normal(name) for name in names}
    for entry in entries:
        name, algorithm, source = (str(entry.get(key)) for key in ("name", "algorithm", "source"))
        repository = entry.get(REPOSITORY_FIELDS.get(source, ""))
        if not isinstance(repository, str) or not is_repository_name(repository):
            continue
        if any(normal(name) == model + normal(algorithm) for model in wanted):
            return Draft(name, algorithm, RepositoryRef(source, repository))
    return None


def draft_bytes(files: t.Sequence[RepositoryFile]) -> int:
    """What a draft weighs; drafts are often published as one pickled file. 0: it has no weights."""
    safe = weight_files(files)
    pickled = [file for file in files if "/" not in file.path and file.path.endswith(".bin")]
    return sum(file.size_bytes for file in safe or pickled)
