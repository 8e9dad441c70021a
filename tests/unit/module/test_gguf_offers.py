# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the planner is offered models in GGUF."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gguf_offers import (
    offers,
    with_gguf,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import host, llama_8b, request
from tests.unit.plan.llama_cpp.repositories import gguf_variant

PLAIN, GGUF = llama_8b(), gguf_variant("Llama 3.1 8B", ("Q8_0", "Q4_K_M"))
RESOLUTION = Resolution(
    ModelRecord("meta/llama", "Llama", "models.dev"), PLAIN.repository.ref, "canonical_weights", True
)
PROBLEM = DoesNotFit("nothing fits")


class Catalogs:
    """What catalogs know: the repositories of a model, and those in GGUF, which cost a request each."""

    def __init__(self, found: t.Sequence[Variant], gguf: t.Sequence[Variant] = ()) -> None:
        self._found, self._gguf = list(found), list(gguf)
        self.looks = 0

    def variants(self, _resolution: Resolution, _extra: t.Sequence[str]) -> t.List[Variant]:
        return self._found

    def gguf_variants(self, _resolution: Resolution) -> t.List[Variant]:
        self.looks += 1
        return self._gguf


def offered(catalogs: Catalogs, model: str, backend: t.Optional[str] = None) -> t.Tuple[t.Any, t.Any]:
    params: t.Dict[str, t.Any] = {"model": model, "variants": [], "backend": backend}
    return offers(t.cast(Library, catalogs), RESOLUTION, params)


@pytest.mark.parametrize(
    ("found", "gguf", "model", "backend", "expected"),
    [
        ([PLAIN], [GGUF], "llama3.1:8b", None, ([PLAIN], None)),
        ([PLAIN], [GGUF], "llama3.1:8b-instruct-q4_K_M", None, ([GGUF], "Q4_K_M")),
        ([PLAIN], [GGUF], "llama3.1:8b", "llama.cpp", ([GGUF], None)),
        ([PLAIN], [], "llama3.1:8b", "llama.cpp", ([PLAIN], None)),
        ([GGUF], [], "unsloth/Model-GGUF", None, ([GGUF], None)),
        ([PLAIN, GGUF], [], "hf.co/unsloth/Model-GGUF:Q8_0", None, ([GGUF], "Q8_0")),
        ([PLAIN], [], "llama3.1:8b-q4_0", None, ([PLAIN], None)),
    ],
)
def test_what_is_offered_first(
    found: t.Sequence[Variant],
    gguf: t.Sequence[Variant],
    model: str,
    backend: t.Optional[str],
    expected: t.Tuple[t.Any, t.Any],
) -> None:
    assert offered(Catalogs(found, gguf), model, backend) == expected


def test_nobody_is_asked_for_gguf_before_it_is_needed() -> None:
    catalogs = Catalogs([PLAIN], [GGUF])
    offered(catalogs, "llama3.1:8b")
    assert catalogs.looks == 0


@pytest.mark.parametrize(
    "policy", [Policy(), Policy(backend="llama.cpp"), Policy(backends=("vLLM", "llama.cpp"))]
)
def test_where_nothing_fits_gguf_is_offered_beside_it(policy: Policy) -> None:
    asked = request([PLAIN], [host("T4")], policy)
    (more,) = with_gguf(t.cast(Library, Catalogs([], [GGUF])), [asked], [RESOLUTION], PROBLEM)
    assert more.variants == (PLAIN, GGUF)


@pytest.mark.parametrize("policy", [Policy(backend="vLLM"), Policy(backends=("SGLang",))])
def test_other_engines_that_were_asked_for_stay_the_only_ones(policy: Policy) -> None:
    catalogs = Catalogs([], [GGUF])
    asked = request([PLAIN], [host("T4")], policy)
    with pytest.raises(DoesNotFit, match="nothing fits"):
        with_gguf(t.cast(Library, catalogs), [asked], [RESOLUTION], PROBLEM)
    assert catalogs.looks == 0


def test_what_did_not_fit_in_gguf_is_not_offered_twice() -> None:
    asked = request([GGUF], [host("T4")])
    with pytest.raises(DoesNotFit, match="nothing fits"):
        with_gguf(t.cast(Library, Catalogs([], [GGUF])), [asked], [RESOLUTION], PROBLEM)
