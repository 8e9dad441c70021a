# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps a Python server on loopback: first in the PYTHONPATH of the server's process.

GPUStack has no option against binding to every address. With this, a bind to every address becomes a
bind to loopback, and each attempt to leave loopback is refused and written to $LAB_NETWORK_LOG, so
that an empty file proves that nothing was attempted. Covers Python's socket module only.

$LAB_THIRD_PARTY is a folder with the package ``bin`` of programs that GPUStack's package lacks (gguf_parser.py).
"""

from __future__ import annotations

import errno
import importlib.machinery
import ipaddress
import os
import socket
import sys
import typing as t

_LOG = os.environ.get("LAB_NETWORK_LOG")
_LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
_OWN_NAMES = ("", "localhost", socket.gethostname())

_bind = socket.socket.bind
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


def _stays_here(host: t.Union[str, bytes, None]) -> bool:
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name in _OWN_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refused(call: str, target: t.Any) -> bool:
    if _stays_here(target[0]):
        return False
    if _LOG:
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write("%d %s %r\n" % (os.getpid(), call, target))
    return True


def bind(self: socket.socket, address: t.Any) -> None:
    if self.family in _LOOPBACK and address[0] in ("", "0.0.0.0", "::"):
        address = (_LOOPBACK[self.family], *address[1:])
    _bind(self, address)


def connect(self: socket.socket, address: t.Any) -> None:
    if self.family in _LOOPBACK and _refused("connect", address):
        raise OSError(errno.ENETUNREACH, "refused: not loopback")
    _connect(self, address)


def connect_ex(self: socket.socket, address: t.Any) -> int:
    if self.family in _LOOPBACK and _refused("connect_ex", address):
        return errno.ENETUNREACH
    return _connect_ex(self, address)


def getaddrinfo(host: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
    if _refused("getaddrinfo", (host,)):
        raise socket.gaierror(socket.EAI_NONAME, "refused: not loopback")
    return _getaddrinfo(host, *args, **kwargs)


socket.socket.bind = bind  # type: ignore[method-assign, assignment]
socket.socket.connect = connect  # type: ignore[method-assign, assignment]
socket.socket.connect_ex = connect_ex  # type: ignore[method-assign, assignment]
socket.getaddrinfo = getaddrinfo


class ThirdParty:
    """Finds the package of programs in the folder of the lab."""

    @staticmethod
    def find_spec(name: str, _path: t.Any = None, _target: t.Any = None) -> t.Any:
        if name != "gpustack.third_party.bin":
            return None
        return importlib.machinery.PathFinder.find_spec(name, [os.environ["LAB_THIRD_PARTY"]])


if "LAB_THIRD_PARTY" in os.environ:
    sys.meta_path.insert(0, ThirdParty)
