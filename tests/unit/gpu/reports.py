# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of nvidia-smi about cards that do not exist, in the shape of the drivers' own."""

from __future__ import annotations

import typing as t

UUID = "GPU-00000000-0000-4000-8000-%012d"
IDENTITY = "--query-gpu=index,uuid,pci.bus_id,name,compute_cap --format=csv,noheader,nounits"
MINIMAL = (
    "--query-gpu=index,uuid,pci.bus_id,name,memory.total,memory.used,memory.free,driver_version"
    " --format=csv,noheader,nounits"
)

HEAD = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
    <driver_version>570.124.06</driver_version>
    <cuda_version>12.8</cuda_version>
    <attached_gpus>{count}</attached_gpus>
"""


def memory(total: str, reserved: str, used: str, free: str) -> str:
    return (
        "<fb_memory_usage><total>%s</total><reserved>%s</reserved><used>%s</used><free>%s</free>"
        "</fb_memory_usage>" % (total, reserved, used, free)
    )


def gpu(number: int, **changed: str) -> str:
    """One <gpu> element: an 80 GB H100 in slot ``number``, with some elements changed."""
    parts = {
        "product_name": "NVIDIA H100 80GB HBM3",
        "product_architecture": "Hopper",
        "mig_mode": "<current_mig>Disabled</current_mig><pending_mig>Disabled</pending_mig>",
        "mig_devices": "None",
        "uuid": UUID % number,
        "gpu_virtualization_mode": "<virtualization_mode>None</virtualization_mode>",
        "gpu_recovery_action": "None",
        "pci": "<pci_device_id>233010DE</pci_device_id><pci_bus_id>%s</pci_bus_id>" % bus(number),
        "ecc_mode": "<current_ecc>Enabled</current_ecc>",
        "gpu_power_readings": "<current_power_limit>700.00 W</current_power_limit>",
        "processes": "<process_info><pid>4242</pid><process_name>python3</process_name>"
        "<used_memory>1000 MiB</used_memory></process_info>",
    }
    fb_memory = changed.pop("fb_memory", memory("81559 MiB", "551 MiB", "1008 MiB", "80000 MiB"))
    parts.update(changed)
    inside = "".join("<%s>%s</%s>" % (name, content, name) for name, content in parts.items())
    return '<gpu id="%s">%s%s</gpu>\n' % (bus(number), fb_memory, inside)


def bus(number: int) -> str:
    return "00000000:%02X:00.0" % (0x17 + number)


def address(number: int) -> str:
    return bus(number)[4:].lower()


def xml(*gpus: str, attached: t.Optional[int] = None) -> str:
    return (
        HEAD.format(count=len(gpus) if attached is None else attached) + "".join(gpus) + "</nvidia_smi_log>\n"
    )


def identity(*numbers: int, capability: str = "9.0") -> str:
    return "".join(
        "%d, %s, %s, NVIDIA H100 80GB HBM3, %s\n" % (number, UUID % number, bus(number), capability)
        for number in numbers
    )


MIG_CHILD = (
    "<mig_device><index>{index}</index><gpu_instance_id>{gi}</gpu_instance_id>"
    "<compute_instance_id>{ci}</compute_instance_id>"
    "<fb_memory_usage><total>{mib} MiB</total><reserved>0 MiB</reserved><used>12 MiB</used>"
    "<free>{free} MiB</free></fb_memory_usage></mig_device>"
)

LOG = """
==============NVSMI LOG==============

Timestamp                                 : Thu Jan  1 00:00:00 2026
Driver Version                            : 610.62 [Deprecated; will be removed. Use KMD Version instead]
KMD Version                               : 610.62
CUDA UMD Version                          : 13.3

Attached GPUs                             : 1
GPU 00000000:83:00.0
    Product Name                          : NVIDIA H200
    Product Architecture                  : Hopper
    MIG Mode
        Current                           : Enabled
        Pending                           : Enabled
    MIG Device
        Index                             : 0
        GPU Instance ID                   : 2
        Compute Instance ID               : 0
        Shared FB Memory Usage
            Total                         : 71424 MiB
            Reserved                      : 0 MiB
            Used                          : 22 MiB
            Free                          : 71403 MiB
    MIG Device
        Index                             : 1
        GPU Instance ID                   : 2
        Compute Instance ID               : 1
        Shared FB Memory Usage
            Total                         : 71424 MiB
            Reserved                      : 0 MiB
            Used                          : 22 MiB
            Free                          : 71403 MiB
    GPU UUID                              : GPU-00000000-0000-4000-8000-000000000000
    PCI
        Device Id                         : 0x233510DE
        Bus Id                            : 00000000:83:00.0
    FB Memory Usage
        Total                             : 143771 MiB
        Reserved                          : 614 MiB
        Used                              : 55 MiB
        Free                              : 143103 MiB
    Processes                             : None
"""

TABLE = """\
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 555.42.03              Driver Version: 555.85         CUDA Version: 12.5     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|=========================================+========================+======================|
|   0  NVIDIA GeForce RTX 4090        On  |   00000000:09:00.0  On |                  N/A |
| 53%   46C    P0             89W /  450W |    2710MiB /  24564MiB |     17%      Default |
+-----------------------------------------+------------------------+----------------------+
|   1  NVIDIA GB10                   Off  |   0000000F:01:00.0 Off |                  N/A |
| N/A   36C    P8              3W /  N/A  | Not Supported          |      0%      Default |
+-----------------------------------------+------------------------+----------------------+
"""

LISTING = """\
GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-)
  MIG 1g.10gb     Device  0: (UUID: MIG-00000000-0000-4000-8000-000000000000)
  MIG 1g.10gb     Device  1: (UUID: MIG-00000000-0000-4000-8000-000000000001)
GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-00000000-0000-4000-8000-000000000009)
"""

OLD_TABLE = """\
| NVIDIA-SMI 410.104      Driver Version: 410.104      CUDA Version: 10.0     |
|   0  Tesla K80           Off  | 00000000:00:04.0 Off |                    0 |
| N/A   62C    P0    84W / 149W |     63MiB / 11441MiB |    100%      Default |
+-------------------------------+----------------------+----------------------+
|   1  ERR!                ERR! | 00000000:00:05.0 ERR!|                 ERR! |
|ERR!  ERR! ERR!    ERR! / ERR! |          GPU is lost |    ERR!         ERR! |
+-------------------------------+----------------------+----------------------+
|   2  Orin (nvgpu)        N/A  | N/A              N/A |                  N/A |
| N/A   N/A  N/A     N/A /  N/A | Not Supported        |     N/A          N/A |
"""

MIG_TABLE = """\
| NVIDIA-SMI 590.48.01              Driver Version: 590.48.01      CUDA Version: 13.1     |
|   0  NVIDIA H200                    On  |   00000000:83:00.0 Off |                    0 |
| N/A   28C    P0             78W /  700W |      55MiB / 143771MiB |     N/A      Default |
|                                         |                        |              Enabled |
| MIG devices:                                                                            |
|  0    2   0   0  |              22MiB / 71424MiB    | 16      0 |  3   0    3    0    3 |
|                  |               0MiB / 59237MiB    |           |                       |
|  0    2   1   1  |              22MiB / 71424MiB    | 32      0 |  3   0    3    0    3 |
|  0    3   0   2  |              17MiB / 33280MiB    | 32      0 |  2   0    2    0    2 |
"""
