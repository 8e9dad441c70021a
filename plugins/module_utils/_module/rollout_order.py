# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order several models are rolled out: those first that others wait for. Pure: no IO."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput


def rollout_order(waits_for: t.Mapping[str, t.Iterable[str]]) -> t.List[str]:
    """The names, each behind those that it waits for, else as they were given.

    :raises InvalidInput: one waits for a name that is not there, or for itself in the end.
    """
    for name, others in waits_for.items():
        for other in others:
            if other not in waits_for:
                near = difflib.get_close_matches(other, list(waits_for), n=1)
                raise InvalidInput(
                    "%s comes after %s, and no model is called so" % (name, other),
                    hint="Did you mean %s?" % near[0] if near else "There are: %s." % ", ".join(waits_for),
                )
    order: t.List[str] = []
    while len(order) < len(waits_for):
        ready = [name for name in waits_for if name not in order and set(waits_for[name]) <= set(order)]
        if not ready:
            ring = [name for name in waits_for if name not in order]
            raise InvalidInput(
                "%s cannot come one after the other: each waits for another of them" % ", ".join(ring),
                hint="Leave one of their dependencies out of the option after.",
            )
        order.append(ready[0])
    return order
