#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_facts
short_description: Gather facts about the GPUs of a host
version_added: 0.1.0
description:
  - Reads which accelerators a host has, how much memory each of them has free at this moment, how they are connected
    and what is wrong with them.
  - NVIDIA cards are read through NVML where the Python library C(nvidia-ml-py) is importable, which starts no process,
    else through C(nvidia-smi).
  - AMD cards are read through sysfs, which starts no process, else through C(amd-smi) or C(rocm-smi); Intel cards
    through C(xpu-smi), sysfs and the kernel's query call, Intel Gaudi through C(hl-smi), Huawei Ascend through
    C(npu-smi), Hygon through C(hy-smi), others through their vendor's tool.
  - Cards of vendors without a tool are named and counted by the PCI bus. Graphics integrated into a processor is left
    out, unless it is of the kind that models are served on.
  - It never fails because of hardware or drivers. A missing tool, a hung tool, a dead card or a broken driver becomes
    an entry of RV(ansible_facts.autoconfig_gpu.warnings), and what has to be mended also a warning of Ansible. A value
    that cannot be read is V(null), never 0.
  - It needs neither root nor anything installed, and changes nothing.
options:
  vendors:
    description:
      - Look for cards of these vendors alone.
      - Every known vendor when omitted.
    type: list
    elements: str
    choices:
      - nvidia
      - amd
      - intel
      - gaudi
      - ascend
      - hygon
      - metax
      - mthreads
      - cambricon
      - iluvatar
      - tenstorrent
      - kunlun
      - thead
      - biren
      - enflame
      - aws
      - other
  timeout_s:
    description:
      - Seconds for everything together, at most 3600, of which each vendor that is present has a fair share. A tool that
        takes longer is killed and left behind, which is reported with the warning V(timeout).
      - Hosts with many cards and without persistence mode may need 20.
    type: float
    default: 10.0
  gather:
    description:
      - The parts of the facts. V(identity) and V(memory) are always given.
      - V(links) is how the cards are connected, one process more on hosts with several cards, and their PCIe slots.
      - V(health) is counts of memory errors and the kernel's log.
      - V(load) is temperature, power, utilization and clocks.
      - V(details) is the state of each NVLink and, on cards in multi-instance mode, the profiles that are possible; a
        process more for each where C(nvidia-smi) is asked.
    type: list
    elements: str
    choices: [identity, memory, links, health, load, details]
    default: [identity, memory, links, health]
  include_processes:
    description: Whether to list the processes that hold memory of a card.
    type: bool
    default: true
  simulate:
    description:
      - Return the facts of hardware that is not there, to plan for it. Nothing is read but the host around it.
      - A shape is C(COUNTxCARD), several joined by C(+), such as V(8xH100-80GB-SXM) or V(2xL40S+1xRTX4090). The
        cards come
        from the collection's own table; an unknown one is an error that names those near it.
      - A path is a file on this host with a fact that was saved as JSON.
    type: str
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
attributes:
  check_mode:
    support: full
    details:
      - Check mode is no different, since nothing is ever changed.
  diff_mode:
    support: N/A
    details:
      - There is no change to show.
  idempotent:
    support: full
    details:
      - Nothing is ever changed; the memory in the facts is that of the moment.
notes:
  - What needs no host is done on the controller, by the action plugin of the same name. Ansible goes around it where
    the module is one of C(ANSIBLE_FACTS_MODULES); then there is no RV(summary), no warning is raised and nothing is
    simulated.
  - Facts belong to the host that the module runs on. With C(delegate_to) they land on the wrong host; compare
    RV(ansible_facts.autoconfig_gpu.host.machine_id).
  - Inside a container the processes of the host cannot be seen;
    RV(ansible_facts.autoconfig_gpu.devices[].processes_bytes)
    is V(null) there when none is seen.
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Read the GPUs of every host
  modelscan.autoconfig.gpu_facts:

