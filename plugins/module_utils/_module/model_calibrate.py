# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of model_calibrate."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.documents import (
    read_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.whole_file import (
    clear_away,
    read_text,
    replace_text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.corrections import (
    known_corrections,
    text_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import (
    TERMS,
    TOKENS,
    Correction,
    Row,
    another_model,
    as_record,
    compare,
    corrections_from,
    merged,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.startup_log import (
    StartupLog,
    parse,
)


def run(task: Task) -> Result:
    """Compare, and keep what is learned where a file is named for it."""
    params = task.params
    log = _log(params)
    plan = _plan(params, log)
    rows = compare(plan, log)
    result: Result = {
        "changed": False,
        "engine": log.engine,
        "version": params["version"] or log.version or plan.get("backend_version"),
        "card": params["card"] or plan.get("gpu"),
        "terms": [dict(asdict(row), error_percent=row.error_percent) for row in rows],
        "lines": [_line(row) for row in rows],
        "corrections": [],
        "warnings": list(_doubts(plan, log, rows)),
    }
    if params["corrections"]:
        found = _corrections(rows, result)
        result["corrections"] = [as_record(each) for each in found]
        result.update(_kept(params["corrections"], found, task.check_mode))
    return result


def _log(params: Params) -> StartupLog:
    text = params["log"]
    if text is None:
        text = read_bytes(params["log_path"])[0].decode("utf-8", "replace")
    log = parse(text, foreign.text(params["plan"].get("backend")))
    if log is None:
        raise InvalidInput(
            "%s has none of the lines in which vLLM or SGLang tell their memory"
            % (params["log_path"] or "log"),
            hint="Give the engine's own log from its start until it serves, at its usual level (INFO).",
        )
    return log


def _plan(params: Params, log: StartupLog) -> t.Mapping[str, t.Any]:
    plan: t.Mapping[str, t.Any] = params["plan"]
    memory = plan.get("memory")
    if not isinstance(memory, dict) or any(foreign.whole(memory.get(term)) is None for term in TERMS):
        raise InvalidInput(
            "plan has no memory with %s" % ", ".join(TERMS),
            hint="Give one of the plans that modelscan.autoconfig.model_plan returns.",
        )
    if plan.get("backend") != log.engine:
        raise InvalidInput(
            "The log is of %s, the plan is for %s" % (log.engine, plan.get("backend")),
            hint="Give the log of the engine that this plan started.",
        )
    return plan


def _doubts(plan: t.Mapping[str, t.Any], log: StartupLog, rows: t.Sequence[Row]) -> t.Iterator[str]:
    other = another_model(rows)
    if other is not None:
        yield other
    planned = foreign.count(plan.get("context_tokens"))
    if log.context_tokens and planned and log.context_tokens != planned:
        yield (
            "the log is of requests of up to %d tokens, the plan of %d: what cache is left compares, "
            "its tokens may not" % (log.context_tokens, planned)
        )


def _corrections(rows: t.Sequence[Row], result: Result) -> t.List[Correction]:
    for name in ("version", "card"):
        if not result[name]:
            raise InvalidInput(
                "Neither the log nor the plan names the %s"
                % ("engine's version" if name == "version" else "card"),
                hint="Corrections hold for one engine, release and card: give the option %s." % name,
            )
    return merged((), corrections_from(rows, result["engine"], str(result["version"]), str(result["card"])))


def _kept(path: str, found: t.Sequence[Correction], check_mode: bool) -> Result:
    """Merges into the file; :raises InvalidInput: it cannot be read or written."""
    text = text_of(merged(known_corrections(path), found), path)
    try:
        if not check_mode:
            clear_away(path)
        before = read_text(path)
        if before != text and not check_mode:
            replace_text(path, text)
    except OSError as exc:
        raise InvalidInput(
            "The corrections cannot be written to %s: %s" % (path, exc.strerror or exc),
            hint="Name a file in a folder that exists and may be written to.",
        ) from exc
    diff = {"before": before or "", "after": text, "before_header": path, "after_header": path}
    return {"changed": before != text, "diff": diff}


def _line(row: Row) -> str:
    shown = str if row.term == TOKENS else gib
    if row.measured is None:
        return "%s: predicted %s, not in the log" % (row.term, shown(row.predicted))
    told = "%s: predicted %s, measured %s" % (row.term, shown(row.predicted), shown(row.measured))
    return told if row.error_percent is None else "%s (%+.1f %%)" % (told, row.error_percent)


CORE = Core(
    run=run,
    argument_spec={
        # Engines print their arguments, keys among them.
        "log": {"type": "str", "no_log": True},
        "log_path": {"type": "path"},
        "plan": {"type": "dict", "required": True},
        "card": {"type": "str"},
        "version": {"type": "str"},
        "corrections": {"type": "path"},
    },
    rules={"mutually_exclusive": [["log", "log_path"]], "required_one_of": [["log", "log_path"]]},
)
