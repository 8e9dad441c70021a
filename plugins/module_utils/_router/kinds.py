# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each type of router takes, and how it is reached."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shlex
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.deployment_names import (
    GPUSTACK_NAME,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import checked_base_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import connect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    OWNERSHIP,
    Format,
    Policy,
    Registrar,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.proof import (
    Completions,
    Endpoint,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.file_registry import Registry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm_file import (
    LiteLLMFile,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.modelscan import ModelScan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.openai_list import OpenAIList
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.shared_file import SharedFile
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.text_lines import (
    Block,
    TextLines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.gpustack import GpustackRoutes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.litellm_api import LiteLLMApi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.reconcile import (
    LiveRegistry,
    LiveRouter,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.workers import (
    SglangRouter,
    VllmRouter,
)

Params = t.Mapping[str, t.Any]

_API = "/v1"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORKER_ROUTERS: t.Mapping[str, t.Any] = {"sglang_router": SglangRouter, "vllm_router": VllmRouter}


@dataclass(frozen=True)
class Kind:
    """One type of router: which options it has a place for, and which of them a route needs."""

    places: t.FrozenSet[str]
    needs: t.Tuple[str, ...] = ()


# LiteLLM's names for the options that give a price.
_PRICES = {
    "input_usd_per_million_tokens": "input_cost_per_token",
    "output_usd_per_million_tokens": "output_cost_per_token",
    "cache_read_usd_per_million_tokens": "cache_read_input_token_cost",
    "cache_write_usd_per_million_tokens": "cache_creation_input_token_cost",
}
# What one tier of prices gives, in the words of catalog_search, and LiteLLM's names for it.
TIER_PRICES = {
    "input_usd": "input_cost_per_token",
    "output_usd": "output_cost_per_token",
    "cache_read_usd": "cache_read_input_token_cost",
    "cache_write_usd": "cache_creation_input_token_cost",
}
_LITELLM = frozenset(
    (
        "path",
        "router_url",
        "base_url",
        "model",
        "api_key",
        "api_key_env",
        "weight",
        "fallback",
        "fallback_order",
        "model_info",
        "price_tiers",
        *_PRICES,
    )
)
_WORKER = frozenset(("router_url", "base_url", "model", "api_key"))
KINDS: t.Mapping[str, Kind] = {
    "gpustack": Kind(frozenset(("model", "weight", "fallback"))),
    "litellm": Kind(_LITELLM, ("base_url",)),
    "modelscan": Kind(frozenset(("path", "base_url", "model")), ("base_url",)),
    "openai_list": Kind(
        frozenset(("path", "list_path", "line_name", "base_url", "model", "entry", "line")),
    ),
    "sglang_router": Kind(_WORKER, ("base_url",)),
    "vllm_router": Kind(_WORKER, ("base_url",)),
}
_PLACED_OPTIONS = frozenset().union(*(kind.places for kind in KINDS.values()))


def is_file(params: Params) -> bool:
    """Whether the router is known by a file rather than by a URL."""
    return params.get("path") is not None


def route_of(params: Params) -> Route:
    """The route that the options describe; raises InvalidInput for what this type cannot hold."""
    name, is_present = params["name"], params["state"] == "present"
    if not name.strip() or not name.isprintable():
        raise InvalidInput("name is empty or holds a control character: %r" % name)
    if params["type"] == "gpustack" and not GPUSTACK_NAME.fullmatch(name):
        raise InvalidInput(
            "%s cannot be the name of a GPUStack route" % name,
            hint="A letter first, then letters, digits, -, _ and ., and neither - nor _ at the end.",
        )
    _check_places(params, is_present)
    variable = params["api_key_env"]
    if variable is not None and not _VARIABLE.match(variable):
        raise InvalidInput(
            "api_key_env is not the name of an environment variable",
            hint="Give the name, for example GPUSTACK_API_KEY, and never the key itself.",
        )
    _check_share(params)
    _check_validate(params)
    url = params["base_url"]
    return Route(
        name=name,
        base_url=None if url is None else checked_base_url(url, "base_url"),
        model=params["model"] or (name if is_present else None),
        key_variable=variable,
        weight=params["weight"],
        model_info=_model_info(params),
        input_usd_per_token=_usd_per_token(params, "input_usd_per_million_tokens"),
        output_usd_per_token=_usd_per_token(params, "output_usd_per_million_tokens"),
        cache_read_usd_per_token=_usd_per_token(params, "cache_read_usd_per_million_tokens"),
        cache_write_usd_per_token=_usd_per_token(params, "cache_write_usd_per_million_tokens"),
        price_tiers=_tiers(params["price_tiers"]),
        fallback=params["fallback"] if params["fallback_order"] is None else True,
        fallback_order=params["fallback_order"],
        api_key=params["api_key"],
        entry=params["entry"],
        line=params["line"],
    )


def _check_places(params: Params, is_present: bool) -> None:
    kind = KINDS[params["type"]]
    for option in sorted(_PLACED_OPTIONS - kind.places):
        if params[option] is not None:
            raise InvalidInput(
                "%s has no place in a route of type %s" % (option, params["type"]),
                hint="Leave the option out, or use another type.",
            )
    for option in _needs(params) if is_present else ():
        if params[option] is None:
            raise InvalidInput("a route of type %s needs %s" % (params["type"], option))
    if params["type"] in _WORKER_ROUTERS and params["model"] not in (None, params["name"]):
        raise InvalidInput(
            "%s passes the name that clients ask for on to the engine, so name and model must be equal"
            % params["type"],
            hint="Leave model out, or let the engine serve the model under the public name.",
        )


def _needs(params: Params) -> t.Tuple[str, ...]:
    if params["type"] == "openai_list":
        return ("entry",) if params["line_name"] is None else ("line",)
    return KINDS[params["type"]].needs


def _model_info(params: Params) -> t.Optional[t.Dict[str, t.Any]]:
    given: t.Optional[t.Dict[str, t.Any]] = params["model_info"]
    taken = OWNERSHIP.intersection(given or {})
    if taken:
        raise InvalidInput("model_info may not set %s: it marks the route" % ", ".join(sorted(taken)))
    prices = sorted(key for key in _PRICES.values() if key in (given or {}))
    if prices:
        raise InvalidInput(
            "model_info may not set %s: LiteLLM does not take prices there" % ", ".join(prices),
            hint="Use %s." % " and ".join(_PRICES),
        )
    return given or None


def _usd_per_token(params: Params, option: str) -> t.Optional[float]:
    usd = params[option]
    return None if usd is None else _per_token(usd, option)


def _per_token(usd: float, option: str) -> float:
    if not 0 <= usd < float("inf"):
        raise InvalidInput("%s must be a number of 0 or more: %s" % (option, usd))
    # Twelve digits keep 0.55 per million from becoming 5.500000000000001e-07 per token.
    return float("%.12g" % (usd / 1e6))


def _tiers(tiers: t.Optional[t.Sequence[Params]]) -> t.Optional[t.Dict[str, float]]:
    """LiteLLM's names and prices of all tiers together; it counts a tier's bound in thousands."""
    found = {}
    for tier in tiers or ():
        bound = tier["above_tokens"]
        if bound <= 0 or bound % 1000:
            raise InvalidInput("price_tiers: above_tokens has to be some thousands, and is %s" % bound)
        for option, name in TIER_PRICES.items():
            if tier.get(option) is not None:
                price = _per_token(tier[option], "price_tiers: " + option)
                found["%s_above_%dk_tokens" % (name, bound // 1000)] = price
    return found or None


def _check_validate(params: Params) -> None:
    command = params["validate"]
    if command is None:
        return
    try:
        is_usable = "%s" in command and bool(shlex.split(command))
    except ValueError:
        is_usable = False
    if not is_usable or not is_file(params):
        raise InvalidInput(
            "validate has to be a command with %s, for a router that is known by path",
            hint='For example "nginx -t -c %s".',
        )


def _check_share(params: Params) -> None:
    weight = params["weight"]
    if weight is not None and weight < 0:
        raise InvalidInput("weight must be 0 or more: %d" % weight)
    order = params["fallback_order"]
    if order is not None and (order < 1 or params["fallback"] is False):
        raise InvalidInput("fallback_order must be 1 or more and makes the backend a fallback: %d" % order)
    if weight == 0 and params["type"] == "gpustack":
        raise InvalidInput(
            "GPUStack has no weight of 0 beside other weights",
            hint="Remove the target with state absent; requests under way end undisturbed.",
        )


def form_of(params: Params) -> Format:
    """The format of the router's file."""
    if params["type"] == "openai_list":
        if params["line_name"] is not None:
            return TextLines(params["line_name"], params["line"], _block_of(params))
        is_json = params["path"].endswith(".json")
        return OpenAIList(params["list_path"], params["entry_name"], params["entry"], is_json)
    if params["type"] == "litellm":
        return LiteLLMFile(params["path"], params["group_weights"] == "fill")
    return ModelScan()


def _block_of(params: Params) -> Block:
    patterns = {}
    for option in ("block_begin", "block_end", "insertbefore"):
        try:
            patterns[option] = None if params[option] is None else re.compile(params[option])
        except re.error as exc:
            raise InvalidInput("%s is not a regular expression: %s" % (option, exc)) from exc
    return Block(patterns["block_begin"], patterns["block_end"], patterns["insertbefore"])


def mode_of(value: t.Any) -> int:
    """Mode bits from "0600", or from the integer that unquoted YAML makes of 0600."""
    try:
        mode = value if isinstance(value, int) else int(value, 8)
    except (TypeError, ValueError):
        mode = -1
    if not 0 <= mode <= 0o777:
        raise InvalidInput(
            "mode is no octal file mode: %r" % (value,), hint="Write it in quotes, for example '0640'."
        )
    return mode


@contextlib.contextmanager
def opened(params: Params, policy: Policy, http: HttpOptions) -> t.Iterator[Registrar]:
    """The router that the options name, to be used inside the block."""
    if is_file(params):
        file = SharedFile(params["path"], mode_of(params["mode"]))
        if params["api_key"] is not None and params["api_key_env"] is None:
            _check_private(file)
        yield Registry(file, form_of(params), policy)
    elif params["type"] == "gpustack":
        with connect(
            params["gpustack_url"], params["gpustack_api_key"], params["gpustack_organization_id"], http
        ) as client:
            yield LiveRegistry(GpustackRoutes(client, policy.adopt), policy)
    else:
        url, key = router_url(params), params["router_api_key"]
        headers = {"Authorization": "Bearer " + key} if key else {}
        with HttpClient(url, _NAMES[params["type"]], headers, http) as client:
            yield LiveRegistry(_live(params, client, http), policy)


_NAMES = {"litellm": "LiteLLM", "sglang_router": "sglang-router", "vllm_router": "vllm-router"}


def _live(params: Params, client: HttpClient, http: HttpOptions) -> LiveRouter:
    key = params["router_api_key"] or ""
    if params["type"] == "litellm":
        return LiteLLMApi(client, key, http, params["group_weights"] == "fill")
    made: LiveRouter = _WORKER_ROUTERS[params["type"]](client, key, http)
    return made


def router_url(params: Params) -> str:
    """The checked ``router_url``; vllm-router, which asks nobody for a key, only where that is wanted."""
    url = checked_base_url(params["router_url"], "router_url")
    host = urlsplit(url).hostname or ""
    if params["type"] == "vllm_router" and not params["allow_unauthenticated"] and not _is_loopback(host):
        raise InvalidInput(
            "vllm-router at %s lets everybody who reaches it change its workers" % url,
            hint="Keep it on a loopback address, or set allow_unauthenticated to true on a trusted network.",
        )
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_private(file: SharedFile) -> None:
    """A key in plain text belongs into a file that only its owner reads."""
    mode = file.present_mode()
    mode = file.mode if mode is None else mode
    if mode & 0o077:
        raise InvalidInput(
            "%s would hold api_key in plain text and has mode %04o" % (file.path, mode),
            hint="Use api_key_env, or give the file mode 0600.",
        )


def proof_of(
    params: Params, route: Route, http: HttpOptions, progress: t.Callable[[str], None]
) -> t.Optional[Completions]:
    """The completions around a write; None where none is wanted or there is no backend to ask."""
    if not params["probe"] or params["state"] != "present":
        return None
    key = params["probe_api_key"] or params["api_key"] or os.environ.get(params["api_key_env"] or "") or None
    through: t.Optional[Endpoint] = None
    if params["type"] == "gpustack":
        if not params["gpustack_url"]:
            return None  # the client names what is missing
        base = checked_base_url(params["gpustack_url"], "gpustack_url") + _API
        key = key or params["gpustack_api_key"]
        through = Endpoint(base, route.name, params["router_inference_key"] or key)
    elif route.base_url is None:
        raise InvalidInput(
            "probe needs base_url: where the backend answers",
            hint="Give base_url, or set probe to false.",
        )
    else:
        base = route.base_url
        # The design's block names the server, every other type the API.
        base += _API if params["type"] == "modelscan" and not base.endswith(_API) else ""
        if not is_file(params):
            through = Endpoint(
                router_url(params) + _API,
                route.name,
                params["router_inference_key"] or params["router_api_key"],
            )
    backend = Endpoint(base, route.model or route.name, key)
    return Completions(backend, through, params["probe_kind"], params["probe_patience_s"], http, progress)
