# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of the host around the cards."""

from __future__ import annotations

import ipaddress
import os
import platform
import re
import socket
import threading
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Fact

# A name server that does not answer must not hold up the facts.
_NAME_LOOKUP_S = 1.0
_CONTAINER_MARKS = (
    "/.dockerenv",
    "/run/.containerenv",
    # systemd puts the engine's word here: lxc, systemd-nspawn, docker, podman.
    "/run/systemd/container",
    "/run/host/container-manager",
    "/dev/.lxc",
    "/dev/.lxc-boot-id",
    "/dev/lxd/sock",
    "/.singularity.d",
    "/run/secrets/kubernetes.io",
    "/var/run/secrets/kubernetes.io",
)
_CONTAINER_VARIABLES = (
    "container",
    "KUBERNETES_SERVICE_HOST",
    "APPTAINER_CONTAINER",
    "SINGULARITY_CONTAINER",
    "ENROOT_ROOTFS",
)
_GROUP_FILES = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
_CONTAINER_GROUPS = re.compile(r"docker[-/]|kubepods|containerd|libpod|/lxc|/machine\.slice/")
_CONTAINER_ROOT = re.compile(
    r"^(?:\S+ ){4}/ [^\n]*"
    r"(?:/docker/|/containers/storage/|/containerd/|/kubelet/|/lxc/|/lxd/|/enroot/)"
    # LXC lays its own files over those of /proc; on its host they are elsewhere.
    r"|^(?:\S+ ){4}/proc/[^\n]* - fuse\.lxcfs ",
    re.MULTILINE,
)


class HostMemory(t.NamedTuple):
    """Bytes; in a container with a limit, what the container may use."""

    total_bytes: t.Optional[int]
    available_bytes: t.Optional[int]


def host_facts(machine: Machine) -> Fact:
    """The ``host`` part of the facts."""
    memory = host_memory(machine)
    name = platform.node()
    return {
        "name": name,
        "fqdn": _full_name(name),
        "machine_id": machine.read("/etc/machine-id") or machine.read("/var/lib/dbus/machine-id"),
        "addresses": local_addresses(machine.read("/proc/net/fib_trie") or "")
        + global_addresses(machine.read("/proc/net/if_inet6") or ""),
        "cpu": {"architecture": platform.machine(), "count": os.cpu_count()},
        "memory": {"total_bytes": memory.total_bytes, "available_bytes": memory.available_bytes},
        "container": in_container(machine),
        "wsl": in_wsl(machine),
    }


def host_memory(machine: Machine) -> HostMemory:
    """Of /proc/meminfo, narrowed by a control group's limit."""
    memory = parse_meminfo(machine.read("/proc/meminfo") or "")
    limit, used = _group_limit(machine)
    if limit is None or memory.total_bytes is None or limit >= memory.total_bytes:
        return memory
    rest = max(0, limit - (used or 0))
    available = rest if memory.available_bytes is None else min(rest, memory.available_bytes)
    return HostMemory(limit, available)


def parse_meminfo(text: str) -> HostMemory:
    """The two lines that count. The kernel's kB are 1024 bytes."""
    found = dict(re.findall(r"^(MemTotal|MemAvailable):\s+([0-9]{1,15}) kB", text, re.MULTILINE))
    total, available = (
        int(found[name]) * 1024 if name in found else None for name in ("MemTotal", "MemAvailable")
    )
    return HostMemory(total, available)


def local_addresses(fib_trie: str) -> t.List[str]:
    """This host's IPv4 addresses but the loopback's, of /proc/net/fib_trie."""
    found = re.findall(r"\|-- ([0-9.]+)\s+/32 host LOCAL", fib_trie)
    return sorted({address for address in found if not address.startswith("127.")})


def global_addresses(if_inet6: str) -> t.List[str]:
    """This host's IPv6 addresses of global scope, of /proc/net/if_inet6."""
    found = re.findall(r"^([0-9a-f]{32}) [0-9a-f]+ [0-9a-f]+ 00 ", if_inet6, re.MULTILINE)
    return sorted({str(ipaddress.IPv6Address(int(address, 16))) for address in found})


def in_container(machine: Machine) -> bool:
    """Whether this looks like a container: a hint, not a proof.

    By the marks of engines, the control group (version 1 alone names them), and a root that is laid over
    an engine's folders or has a container's file system.
    """
    if any(machine.exists(mark) for mark in _CONTAINER_MARKS):
        return True
    if any(machine.environ.get(name) for name in _CONTAINER_VARIABLES):
        return True
    # Where this user may read it: LXC and nspawn tell their first process.
    if re.search(r"(?:^|\0)container=[^\0]", machine.read("/proc/1/environ") or ""):
        return True
    if _CONTAINER_GROUPS.search(machine.read("/proc/1/cgroup") or ""):
        return True
    return bool(_CONTAINER_ROOT.search(machine.read("/proc/self/mountinfo") or ""))


def in_wsl(machine: Machine) -> bool:
    """Whether the kernel is that of the Windows Subsystem for Linux."""
    return "microsoft" in (machine.read("/proc/version") or "").lower()


def _group_limit(machine: Machine) -> t.Tuple[t.Optional[int], t.Optional[int]]:
    """Limit and use of the control group, whose files have other names in version 1."""
    for limit, used in _GROUP_FILES:
        if machine.exists(limit):
            return _count(machine.read(limit)), _count(machine.read(used))
    return None, None


def _count(text: t.Optional[str]) -> t.Optional[int]:
    return int(text) if text is not None and text.isdigit() else None


def _full_name(name: str) -> str:
    answers: t.List[str] = []
    lookup = threading.Thread(target=lambda: answers.append(socket.getfqdn(name)), daemon=True)
    lookup.start()
    lookup.join(_NAME_LOOKUP_S)
    return answers[0] if answers else name
