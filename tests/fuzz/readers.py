# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reads foreign bytes, by name: each takes the bytes of a case and says what became of them."""

from __future__ import annotations

import json
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs import gguf, safetensors
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import (
    documents,
    gpustack_sets,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import errors
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import DiskCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import json_value
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options as module_options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import record_dict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import (
    CORE as DEPLOYMENT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment_info import (
    CORE as INFO,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import (
    CORE as ROUTER,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory import startup_log

from tests.fuzz import servers

VALUE, LEFT_OUT, REFUSED = "value", "left_out", "refused"
Seen = t.Tuple[str, str]
"""An outcome, and what is said about it."""
Reader = t.Callable[[bytes], Seen]


def seen(value: t.Any, left_out: t.Sequence[str] = ()) -> Seen:
    """A value that can be shown, and what was left out of it."""
    shown = json.dumps(value, default=str, allow_nan=False)
    shown.encode("utf-8")
    return (LEFT_OUT, "; ".join(left_out)[:500]) if left_out else (VALUE, shown[:200])


def facts(case: bytes) -> Seen:
    """The facts of one host, as a fact cache has them: JSON that nobody has checked."""
    try:
        found = json.loads(case)
    except ValueError:
        found = case.decode("utf-8", "replace")
    host, said = read_host("gpu-a", "site", found)
    return seen(repr(host), [each for each in said if "left out" in each])


def models_dev(case: bytes) -> Seen:
    records = models_dev_records.parse(documents.merged({"catalog.json": case}))
    return seen([record_dict(record) for record in records])


def model_sets(case: bytes) -> Seen:
    return seen([record_dict(each) for each in gpustack_sets.parse(documents.decode(case, "sets.yaml"))])


def toml(case: bytes) -> Seen:
    return seen(documents.decode(case, "model.toml"))


def safetensors_header(case: bytes) -> Seen:
    shard = RepositoryFile("model.safetensors", len(case) + (1 << 44))
    return seen([tensor.size_bytes for tensor in safetensors.read_header(_part_of(case), shard)])


def gguf_header(case: bytes) -> Seen:
    part = RepositoryFile("model.gguf", len(case) + (1 << 44))
    model = gguf.describe(_part_of(case + bytes(2 << 20)), [part])
    return seen([model.metadata, [tensor.size_bytes for tensor in model.tensors or ()]])


def startup(case: bytes) -> Seen:
    return seen(repr(startup_log.parse(case.decode("utf-8", "replace"))))


def cache_entry(case: bytes) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        cache = DiskCache(folder)
        cache.write("key", b"{}")
        (path,) = Path(folder).iterdir()
        path.write_bytes(case)
        found = cache.read("key")
        return (LEFT_OUT, "counts as absent") if found is None else seen([found.as_of, found.etag])


def info(case: bytes) -> Seen:
    url, body = servers.override(case)
    result = _run(INFO, servers.options(servers.gpustack, url, body), {"model_files": True})
    return seen(result, result.pop("warnings", []))


def deploy_check(case: bytes) -> Seen:
    url, body = servers.override(case)
    wanted = {
        "name": "fuzz-x",
        "source": "huggingface",
        "repository": "Qwen/Qwen3-0.6B",
        "backend": "vLLM",
        "backend_parameters": ["--max-model-len=8192"],
    }
    return seen(_run(DEPLOYMENT, servers.options(servers.gpustack, url, body), wanted))


def deploy_update(case: bytes) -> Seen:
    """As deploy_check, for a deployment that is there and is to change."""
    url, body = servers.override(case)
    wanted = {
        "name": "qwen3-8b",
        "source": "huggingface",
        "repository": "Qwen/Qwen3-8B",
        "backend_parameters": [],
    }
    return seen(_run(DEPLOYMENT, servers.options(servers.gpustack, url, body), wanted))


def route_gp(case: bytes) -> Seen:
    url, body = servers.override(case)
    wanted = {"type": "gpustack", "name": "chat-x", "model": "qwen3-8b", "probe": False}
    return seen(_run(ROUTER, servers.options(servers.gpustack, url, body), wanted))


READERS: t.Mapping[str, Reader] = {
    "facts": facts,
    "facts_read_host": facts,
    "models_dev": models_dev,
    "model_sets": model_sets,
    "toml": toml,
    "safetensors": safetensors_header,
    "gguf": gguf_header,
    "startup": startup,
    "cache": cache_entry,
    "info": info,
    "deploy_check": deploy_check,
    "deploy_update": deploy_update,
    "route_gp": route_gp,
}


def reader_of(name: str) -> t.Tuple[str, t.Optional[Reader]]:
    """The reader that a file's name begins with; the longest name wins."""
    found = [known for known in READERS if name.startswith(known)]
    best = max(found, key=len, default="")
    return best, READERS.get(best)


def outcome_of(reader: Reader, case: bytes) -> Seen:
    """What became of a case. Whatever is no AutoconfigError comes through: it is a defect."""
    try:
        return reader(case)
    except errors.AutoconfigError as exc:
        json.dumps(exc.as_result(), allow_nan=False).encode("utf-8")
        return REFUSED, exc.message


def _part_of(data: bytes) -> t.Callable[[str, int, int], bytes]:
    return lambda _path, first, last: data[first : last + 1]


def _run(core: Core, http: HttpOptions, wanted: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """One task in check mode, on a pretended network."""
    params = {name: row.get("default") for name, row in core.argument_spec.items()}
    params.update(gpustack_url="http://127.0.0.1:43247", gpustack_api_key="gpustack_0123456789abcdef")
    params.update(wanted)
    real = module_options.http_options
    module_options.http_options = lambda params: http
    try:
        return core.run(Task(params, check_mode=True))
    finally:
        module_options.http_options = real


def text_of(case: bytes) -> t.Any:
    return json_value(case)
