# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the role's variables have values of their kinds. No value of a secret is told. Pure: no IO."""

from __future__ import annotations

import difflib
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import OWN_OPTIONS

Spec = t.Mapping[str, t.Mapping[str, t.Any]]

MODELS = "models"
# What an entry of the models may have of its own.
OF_ONE_MODEL = frozenset(OWN_OPTIONS) | {
    "adopt", "after", "definition", "env", "env_secrets", "max_restarts", "overcommit", "placement", "prefetch",
    "routers", "verify", "verify_kind", "verify_patience_s", "vram_claim",
}  # fmt: skip
_AFTER: t.Mapping[str, t.Any] = {"type": "list", "elements": "str"}
_READ = ("type", "elements", "choices", "options", "no_log", "required")


def problems(inputs: Spec, prefix: str, values: t.Mapping[str, t.Any]) -> t.List[str]:
    """What is wrong with the values of variables, a phrase each.

    ``inputs`` are the role's documented variables, whose names begin with ``prefix``.
    """
    spec = {name: _row(row) for name, row in inputs.items()}
    found = _problems(spec, {name: value for name, value in values.items() if name in spec})
    entries = values.get(prefix + MODELS)
    for place, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        if isinstance(entry, t.Mapping):
            found += ["%s%s[%d]: %s" % (prefix, MODELS, place, each) for each in _entry(spec, prefix, entry)]
    return found


def _entry(spec: Spec, prefix: str, entry: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    own: t.Dict[str, t.Mapping[str, t.Any]] = {
        name: spec[prefix + name] for name in OF_ONE_MODEL if prefix + name in spec
    }
    own["after"] = _AFTER
    for name in sorted(set(map(str, entry)) - set(own)):
        if prefix + name in spec:
            yield "%s is a matter of the server or of the run; set %s%s" % (name, prefix, name)
            continue
        near = difflib.get_close_matches(name.replace(prefix, "", 1), sorted(own), n=1)
        yield "no key is called %s%s" % (name, "; did you mean %s?" % near[0] if near else "")
    if not entry.get("model"):
        yield "model is missing"
    yield from _problems(own, {name: value for name, value in entry.items() if name in own})


def _problems(spec: Spec, values: t.Mapping[str, t.Any]) -> t.List[str]:
    """What Ansible finds wrong, variable by variable, so that each is named."""
    found = []
    for name, value in values.items():
        if value is None:
            continue
        checked = ArgumentSpecValidator({name: spec[name]}).validate({name: value})
        for message in checked.error_messages:
            text = str(remove_values(message, checked._no_log_values))
            found.append(text if name in text else "%s: %s" % (name, text))
    return found


def _row(row: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    kept = {key: row[key] for key in _READ if key in row}
    if "options" in kept:
        kept["options"] = {name: _row(each) for name, each in kept["options"].items()}
    return kept
