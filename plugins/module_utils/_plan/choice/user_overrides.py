# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Engine arguments of the user that decide what the plan decides.

They win. What has an option of its own becomes that option, so that it is checked like it.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.layout_search import (
    LARGEST_GROUP,
    Layouts,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    count_of,
    human_count,
    last_of,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import (
    PARALLEL,
    wish_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.quantization_methods import (
    declared,
    kernels_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import NEWEST
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    FORMATS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import ASCEND
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import FLAGS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    BY_MODE,
    ENGINES,
    LLAMA_CPP,
    MINDIE,
    SGLANG,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    text_config,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.on_load_quantization import (
    METHODS,
    Method,
    methods,
    quantized,
    takes,
)

# GPUStack refuses them: it gives these values itself.
_MANAGED = ("--port", "--api-key", "--served-model-name", "--model", "--model-path")

_ATTENTION_RANKS = ("--attn-dp-size", "--attention-data-parallel-size")


def engines_for(policy: Policy, vendors: t.Container[str] = ()) -> t.List[Engine]:
    """The engines to try in turn; the user's parameters and version are meant for one of them only.

    MindIE is not tried by itself where no card of ``vendors`` is Ascend's.

    :raises InvalidInput: the wanted one is not among those that are allowed.
    """
    usual = [name for name in ENGINES if name != MINDIE.name or ASCEND in vendors or name == policy.backend]
    allowed = [name for name in policy.backends or usual if name in ENGINES]
    preferred = BY_MODE[policy.mode].name
    if policy.backend is not None and policy.backend not in allowed:
        raise InvalidInput(
            "backend is %s, and backends allows %s" % (policy.backend, " and ".join(allowed)),
            hint="Leave one of them out.",
        )
    first = policy.backend or (preferred if preferred in allowed else allowed[0])
    if policy.backend or policy.backend_parameters or policy.backend_version:
        return [ENGINES[first]]
    return [ENGINES[name] for name in (first, *(name for name in allowed if name != first))]


def settled(policy: Policy) -> Policy:
    """``policy`` with context and tensor parallelism in its own fields, if arguments set them.

    :raises InvalidInput: an argument contradicts an option, makes no sense, or is not the user's to set.
    """
    if not policy.backend_parameters:
        return policy
    engine = engines_for(policy)[0]
    user = parse(policy.backend_parameters)
    loose = next((argument for argument in user if not argument.flag.startswith("-")), None)
    if loose is not None:
        raise InvalidInput(
            "backend_parameters contains %s, which is no argument of an engine" % loose,
            hint="Arguments begin with dashes, as in --%s." % str(loose).lstrip("-"),
            parameter=loose.flag,
        )
    managed = last_of(user, _MANAGED)
    if managed is not None:
        raise InvalidInput(
            "backend_parameters contains %s, which GPUStack sets itself" % managed,
            hint="Leave it out; the name of the deployment is the name of the model.",
            parameter=managed.flag,
        )
    context, tensor = FLAGS[engine.name].context, PARALLEL[engine.name].tensor
    return replace(
        policy,
        backend=engine.name,
        context_tokens=_agreed(
            "context_tokens", policy.context_tokens, last_of(user, context), context_of(user, context)
        ),
        tensor_parallel=_agreed(
            "tensor_parallel", policy.tensor_parallel, last_of(user, tensor), count_of(user, tensor)
        ),
        backend_parameters=tuple(
            str(own) for each in user if each.flag not in context + tensor for own in _usual(engine, each)
        ),
    )


def _usual(engine: Engine, argument: Argument) -> t.Sequence[Argument]:
    """SGLang's newer word for data-parallel attention in the two that every release takes."""
    if engine is not SGLANG or argument.flag not in _ATTENTION_RANKS:
        return (argument,)
    flags = PARALLEL[engine.name]
    return (Argument(flags.data[0], argument.value), Argument(flags.attention_data[0]))


def _agreed(
    option: str, own: t.Optional[int], argument: t.Optional[Argument], value: t.Optional[int]
) -> t.Optional[int]:
    if own is not None and value is not None and own != value:
        raise InvalidInput(
            "%s is %d, and backend_parameters contains %s" % (option, own, argument),
            hint="Leave one of them out.",
            parameter=argument.flag if argument else option,
        )
    return own if value is None else value


def context_of(user: t.Sequence[Argument], flags: t.Sequence[str]) -> t.Optional[int]:
    """Tokens, also as vLLM writes them: 32k is 32000, 32K is 32768; ``auto`` leaves it to the plan."""
    argument = last_of(user, flags)
    if argument is None or argument.value in ("auto", "-1"):
        return None
    tokens = human_count(argument.value) or 0
    if tokens < 1:
        raise InvalidInput(
            "backend_parameters contains %s, which is not a positive number of tokens" % argument,
            hint="Write it as %s=N, or use the option context_tokens." % argument.flag,
            parameter=argument.flag,
        )
    return tokens


def check_layout(policy: Policy, described: t.Sequence[Described], vendors: t.Container[str]) -> None:
    """:raises InvalidInput: the layout that the user asks for breaks a rule with every variant and engine."""
    if policy.tensor_parallel is None and not policy.backend_parameters:
        return
    user, rules, sizes = parse(policy.backend_parameters), [], set()
    for engine in engines_for(policy, vendors):
        if engine is LLAMA_CPP and any(each.gguf is not None for each in described):
            return
        wish = wish_of(engine.name, policy.tensor_parallel, user)
        most = LARGEST_GROUP * (wish.pipeline or 1) * (wish.data or 1)
        for each in (each for each in described if each.gguf is None):
            release = policy.release(engine.name)
            ways = Layouts(each, engine, wish, release)
            broken = [ways.broken_rule(way) for way in ways.on_one_host(most)]
            if not all(broken):
                return
            rules += ["%s on %s: %s" % (each.repository, engine.name, rule) for rule in broken[:1]]
            free = Layouts(each, engine, replace(wish, tensor=None), release)
            legal = (way for way in free.on_one_host(most) if free.broken_rule(way) is None)
            sizes |= {way.expert_ranks if wish.attention_data else way.tensor for way in legal}
    asked = [] if policy.tensor_parallel is None else ["tensor_parallel: %d" % policy.tensor_parallel]
    flags = PARALLEL[engines_for(policy, vendors)[0].name].all_flags
    asked += [str(argument) for argument in user if argument.flag in flags]
    raise InvalidInput(
        "%s is not possible for %s" % (" with ".join(asked), rules[0]),
        hint="Legal sizes are %s." % ", ".join(map(str, sorted(sizes)))
        if sizes and policy.tensor_parallel is not None
        else "Leave out %s: the plan finds a layout." % " and ".join(asked),
        legal=sorted(sizes),
    )


def as_quantized(
    described: t.Sequence[Described], engine: Engine, policy: Policy
) -> t.Optional[t.List[Described]]:
    """The variants that the user's ``--quantization`` can mean; None where there is no such argument.

    :raises InvalidInput: none of them is stored so, and the engine cannot make it, or nobody could size it.
    """
    argument = last_of(parse(policy.backend_parameters), FLAGS[engine.name].quantization)
    if argument is None:
        return None
    release = policy.release(engine.name)
    usual = methods(engine, release)
    # The server's default may be older than what is taken for it.
    ways = usual if release != NEWEST else [way for way in METHODS if way.engine == engine.name]
    stored = [each for each in described if each.precision != BF16]
    found = [each for each in stored if _names(each, argument.value or "")]
    way = next((way for way in ways if _value(way) == argument.value), None)
    if way is not None:
        precision = FORMATS[way.format].precision
        found = [each for each in found if each.precision == precision]
        found += [quantized(each, way) for each in described if takes(each, way)]
    if not found and stored:
        raise InvalidInput(
            "backend_parameters contains %s, and the quantization of %s is %s"
            % (argument, stored[0].repository, _method_of(stored[0]) or stored[0].quantization.format.name),
            hint="Leave it out: engines read the quantization of stored weights from their config.",
            parameter=argument.flag,
        )
    if not found:
        raise InvalidInput(
            "backend_parameters contains %s, and the weights of %s are stored in 16 bits"
            % (argument, ", ".join(each.repository for each in described)),
            hint="What %s can make of them while loading, and the plan can size: %s."
            % (engine.name, ", ".join(_value(way) for way in usual)),
            parameter=argument.flag,
        )
    return found


def _method_of(each: Described) -> str:
    config = each.variant.repository.config or {}
    return declared(config, text_config(config), each.variant.repository.quant_config)


def _names(each: Described, value: str) -> bool:
    """Whether an engine takes ``value`` for weights that are stored so; of weights without a word it does."""
    method = _method_of(each)
    return not method or method == value or value in kernels_of(method)


def _value(way: Method) -> str:
    return parse(way.arguments)[0].value or ""
