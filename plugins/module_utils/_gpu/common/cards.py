# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of known cards, to plan for hardware that is not there yet
and to know what a driver leaves out. A Python module, since targets need have no YAML.

MiB is what the vendor's driver reports; with a trailing ``n`` the nominal size, of which drivers
report 1 to 6 % less. Bandwidth and link are GB/s, the link both directions together, TFLOPS dense
(FP16 or FP32 where a card has no BF16). Link: nvlink and xgmi join all cards of a host, bridge is an
option for pairs, c2c leads to the processor. Sources: M seen in outputs of drivers, A the system
files of aiconfigurator, C and F tables of other planners, K the vendor's data sheet as known to the
authors; ``?`` marks a row with a number that is not certain.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# The middle of what drivers keep of the nominal size.
_NOMINAL_SHARE = 0.965
# Drivers and settings move the reported size; the next size of memory is farther away.
_SIZE_TOLERANCE = 0.1
_DECORATION = re.compile(r"\((r|tm|c|nvgpu)\)| graphics$")
# Drivers until 460 leave it out, and people do.
_MAKER = re.compile(r"^(nvidia(?=[a-z])|amd(?=[a-z])|intel(?=[a-z]))")

_TABLE = """
B300-SXM        |NVIDIA B300 SXM6 AC   |nvidia|blackwell|10.3|275046|7750|2250/4500/14000|nvlink 1800|1400|10de:3182|A
GB300           |NVIDIA GB300          |nvidia|blackwell|10.3|284160|8000|2500/5000/15000|nvlink 1800|1400|10de:31c2|A
B200-SXM        |NVIDIA B200           |nvidia|blackwell|10.0|183359|7700|2250/4500/9000|nvlink 1800|1000|10de:2901|AC
GB200           |NVIDIA GB200          |nvidia|blackwell|10.0|189440|8000|2500/5000/10000|nvlink 1800|1200|10de:2941|A?
H200-141GB-SXM  |NVIDIA H200           |nvidia|hopper|9.0|143771|4800|989/1978/-|nvlink 900|700|10de:2335|MA
H200-NVL        |NVIDIA H200 NVL       |nvidia|hopper|9.0|143771|4800|835/1671/-|bridge 900|600|10de:233b|K
H100-80GB-SXM   |NVIDIA H100 80GB HBM3 |nvidia|hopper|9.0|81559|3350|989/1978/-|nvlink 900|700|10de:2330|MA
H100-80GB-PCIe  |NVIDIA H100 PCIe      |nvidia|hopper|9.0|81559|2000|756/1513/-|bridge 600|350|10de:2331|MA
H100-NVL        |NVIDIA H100 NVL       |nvidia|hopper|9.0|95830|3938|835/1671/-|bridge 600|400|10de:2321|K
H800-80GB-SXM   |NVIDIA H800           |nvidia|hopper|9.0|81559|3350|989/1978/-|nvlink 400|700|10de:2324|C
H20-96GB        |NVIDIA H20            |nvidia|hopper|9.0|97871|4000|148/296/-|nvlink 900|500|10de:2329|C
H20-141GB       |NVIDIA H20-3e         |nvidia|hopper|9.0|143771|4800|148/296/-|nvlink 900|500|10de:232c|K?
GH200-96GB      |NVIDIA GH200 480GB    |nvidia|hopper|9.0|97871|4000|989/1978/-|c2c 900|900|10de:2342|MK
GH200-144GB     |NVIDIA GH200 144G HBM3e|nvidia|hopper|9.0|147456n|4800|989/1978/-|c2c 900|900|10de:2348|C?
A100-80GB-SXM   |NVIDIA A100-SXM4-80GB |nvidia|ampere|8.0|81920|2039|312/-/-|nvlink 600|400|10de:20b2|MA
A100-80GB-PCIe  |NVIDIA A100 80GB PCIe |nvidia|ampere|8.0|81920|1935|312/-/-|bridge 600|300|10de:20b5|MA
A100-40GB-SXM   |NVIDIA A100-SXM4-40GB |nvidia|ampere|8.0|40960|1555|312/-/-|nvlink 600|400|10de:20b0|MC
A100-40GB-PCIe  |NVIDIA A100-PCIE-40GB |nvidia|ampere|8.0|40960|1555|312/-/-|bridge 600|250|10de:20f1|C
A800-80GB-SXM   |NVIDIA A800-SXM4-80GB |nvidia|ampere|8.0|81920|2039|312/-/-|nvlink 400|400|10de:20f3|K
A30             |NVIDIA A30            |nvidia|ampere|8.0|24576|933|165/-/-|bridge 200|165|10de:20b7|A
A40             |NVIDIA A40            |nvidia|ampere|8.6|46068|696|150/-/-|bridge 112|300|10de:2235|C
A10             |NVIDIA A10            |nvidia|ampere|8.6|23028|600|125/-/-|-|150|10de:2236|C
A10G            |NVIDIA A10G           |nvidia|ampere|8.6|23028|600|70/-/-|-|300|10de:2237|M?
A16             |NVIDIA A16            |nvidia|ampere|8.6|15356|200|18/-/-|-|62|-|K?
A2              |NVIDIA A2             |nvidia|ampere|8.6|15356|200|18/-/-|-|60|-|K?
RTX-A6000       |NVIDIA RTX A6000      |nvidia|ampere|8.6|49140|768|155/-/-|bridge 112|300|10de:2230|FK
RTX-A5000       |NVIDIA RTX A5000      |nvidia|ampere|8.6|24564|768|111/-/-|bridge 112|230|10de:2231|FK
RTX-A4500       |NVIDIA RTX A4500      |nvidia|ampere|8.6|20470|640|95/-/-|bridge 112|200|10de:2232|K?
RTX-A4000       |NVIDIA RTX A4000      |nvidia|ampere|8.6|16376|448|77/-/-|-|140|10de:24b0|FK
RTX-A2000-12GB  |NVIDIA RTX A2000 12GB |nvidia|ampere|8.6|12282|288|32/-/-|-|70|-|K?
L40S            |NVIDIA L40S           |nvidia|ada|8.9|46068|864|362/733/-|-|350|10de:26b9|MA
L40             |NVIDIA L40            |nvidia|ada|8.9|46068|864|181/362/-|-|300|10de:26b5|C
L20             |NVIDIA L20            |nvidia|ada|8.9|46068|864|120/239/-|-|275|10de:26ba|K
L4              |NVIDIA L4             |nvidia|ada|8.9|23034|300|121/242/-|-|72|10de:27b8|MA
RTX-6000-Ada    |NVIDIA RTX 6000 Ada Generation|nvidia|ada|8.9|49140|960|364/728/-|-|300|10de:26b1|C
RTX-5000-Ada    |NVIDIA RTX 5000 Ada Generation|nvidia|ada|8.9|32760|576|261/522/-|-|250|10de:26b2|K
RTX-4500-Ada    |NVIDIA RTX 4500 Ada Generation|nvidia|ada|8.9|24570|432|158/317/-|-|210|10de:27b1|K?
RTX-4000-Ada    |NVIDIA RTX 4000 Ada Generation|nvidia|ada|8.9|20475|360|107/213/-|-|130|-|K
RTX-4000-SFF-Ada|NVIDIA RTX 4000 SFF Ada Generation|nvidia|ada|8.9|20475|280|77/153/-|-|70|10de:27b0|MK
RTX-2000-Ada    |NVIDIA RTX 2000 Ada Generation|nvidia|ada|8.9|16380|224|48/96/-|-|70|-|K
RTX-PRO-6000    |NVIDIA RTX PRO 6000 Blackwell Server Edition|nvidia|blackwell|12.0|97887|1792|468/936/1871|-|600|10de:2bb5|MA
RTX-PRO-6000-WS |NVIDIA RTX PRO 6000 Blackwell Workstation Edition|nvidia|blackwell|12.0|97887|1792|468/936/1871|-|600|10de:2bb1|A
RTX-PRO-6000-MaxQ|NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition|nvidia|blackwell|12.0|97887|1792|438/876/1752|-|300|10de:2bb4|K?
RTX-PRO-5000    |NVIDIA RTX PRO 5000 Blackwell|nvidia|blackwell|12.0|49152n|1344|260/520/1030|-|300|-|K?
RTX-PRO-4500    |NVIDIA RTX PRO 4500 Blackwell|nvidia|blackwell|12.0|32768n|896|205/410/820|-|200|-|K?
RTX-PRO-4000    |NVIDIA RTX PRO 4000 Blackwell|nvidia|blackwell|12.0|24576n|672|175/350/700|-|145|-|K?
GB10            |NVIDIA GB10           |nvidia|blackwell|12.1|124610u|273|125/250/500|c2c 600|140|10de:2e12|MK?
Jetson-Thor     |NVIDIA Thor           |nvidia|blackwell|11.0|125772u|273|258/517/1035|-|130|-|K?
Jetson-AGX-Orin-64GB|Orin (nvgpu)      |nvidia|ampere|8.7|62841u|205|43/-/-|-|60|-|K?
V100-32GB-SXM   |Tesla V100-SXM2-32GB  |nvidia|volta|7.0|32768|900|125/-/-|nvlink 300|300|10de:1db5|C
V100-16GB-SXM   |Tesla V100-SXM2-16GB  |nvidia|volta|7.0|16160|900|125/-/-|nvlink 300|300|10de:1db1|MC
V100-32GB-PCIe  |Tesla V100-PCIE-32GB  |nvidia|volta|7.0|32768|900|112/-/-|-|250|10de:1db6|C
V100-16GB-PCIe  |Tesla V100-PCIE-16GB  |nvidia|volta|7.0|16160|900|112/-/-|-|250|10de:1db4|MC
TITAN-V         |NVIDIA TITAN V        |nvidia|volta|7.0|12288n|653|110/-/-|-|250|10de:1d81|K
T4              |Tesla T4              |nvidia|turing|7.5|15360|320|65/-/-|-|70|10de:1eb8|MC
TITAN-RTX       |NVIDIA TITAN RTX      |nvidia|turing|7.5|24576|672|130/-/-|bridge 100|280|10de:1e02|K
RTX8000         |Quadro RTX 8000       |nvidia|turing|7.5|46080n|672|130/-/-|bridge 100|260|-|K?
RTX5000         |Quadro RTX 5000       |nvidia|turing|7.5|16384|448|89/-/-|bridge 50|230|10de:1eb0|MK
RTX2080Ti       |NVIDIA GeForce RTX 2080 Ti|nvidia|turing|7.5|11264|616|54/-/-|bridge 100|250|10de:1e07|FK
RTX2080-SUPER   |NVIDIA GeForce RTX 2080 SUPER|nvidia|turing|7.5|8192|496|45/-/-|bridge 50|250|10de:1e81|MK
P100-16GB-PCIe  |Tesla P100-PCIE-16GB  |nvidia|pascal|6.0|16384n|732|19/-/-|-|250|10de:15f8|K
P100-16GB-SXM   |Tesla P100-SXM2-16GB  |nvidia|pascal|6.0|16384n|732|21/-/-|nvlink 160|300|10de:15f9|K
P40             |Tesla P40             |nvidia|pascal|6.1|24576n|346|12/-/-|-|250|10de:1b38|K
P4              |Tesla P4              |nvidia|pascal|6.1|8192n|192|5.5/-/-|-|75|10de:1bb3|K
TITAN-Xp        |NVIDIA TITAN Xp       |nvidia|pascal|6.1|12196|548|12/-/-|-|250|10de:1b02|MK
GTX1080Ti       |NVIDIA GeForce GTX 1080 Ti|nvidia|pascal|6.1|11264|484|11/-/-|-|250|-|K
K80             |Tesla K80             |nvidia|kepler|3.7|11441|240|4/-/-|-|149|10de:102d|MK
RTX5090         |NVIDIA GeForce RTX 5090|nvidia|blackwell|12.0|32607|1792|210/419/1676|-|575|10de:2b85|FK
RTX5090D        |NVIDIA GeForce RTX 5090 D|nvidia|blackwell|12.0|32607|1792|148/297/1188|-|575|10de:2b87|MK?
RTX5080         |NVIDIA GeForce RTX 5080|nvidia|blackwell|12.0|16303|960|113/225/900|-|360|10de:2c02|FK
RTX5070Ti       |NVIDIA GeForce RTX 5070 Ti|nvidia|blackwell|12.0|16303|896|88/176/703|-|300|10de:2c05|FK
RTX5070         |NVIDIA GeForce RTX 5070|nvidia|blackwell|12.0|12227|672|62/123/494|-|250|10de:2f04|FK
RTX5060Ti-16GB  |NVIDIA GeForce RTX 5060 Ti|nvidia|blackwell|12.0|16311|448|47/95/380|-|180|10de:2d04|K?
RTX5060         |NVIDIA GeForce RTX 5060|nvidia|blackwell|12.0|8151|448|38/77/307|-|145|10de:2d05|K?
RTX5050         |NVIDIA GeForce RTX 5050|nvidia|blackwell|12.0|8151|320|26/53/211|-|130|-|K?
RTX4090         |NVIDIA GeForce RTX 4090|nvidia|ada|8.9|24564|1008|165/330/-|-|450|10de:2684|MC
RTX4090D        |NVIDIA GeForce RTX 4090 D|nvidia|ada|8.9|24564|1008|147/294/-|-|425|10de:2685|MC?
RTX4080-SUPER   |NVIDIA GeForce RTX 4080 SUPER|nvidia|ada|8.9|16376|736|104/209/-|-|320|10de:2702|MF
RTX4080         |NVIDIA GeForce RTX 4080|nvidia|ada|8.9|16376|717|97/195/-|-|320|10de:2704|MF
RTX4070Ti-SUPER |NVIDIA GeForce RTX 4070 Ti SUPER|nvidia|ada|8.9|16376|672|88/176/-|-|285|10de:2705|FK
RTX4070Ti       |NVIDIA GeForce RTX 4070 Ti|nvidia|ada|8.9|12282|504|80/160/-|-|285|-|K
RTX4070-SUPER   |NVIDIA GeForce RTX 4070 SUPER|nvidia|ada|8.9|12282|504|71/142/-|-|220|-|K
RTX4070         |NVIDIA GeForce RTX 4070|nvidia|ada|8.9|12282|504|58/117/-|-|200|10de:2786|FK
RTX4060Ti-16GB  |NVIDIA GeForce RTX 4060 Ti|nvidia|ada|8.9|16380|288|44/88/-|-|165|10de:2805|FK
RTX4060         |NVIDIA GeForce RTX 4060|nvidia|ada|8.9|8188|272|30/60/-|-|115|-|K
RTX3090         |NVIDIA GeForce RTX 3090|nvidia|ampere|8.6|24576|936|71/-/-|bridge 112|350|10de:2204|MF
RTX3090Ti       |NVIDIA GeForce RTX 3090 Ti|nvidia|ampere|8.6|24564|1008|80/-/-|bridge 112|450|10de:2203|FK
RTX3080-10GB    |NVIDIA GeForce RTX 3080|nvidia|ampere|8.6|10240|760|60/-/-|-|320|10de:2206|MF
RTX3080Ti       |NVIDIA GeForce RTX 3080 Ti|nvidia|ampere|8.6|12288|912|68/-/-|-|350|10de:2208|MF
RTX3070Ti       |NVIDIA GeForce RTX 3070 Ti|nvidia|ampere|8.6|8192|608|43/-/-|-|290|-|K
RTX3070         |NVIDIA GeForce RTX 3070|nvidia|ampere|8.6|8192|448|41/-/-|-|220|-|K
RTX3060Ti       |NVIDIA GeForce RTX 3060 Ti|nvidia|ampere|8.6|8192|448|32/-/-|-|200|-|K
RTX3060-12GB    |NVIDIA GeForce RTX 3060|nvidia|ampere|8.6|12288|360|25/-/-|-|170|10de:2503|MF
MI355X          |AMD Instinct MI355X   |amd|cdna4|gfx950|294912n|8000|2500/5000/10000|xgmi 1075|1400|1002:75a3|K
MI350X          |AMD Instinct MI350X   |amd|cdna4|gfx950|294912n|8000|2300/4600/9200|xgmi 1075|1000|1002:75a0|K
MI325X          |AMD Instinct MI325X   |amd|cdna3|gfx942|262144n|6000|1307/2615/-|xgmi 896|1000|1002:74a5|C
MI300X          |AMD Instinct MI300X   |amd|cdna3|gfx942|196592|5300|1307/2615/-|xgmi 896|750|1002:74a1|C
MI308X          |AMD Instinct MI308X   |amd|cdna3|gfx942|196592|5300|160/320/-|xgmi 896|650|1002:74a2|K?
MI300A          |AMD Instinct MI300A   |amd|cdna3|gfx942|131072u|5300|981/1961/-|xgmi 768|550|1002:74a0|K
MI250X          |AMD Instinct MI250X   |amd|cdna2|gfx90a|65520|1640|192/-/-|xgmi 800|280|1002:7408|C
MI250           |AMD Instinct MI250    |amd|cdna2|gfx90a|65520|1640|181/-/-|xgmi 800|280|1002:740c|K
MI210           |AMD Instinct MI210    |amd|cdna2|gfx90a|65520|1600|181/-/-|bridge 300|300|1002:740f|C
MI100           |AMD Instinct MI100    |amd|cdna|gfx908|32752|1229|185/-/-|bridge 276|290|1002:738c|MF
MI50-32GB       |AMD Instinct MI50     |amd|gcn5|gfx906|32752|1024|27/-/-|bridge 184|300|-|MK
RX7900XTX       |AMD Radeon RX 7900 XTX|amd|rdna3|gfx1100|24560|960|123/-/-|-|355|1002:744c|FK
RX7900XT        |AMD Radeon RX 7900 XT |amd|rdna3|gfx1100|20464|800|103/-/-|-|315|-|FK
RX7800XT        |AMD Radeon RX 7800 XT |amd|rdna3|gfx1101|16368|624|75/-/-|-|263|1002:747e|MF
W7900           |AMD Radeon PRO W7900  |amd|rdna3|gfx1100|46064|864|123/-/-|-|295|1002:7448|K
RX9070XT        |AMD Radeon RX 9070 XT |amd|rdna4|gfx1201|16304|640|195/389/-|-|304|1002:7550|K
RX9060XT        |AMD Radeon RX 9060 XT |amd|rdna4|gfx1200|16304|320|103/205/-|-|160|-|K?
R9700           |AMD Radeon AI PRO R9700|amd|rdna4|gfx1201|32624|640|191/383/-|-|300|1002:7551|K
RX6700XT        |AMD Radeon RX 6700 XT |amd|rdna2|gfx1031|12272|384|26/-/-|-|230|1002:73df|MF
Strix-Halo      |AMD Radeon 8060S      |amd|rdna3.5|gfx1151|98304u|256|59/-/-|-|120|1002:1586|FK?
Gaudi2          |HL-225                |gaudi|gaudi2|-|98304|2450|432/865/-|gaudi 2400|600|1da3:1020|C
Gaudi3          |HL-325L               |gaudi|gaudi3|-|131072|3700|1835/1835/-|gaudi 1200|850|1da3:1060|MC
Max-1550        |Intel Data Center GPU Max 1550|intel|xe-hpc|-|131072n|3277|839/-/-|xelink 600|600|8086:0bd5|K?
Arc-Pro-B60     |Intel Arc Pro B60     |intel|xe2|-|24480|456|98/-/-|-|200|8086:e211|A
Max-1100        |Intel Data Center GPU Max 1100|intel|xe-hpc|-|49152n|1229|356/-/-|xelink 318|300|8086:0bda|K?
Arc-Pro-B50     |Intel Arc Pro B50     |intel|xe2|-|16384n|224|-/-/-|-|70|8086:e212|K?
Arc-B580        |Intel Arc B580        |intel|xe2|-|12288n|456|117/-/-|-|190|8086:e20b|K
Arc-A770-16GB   |Intel Arc A770        |intel|xe|-|16384n|560|138/-/-|-|225|8086:56a0|K?
Ascend-910B1    |910B1                 |ascend|910b|Ascend910B1|65536|1600|414/-/-|hccs 400|400|-|CM?
Ascend-910B2    |910B2                 |ascend|910b|Ascend910B2|65536|1600|376/-/-|hccs 400|400|-|CM?
Ascend-910B3    |910B3                 |ascend|910b|Ascend910B3|65536|1600|313/-/-|hccs 400|400|-|CM?
Ascend-910B4    |910B4                 |ascend|910b|Ascend910B4|32768|1600|280/-/-|hccs 400|310|-|C?
Ascend-910B4-1  |910B4-1               |ascend|910b|Ascend910B4-1|65536|1600|280/-/-|hccs 400|310|-|CM?
Ascend-910C     |Ascend910             |ascend|910c|Ascend910_93|65536|1600|390/-/-|hccs 400|-|-|C?
Ascend-310P3    |310P3                 |ascend|310p|Ascend310P3|44280|204|70/-/-|-|72|19e5:d500|CM?
C500            |MXC500                |metax|c500|-|65536|1800|240/-/-|metaxlink 800|350|-|CM?
P800            |Kunlun P800           |kunlun|p800|-|98304n|2000|345/-/-|xlink 400|-|-|C?
K100-AI         |K100_AI               |hygon|-|-|65520|900|190/-/-|-|350|-|MK?
PPU-ZW810E      |PPU-ZW810E            |thead|ppu|-|98304|-|-/-/-|-|400|-|M?
"""


