# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of rollout_sites: which hosts belong together, who speaks for them, and in which order."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.deployment_names import (
    default_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import site_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import DEFAULT_SITE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_gate import is_site
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_order import rollout_order

Host = t.Mapping[str, t.Any]

# Variables that only the playbooks read.
PLAYBOOK_INPUTS = frozenset(("model_deployment_hosts", "model_deployment_serial"))
NO_URL = "it has no GPUStack server"
NO_GPU = "it has no GPU"
NOT_REACHED = "neither it nor another host of its server can be reached"

# Of what is served, what tells the names of the deployments and their order. The rest may hold secrets.
MODEL_KEYS = ("model", "name", "after")
_MODEL: options.Spec = {
    "model": {"type": "str"},
    "name": {"type": "str"},
    "after": {"type": "list", "elements": "str"},
}
_HOST: options.Spec = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "default": ""},
    "has_gpu": {"type": "bool"},
    "reached": {"type": "bool", "default": True},
    "models": {"type": "list", "elements": "dict", "options": _MODEL},
}
ARGUMENT_SPEC: options.Spec = {
    "hosts": {"type": "list", "elements": "dict", "options": _HOST},
    "url": {"type": "str", "default": ""},
    "url_variable": {"type": "str", "default": "model_deployment_gpustack_url"},
    "canary": {"type": "str", "default": ""},
    "order": {"type": "list", "elements": "str", "default": []},
    "serial": {"type": "raw", "default": 1},
    "prefix": {"type": "str", "default": "model_deployment_"},
    "inputs": {"type": "dict", "default": {}},
    "variables": {"type": "list", "elements": "str"},
    "problems": {"type": "list", "elements": "str", "default": []},
    "models": {"type": "list", "elements": "dict", "options": _MODEL, "default": []},
    "wanted_hosts": {"type": "list", "elements": "str", "default": []},
}


def run(task: Task) -> Result:
    """Group the hosts by server; see the module's documentation for the keys."""
    params = task.params
    _check_inputs(params)
    hosts = params["hosts"] or []
    _check_hosts(hosts, params["wanted_hosts"])
    urls = {each["name"]: site_name(each["url"] or "") for each in hosts}
    if not any(urls.values()):
        urls = dict.fromkeys(urls, site_name(params["url"]))
    anywhere = any(urls.values())
    left_out = {name: NO_URL for name, url in urls.items() if anywhere and not url}
    left_out.update({each["name"]: NO_GPU for each in hosts if each["has_gpu"] is False})
    by_url: t.Dict[str, t.List[Host]] = {}
    for each in hosts:
        if each["name"] not in left_out:
            by_url.setdefault(urls[each["name"]], []).append(each)
    found = (_site(url, members, params["models"]) for url, members in by_url.items())
    sites = [site for site in found if site]
    led = {name for site in sites for name in site["hosts"]}
    left_out.update({each["name"]: NOT_REACHED for each in hosts if each["name"] not in {*left_out, *led}})
    if not sites:
        raise InvalidInput(
            "No host is left to plan for: %s"
            % ("; ".join("%s: %s" % each for each in left_out.items()) or "none"),
            hint="Give GPU hosts the variable %s, and look at the warnings of gpu_facts."
            % params["url_variable"],
        )
    canary = params["canary"]
    if canary and not any(is_site(site, canary) for site in sites):
        raise InvalidInput(
            "The canary %s is none of the sites: %s" % (canary, ", ".join(site["name"] for site in sites)),
            hint="Name it by its URL or by one of its hosts.",
        )
    sites.sort(key=lambda site: (not is_site(site, canary), _place(site, params["order"])))
    return {
        "changed": False,
        "sites": sites,
        "batches": _batches(params["serial"], canary),
        "speakers": [site["speaker"] for site in sites],
        "left_out": [{"host": name, "reason": reason} for name, reason in sorted(left_out.items())],
    }


def _site(url: str, members: t.Sequence[Host], models: t.Sequence[Host]) -> t.Optional[Result]:
    """One site; None where no host of it can be reached, so that nobody speaks for it."""
    speakers = [each for each in members if each["reached"]]
    if not speakers:
        return None
    speaker = min(speakers, key=lambda each: (not each["has_gpu"], each["name"]))
    names = _names(speaker.get("models") or models)
    return {
        "name": url or DEFAULT_SITE,
        "url": url,
        "speaker": speaker["name"],
        "hosts": sorted(each["name"] for each in members),
        "names": list(names),
        "order": rollout_order(names),
    }


def _names(models: t.Sequence[Host]) -> t.Dict[str, t.Sequence[str]]:
    """The deployments, each with those that have to serve before it.

    :raises InvalidInput: two have the same name.
    """
    found: t.Dict[str, t.Sequence[str]] = {}
    for each in models:
        name = each.get("name") or (default_name(each["model"]) if each.get("model") else "")
        if name in found:
            raise InvalidInput(
                "Two of the models have the same name: %s" % name, hint="Give each one of its own with name."
            )
        if name:
            found[name] = each.get("after") or ()
    return found


def _batches(serial: t.Any, canary: str) -> t.List[t.Any]:
    """How many sites at a time, as a play's ``serial`` takes it: the canary goes alone."""
    given = list(serial) if isinstance(serial, (list, tuple)) else [serial]
    return [1, *given] if canary else given


def _place(site: Result, order: t.Sequence[str]) -> t.Tuple[int, str]:
    """Named sites first, by URL or by one of their hosts, the others by name."""
    places = [place for place, wanted in enumerate(order) if is_site(site, wanted)]
    return (places[0] if places else len(order), site["name"])


def _check_hosts(hosts: t.Sequence[Host], wanted: t.Collection[str]) -> None:
    """InvalidInput where the play runs on hosts that were not wanted."""
    others = sorted(each["name"] for each in hosts if each["name"] not in wanted) if wanted else []
    if others:
        raise InvalidInput(
            "model_deployment_hosts leaves out %s%s, and the play runs there: a playbook's hosts are chosen before "
            "the variables of the inventory are read"
            % (", ".join(others[:5]), " and %d more" % (len(others) - 5) if len(others) > 5 else ""),
            hint="Give it with -e, or choose hosts with --limit.",
        )


def _check_inputs(params: t.Mapping[str, t.Any]) -> None:
    """InvalidInput where a variable is set that nothing reads, or that has a value of another kind."""
    known, prefix = {*params["inputs"], *PLAYBOOK_INPUTS}, params["prefix"]
    if not params["inputs"]:
        return
    unknown = sorted({name for name in params["variables"] or () if name.startswith(prefix)} - known)
    if unknown:
        near = [(name, difflib.get_close_matches(name, sorted(known), n=1)) for name in unknown]
        raise InvalidInput(
            "No variable of this role is called %s" % " or ".join(unknown),
            hint=" ".join(
                "Did you mean %s instead of %s?" % (found[0], name) for name, found in near if found
            )
            or "The role's argument_specs list all of them.",
            unknown=unknown,
        )
    if params["problems"]:
        raise InvalidInput(
            "; ".join(params["problems"]),
            hint="ansible-doc -t role modelscan.autoconfig.model_deployment describes them.",
        )


CORE = Core(run=run, argument_spec=ARGUMENT_SPEC)
