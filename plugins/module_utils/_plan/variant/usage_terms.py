# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On what terms a repository may be used at all."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    LOCAL_PATH,
    Repository,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy


def refusal(repository: Repository, licence: t.Optional[str], policy: Policy) -> t.Optional[str]:
    """Why ``policy`` does not admit a repository; None where it does.

    ``licence`` is what catalogs say of the model; what the hub says of the repository goes before.
    """
    owner = "" if repository.ref.source == LOCAL_PATH else repository.ref.name.partition("/")[0]
    if policy.publishers and not _among(owner, policy.publishers):
        return "its publisher (%s) is not among the allowed ones (%s)" % (
            owner or "a local folder has none", ", ".join(policy.publishers),
        )  # fmt: skip
    said = repository.licence or licence
    if policy.licences and said is None:
        return "its licence is not known, and only these are allowed: %s%s" % (
            ", ".join(policy.licences), _gated(repository),
        )  # fmt: skip
    if policy.licences and not _among(said or "", policy.licences):
        return "its licence %s is not among the allowed ones (%s)%s" % (
            said, ", ".join(policy.licences), _gated(repository),
        )  # fmt: skip
    return None


def _among(value: str, allowed: t.Iterable[str]) -> bool:
    return value.lower() in (each.lower() for each in allowed)


def _gated(repository: Repository) -> str:
    return "; it is gated, too" if repository.gated else ""
