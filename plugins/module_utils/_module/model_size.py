# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of model_size: how many GPUs of which kind a load takes."""

from __future__ import annotations

import math
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.deployment_names import (
    default_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import bare
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import (
    filled,
    in_full,
    parse_shape,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_plan, options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.plan_policy import policy_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.layout_search import (
    MOST_HOSTS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    ANSWER_TOKENS,
    PROMPT_TOKENS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.size_lines import (
    size_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import OFF, Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Asked,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.sizing import Demand, Offer, sizes

# Their speed can be estimated for servers; a model in GGUF is planned, not sized.
_ENGINES = (VLLM.name, SGLANG.name)

# What it shares with model_plan, in which it means the same.
_SHARED = (
    "source", "variants", "mode", "first_token_ms", "inter_token_ms", "tokens_per_s", "prompt_tokens",
    "answer_tokens", "request_tokens", "context_tokens", "minimum_context_tokens", "useful_context_tokens",
    "quantizations", "publishers", "licences", "backend_version", "headroom",
    "trust_remote_code", *options.HTTP, *options.GPUSTACK, *options.HUB,
)  # fmt: skip

ARGUMENT_SPEC: options.Spec = {
    "model": {"type": "str", "required": True},
    "shapes": {"type": "list", "elements": "str", "required": True},
    "users": {"type": "int"},
    "requests_per_s": {"type": "float"},
    "gpu_prices": {"type": "dict", "default": {}},
    **{name: model_plan.ARGUMENT_SPEC[name] for name in _SHARED},
    "backends": {"type": "list", "elements": "str", "choices": list(_ENGINES)},
    "backend": {"type": "str", "choices": list(_ENGINES)},
}


def run(task: Task) -> Result:
    """Reads the metadata of the model and sizes every shape; see the module's documentation for the keys."""
    with Library.open(task.params) as library:
        try:
            return sized(task, library)
        except AutoconfigError as exc:
            exc.details.setdefault("sources", library.sources())
            raise


def sized(task: Task, library: Library) -> Result:
    """The rows of all shapes, with what ``library`` says of the model."""
    params = task.params
    policy, demand, shapes = _policy(params), _demand(params), _shapes(params["shapes"])
    offers = _offers(list(dict.fromkeys(shapes.values())), params["gpu_prices"] or {})
    resolution = library.resolve(params["model"], params["source"])
    task.progress("%s is %s (%s)" % (params["model"], resolution.ref, resolution.rule))
    prompt, answer = policy.prompt_tokens or PROMPT_TOKENS, policy.answer_tokens or ANSWER_TOKENS
    versions = tuple(sorted(library.engine_versions().items()))
    request = Request(
        model=model_plan.model_of(resolution, prompt / answer),
        name=default_name(params["model"]),
        variants=tuple(library.variants(resolution, params["variants"])),
        hosts=(),
        policy=replace(policy, server_versions=versions),
        asked=Asked(params["model"], params["source"], tuple(params["variants"])),
    )
    rows = sizes(request, offers, demand)
    best = rows[0]
    return {
        "changed": False,
        "recommended": best,
        "rows": rows,
        "size_lines": size_lines(
            rows, _load_words(params["model"], demand, prompt, answer), _target_words(policy)
        ),
        "warnings": [
            *("%s is taken for %s" % (given, whole) for given, whole in shapes.items() if given != whole),
            *library.warnings,
        ],
    }


def _policy(params: Params) -> Policy:
    """As model_plan has it, with its defaults for what is no option here."""
    usual = {name: spec.get("default") for name, spec in model_plan.ARGUMENT_SPEC.items()}
    backends = params["backends"] or list(_ENGINES)
    return policy_of({**usual, **params, "backends": backends, "speculative": OFF})


def _demand(params: Params) -> Demand:
    users, rate = params["users"], params["requests_per_s"]
    if users is not None and users < 1:
        raise InvalidInput("users is %d and has to be at least 1" % users)
    if rate is not None and not 0 < rate < math.inf:
        raise InvalidInput("requests_per_s is %s and has to be more than 0" % rate)
    return Demand(users, rate)


def _shapes(given: t.Sequence[str]) -> t.Dict[str, str]:
    """The shapes as they are written, and with the names of their cards in full."""
    if not given:
        raise InvalidInput(
            "shapes is empty", hint="Name hosts that could be had, for example 8xH100-80GB-SXM."
        )
    found = {}
    for shape in given:
        count, by, card = shape.strip().partition("x")
        found[shape.strip()] = "%s%s%s" % (count, by, in_full(card)) if by else shape
    return found


def _offers(shapes: t.Sequence[str], given_prices: Params) -> t.List[Offer]:
    """:raises InvalidInput: a shape that cannot be read, or a price that is none or of a card in no shape."""
    cards = {shape: {card.key for card in parse_shape(shape)} for shape in shapes}
    for shape, keys in cards.items():
        if len(keys) > 1:
            raise InvalidInput(
                "The shape %s has unlike cards (%s)" % (shape, ", ".join(sorted(keys))),
                hint="Name a shape for each kind: a replica takes cards of one kind.",
            )
    prices = _prices(given_prices, {key for keys in cards.values() for key in keys})
    facts = bare(Machine())
    return [
        Offer(
            shape,
            tuple(
                read_host(name, shape, filled(facts, shape, name))[0]
                for name in ("%s-%d" % (shape, number + 1) for number in range(MOST_HOSTS))
            ),
            prices.get(next(iter(keys))),
        )
        for shape, keys in cards.items()
    ]


def _prices(given: Params, keys: t.Set[str]) -> t.Dict[str, float]:
    found = {}
    for name, value in given.items():
        key = parse_shape("1x%s" % in_full(str(name)))[0].key
        try:
            price = float(value)
        except (TypeError, ValueError):
            price = math.nan
        if not 0 <= price < math.inf:
            raise InvalidInput(
                "gpu_prices has no price for %s" % name,
                hint="Write what one GPU costs in an hour in US dollars, for example 2.5.",
            )
        if key not in keys:
            raise InvalidInput(
                "gpu_prices has a price of %s, which is in none of the shapes" % name,
                hint="Cards of the shapes: %s." % ", ".join(sorted(keys)),
            )
        found[key] = price
    return found


def _load_words(model: str, demand: Demand, prompt: int, answer: int) -> str:
    load = (
        "%g requests per second" % demand.requests_per_s
        if demand.requests_per_s is not None
        else "%d requests at once" % (demand.users or 0)
    )
    return "%s of %s, %d tokens in and %d out each" % (load, model, prompt, answer)


def _target_words(policy: Policy) -> str:
    first = policy.first_token_ms
    between = policy.inter_token_ms or 1000.0 / policy.tokens_per_s
    words = [] if first is None else ["the first token within %d ms" % first]
    words.append("a token within %.0f ms" % between)
    if policy.context_tokens:
        words.append("a context of %d tokens" % policy.context_tokens)
    return ", ".join(words)


CORE = Core(
    run=run,
    argument_spec=ARGUMENT_SPEC,
    rules={
        "mutually_exclusive": [["users", "requests_per_s"]],
        "required_one_of": [["users", "requests_per_s"]],
    },
)
