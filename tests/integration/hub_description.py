# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describes repositories through an official hub client and prints one JSON object, name to facts.

Run as a program by test_catalog_official_clients.py: the clients read their environment when they
are imported. Usage: hub_description.py huggingface|modelscope NAME...
"""

from __future__ import annotations

import importlib
import json
import sys
import typing as t
from pathlib import Path

Facts = t.Dict[str, t.Any]


def huggingface(name: str) -> Facts:
    """Through huggingface_hub: files, config, and the tensor table of the root's safetensors files."""
    hub = importlib.import_module("huggingface_hub")
    api = hub.HfApi()
    info = api.model_info(name, files_metadata=True, securityStatus=True)
    headers = api.get_safetensors_metadata(name).files_metadata.values()
    return {
        "id": info.id,
        "commit": info.sha,
        "files": {f.rfilename: [f.size, f.lfs.sha256 if f.lfs else None] for f in info.siblings},
        "config": json.loads(Path(hub.hf_hub_download(name, "config.json")).read_text()),
        "tensors": {
            key: [tensor.dtype, list(tensor.shape), tensor.data_offsets[1] - tensor.data_offsets[0]]
            for header in headers
            for key, tensor in header.tensors.items()
        },
    }


def modelscope(name: str) -> Facts:
    """Through modelscope: files and config. It reads no headers."""
    api = importlib.import_module("modelscope_hub").HubApi()
    download = importlib.import_module("modelscope.hub.file_download").model_file_download
    files = [item for item in api.list_repo_files(name, "model") if not item.is_dir]
    return {
        "id": api.get_repo(name, "model").id,
        "files": {item.path: [item.size, item.sha256] for item in files},
        "config": json.loads(Path(download(name, "config.json")).read_text()),
    }


def main() -> None:
    client = {"huggingface": huggingface, "modelscope": modelscope}[sys.argv[1]]
    print("\n" + json.dumps({name: client(name) for name in sys.argv[2:]}))


if __name__ == "__main__":
    main()
