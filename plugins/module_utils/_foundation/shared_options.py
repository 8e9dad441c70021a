# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options that several modules share become."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import CachePolicy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions


def http_options(params: t.Mapping[str, t.Any]) -> HttpOptions:
    return HttpOptions(
        timeout_s=params["timeout_s"],
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"],
    )


def cache_policy(params: t.Mapping[str, t.Any]) -> CachePolicy:
    return CachePolicy(
        directory=params["cache_dir"],
        max_age_s=params["cache_max_age_s"],
        offline=params["offline"],
        refresh=params["refresh"],
    )
