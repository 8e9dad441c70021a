# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup gets its secrets back, and nothing else in it is a template."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.modelscan.autoconfig.plugins.filter.backup_deployments import backup_deployments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.export import exported

from tests.unit.gpustack.conftest import a_model

SECRET = "canary-{{ 7 * 7 }}"


def kept(**more: t.Any) -> t.Dict[str, t.Any]:
    return exported(a_model(env={"A": "1", "HF_TOKEN": SECRET}, **more), None, None)


def test_secrets_come_back_to_their_places() -> None:
    saved = kept()
    assert SECRET not in str(saved)
    (whole,) = backup_deployments([saved], {saved["name"]: {"HF_TOKEN": SECRET, "OTHER": "x"}, "other": {}})
    assert whole == dict(saved, env_secrets={"HF_TOKEN": SECRET})
    assert saved["env_secrets"]["HF_TOKEN"] != SECRET


def test_texts_of_a_server_stay_as_they_are() -> None:
    text = "{{ lookup('pipe', 'touch /tmp/x') }} {{ gpustack_secrets['a']['b'] }}"
    saved = kept(description=text)
    assert backup_deployments([saved], {saved["name"]: {"HF_TOKEN": SECRET}})[0]["description"] == text


@pytest.mark.parametrize("secrets", [None, {}, {"other": {"HF_TOKEN": SECRET}}])
def test_a_missing_secret_is_named(secrets: t.Any) -> None:
    saved = kept()
    with pytest.raises(AnsibleFilterError, match="HF_TOKEN of %s" % saved["name"]):
        backup_deployments([saved], secrets)


def test_a_secret_that_was_written_into_the_file_is_taken() -> None:
    saved = dict(kept(), env_secrets={"HF_TOKEN": "written by hand"})
    assert backup_deployments([saved]) == [saved]


@pytest.mark.parametrize("wrong", [7, [{}], [{"name": "a", "env_secrets": 7}], {"name": "a"}])
def test_other_things_are_refused(wrong: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="backup_deployments cannot show this"):
        backup_deployments(wrong)
