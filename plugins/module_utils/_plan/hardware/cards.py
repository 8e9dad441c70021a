# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known about GPUs by name.

Memory in GiB as drivers report it where samples exist, else the vendor's figure; bandwidth in GB/s;
dense TFLOPS in BF16 (FP16 on cards without), FP8 and FP4, ``-`` where the card has no such units;
links in GB/s, both directions of all links, 0 for PCIe only. Sources: vendors' data sheets,
aiconfigurator's system files, driver output. The facts of a host go before this table.
"""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, MIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.cards import by_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import FAST_LINKS

# name; architecture; GiB; GB/s; BF16, FP8, FP4 TFLOPS; link GB/s
_TABLE = """
B300;10.3;268.6;7750;2250;4500;14000;1800
GB300;10.3;277.5;8000;2500;5000;15000;1800
B200;10.0;179.1;7700;2250;4500;9000;1800
GB200;10.0;185.0;8000;2500;5000;10000;1800
H200;9.0;140.4;4800;989;1978;-;900
H200 NVL;9.0;140;4800;835;1671;-;900
H100;9.0;79.6;3350;989;1978;-;900
H100 PCIe;9.0;79.6;2000;756;1513;-;0
H100 NVL;9.0;94;3938;835;1671;-;600
H800;9.0;79.6;3350;989;1978;-;400
H20;9.0;95.6;4000;148;296;-;900
H20-3e;9.0;140.4;4800;148;296;-;900
GH200;9.0;95.6;4000;989;1978;-;900
A100;8.0;79.6;2039;312;-;-;600
A100 PCIe;8.0;79.6;1935;312;-;-;0
A100 40GB;8.0;40;1555;312;-;-;600
A800;8.0;79.6;2039;312;-;-;400
A30;8.0;24;933;165;-;-;200
A40;8.6;45;696;150;-;-;112
A10;8.6;22.5;600;125;-;-;0
A10G;8.6;22.5;600;70;-;-;0
A16;8.6;15;200;18;-;-;0
RTX A6000;8.6;47.5;768;155;-;-;112
RTX A5000;8.6;24;768;111;-;-;112
RTX A4000;8.6;16;448;77;-;-;0
L40S;8.9;45;864;362;733;-;0
L40;8.9;45;864;181;362;-;0
L20;8.9;45;864;120;239;-;0
L4;8.9;22.5;300;121;242;-;0
RTX 6000 Ada;8.9;48;960;364;728;-;0
RTX 5880 Ada;8.9;48;960;277;555;-;0
RTX 5000 Ada;8.9;32;576;261;522;-;0
RTX 4000 SFF Ada;8.9;20;280;77;153;-;0
RTX PRO 6000;12.0;95.6;1792;468;936;1871;0
RTX PRO 5000;12.0;48;1344;260;520;1030;0
GB10;12.1;121.7;273;125;250;500;0
V100;7.0;32;900;125;-;-;300
V100 PCIe;7.0;15.8;900;112;-;-;0
T4;7.5;15;320;65;-;-;0
P100;6.0;16;732;19;-;-;160
P40;6.1;24;346;12;-;-;0
K80;3.7;11.2;240;4;-;-;0
RTX 5090;12.0;31.8;1792;210;419;1676;0
RTX 5080;12.0;16;960;113;225;900;0
RTX 5070 Ti;12.0;16;896;88;176;703;0
RTX 5070;12.0;12;672;62;123;494;0
RTX 5060 Ti;12.0;16;448;47;95;380;0
RTX 5060;12.0;8;448;38;77;307;0
RTX 4090;8.9;24;1008;165;330;-;0
RTX 4090 D;8.9;24;1008;147;294;-;0
RTX 4080;8.9;16;717;97;195;-;0
RTX 4080 SUPER;8.9;16;736;104;209;-;0
RTX 4070 Ti SUPER;8.9;16;672;88;176;-;0
RTX 4070;8.9;12;504;58;117;-;0
RTX 4060 Ti;8.9;16;288;44;88;-;0
RTX 3090;8.6;24;936;71;-;-;112
RTX 3090 Ti;8.6;24;1008;80;-;-;112
RTX 3080;8.6;10;760;60;-;-;0
RTX 3080 Ti;8.6;12;912;68;-;-;0
RTX 3060;8.6;12;360;25;-;-;0
RTX 2080 Ti;7.5;11;616;54;-;-;100
RTX 2080;7.5;8;448;40;-;-;0
RTX 2080 SUPER;7.5;8;496;45;-;-;0
RTX 2070 SUPER;7.5;8;448;36;-;-;0
GTX 1050 Ti;6.1;4;112;2;-;-;0
TITAN Xp;6.1;11.9;548;12;-;-;0
MI355X;gfx950;268.2;8000;2500;5000;10000;1075
MI350X;gfx950;268.2;8000;2300;4600;9200;1075
MI325X;gfx942;255.9;6000;1307;2615;-;896
MI300X;gfx942;191.9;5300;1307;2615;-;896
MI308X;gfx942;191.9;5300;160;320;-;896
MI300A;gfx942;128;5300;981;1961;-;0
MI250X;gfx90a;64;1640;191;-;-;800
MI210;gfx90a;64;1600;181;-;-;300
MI100;gfx908;32;1229;185;-;-;0
RX 7900 XTX;gfx1100;24;960;123;-;-;0
RX 7900 XT;gfx1100;20;800;103;-;-;0
RX 7800 XT;gfx1101;16;624;75;-;-;0
Radeon PRO W7900;gfx1100;48;864;123;-;-;0
RX 9070 XT;gfx1201;16;640;195;389;-;0
R9700;gfx1201;32;640;191;383;-;0
Gaudi 2;gaudi2;96;2450;432;865;-;2400
Gaudi 3;gaudi3;128;3700;1835;1835;-;1200
Arc Pro B60;xe2;24;456;98;-;-;0
Arc B580;xe2;12;456;117;-;-;0
Arc A770;xe;16;560;138;-;-;0
Ascend 910B;910b;64;1600;313;-;-;400
Ascend 910C;910c;64;1600;390;-;-;400
Ascend 310P;310p;43.2;204;140;-;-;0
"""

_BLACKWELL_WITHOUT_INT8 = 10
# A card that can be cut has seven slices of its units, but for the A30.
COMPUTE_SLICES = 7
_COMPUTE_SLICES = {"A30": 4}
_NOISE = frozenset(("nvidia", "geforce", "tesla", "amd", "intel", "quadro", "instinct", "radeon", "graphics",
                    "generation", "sxm", "hbm3", "hbm3e", "oam", "huawei"))  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One GPU model. Rates in TFLOPS, None where the card has no units of that precision.

    ``power_w``: what it may draw, in watts.
    """

    name: str
    architecture: str
    memory_gib: float
    bandwidth_gbps: float
    bf16_tflops: float
    fp8_tflops: t.Optional[float]
    fp4_tflops: t.Optional[float]
    link_gbps: float
    power_w: t.Optional[float] = None

    @property
    def capability(self) -> t.Optional[t.Tuple[int, int]]:
        """CUDA compute capability; None where the card is not NVIDIA's."""
        major, _dot, minor = self.architecture.partition(".")
        return (int(major), int(minor)) if minor.isdigit() else None

    def slice(self, share: float, compute: float) -> Card:
        """A slice (MIG) with these shares of the memory, which has the same share of the bandwidth, and of the units."""
        rates = [None if rate is None else rate * compute for rate in (self.fp8_tflops, self.fp4_tflops)]
        return replace(
            self,
            memory_gib=self.memory_gib * share,
            bandwidth_gbps=self.bandwidth_gbps * share,
            bf16_tflops=self.bf16_tflops * compute,
            fp8_tflops=rates[0],
            fp4_tflops=rates[1],
            link_gbps=0.0,
        )

    def computes_in(self, precision: str) -> bool:
        """Whether there are matrix units of ``precision`` (bf16, fp8, fp4, int8, int4)."""
        if precision == "bf16":
            return self.capability is None or self.capability >= (8, 0)
        if precision == "int8":
            return self.capability is not None and (7, 5) <= self.capability < (_BLACKWELL_WITHOUT_INT8, 0)
        rates = {"fp8": self.fp8_tflops, "fp4": self.fp4_tflops}
        return rates.get(precision) is not None


