# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of Hugging Face's API that clients of models use, as the official client understands it."""

from __future__ import annotations

import json
import re
import typing as t
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.lab.hub_files import File, Repository
from tests.lab.hub_server import HubHandler

_PAGE = 10
_MODEL = re.compile(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree|refs|auth-check|paths-info)(?:/(.*))?)?")
_RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_CACHED = re.compile(r"/api/resolve-cache/models/([^/]+/[^/]+)/[^/]+/(.+)")


class HuggingFace(HubHandler):
    """Missing repositories are 401 for anonymous callers, as on the real hub."""

    source = "huggingface"

    def answer(self) -> None:
        """Serve one request."""
        path = unquote(urlsplit(self.path).path)
        if path == "/api/whoami-v2":
            self._whoami()
        elif path == "/api/models":
            self._list()
        elif found := _MODEL.fullmatch(path):
            self._model(*found.groups(default=""))
        elif found := _CACHED.fullmatch(path):
            repository = self._find(found[1])
            if repository is not None:
                file = repository.files[found[2]]
                headers = {"X-Repo-Commit": repository.commit}
                self.send_file(file, file.git_oid, headers, "text/plain; charset=utf-8")
        elif found := _RESOLVE.fullmatch(path):
            self._resolve(*found.groups())
        else:
            self._fail(404, "RepoNotFound", f"not found: {path}")

    def _whoami(self) -> None:
        if not self.has_token():
            self._fail(401, "", "Invalid username or password.")
            return
        self.reply(200, {"type": "user", "name": "tester", "auth": {"accessToken": {"role": "read"}}})

    def _list(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        search, author = query.get("search", "").lower(), query.get("author")
        found = [
            each
            for each in self.hub.repositories
            if search in each.id.lower() and author in (None, each.owner)
        ]
        wanted = query.get("filter", "")
        found = [each for each in found if not wanted or wanted in _tags(each)]
        start, size = int(query.get("cursor", "0")), min(int(query.get("limit", "1000")), _PAGE)
        headers = {}
        if start + size < len(found):
            rest = "&".join(f"{name}={quote(value)}" for name, value in query.items() if name != "cursor")
            headers["Link"] = f'<{self.own_url}/api/models?{rest}&cursor={start + size}>; rel="next"'
        self.reply(200, [_summary(each) for each in found[start : start + size]], headers=headers)

    def _find(self, name: str) -> t.Optional[Repository]:
        """The repository, or None after the reply was sent: a redirect to the right case, or an error."""
        repository = self.hub.by_lower_id.get(name.lower())
        if repository is None:
            if self.headers.get("Authorization"):
                self._fail(404, "RepoNotFound", "Repository not found")
            else:
                self._fail(401, "RepoNotFound", "Invalid username or password.")
        elif repository.id != name:
            self.reply(307, headers={"Location": self.path.replace(name, repository.id, 1)})
            return None
        return repository

    def _model(self, name: str, kind: str, rest: str) -> None:
        repository = self._find(name)
        if repository is None:
            return
        revision, _slash, root = rest.partition("/")
        if kind in ("revision", "tree", "paths-info") and revision not in ("main", repository.commit):
            self._fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif kind in ("", "revision"):
            self.reply(200, self._info(repository))
        elif kind == "refs":
            branch = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commit}
            self.reply(200, {"branches": [branch], "converts": [], "tags": []})
        elif self._may_read(repository):
            self._read(repository, kind, root)

    def _read(self, repository: Repository, kind: str, root: str) -> None:
        if kind == "auth-check":
            self.reply(200, {})
        elif kind == "paths-info":
            wanted = self._asked_paths()
            found = [repository.files[path] for path in wanted if path in repository.files]
            self.reply(200, [_entry(repository, file) for file in found])
        else:
            recursive = "recursive=true" in self.path.lower()
            self.reply(200, [_entry(repository, item) for item in repository.listing(root, recursive)])

    def _asked_paths(self) -> t.List[str]:
        body = self.read_body()
        if body.startswith(b"{"):
            return t.cast("list[str]", json.loads(body)["paths"])
        return parse_qs(body.decode()).get("paths", [])

    def _info(self, repository: Repository) -> t.Dict[str, t.Any]:
        with_blobs = "blobs=true" in self.path.lower()
        siblings = [_sibling(file, with_blobs) for file in repository.files.values()]
        config = {name: repository.config[name] for name in ("architectures", "model_type")}
        if "quantization_config" in repository.config:
            config["quantization_config"] = {
                "quant_method": repository.config["quantization_config"]["quant_method"]
            }
        return {
            **_summary(repository),
            "author": repository.owner,
            "disabled": False,
            "cardData": {"license": repository.license, "base_model": repository.base_model or None},
            "config": config,
            "siblings": siblings,
            **_headers(repository),
            "usedStorage": sum(file.size for file in repository.files.values()),
            **(
                {"securityRepoStatus": {"scansDone": True, "filesWithIssues": []}}
                if "securityStatus" in self.path
                else {}
            ),
        }

    def _may_read(self, repository: Repository) -> bool:
        if not repository.gated or self.has_token():
            return True
        status = 403 if self.headers.get("Authorization") else 401
        self._fail(status, "GatedRepo", f"Access to model {repository.id} is restricted.")
        return False

    def _resolve(self, name: str, revision: str, path: str) -> None:
        repository = self._find(name)
        if repository is None or not self._may_read(repository):
            return
        if revision not in ("main", repository.commit):
            self._fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        commit = {"X-Repo-Commit": repository.commit}
        file = repository.files.get(path)
        if file is None:
            self._fail(404, "EntryNotFound", "Entry not found", commit)
        elif file.is_large:
            place = self.cdn_url(repository, file, "X-Amz-Signature=x&Expires=1")
            linked = {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
            self.reply(302, headers={"Location": place, **commit, **linked, "Accept-Ranges": "bytes"})
        else:
            place = f"/api/resolve-cache/models/{repository.id}/{repository.commit}/{quote(path)}"
            self.reply(307, headers={"Location": place, **commit, "ETag": f'"{file.git_oid}"'})

    def _fail(
        self, status: int, code: str, text: str, headers: t.Optional[t.Mapping[str, str]] = None
    ) -> None:
        said = {"X-Error-Code": code, "X-Error-Message": text, **(headers or {})}
        self.reply(status, {"error": text}, headers=said)


def _headers(repository: Repository) -> t.Dict[str, t.Any]:
    """What the hub has read in weight files."""
    counts = repository.parameters
    if not repository.gguf:
        return {"safetensors": {"parameters": counts, "total": sum(counts.values())}}
    facts = {"architecture": repository.config["model_type"], "total": sum(counts.values())}
    return {"gguf": {**facts, "context_length": repository.config["max_position_embeddings"]}}


def _tags(repository: Repository) -> t.List[str]:
    tags = [
        "transformers",
        "gguf" if repository.gguf else "safetensors",
        repository.config["model_type"],
        "text-generation",
    ]
    tags.append(f"license:{repository.license}")
    if repository.base_model:
        tags += [f"base_model:{repository.base_model}", f"base_model:quantized:{repository.base_model}"]
    return tags


def _summary(repository: Repository) -> t.Dict[str, t.Any]:
    return {
        "_id": repository.commit[:24],
        "id": repository.id,
        "modelId": repository.id,
        "sha": repository.commit,
        "private": False,
        "gated": "manual" if repository.gated else False,
        "downloads": 1000,
        "likes": 5,
        "pipeline_tag": "text-generation",
        "library_name": "transformers",
        "tags": _tags(repository),
        "createdAt": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-02T03:04:05.000Z",
    }


def _sibling(file: File, with_blobs: bool) -> t.Dict[str, t.Any]:
    row: t.Dict[str, t.Any] = {"rfilename": file.path}
    if with_blobs:
        row.update(blobId=file.git_oid, size=file.size)
        if file.is_large:
            row["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": 134}
    return row


def _entry(repository: Repository, item: t.Union[str, File]) -> t.Dict[str, t.Any]:
    """A row of a tree: a file, or the path of a folder."""
    if isinstance(item, str):
        return {"type": "directory", "oid": repository.commit, "size": 0, "path": item}
    row: t.Dict[str, t.Any] = {"type": "file", "oid": item.git_oid, "size": item.size, "path": item.path}
    if item.is_large:  # without xetHash: it would make the client ask for tokens of another service
        row["lfs"] = {"oid": item.sha256, "size": item.size, "pointerSize": 134}
    return row
