# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reads foreign bytes, by name: each takes the bytes of a case and says what became of them."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import tempfile
import typing as t
from pathlib import Path
from unittest import mock

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.filter import (
    compare_table,
    deployment_table,
    fleet_csv,
    fleet_html,
    fleet_table,
    model_table,
    plan_table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog import library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs import gguf, safetensors
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import (
    documents,
    gpustack_sets,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import (
    models_dev as models_dev_source,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import errors
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import DiskCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import (
    Reply,
    server_words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api import row_shapes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import connect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options as module_options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import plan_file
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import (
    CORE as SEARCH,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import record_dict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.corrections import read_corrections
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import (
    CORE as DEPLOYMENT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment_info import (
    CORE as INFO,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.inference_probe import (
    CORE as PROBE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_calibrate import (
    CORE as CALIBRATE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import CORE as PLAN
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_report import (
    CORE as REPORT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_report import (
    DRIFT,
    REMOVAL,
    SUMMARY,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_report import (
    PLAN as PLANS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import (
    CORE as ROUTER,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory import startup_log
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import as_record
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model import mistral_params
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.engine_load import in_flight

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


def _network(case: bytes, answers: servers.Answers, content_type: str = "application/json") -> HttpOptions:
    """The network of a case ``[URL, BODY]``."""
    url, body = servers.override(case)
    return servers.options(answers, url, body, content_type)


def _with_hubs(core: Core, case: bytes, wanted: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    with tempfile.TemporaryDirectory() as folder:
        hubs = {
            "hf_endpoint": "https://huggingface.co",
            "modelscope_endpoint": "https://modelscope.cn",
            "models_dev_url": "https://models.dev",
            "cache_dir": folder + "/cache",
        }
        with mock.patch.object(models_dev_source, "_packed", return_value=_PACKAGED):
            return _run(core, _network(case, servers.hubs), dict(hubs, **wanted), check_mode=False)


# The thousands of models that the installed package brings would be read anew for each broken catalog.
_PACKAGED = gzip.compress(
    json.dumps({"acme": {"id": "acme", "models": servers.MODELS_DEV["models"]}}, sort_keys=True).encode()
)


def describe(case: bytes) -> Seen:
    """A model with its variants, as Hugging Face tells it."""
    result = _with_hubs(SEARCH, case, {"model": servers.REPOSITORY})
    return seen(result, [each for each in result["warnings"] if "left out" in each or "are used" in each])


def describe_on_modelscope(case: bytes) -> Seen:
    result = _with_hubs(SEARCH, case, {"model": servers.REPOSITORY, "source": "model_scope"})
    return seen(result, [each for each in result["warnings"] if "left out" in each or "are used" in each])


def search(case: bytes) -> Seen:
    return seen(_with_hubs(SEARCH, case, {"query": "rocket", "search_hub": True}))


def plan(case: bytes) -> Seen:
    hosts = [{"name": "gpu-a", "site": "default", "domain": "", "gpus": None, "facts": servers.FACTS}]
    return seen(_with_hubs(PLAN, case, {"model": servers.REPOSITORY, "hosts": hosts}))


def deployed(case: bytes) -> Seen:
    """What a server had, as gpustack_deployment_info gave it to the planner."""
    hosts = [{"name": "gpu-a", "site": "default", "domain": "", "gpus": None, "facts": servers.FACTS}]
    wanted = {"model": servers.REPOSITORY, "hosts": hosts, "deployed": [_object(case)]}
    result = _with_hubs(PLAN, b'["", null]', wanted)
    return seen(result, [each for each in result["warnings"] if "left out" in each])


def deploy_plan(case: bytes) -> Seen:
    """A plan from a file, given to gpustack_deployment."""
    return seen(_run(DEPLOYMENT, servers.options(servers.gpustack), {"plan": json_value(case)}))


def calibrate(case: bytes) -> Seen:
    wanted = {"plan": json_value(case), "log": seeds_log(), "version": "0.11.0", "card": "NVIDIA L4"}
    return seen(_run(CALIBRATE, HttpOptions(), wanted))


def seeds_log() -> str:
    return "vLLM API server version 0.11.0\nModel loading took 14.99 GiB and 3 seconds\n"


def corrections_file(case: bytes) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "corrections.yml")
        path.write_bytes(case)
        return seen([as_record(each) for each in read_corrections(str(path))])


def config(case: bytes) -> Seen:
    return seen(repr(read_architecture(_object(case))))


def mistral(case: bytes) -> Seen:
    return seen(repr(read_architecture(mistral_params.config_of(_object(case)))))


def probe(case: bytes) -> Seen:
    return seen(_run(PROBE, _network(case, servers.inference), servers.QUESTION, check_mode=False))


def stream(case: bytes) -> Seen:
    """A streamed answer, cut where the case says nothing of it."""
    http = servers.options(servers.inference, servers.STREAM_URL, case, "text/event-stream")
    return seen(_run(PROBE, http, dict(servers.QUESTION, stream=True), check_mode=False))


def _router_file(case: bytes, name: str, **wanted: t.Any) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(case)
        given = {"name": "chat", "model": "rocket", "probe": False, "path": str(path)}
        return seen(_run(ROUTER, HttpOptions(), dict(given, **wanted), check_mode=False))


def litellm_file(case: bytes) -> Seen:
    return _router_file(case, "config.yaml", type="litellm", base_url="http://127.0.0.1:8000/v1")


def modelscan_file(case: bytes) -> Seen:
    return _router_file(case, "router.yaml", type="modelscan", base_url="http://127.0.0.1:8000/v1")


def openai_list(case: bytes) -> Seen:
    entry = {"model": "chat", "base_url": "http://127.0.0.1:8000/v1"}
    return _router_file(case, "list.yaml", type="openai_list", list_path="providers", entry=entry)


def openai_json(case: bytes) -> Seen:
    entry = {"model": "chat", "base_url": "http://127.0.0.1:8000/v1"}
    return _router_file(case, "list.json", type="openai_list", list_path="providers", entry=entry)


def text_lines(case: bytes) -> Seen:
    return _router_file(
        case, "map", type="openai_list", line_name=r"^(\S+)", line="chat http://127.0.0.1:8000"
    )


def _live_router(case: bytes, kind: str, check_mode: bool = True) -> Seen:
    given = {"type": kind, "name": "rocket", "router_url": "http://127.0.0.1:43248", "probe": False}
    given.update(
        base_url="http://127.0.0.1:8000/v1", state="present" if check_mode else "absent", drain_s=0.0
    )
    return seen(_run(ROUTER, _network(case, servers.routers), given, check_mode=check_mode))


def sglang_router(case: bytes) -> Seen:
    return _live_router(case, "sglang_router")


def vllm_router(case: bytes) -> Seen:
    return _live_router(case, "vllm_router")


def litellm_api(case: bytes) -> Seen:
    return _live_router(case, "litellm")


def metrics(case: bytes) -> Seen:
    http = servers.options(servers.inference, "http://127.0.0.1:8000/metrics", case, "text/plain")
    return seen(in_flight("http://127.0.0.1:8000/v1", http))


def saved_facts(case: bytes) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "facts.json")
        path.write_bytes(case)
        return seen(simulated(Machine(), str(path)))


def refusal(case: bytes) -> Seen:
    """The body of a refused request."""
    reply = Reply(400, {"content-type": "application/json"}, case, "GET", "http://127.0.0.1/x")
    return seen(server_words(reply))


def watch(case: bytes) -> Seen:
    """A stream of rows, which is given up where it is broken."""
    http = servers.options(servers.gpustack, servers.WATCH_URL, case)
    with connect("http://127.0.0.1:43247", "key-0123456789", None, http) as client:
        rows = list(client.follow("/v2/model-instances", {}, row_shapes.INSTANCE, 1.0))
    return seen(len(rows))


def plan_of_a_file(case: bytes) -> Seen:
    """A plan file, whose digest anybody can compute."""
    content = _object(case)
    whole = {key: content[key] for key in content if key != "digest"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_text(json.dumps(dict(whole, digest=plan_file._digest(whole))))
        now = plan_file.Now("https://gpustack", {"version": "2.3.0"}, servers.WORKERS_SEEN, [], {})
        return seen(plan_file.applied(str(path), now))


def reported(case: bytes) -> Seen:
    """What the modules of a rollout have registered of one site."""
    site = dict(_object(case), name="a", url="https://gpustack", hosts=[])
    with tempfile.TemporaryDirectory() as folder:
        files = {"report": folder + "/r.html", "plan_file": folder + "/p.json"}
        for part in (DRIFT, SUMMARY, REMOVAL):
            with contextlib.suppress(errors.AutoconfigError):
                _checked(REPORT, part=part, sites=[site])
        return seen(_checked(REPORT, part=PLANS, sites=[site], **files))


def _checked(core: Core, **given: t.Any) -> t.Dict[str, t.Any]:
    """A task whose options Ansible has checked."""
    checked = ArgumentSpecValidator(dict(core.argument_spec)).validate(given)
    if checked.error_messages:
        raise errors.InvalidInput("; ".join(checked.error_messages))
    return core.run(Task(checked.validated_parameters, check_mode=False))


def filtered(name: str, case: bytes) -> Seen:
    """A value out of a variable, given to one filter."""
    try:
        with mock.patch.object(fleet_csv.display, "warning"):
            return seen(_FILTERS[name](json.loads(case)))
    except ValueError:
        return REFUSED, "it is not JSON"
    except AnsibleFilterError as exc:
        return REFUSED, str(exc)


_FILTERS: t.Mapping[str, t.Callable[[t.Any], t.Any]] = {
    "compare_table": lambda planned: compare_table.compare_table([{"item": "a/b", "plans": [planned]}]),
    "deployment_table": deployment_table.deployment_table,
    "fleet_csv": lambda facts_of: fleet_csv.fleet_csv({"gpu-a": facts_of}),
    "fleet_html": lambda facts_of: fleet_html.fleet_html({"gpu-a": facts_of, "gpu-b": None}),
    "fleet_table": lambda facts_of: fleet_table.fleet_table({"gpu-a": facts_of, "gpu-b": None}),
    "model_table": model_table.model_table,
    "plan_table": plan_table.plan_table,
}


def _object(case: bytes) -> t.Mapping[str, t.Any]:
    found = json_value(case)
    if not isinstance(found, dict):
        raise errors.UnexpectedReply("config.json is not a JSON object")
    return found


def _part_of(data: bytes) -> t.Callable[[str, int, int], bytes]:
    return lambda _path, first, last: data[first : last + 1]


def _run(
    core: Core, http: HttpOptions, wanted: t.Mapping[str, t.Any], check_mode: bool = True
) -> t.Dict[str, t.Any]:
    """One task on a pretended network."""
    params = {name: row.get("default") for name, row in core.argument_spec.items()}
    params.update(gpustack_url="http://127.0.0.1:43247", gpustack_api_key="gpustack_0123456789abcdef")
    params.update(wanted)
    real = module_options.http_options
    patched: t.Any = (module_options, library)
    for module in patched:
        module.http_options = lambda params: http
    try:
        return core.run(Task(params, check_mode=check_mode))
    finally:
        for module in patched:
            module.http_options = real


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
    "hf": describe,
    "huggingface": describe,
    "hub": describe,
    "describe": describe,
    "modelscope": describe_on_modelscope,
    "search": search,
    "catalog_search": search,
    "plan": plan,
    "model_plan": plan,
    "deployed": deployed,
    "deploy": deploy_check,
    "deploy_plan": deploy_plan,
    "calibrate": calibrate,
    "corrections": corrections_file,
    "config": config,
    "architecture": config,
    "mistral": mistral,
    "params": mistral,
    "gpustack_sets": model_sets,
    "sets": model_sets,
    "yaml": model_sets,
    "probe": probe,
    "inference_probe": probe,
    "sse": stream,
    "stream": stream,
    "events": stream,
    "litellm": litellm_file,
    "route_litellm": litellm_file,
    "litellm_api": litellm_api,
    "route_litellm_api": litellm_api,
    "modelscan": modelscan_file,
    "route_modelscan": modelscan_file,
    "openai_list": openai_list,
    "openai_json": openai_json,
    "route_list": openai_list,
    "text_lines": text_lines,
    "lines": text_lines,
    "sglang_router": sglang_router,
    "sglang": sglang_router,
    "route_sglang": sglang_router,
    "vllm_router": vllm_router,
    "vllm": vllm_router,
    "route_vllm": vllm_router,
    "metrics": metrics,
    "saved_facts": saved_facts,
    "simulate": saved_facts,
    "refusal": refusal,
    "error_body": refusal,
    "watch": watch,
    "etag": cache_entry,
    "plan_file": plan_of_a_file,
    "rollout": reported,
    "rollout_report": reported,
    "csv": functools.partial(filtered, "fleet_csv"),
    **{name: functools.partial(filtered, name) for name in _FILTERS},
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
    except Undecodable as exc:
        return REFUSED, "it %s" % exc
