# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m tests.lab up | down | status | restart SERVER | ssh-up | ssh-down``."""

from __future__ import annotations

import argparse
import json
import sys
import typing as t
from pathlib import Path

from tests.lab import client, hosts, ssh_hosts, state
from tests.lab.process import LabError

_PUBLIC = ("url", "direct_url", "config_path", "log")


def public_view(description: state.Description) -> t.Dict[str, t.Any]:
    """The description without secrets: addresses, paths and hosts."""
    view: t.Dict[str, t.Any] = {}
    for name, value in description.items():
        if isinstance(value, dict):
            view[name] = {key: text for key, text in value.items() if key in _PUBLIC}
        else:
            view[name] = value
    return view


def _print(description: state.Description, path: Path, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**public_view(description), "state": str(path)}, indent=1))
        return
    print(f"lab is up (started in {description['started_in_s']} s, supervisor {description['pid']})")
    for name in ("gpustack", "litellm", "engine", "huggingface", "modelscope", "models_dev"):
        print(f"  {name:12} {description[name]['url']}")
    shapes = ", ".join(f"{host['name']} ({host['shape']})" for host in description["hosts"])
    print(f"  {'hosts':12} {shapes}")
    print(f"  {'inventory':12} {description['inventory']}")
    print(f"  {'state':12} {path} (holds the keys)")


def _up(options: argparse.Namespace) -> int:
    lab = client.up(
        options.state,
        options.host or hosts.DEFAULT_HOSTS,
        options.ttl,
        options.owner_pid,
        options.servers_dir,
    )
    _print(lab.state, options.state, options.json)
    return 0


def _down(options: argparse.Namespace) -> int:
    print("lab is down" if client.down(options.state) else "no lab was running")
    return 0


def _status(options: argparse.Namespace) -> int:
    lab = client.Lab.running(options.state)
    if lab is None:
        print("no lab is running")
        return 3
    _print(lab.state, options.state, options.json)
    return 0


def _restart(options: argparse.Namespace) -> int:
    lab = client.Lab.running(options.state)
    if lab is None:
        raise LabError("No lab is running.")
    lab.control(f"restart_{options.server}")
    print(f"{options.server} restarted")
    return 0


def _ssh_up(options: argparse.Namespace) -> int:
    inventory = ssh_hosts.up(options.directory, options.host, client.Lab.running(options.state))
    print(f"ssh hosts are up\n  inventory    {inventory}")
    return 0


def _ssh_down(options: argparse.Namespace) -> int:
    ssh_hosts.down(options.directory, client.Lab.running(options.state))
    print("ssh hosts are down")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="The lab; see tests/README.md.")
    parser.add_argument("--state", type=Path, default=state.default_path(), help="state file")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start the lab, or show the running one")
    up.add_argument("--host", action="append", metavar="NAME=SHAPE", help="simulated host (repeat)")
    up.add_argument("--ttl", type=float, default=client.DEFAULT_TTL_SECONDS, help="seconds to live")
    up.add_argument("--owner-pid", type=int, help="end when this process ends")
    up.add_argument(
        "--servers-dir", type=Path, help="folder with the virtual environments gpustack and litellm"
    )
    up.set_defaults(run=_up)
    commands.add_parser("down", help="end the lab").set_defaults(run=_down)
    status = commands.add_parser("status", help="show the running lab")
    status.set_defaults(run=_status)
    for command in (up, status):
        command.add_argument("--json", action="store_true", help="print paths and addresses as JSON")
    restart = commands.add_parser("restart", help="restart a server")
    restart.add_argument("server", choices=["litellm", "gpustack"])
    restart.set_defaults(run=_restart)

    ssh_up = commands.add_parser("ssh-up", help="start hosts with a real sshd (root only)")
    ssh_up.add_argument("directory", type=Path)
    ssh_up.add_argument("host", nargs="+", metavar="NAME=SHAPE")
    ssh_up.set_defaults(run=_ssh_up)
    ssh_down = commands.add_parser("ssh-down", help="end them")
    ssh_down.add_argument("directory", type=Path)
    ssh_down.set_defaults(run=_ssh_down)
    for command in commands.choices.values():
        command.add_argument("--state", type=Path, default=argparse.SUPPRESS, help="state file")
    return parser


def main() -> int:
    """Run one command; problems are one line on standard error."""
    options = _parser().parse_args()
    try:
        return int(options.run(options))
    except LabError as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