@functools.lru_cache(maxsize=256)
def card_of(name: str) -> t.Optional[Card]:
    """The card that a driver's or a vendor's name means: the longest known name whose words are in it.

    Where the table of gpu_facts has exactly this name, its numbers go before those of a family of cards.
    """
    words, row = _words(name), by_name(name)
    found = next((card for wanted, card in _by_length() if _contains(words, wanted)), None)
    if row is None or row.bandwidth_gbps is None or row.bf16_tflops is None:
        return found
    if found is None:
        found = Card(
            row.product,
            row.level or row.architecture or "",
            row.usable_mib / GIB * MIB,
            row.bandwidth_gbps,
            row.bf16_tflops,
            row.fp8_tflops,
            row.fp4_tflops,
            (row.link_gbps or 0.0) if row.link in FAST_LINKS else 0.0,
        )
    return replace(
        found,
        bandwidth_gbps=row.bandwidth_gbps,
        bf16_tflops=row.bf16_tflops,
        fp8_tflops=row.fp8_tflops,
        fp4_tflops=row.fp4_tflops,
        power_w=row.power_w,
    )


def card_of_slice(name: str, profile: str, total_bytes: int) -> t.Optional[Card]:
    """The slice ``profile`` (3g.40gb) of the card in ``name``; None where the profile cannot be read."""
    whole, units = card_of(name), re.match(r"(?:\d+c\.)?(\d+)g\.", profile)
    if whole is None or units is None:
        return None
    of = _COMPUTE_SLICES.get(whole.name, COMPUTE_SLICES)
    return whole.slice(total_bytes / GIB / whole.memory_gib, int(units.group(1)) / of)


def _words(name: str) -> t.Tuple[str, ...]:
    text = re.sub(r"\bsxm\d\b|\(.*?\)", " ", re.sub(r"[_/]", " ", name.lower()))
    return tuple(word for word in re.split(r"[\s]+|-(?!3e)", text) if word and word not in _NOISE)


def _contains(words: t.Tuple[str, ...], wanted: t.Tuple[str, ...]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))


@functools.lru_cache(maxsize=1)
def _by_length() -> t.Tuple[t.Tuple[t.Tuple[str, ...], Card], ...]:
    cards = [_card(line) for line in _TABLE.strip().splitlines()]
    return tuple(sorted(((_words(card.name), card) for card in cards), key=lambda pair: -len(pair[0])))


def _card(line: str) -> Card:
    name, architecture, memory, bandwidth, bf16, fp8, fp4, link = line.split(";")
    return Card(
        name, architecture, float(memory), float(bandwidth), float(bf16), _rate(fp8), _rate(fp4), float(link)
    )


def _rate(text: str) -> t.Optional[float]:
    return None if text == "-" else float(text)
