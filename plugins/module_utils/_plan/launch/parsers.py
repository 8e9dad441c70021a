# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an engine understands a family's tool calls and reasoning.

Without its parser a server hands tool calls and thoughts out as plain text. GPUStack's catalog knows
its own models best; for the rest there is a table by ``model_type`` and name (data/engines/families.tsv, with
the source of each row).
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    REASONING as REASONING_KIND,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    TOOLS as TOOLS_KIND,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    Table,
    table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.families_table import (
    FAMILIES as FAMILIES_TEXT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.flag_rules import refused
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import Release
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    ENGINES,
    VLLM,
    Engine,
)

TOOLS, REASONING = "--tool-call-parser", "--reasoning-parser"
_KINDS = {TOOLS: TOOLS_KIND, REASONING: REASONING_KIND}
AUTO_TOOLS = "--enable-auto-tool-choice"


class Family(t.NamedTuple):
    """Models of some types whose name fits, and their parsers: vLLM's and SGLang's; empty for none.

    Without types: of any. ``vllm_arguments``: what vLLM does not set for them by itself.
    """

    types: str
    name: str
    vllm_tools: str = ""
    vllm_reasoning: str = ""
    sglang_tools: str = ""
    sglang_reasoning: str = ""
    vllm_arguments: str = ""


# The first that fits counts. Bases speak no format; where only some models of a type reason, their
# names say so.
FAMILIES = tuple(
    Family(*("" if part == "-" else part for part in line.split(" ; ")))
    for line in FAMILIES_TEXT.splitlines()
)


def family_parsers(engine: Engine, model_types: t.Collection[str], repository: str) -> t.Dict[str, str]:
    """The parsers that the table has for a model, by flag; empty where it has none."""
    family = _family(frozenset(model_types), repository)
    if family is None:
        return {}
    tools, reasoning = (
        (family.vllm_tools, family.vllm_reasoning)
        if engine is VLLM
        else (family.sglang_tools, family.sglang_reasoning)
    )
    return {flag: value for flag, value in {TOOLS: tools, REASONING: reasoning}.items() if value}


def family_arguments(
    engine: Engine, release: Release, model_types: t.Collection[str], repository: str
) -> t.List[Argument]:
    """What a family has to be started with, as far as the release takes it."""
    family = _family(frozenset(model_types), repository)
    if family is None or engine is not VLLM:
        return []
    wanted = parse(family.vllm_arguments.split())
    return [each for each in wanted if refused(engine.name, each, release, ()) is None]


@functools.lru_cache(maxsize=256)
def _family(model_types: t.FrozenSet[str], repository: str) -> t.Optional[Family]:
    name = repository.lower()
    for family in FAMILIES:
        types = family.types.split()
        if (not types or any(each in types for each in model_types)) and re.search(family.name, name):
            return family
    return None


class Parsing(t.NamedTuple):
    """Arguments that make an engine understand a model, and what could not be had."""

    arguments: t.List[Argument]
    complaints: t.List[str]


def parsing(
    engine: Engine, release: Release, advised: t.Sequence[Argument], known: t.Mapping[str, str]
) -> Parsing:
    """The catalog's parsers where the engine has them, else the family's.

    ``known`` are those of the family. A catalog may spell a parser as another engine calls it.
    """
    said = {argument.flag: argument.value or "" for argument in advised}
    found: t.List[Argument] = []
    complaints: t.List[str] = []
    for flag in (TOOLS, REASONING):
        names = _names(engine.name, flag)
        value = known.get(flag) if _is_foreign(engine, flag, said.get(flag)) else said[flag]
        if value is None:
            continue
        reason = names.complaint(engine.name, value, release)
        if reason is not None:
            complaints.append("%s=%s %s: left out" % (flag, value, reason))
            continue
        if flag == TOOLS and engine is VLLM:
            found.append(Argument(AUTO_TOOLS))
        found.append(Argument(flag, value))
    return Parsing(found, complaints)


def _is_foreign(engine: Engine, flag: str, value: t.Optional[str]) -> bool:
    """Whether another engine has this parser and ``engine`` has not; one that nobody has may be new."""
    elsewhere = any(value in _names(other, flag) for other in ENGINES)
    return value is None or (value not in _names(engine.name, flag) and elsewhere)


def _names(engine: str, flag: str) -> Table:
    return table(engine, _KINDS[flag])