- name: Show the free memory of each card in GiB
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ (item.memory_free_bytes / 1024 ** 3) | round(1) }} GiB free"
  loop: "{{ ansible_facts['autoconfig_gpu'].devices | selectattr('schedulable') }}"
  loop_control:
    label: "{{ item.pci_bus_id }}"

- name: Read NVIDIA cards alone, on a host whose first look at 16 cards takes long
  modelscan.autoconfig.gpu_facts:
    vendors: [nvidia]
    timeout_s: 25
    include_processes: false

- name: Plan for a host that is not bought yet
  modelscan.autoconfig.gpu_facts:
    simulate: 8xH200-141GB-SXM

- name: Save the facts of this host, to plan for it elsewhere
  ansible.builtin.copy:
    content: "{{ ansible_facts['autoconfig_gpu'] | to_json }}"
    dest: /var/tmp/gpus.json
    mode: "0644"
"""

RETURN = r"""
ansible_facts:
  description: The facts.
  returned: always
  type: dict
  contains:
    autoconfig_gpu:
      description: The accelerators of this host. Values that are not known are V(null).
      returned: always
      type: dict
      contains:
        schema:
          description: Version of this structure.
          type: int
          returned: always
          sample: 1
        collected_at:
          description: When the facts were read, in UTC.
          type: str
          returned: always
          sample: "2026-01-01T00:00:00Z"
        host:
          description: The host around the cards.
          type: dict
          returned: always
          contains:
            name:
              description: Its host name.
              type: str
              returned: always
            fqdn:
              description: Its full name; the host name where no name server answers within a second.
              type: str
              returned: always
            machine_id:
              description: Of C(/etc/machine-id).
              type: str
              returned: always
            addresses:
              description: Its IPv4 addresses but the loopback's, then its IPv6 addresses of global scope.
              type: list
              elements: str
              returned: always
              sample: ["192.0.2.10"]
            cpu:
              description: Processor architecture and count.
              type: dict
              returned: always
              sample: {"architecture": "x86_64", "count": 64}
            memory:
              description: Total and available bytes; in a container with a limit, what the container may use.
              type: dict
              returned: always
              sample: {"total_bytes": 540000000000, "available_bytes": 500000000000}
            container:
              description: Whether this looks like the inside of a container. A hint, not a proof.
              type: bool
              returned: always
            wsl:
              description: Whether this is the Windows Subsystem for Linux.
              type: bool
              returned: always
        driver:
          description: Driver version by vendor.
          type: dict
          returned: always
          sample: {"nvidia": "570.124.06"}
        runtime:
          description:
            - C(cuda) is the newest that the driver serves, which is not an installed toolkit; C(rocm) and C(cann)
              are what
              is installed.
          type: dict
          returned: always
          sample: {"cuda": "12.8"}
        driver_details:
          description:
            - More about drivers by vendor, where it is known. C(open_kernel_module), C(fabric_manager) and
              C(confidential_computing) of NVIDIA, C(l4t) of Jetsons.
          type: dict
          returned: always
          sample: {"nvidia": {"open_kernel_module": true}}
        devices:
          description: The cards, sorted by PCI address.
          type: list
          elements: dict
          returned: always
          contains:
            index:
              description: The vendor tool's number of the card; V(null) for a card that only the bus knows.
              type: int
              returned: always
            uuid:
              description: The vendor's identity of the card.
              type: str
              returned: always
              sample: GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16
            pci_bus_id:
              description: PCI address, in lower case, with a domain of four digits.
              type: str
              returned: always
              sample: "0000:17:00.0"
            pci_id:
              description: PCI vendor and device.
              type: str
              returned: always
              sample: "10de:2330"
            vendor:
              description: The vendor, as in O(vendors).
              type: str
              returned: always
              sample: nvidia
            name:
              description: The card's name as its vendor's tool gives it.
              type: str
              returned: always
              sample: NVIDIA H100 80GB HBM3
            architecture:
              description: The family in one lower-case word.
              type: str
              returned: always
              sample: hopper
            compute_capability:
              description: CUDA's compute capability; NVIDIA only.
              type: str
              returned: always
              sample: "9.0"
            gfx:
              description: AMD's name of the instruction set.
              type: str
              returned: always
            soc:
              description: Ascend's chip.
              type: str
              returned: always
            state:
              description:
                - V(ok), or the code of what is wrong with the card.
                - C(device_lost), C(unhealthy), C(fabric_not_ready), C(compute_prohibited), C(mig_empty), C(vgpu_host),
                  C(confidential_not_ready), C(permission_denied), C(partitioned),
                  C(passthrough), C(sriov_host), C(wrong_driver), C(not_visible), C(not_reported),
                  C(driver_error), C(driver_not_loaded), C(unsupported_vendor), or a code of
                  RV(ansible_facts.autoconfig_gpu.warnings) that concerns all cards of the vendor.
              type: str
              returned: always
              sample: ok
            schedulable:
              description: Whether a model can be placed on the whole card.
              type: bool
              returned: always
            memory_total_bytes:
              description: All memory that the card has for programs and its driver.
              type: int
              returned: always
            memory_reserved_bytes:
              description: What the driver keeps. Older drivers count it as used.
              type: int
              returned: always
            memory_used_bytes:
              description: What programs hold.
              type: int
              returned: always
            memory_free_bytes:
              description: What is free now.
              type: int
              returned: always
            unified_memory:
              description: Whether the card has no memory of its own; its memory then is the host's.
              type: bool
              returned: always
            mig:
              description:
                - Multi-instance mode and the instances. Instances with C(shares_memory) count the same bytes. C(profiles)
                  are the ways to cut the card, with how many instances of each have room and are possible, where O(gather)
                  has V(details).
              type: dict
              returned: always
              sample: {"mode": "disabled", "instances": [], "profiles": []}
            vgpu:
              description: Mode and licence of a virtual GPU; V(null) for a real card.
              type: dict
              returned: always
            ecc:
              description: Whether error correction is on.
              type: bool
              returned: always
            health:
              description:
                - State V(ok), V(unhealthy) or V(unknown), the reason, and the conditions that were found, by their code
                  in the collection's documentation.
              type: dict
              returned: always
              sample: {"state": "ok", "detail": null, "conditions": []}
            processes_bytes:
              description: Memory of all listed processes together.
              type: int
              returned: always
            processes:
              description: Who holds memory of the card.
              type: list
              elements: dict
              returned: always
              sample: [{"pid": 4937, "name": "python", "used_bytes": 167772160}]
            power_limit_w:
              description: The power limit in force, in watts.
              type: float
              returned: always
            numa_node:
              description: The NUMA node of the card.
              type: int
              returned: always
            addressing_mode:
              description: How an NVIDIA card shares addresses with the processor, C(ATS) or C(HMM). Neither is
                unified memory.
              type: str
              returned: always
            fabric_state:
              description: State of NVSwitch's fabric; other than C(completed), programs fail on the card.
              type: str
              returned: always
            recovery_action:
              description: What NVIDIA's driver asks for, such as C(reset) or C(reboot); V(null) for nothing.
              type: str
              returned: always
            xids:
              description:
                - Numbers of NVIDIA's errors in the kernel's log since boot that hint at hardware or driver. V(null)
                  where the log may not be read.
              type: list
              elements: int
              returned: always
            partition:
              description:
                - Compute and memory partition of an AMD card, and how many devices programs see in it; the tiles of
                  an Intel card, each of which programs see as a device with its part of the memory.
              type: dict
              returned: always
              sample: {"compute": "SPX", "memory": "NPS1", "devices": 1}
            kernel_driver:
              description: The kernel's driver that holds the card.
              type: str
              returned: always
            persistence:
              description: Whether NVIDIA's persistence mode is on.
              type: bool
              returned: always
            compute_mode:
              description: NVIDIA's compute mode; on a V(prohibited) card nothing runs.
              type: str
              returned: always
            pcie:
              description: Generation and lanes of the slot, now and at most. An idle card lowers the generation.
              type: dict
              returned: always
              sample: {"generation": 5, "generation_max": 5, "width": 16, "width_max": 16}
            nvlinks:
              description:
                - Numbers of the NVLinks that work and of those that do not, and GB/s of each in one direction where the
                  tool tells it; V(null) for cards without, or unless O(gather) has V(details).
              type: dict
              returned: always
              sample: {"active": [0, 1], "inactive": [], "gbps_each": 26.562}
            fabric:
              description: The card's place in NVSwitch's fabric, the same cluster and clique within an NVL72.
              type: dict
              returned: always
              sample: {"state": "completed", "status": "success", "cluster_uuid": null, "clique_id": 0, "faults": []}
            memory_errors:
              description: Counts of what error correction met and of what was repaired.
              type: dict
              returned: always
              sample: {"uncorrected_volatile": 0, "uncorrected_aggregate": 0}
            load:
              description: What the card does now; V(null) unless O(gather) has V(load).
              type: dict
              returned: always
              sample: {"temperature_c": 41, "power_draw_w": 120.5, "gpu_percent": 0, "reasons": ["idle"]}
            specs:
              description:
                - Memory bandwidth in GB/s and dense TFLOPS of the model, of the collection's table of cards; V(null)
                  for a card
                  that is not certainly one of them. C(source) says how sure the numbers are.
              type: dict
              returned: always
              sample:
                bandwidth_gbps: 3350.0
                bf16_tflops: 989.0
                fp8_tflops: 1978.0
                fp4_tflops: null
                source: MA
            source:
              description:
                - Where the values come from, V(nvml), the name of a tool, V(sysfs), V(device tree) or V(simulated).
              type: str
              returned: always
            sources:
              description: For values that come from elsewhere than
                RV(ansible_facts.autoconfig_gpu.devices[].source), from where.
              type: dict
              returned: always
              sample: {"numa_node": "sysfs", "compute_capability": "table"}
        topology:
          description:
            - C(links) between pairs of one vendor's cards, by their C(index). C(class) is the tool's word, C(gbps)
              the speed
              in GB/s of both directions together, V(null) for PCIe.
          type: dict
          returned: always
          sample: {"links": [{"vendor": "nvidia", "a": 0, "b": 1, "kind": "nvlink", "class": "NV18", "gbps": 900.0}]}
        warnings:
          description: What a person should know about cards and tools, the worst first.
          type: list
          elements: dict
          returned: always
          contains:
            code:
              description:
                - A stable word, such as C(tool_missing), C(driver_not_loaded), C(driver_mismatch), C(timeout),
                  C(no_gpu).
                - The collection's documentation lists all of them.
              type: str
              returned: always
            vendor:
              description: Whose cards it concerns.
              type: str
              returned: always
            message:
              description: What was tried and what came back.
              type: str
              returned: always
            hint:
              description: What to do.
              type: str
              returned: always
            device:
              description: PCI address or uuid of the card, where it concerns one.
              type: str
              returned: always
            severity:
              description: V(error) and V(warning) are raised as warnings of Ansible, V(note) is not.
              type: str
              returned: always
summary:
  description: A line for the host and one for each card, the worst first.
  returned: always
  type: list
  elements: str
  sample:
    - "gpu-a: 2 x NVIDIA L40S, 87.2 of 90.0 GiB free, nvidia 570.124.06, CUDA 12.8"
    - "GPU 0  0000:17:00.0  NVIDIA L40S  ok, 43.6 of 45.0 GiB free"
    - "GPU 1  0000:65:00.0  NVIDIA L40S  ok, 43.6 of 45.0 GiB free"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts import (
    ARGUMENT_SPEC,
    read,
)


def main() -> None:
    # What is asked of a host is no business of its log.
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, no_log=True)
    module.exit_json(**read(module.params))


if __name__ == "__main__":
    main()
