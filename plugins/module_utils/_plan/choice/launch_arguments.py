# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments that a choice's engine is started with.

Later ones win: what the plan decided, what GPUStack's catalog advises, parsers, the user's own.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    LlamaCandidate,
    is_on_cpu,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    CACHE_BYTES,
    Argument,
    cache_of,
    last_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import last
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.flag_rules import (
    refused,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import (
    without_parallel,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    exists,
    read_release,
    shown,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    lacks_bf16,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import (
    FLAGS,
    planned_arguments,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.llama_cpp import (
    llama_arguments,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.parsers import (
    REASONING,
    TOOLS,
    Parsing,
    family_arguments,
    family_parsers,
    parsing,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import MINDIE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    text_config,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.catalog_advice import advised
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.on_load_quantization import (
    outdated,
)

# Advice of a catalog that changes no memory and may be taken as it is.
_HARMLESS = frozenset(
    ("--chat-template", "--chat-template-content-format", "--tokenizer-mode", "--config-format",
     "--generation-config", "--sampling-defaults", "--runner", "--mm-encoder-tp-mode")
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.,:-]{0,63}")
_TEMPLATE = re.compile(r"\{data_dir\}/(?:[A-Za-z0-9_-]{1,64}/){0,4}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,100}\.jinja")
# Weights in Mistral's own files are the same weights.
_LOADING = Argument("--load-format", "mistral")

_WHOLE_PROMPTS = "--no-enable-chunked-prefill"


class Launch(t.NamedTuple):
    """``notes`` say what was left out or may not be understood."""

    arguments: t.List[str]
    notes: t.List[str]


def launch(choice: Choice, policy: Policy, user: t.Sequence[Argument]) -> Launch:
    """:raises InvalidInput: the user sets a flag that the engine's version does not take."""
    each = choice.candidate
    if isinstance(each, LlamaCandidate):
        generates, on_cpu = each.described.architecture.generates, is_on_cpu(choice)
        return Launch(llama_arguments(each.options, each.pool, each.counts, on_cpu, generates, user), [])
    advice, refused = _advice(each, policy)
    taken = [argument for argument in advice if argument.flag in _HARMLESS or argument == _LOADING]
    there = [argument for argument in taken if exists(each.engine.name, argument.flag, each.settings.release)]
    parsers = _parsing(each, policy, advice)
    own = without_parallel(each.engine.name, user)
    _check_chunks(choice, own)
    _check_cache(choice, own)
    return Launch(
        arguments.merge(_decided(choice), there, parsers.arguments, own),
        refused
        + parsers.complaints
        + _replaced([*there, *parsers.arguments], own)
        + _unknown_flags(each, user),
    )


def runs_bfloat16_as_float16(each: Candidate) -> bool:
    return lacks_bf16(each.kind.chip) and "bfloat16" in each.described.architecture.dtype


def _decided(choice: Choice) -> t.List[Argument]:
    each = choice.candidate
    flags = FLAGS[each.engine.name]
    planned = planned_arguments(
        each.engine, choice.fit.context, each.layout, choice.fit.permille, each.settings
    )
    if each.described.speculation is not None:
        planned += each.described.speculation.arguments(each.engine.name)
    if runs_bfloat16_as_float16(each):
        planned.append(Argument(flags.dtype[0], "half"))
    planned += arguments.parse(each.described.loading)
    planned += family_arguments(each.engine, each.settings.release, _types(each), each.described.repository)
    if each.described.architecture.remote_code:
        planned.append(Argument("--trust-remote-code"))
    return planned


def _advice(each: Candidate, policy: Policy) -> t.Tuple[t.List[Argument], t.List[str]]:
    """What the catalog advises, and what of it may not be advised: it names no file of a worker's."""
    spec = advised(each.described, each.engine, each.kind, policy)
    said = [] if spec is None else arguments.parse(spec.parameters)
    sound = [each for each in said if _is_word(each)]
    told = _HARMLESS | {TOOLS, REASONING}
    return sound, [
        "%s of the catalog names a file or holds odd characters: left out" % each.flag
        for each in said
        if each.flag in told and not _is_word(each)
    ]


def _is_word(argument: Argument) -> bool:
    """Whether a value is a plain word, or one of the templates that come with GPUStack."""
    if argument.value is None or _WORD.fullmatch(argument.value):
        return True
    return argument.flag == "--chat-template" and bool(_TEMPLATE.fullmatch(argument.value))


def _parsing(each: Candidate, policy: Policy, advice: t.Sequence[Argument]) -> Parsing:
    if not policy.parsers or not each.described.architecture.generates or each.engine is MINDIE:
        return Parsing([], [])
    known = family_parsers(each.engine, _types(each), each.described.repository)
    return parsing(each.engine, each.settings.release, advice, known)


def _types(each: Candidate) -> t.Set[str]:
    config = each.described.variant.repository.config or {}
    return {str(holder.get("model_type")) for holder in (config, text_config(config))}


def _replaced(planned: t.Sequence[Argument], user: t.Sequence[Argument]) -> t.List[str]:
    """Of advice and parsers; what decides memory is told with its effect elsewhere."""
    wanted = {argument.flag: argument for argument in planned}
    return [
        "backend_parameters sets %s; the plan wanted %s" % (argument, wanted[argument.flag])
        for argument in user
        if wanted.get(argument.flag, argument) != argument
    ]


def _check_chunks(choice: Choice, user: t.Sequence[Argument]) -> None:
    """vLLM reads a prompt that it may not cut in one step."""
    tokens, context = choice.candidate.settings.batched_tokens, choice.fit.context
    if any(argument.flag == _WHOLE_PROMPTS for argument in user) and tokens < context:
        raise InvalidInput(
            "backend_parameters contains %s, and a step has %d tokens where a request has %d"
            % (_WHOLE_PROMPTS, tokens, context),
            hint="Set --max-num-batched-tokens=%d, or leave %s out." % (context, _WHOLE_PROMPTS),
            parameter=_WHOLE_PROMPTS,
        )


def _unknown_flags(each: Candidate, user: t.Sequence[Argument]) -> t.List[str]:
    """Refused where the version is known; where it is not, it may be older than what it is taken for."""
    notes = []
    better = outdated(each.described, each.engine, each.settings.release)
    if better is not None:
        notes.append(
            "newer releases of %s do not take %s; write instead: %s. Or name an older backend_version"
            % (each.engine.name, " ".join(each.described.loading), better)
        )
    for argument in user:
        found = refused(each.engine.name, argument, each.settings.release, user)
        if found is None:
            continue
        if _is_certain(each, found.sure):
            raise InvalidInput(
                "backend_parameters contains %s, which %s; the plan is for %s"
                % (argument, found.why, _planned_for(each)),
                hint="Write instead: %s." % found.instead,
                parameter=argument.flag,
            )
        notes.append(
            "backend_parameters contains %s, which %s; write instead: %s. Or name %s"
            % (argument, found.why, found.instead, "the backend_version that takes it"),
        )
    return notes


def _is_certain(each: Candidate, sure: bool) -> bool:
    """Of a version that is not known only what no release takes; of one newer than all that are known nothing."""
    release = each.settings.release
    return sure if release == NEWEST else release <= read_release(last(each.engine.name) or None)


def _planned_for(each: Candidate) -> str:
    release = each.settings.release
    if release == NEWEST:
        return each.engine.name
    return each.settings.version or "the server's %s" % shown(release)


def _check_cache(choice: Choice, user: t.Sequence[Argument]) -> None:
    """vLLM does not start where the cache that it is given holds less than one request, or has no room."""
    argument, value = last_of(user, (CACHE_BYTES,)), cache_of(user)
    if value is None:
        return
    memory, needed = choice.fit.memory, choice.candidate.load.cache.request_bytes(choice.fit.context)
    if value < needed:
        raise InvalidInput(
            "backend_parameters contains %s, and one request of %d tokens needs %s of the cache"
            % (argument, choice.fit.context, gib(needed)),
            hint="Write %s=%d or more, or leave it out: the plan solves for the cache."
            % (CACHE_BYTES, needed),
            parameter=CACHE_BYTES,
        )
    if memory.left_bytes < 0:
        room = memory.kv_cache_bytes + memory.left_bytes
        raise InvalidInput(
            "backend_parameters contains %s, and weights and activations leave %s of a GPU's memory"
            % (argument, gib(room)),
            hint="Write %s=%d or less, or leave it out: the plan solves for the cache." % (CACHE_BYTES, room),
            parameter=CACHE_BYTES,
        )