@dataclass(frozen=True)
class Card:
    """One model of card; see the table above for units. ``level`` is what code is compiled for:
    the compute capability of NVIDIA, gfx of AMD, soc of Ascend."""

    key: str
    product: str
    vendor: str
    architecture: t.Optional[str]
    level: t.Optional[str]
    memory_mib: int
    memory_is_nominal: bool
    unified_memory: bool
    bandwidth_gbps: t.Optional[float]
    bf16_tflops: t.Optional[float]
    fp8_tflops: t.Optional[float]
    fp4_tflops: t.Optional[float]
    link: t.Optional[str]
    link_gbps: t.Optional[float]
    power_w: t.Optional[float]
    pci_id: t.Optional[str]
    source: str

    @property
    def usable_mib(self) -> int:
        """MiB that a driver reports, or about that."""
        return int(self.memory_mib * _NOMINAL_SHARE) if self.memory_is_nominal else self.memory_mib

    @property
    def specs(self) -> t.Dict[str, t.Any]:
        """What the facts say of the model: GB/s, dense TFLOPS, and how sure that is."""
        return {
            "bandwidth_gbps": self.bandwidth_gbps,
            "bf16_tflops": self.bf16_tflops,
            "fp8_tflops": self.fp8_tflops,
            "fp4_tflops": self.fp4_tflops,
            "source": self.source,
        }


