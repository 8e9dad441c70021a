# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the argument parser of an engine's release: ``vLLM`` or ``SGLang``.

Runs in a virtual environment with what vLLM needs, and with the release on PYTHONPATH. Lists of arguments come as JSON on
standard input; the answer is a list of what the parser says against each, empty where it takes them.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import io
import json
import sys
import types
import typing as t
from unittest import mock


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for modules that the engine imports and nobody has here: kernels for GPUs, clients of services.

    It is asked last. Others are told the truth: they may ask only whether something is there.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self.names: t.Set[str] = set()

    def find_spec(
        self, name: str, _path: t.Any = None, _target: t.Any = None
    ) -> t.Optional[importlib.machinery.ModuleSpec]:
        parent = name.partition(".")[0]
        if parent == self._package or not (parent in self.names or _importer().startswith(self._package)):
            return None
        self.names.add(parent)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = mock.MagicMock(name=spec.name)
        module.__path__, module.__version__ = [], "0"
        return t.cast(types.ModuleType, module)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing in it."""


def _stand_in(absent: Absent) -> None:
    """Also where libraries look up the version of what another has imported."""
    version = importlib.metadata.version

    def answer(name: str) -> str:
        try:
            return version(name)
        except importlib.metadata.PackageNotFoundError:
            if name in absent.names:
                return "0"
            raise

    sys.meta_path.append(absent)
    importlib.metadata.version = answer  # type: ignore[assignment]


def _importer() -> str:
    """The module with the import statement that is being carried out."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("importlib."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__"))


def vllm_parser() -> t.Callable[[t.List[str]], t.Any]:
    """``vllm serve``, with the checks that it makes of parsed arguments."""
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    try:
        from vllm.entrypoints.launchers import cli_args
    except ImportError:  # where older releases have it
        from vllm.entrypoints.openai import cli_args
    parser = cli_args.make_arg_parser(FlexibleArgumentParser())

    def parse(arguments: t.List[str]) -> None:
        parsed = parser.parse_args(["--model", "model", *arguments])
        cli_args.validate_parsed_serve_args(parsed)

    return parse


def sglang_parser() -> t.Callable[[t.List[str]], t.Any]:
    """``sglang.launch_server``."""
    from transformers.models.auto import configuration_auto

    # A release older than the library brings configs that the library has by now.
    register = configuration_auto.CONFIG_MAPPING.register
    configuration_auto.CONFIG_MAPPING.register = lambda name, config, **_: register(
        name, config, exist_ok=True
    )
    from sglang.srt.server_args import ServerArgs

    parser = argparse.ArgumentParser()
    ServerArgs.add_cli_args(parser)
    return lambda arguments: parser.parse_args(["--model-path", "model", *arguments])


def complaint(parse: t.Callable[[t.List[str]], t.Any], arguments: t.List[str]) -> str:
    """The last line of what the parser says; empty where it takes the arguments."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parse(arguments)
    except SystemExit:
        return (said.getvalue().strip().splitlines() or ["it ended without a word"])[-1]
    except Exception as problem:
        return "%s: %s" % (type(problem).__name__, problem)
    return ""


def main(engine: str) -> None:
    if engine == "SGLang":  # the environment has all that vLLM imports
        _stand_in(Absent("sglang"))
    make = {"vLLM": vllm_parser, "SGLang": sglang_parser}[engine]
    with contextlib.redirect_stdout(sys.stderr):
        parse = make()
    print(json.dumps([complaint(parse, arguments) for arguments in json.load(sys.stdin)]))


if __name__ == "__main__":
    main(sys.argv[1])
