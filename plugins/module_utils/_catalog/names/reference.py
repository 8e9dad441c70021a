# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of repositories: URLs of hubs in all their forms, and folders of their caches. Pure.

Hugging Face: huggingface.co/OWNER/NAME, then perhaps tree, blob, resolve, raw, blame, commit, commits or
discussions and a revision; /api/models/OWNER/NAME. ModelScope: /models/OWNER/NAME, then perhaps files,
file/view/REVISION or resolve/REVISION, and ?Revision= or ?version=.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
)

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z", re.ASCII)
_SCHEMES = {"hf": HUGGINGFACE, "huggingface": HUGGINGFACE, "ms": MODEL_SCOPE, "modelscope": MODEL_SCOPE}
_HOSTS = {
    "huggingface.co": HUGGINGFACE, "hf.co": HUGGINGFACE, "hf-mirror.com": HUGGINGFACE, "hf-cdn.sufy.com": HUGGINGFACE,
    "modelscope.cn": MODEL_SCOPE, "modelscope.ai": MODEL_SCOPE,
}  # fmt: skip
_OTHERS = {
    "datasets": "a dataset", "dataset": "a dataset", "spaces": "a space", "studios": "a studio",
    "collections": "a collection", "papers": "a paper", "blog": "an article", "docs": "documentation",
    "learn": "an article", "organization": "an organisation", "profile": "a person's page", "posts": "a post",
    "mcp": "an MCP server", "settings": "a page of settings", "join": "a page", "login": "a page",
    "pricing": "a page", "enterprise": "a page", "kernels": "a kernel", "buckets": "a bucket",
}  # fmt: skip
_REVISION_AT = frozenset(("tree", "blob", "resolve", "raw", "blame", "commits", "commit", "edit", "revision"))
_CACHED = re.compile(
    r"(?:^|[/\\])(models|datasets|spaces)--([\w.-]+?)--([\w.-]+)(?:[/\\]snapshots[/\\]([0-9a-f]{40}))?"
)
_MS_CACHED = re.compile(r"[/\\]modelscope[/\\]hub[/\\](?:models[/\\])?([\w.-]+)[/\\]([\w.-]+)[/\\]?\Z")

# Pages about models elsewhere, with the parts of their paths that come before the model's name.
_PAGES: t.Mapping[str, t.Tuple[str, ...]] = {
    "ollama.com": ("library",), "ollama.ai": ("library",), "registry.ollama.ai": ("library",),
    "openrouter.ai": ("models",), "lmstudio.ai": ("models", "model"), "build.nvidia.com": ("models",),
    "deepinfra.com": ("models",), "replicate.com": (), "together.ai": ("models",), "fireworks.ai": ("models", "fireworks"),
    "hub.docker.com": ("r", "ai"), "models.dev": ("models",), "github.com": (), "gitee.com": (), "ai.gitee.com": ("serverless-api",),
    "wisemodel.cn": ("models",), "kaggle.com": ("models",), "catalog.ngc.nvidia.com": (), "novita.ai": ("models", "llm"),
    "siliconflow.cn": ("models",), "siliconflow.com": ("models",), "artificialanalysis.ai": ("models",),
    "openxlab.org.cn": ("models", "detail"), "gitcode.com": ("hf_mirrors", "mirrors"),
}  # fmt: skip


def is_repository_name(text: str) -> bool:
    """Whether ``text`` has the form owner/name that both hubs use."""
    return _NAME.match(text) is not None and ".." not in text


def is_path(text: str) -> bool:
    """Whether ``text`` is written as a path of a machine, and not as a name or a URL."""
    return (
        text.startswith(("/", "~", "./", "../", "\\", ".\\", "file:"))
        or re.match(r"[A-Za-z]:[\\/]", text) is not None
    )


def explicit_reference(text: str, endpoints: t.Mapping[str, str]) -> t.Optional[RepositoryRef]:
    """The repository that an address on a hub names, with its revision; None for everything else.

    ``endpoints`` maps a hub's source to its base URL, so that pages of a mirror count as well.
    :raises InvalidInput: the address is one of a hub, and not one of a model.
    """
    text = _as_url(text, endpoints)
    parts = urlsplit(text)
    if parts.scheme in _SCHEMES:
        return _reference(_SCHEMES[parts.scheme], text, [parts.netloc] + _path(parts.path), {})
    if parts.scheme not in ("http", "https", "ssh", "git"):
        return None
    source = _source(parts.netloc, endpoints)
    if source is None:
        return None
    return _reference(source, text, _path(parts.path), parse_qs(parts.query))