def _number(cell: str) -> t.Optional[float]:
    return None if cell == "-" else float(cell)


def _word(cell: str) -> t.Optional[str]:
    return None if cell == "-" else cell


def _card(line: str) -> Card:
    cells = [cell.strip() for cell in line.split("|")]
    key, product, vendor, architecture, level, memory, bandwidth, speeds, link, power, pci_id, source = cells
    bf16, fp8, fp4 = speeds.split("/")
    kind, _blank, link_gbps = link.partition(" ")
    return Card(
        key=key,
        product=product,
        vendor=vendor,
        architecture=_word(architecture),
        level=_word(level),
        memory_mib=int(memory.rstrip("nu")),
        memory_is_nominal=memory.endswith("n"),
        unified_memory=memory.endswith("u"),
        bandwidth_gbps=_number(bandwidth),
        bf16_tflops=_number(bf16),
        fp8_tflops=_number(fp8),
        fp4_tflops=_number(fp4),
        link=_word(kind),
        link_gbps=float(link_gbps) if link_gbps else None,
        power_w=_number(power),
        pci_id=_word(pci_id),
        source=source,
    )


CARDS: t.Tuple[Card, ...] = tuple(_card(line) for line in _TABLE.strip().splitlines())

_BY_PCI_ID: t.Mapping[str, Card] = {card.pci_id: card for card in CARDS if card.pci_id}
_BY_NAME: t.Dict[str, Card] = {}
# Models of one memory size and different speed: the identity alone does not tell which.
_SHARED_IDS = frozenset(("1002:73df", "1002:7550", "1002:66a1"))


