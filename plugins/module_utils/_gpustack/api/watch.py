# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching the rows of a list, which the server sends by itself, instead of asking again."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import Shape
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json

# The server says every 15 s that it is alive. A proxy that holds back what it should pass on shows
# in the first seconds, because a stream begins with the rows that there are.
FIRST_QUIET_S = 5.0
QUIET_S = 20.0


@dataclass
class Watch:
    """The stream of one list. Times in seconds.

    ``matters`` sees all rows whenever one changed, and says whether that is worth a closer look.
    A stream only ever saves looks: whatever is wrong with it, the next look tells.
    """

    client: GpustackClient
    path: str
    params: t.Mapping[str, t.Any]
    shape: Shape
    matters: t.Callable[[t.List[Json]], bool]
    _usable: bool = True
    _heard: bool = False

    def wait(self, enough: t.Callable[[], bool]) -> bool:
        """Whether something was told that matters, or ``enough`` said so, which is asked at each sign of life.

        False when the stream is silent, broken or absent.
        """
        if not self._usable:
            return False
        try:
            for rows in self.client.follow(
                self.path, self.params, self.shape, QUIET_S if self._heard else FIRST_QUIET_S
            ):
                self._heard = True
                if self.matters(rows) or enough():
                    return True
        except Unavailable:
            return False
        except AutoconfigError:
            self._usable = False
        self._usable = self._usable and self._heard
        return False
