# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where secrets may be, and whether one changed, without keeping it anywhere."""

from __future__ import annotations

import hashlib
import hmac

# The name under which a router keeps the fingerprint, beside managed_by.
FIELD = "key_fingerprint"


def fingerprint(secret: str, router_key: str) -> str:
    """A keyed digest (HMAC-SHA256, 64 bits) that only the holder of the router's key can check."""
    return hmac.new(router_key.encode(), secret.encode(), hashlib.sha256).hexdigest()[:16]
