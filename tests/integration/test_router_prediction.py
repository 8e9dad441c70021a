# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode says what a run then does, and what is as wanted is not written, for each type of router."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.router_targets import FILES, NAME, RUNNING, Target, at
from tests.integration.routers import Engine, call


def told(result: dict[str, t.Any], is_new: bool) -> dict[str, t.Any]:
    """What both say. The id of what is added, also in place of another, is the router's to give."""
    kept = {key: result[key] for key in ("changed", "diff", "restart_required", "route")}
    return {**kept, "route": {**kept["route"], "id": None}} if is_new else kept


@at(*FILES, *RUNNING)
def test_check_mode_says_what_a_run_then_does(target: Target, engine: Engine) -> None:
    engine.key = None  # one step gives the router another key for it
    route = {"name": NAME, "drain_s": 0, "probe_patience_s": 20, **target.options, **target.first}
    changed = {**route, **target.change}
    gone = {**changed, "state": "absent"}
    for options, is_change in ((route, True), (route, False), (changed, True), (gone, True), (gone, False)):
        seen, writes = target.seen(), target.writes()
        predicted = call(CORE, True, **options)
        assert predicted["predicted"]
        assert (target.seen(), target.writes()) == (seen, writes)

        done = call(CORE, **options)
        assert done["changed"] is is_change
        assert predicted.keys() == done.keys()
        is_added = is_change and predicted["route"]["id"] is None
        assert told(predicted, is_added) == told(done, is_added)
        assert (target.writes() != writes) is is_change
