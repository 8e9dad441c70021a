# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx's settings for the site; ``make docs`` builds it."""

from __future__ import annotations

import re
import typing as t

from docutils import nodes

project = "modelscan.autoconfig"
copyright = "the modelscan.autoconfig contributors"
title = "modelscan.autoconfig"
html_short_title = "modelscan.autoconfig"

extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
REPOSITORY = "https://github.com/modelscan/modelscan.autoconfig"
html_theme_options = {
    "documentation_home_url": REPOSITORY,
    "topbar_links": {"Repository": REPOSITORY, "Ansible": "https://docs.ansible.com/"},
    "show_extranav": False,
    "show_rtd_ethical_ads": False,
}
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
# Two hyphens begin an argument.
smartquotes = False

# A name that leads nowhere is a warning, and make docs takes no warnings.
nitpicky = True

# Of addresses that are read: examples, servers on this machine, and pages that ask programs for more than people.
linkcheck_ignore = [
    r"https?://([\w.-]+\.)?example\.(com|org)",
    r"http://(127\.0\.0\.1|localhost|192\.0\.2\.)",
]
linkcheck_timeout = 20

ANSIBLE = "https://docs.ansible.com/ansible/latest/"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "callback_plugins": "plugins/callback.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
}
_PLUGIN = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+)$")


def ansible_page(_app: t.Any, _env: t.Any, node: t.Any, content: t.Any) -> t.Optional[nodes.reference]:
    """Names of Ansible's own documentation, without asking its server for the list of them."""
    target = node.get("reftarget", "")
    plugin = _PLUGIN.match(target)
    page = "collections/ansible/builtin/%s.html" % plugin[1] if plugin else ANSIBLE_LABELS.get(target)
    if page is None:
        return None
    reference = nodes.reference("", "", internal=False, refuri=ANSIBLE + page)
    reference += content
    return reference


def setup(app: t.Any) -> None:
    app.connect("missing-reference", ansible_page)