def normal(name: str) -> str:
    """Letters and digits alone, without the maker: RTX4090 and NVIDIA RTX 4090 are one."""
    return _MAKER.sub("", re.sub(r"[^a-z0-9]", "", _DECORATION.sub("", name.lower())))


for _each in reversed(CARDS):
    _BY_NAME[normal(_each.product)] = _each
for _each in CARDS:
    _BY_NAME[normal(_each.key)] = _each


def by_pci_id(pci_id: t.Optional[str]) -> t.Optional[Card]:
    return _BY_PCI_ID.get(pci_id or "")


def by_name(name: t.Optional[str]) -> t.Optional[Card]:
    """The card of exactly this key or product name, whatever its spelling."""
    return _BY_NAME.get(normal(name)) if name else None


def matching(
    vendor: str, name: t.Optional[str], pci_id: t.Optional[str], total_bytes: t.Optional[int]
) -> t.Optional[Card]:
    """The card that this certainly is. Models of one PCI identity are told apart by name and memory."""
    named, identified = by_name(name), by_pci_id(pci_id)
    if pci_id in _SHARED_IDS or vendor not in ("nvidia", "amd", "intel"):
        identified = None
    # An OEM's name may be another's; the identity is the card's own.
    candidates = (identified, named) if vendor == "nvidia" else (named, identified)
    for card in candidates:
        if card is not None and card.vendor == vendor and _is_size(card, total_bytes):
            return card
    return None


def _is_size(card: Card, total_bytes: t.Optional[int]) -> bool:
    """Whether a driver would report about this memory. An AMD processor may take what its host has."""
    if total_bytes is None or (card.unified_memory and card.vendor == "amd"):
        return total_bytes is not None
    return abs(total_bytes / 1024**2 - card.usable_mib) <= _SIZE_TOLERANCE * card.usable_mib
