# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values

MIB = 1024 * 1024


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "  ",
        "N/A",
        "[N/A]",
        "Not Supported",
        "[Not Supported]",
        "[Unknown Error]",
        "[Insufficient Permissions]",
        "ERR!",
        "GPU-",
        "Not Found",
        "[Requested functionality has been deprecated]",
    ],
)
def test_tools_have_many_words_for_nothing(cell: t.Optional[str]) -> None:
    assert values.text(cell) is None
    assert values.size(cell) is None
    assert values.integer(cell) is None


@pytest.mark.parametrize(
    ("cell", "size"),
    [
        ("143771 MiB", 143771 * MIB),
        ("143771", 143771 * MIB),
        ("0 MiB", 0),
        ("81559MiB", 81559 * MIB),
        ("34342961152 B", 34342961152),
        ("196592 MB", 196592 * MIB),
        ("-1 MiB", None),
        ("99999999999 MiB", None),
        ("12 parsecs", None),
        ("1e5 MiB", None),
        ("²", None),
    ],
)
def test_size(cell: str, size: t.Optional[int]) -> None:
    assert values.size(cell) == size


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("00000000:83:00.0", "0000:83:00.0"),
        ("0000000F:01:00.0", "000f:01:00.0"),
        ("000052CE:00:00.0", "52ce:00:00.0"),
        ("00010000:01:00.0", "00010000:01:00.0"),
        ("000:BA:80.0", "0000:ba:80.0"),
        ("17:00.0", "0000:17:00.0"),
        ("GPU-0", None),
        (None, None),
    ],
)
def test_pci_address(cell: t.Optional[str], address: t.Optional[str]) -> None:
    assert values.pci_address(cell) == address


@pytest.mark.parametrize(
    ("cell", "version"),
    [
        ("570.124.06", "570.124.06"),
        ("12.8", "12.8"),
        ("610.62 [Deprecated; will be removed. Use KMD Version instead]", "610.62"),
        ('Deprecated, see "KMD version" instead', None),
        ("Not Found", None),
        (None, None),
    ],
)
def test_version(cell: t.Optional[str], version: t.Optional[str]) -> None:
    assert values.version(cell) == version


def test_pci_id_is_written_vendor_first() -> None:
    assert values.pci_id("0x233510DE") == "10de:2335"
    assert values.pci_id("20B210DE") == "10de:20b2"
    assert values.pci_id("N/A") is None


def test_watts() -> None:
    assert values.watts("700.00 W") == 700.0
    assert values.watts("[N/A]") is None
