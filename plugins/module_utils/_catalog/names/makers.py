# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who makes which models, and under which weights they are open, as reviewed data.

Owners are those of the makers' own repositories on Hugging Face; families are the words that names of
their models have in common.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.maker_table import (
    CHINESE,
    MAKERS,
    VENDORS,
)


def family_owners(word: str) -> t.Tuple[str, ...]:
    """Owners, in lower case, whose own models are called so; empty where nobody is known to."""
    return _OWNERS.get(word, ())


def families() -> t.Iterable[str]:
    """All words of families."""
    return _OWNERS


def owners_of(vendor: str) -> t.Tuple[str, ...]:
    """Owners in lower case that a maker's, provider's or owner's name stands for; itself among them."""
    name = vendor.lower()
    return (name,) + VENDORS.get(name, ())


def is_maker(owner: str) -> bool:
    """Whether an owner makes models of its own, and does not only repack those of others."""
    return owner.lower() in MAKERS


def in_latin(text: str) -> str:
    """``text`` with Chinese words replaced; what is not known stays."""
    if text.isascii():
        return text
    for word, meaning in CHINESE.items():
        text = text.replace(word, meaning)
    return re.sub(r" +", " ", text).strip()


def _by_family() -> t.Dict[str, t.Tuple[str, ...]]:
    found: t.Dict[str, t.List[str]] = {}
    for owner, families in MAKERS.items():
        for family in families:
            found.setdefault(family, []).append(owner)
    return {family: tuple(owners) for family, owners in found.items()}


_OWNERS = _by_family()
