# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of inference_probe share."""

from __future__ import annotations

import typing as t

import httpx
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import inference_probe, options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task

from tests.unit.inference.endpoint import KEY, Ask, Endpoint


@pytest.fixture(name="ask")
def _ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.delenv("GPUSTACK_API_KEY", raising=False)

    def ask(endpoint: Endpoint, check_mode: bool = False, **given: t.Any) -> dict[str, t.Any]:
        def scripted(_params: t.Any) -> HttpOptions:
            return HttpOptions(transport=httpx.MockTransport(endpoint.answer), clock=endpoint)

        monkeypatch.setattr(options, "http_options", scripted)
        given = {"url": "http://192.0.2.1/v1/", "model": "r1", "api_key": KEY, **given}
        checked = ArgumentSpecValidator(inference_probe.CORE.argument_spec).validate(given)
        assert not checked.error_messages
        return inference_probe.run(Task(checked.validated_parameters, check_mode))

    return ask
