# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to NVML: single answers of nvidia-ml-py, any of which may be missing or refused."""

from __future__ import annotations

import ctypes
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values

try:
    import pynvml
except (ImportError, OSError, SyntaxError):  # one that is broken is none
    pynvml = None

# Refusals that say something about the card: the number of the binding's error, the end of its class's name.
_COMPLAINTS: t.Sequence[t.Tuple[int, str, str]] = (
    (15, "gpuislost", "device_lost"),
    (28, "gpunotfound", "device_lost"),
    (16, "resetrequired", "reset_required"),
    (14, "corruptedinforom", "inforom_corrupted"),
    (8, "insufficientpower", "insufficient_power"),
    (4, "nopermission", "permission_denied"),
)


class Answerless(Exception):
    """NVML refused the one answer without which nothing can be read."""


def complaint(exc: BaseException) -> t.Optional[str]:
    """What an error of the binding says about the card; None where it says nothing but no."""
    name = type(exc).__name__.lower()
    number = getattr(exc, "value", None)
    return next((code for each, end, code in _COMPLAINTS if number == each or name.endswith(end)), None)


def ask(name: str, *arguments: t.Any) -> t.Any:
    """One answer; None where this binding, driver or card does not give it."""
    return _asked(name, arguments)[0]


def needed(name: str, answer: bool = True) -> t.Any:
    """An answer, or with ``answer`` False a success, without which nothing can be read.

    :raises Answerless: with the binding's words.
    """
    found, error = _asked(name, ())
    if error is not None or not hasattr(pynvml, name) or (answer and found is None):
        raise Answerless("%s: %s" % (name, error or "no answer"))
    return found


def constant(name: str) -> t.Any:
    """A name of the binding that older ones lack."""
    return getattr(pynvml, name, None)


def word(answer: t.Any) -> t.Optional[str]:
    """The text of an answer, which older bindings give as bytes."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return values.text(text) if isinstance(text, str) else None


class Card:
    """One card's handle, None where NVML refuses it, and what it said instead of answers."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.complaints: t.Dict[str, str] = {}
        self.refusal: t.Optional[str] = None
        self.handle, error = _asked("nvmlDeviceGetHandleByIndex", (index,))
        if self.handle is None:
            self.refusal = str(error or "no answer") or type(error).__name__
            self._note(error)

    def ask(self, name: str, *arguments: t.Any) -> t.Any:
        """As :func:`ask`, and remembers complaints."""
        answer, error = _asked(name, (self.handle,) + arguments)
        self._note(error)
        return answer

    def structure(self, function: str, *names: str) -> t.Any:
        """A structure of the first name that the binding has and ``function`` fills; else None."""
        for name in names:
            kind = constant(name)
            if kind is None:
                continue
            info = kind()
            if self.ask(function, ctypes.byref(info)) is not None:
                return info
        return None

    def field(self, name: str) -> t.Optional[int]:
        """The number of a field value."""
        number = constant(name)
        answers = self.ask("nvmlDeviceGetFieldValues", None if number is None else [number])
        if not answers or answers[0].nvmlReturn:
            return None
        return int(answers[0].value.uiVal)

    def _note(self, error: t.Optional[BaseException]) -> None:
        code = complaint(error) if error is not None else None
        if code is not None:
            self.complaints.setdefault(code, str(error) or type(error).__name__)


def _asked(name: str, arguments: t.Tuple[t.Any, ...]) -> t.Tuple[t.Any, t.Optional[BaseException]]:
    """The answer, or why there is none. Bindings raise more than their own errors for what they lack."""
    function = getattr(pynvml, name, None)
    if function is None or any(argument is None for argument in arguments):
        return None, None
    try:
        return function(*arguments), None
    except Exception as exc:
        return None, exc