def cached_reference(text: str) -> t.Optional[RepositoryRef]:
    """The repository whose copy lies in a folder of a hub's cache, such as models--OWNER--NAME.

    :raises InvalidInput: it is the folder of a dataset or a space.
    """
    found = _CACHED.search(text)
    if found is None:
        found = _MS_CACHED.search(text)
        name = "/".join(found.groups()).replace("___", ".") if found else ""
        return RepositoryRef(MODEL_SCOPE, name) if is_repository_name(name) else None
    kind, owner, name, commit = found.groups()
    if kind != "models":
        raise InvalidInput("%s is the folder of %s and no model" % (text, _OTHERS[kind]))
    full = "%s/%s" % (owner, name)
    return RepositoryRef(HUGGINGFACE, full, commit) if is_repository_name(full) else None


def page_name(text: str) -> t.Optional[str]:
    """What a page about a model, of a site that is no hub, calls it; None where ``text`` is no such URL.

    :raises InvalidInput: a URL of a site whose pages are not known.
    """
    parts = urlsplit(text if "://" in text else "https://%s" % text)
    host = (parts.hostname or "").lower()
    known = _PAGES.get(host[4:] if host.startswith("www.") else host)
    if known is None:
        if "://" in text:
            raise InvalidInput("%s is the address of no hub and of no known catalog" % text, hint=_HOW)
        return None
    path = _path(parts.path)
    while path and path[0] in known:
        path = path[1:]
    return "/".join(path[:2]) or None


_HOW = "Name the repository itself, as owner/name or by the URL of its page on Hugging Face or ModelScope."


def _as_url(text: str, endpoints: t.Mapping[str, str]) -> str:
    """``text`` with a scheme, where it begins with the host of a hub."""
    text = re.sub(r"\Agit@([\w.-]+):", r"https://\1/", text)
    if "://" in text:
        return re.sub(r"\Agit\+", "", text)
    host = text.partition("/")[0]
    return "https://%s" % text if "/" in text and _source(host, endpoints) else text


def _source(netloc: str, endpoints: t.Mapping[str, str]) -> t.Optional[str]:
    host = netloc.rpartition("@")[2].lower()
    bare = host[4:] if host.startswith("www.") else host
    found = _HOSTS.get(bare.partition(":")[0])
    for known, base in endpoints.items():
        if urlsplit(base).netloc.lower() == host:
            found = found or known
    return found


def _path(text: str) -> t.List[str]:
    return [unquote(part) for part in text.split("/") if part]


def _reference(
    source: str, text: str, path: t.Sequence[str], query: t.Mapping[str, t.Sequence[str]]
) -> t.Optional[RepositoryRef]:
    path = list(path)
    if path[:1] in (["api"], ["openapi"]):
        path = [part for part in path[1:] if part != "v1"]
    if path[:1] == ["models"]:
        path = path[1:]
    if path and path[0] in _OTHERS:
        raise InvalidInput("%s is %s and no model" % (text, _OTHERS[path[0]]), hint=_HOW)
    if len(path) < 2:
        raise InvalidInput("%s names no repository" % text, hint=_HOW)
    last, _at, revision = re.sub(r"(\.git)?\Z", "", path[1]).partition("@")
    last, _colon, tag = last.partition(":")
    name = "%s/%s" % (path[0], last)
    if not is_repository_name(name):
        raise InvalidInput("%s names no repository" % text, hint=_HOW)
    asked = (query.get("Revision") or query.get("revision") or query.get("version") or [""])[0]
    return RepositoryRef(source, name, asked or revision or _revision_in(path[2:]) or None)


def _revision_in(path: t.Sequence[str]) -> str:
    """The revision behind tree, blob and the like; refs/pr/1 is one revision."""
    rest = list(path)
    if rest[:2] == ["file", "view"]:
        rest = ["tree"] + rest[2:]
    if len(rest) < 2 or rest[0] not in _REVISION_AT:
        return ""
    if rest[1] == "refs" and len(rest) > 3:
        return "/".join(rest[1:4])
    return "" if rest[0] == "commits" and rest[1] in ("main", "master") else rest[1]
