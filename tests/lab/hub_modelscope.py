# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of ModelScope's API that clients of models use, as the official client understands it.

The business codes of missing and forbidden things are our choice: the client looks at the status.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qs, unquote, urlsplit

from tests.lab.hub_files import File, Repository
from tests.lab.hub_server import HubHandler

_MODEL = re.compile(r"/api/v1/models/([^/]+/[^/]+)(/repo/files|/repo|/revisions)?")
_OPEN = "/openapi/v1/models"
_TIME = 1767225600
_REQUEST = "lab-1"


class ModelScope(HubHandler):
    """Ids are matched with case; there is one branch, ``master``."""

    source = "modelscope"

    def answer(self) -> None:
        """Serve one request."""
        url = urlsplit(self.path)
        path = unquote(url.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if path.startswith(_OPEN):
            self._open(path[len(_OPEN) :].strip("/"), query)
        elif path == "/api/v1/login":
            self._succeed({"AccessToken": "git", "Username": "tester", "Email": ""})
        elif found := _MODEL.fullmatch(path):
            self._model(found[1], found[2] or "", query)
        else:
            self._fail(404, 404, f"not found: {path}")

    def _open(self, name: str, query: t.Mapping[str, str]) -> None:
        if name and name not in self.hub.by_modelscope_id:
            body = {
                "success": False,
                "code": "ResourceNotFound",
                "message": "model not found",
                "request_id": _REQUEST,
            }
            self.reply(404, body)
            return
        if name:
            data = _summary(self.hub.by_modelscope_id[name])
        else:
            search, owner = query.get("search", "").lower(), query.get("owner", "")
            found = [
                each
                for id_, each in self.hub.by_modelscope_id.items()
                if search in id_.lower() and owner in ("", id_.split("/")[0])
            ]
            page, size = int(query.get("page_number", "1")), int(query.get("page_size", "10"))
            rows = [_summary(each) for each in found[(page - 1) * size : page * size]]
            data = {"models": rows, "total_count": len(found), "page_number": page, "page_size": size}
        self.reply(200, {"success": True, "request_id": _REQUEST, "data": data})

    def _model(self, name: str, kind: str, query: t.Mapping[str, str]) -> None:
        repository = self.hub.by_modelscope_id.get(name)
        if repository is None:
            self._fail(404, 10010205001, "record not found")
        elif kind == "":
            self._succeed(_details(repository))
        elif kind == "/revisions":
            branch = {"Revision": "master", "CreatedAt": _TIME}
            self._succeed({"RevisionMap": {"Branches": [branch], "Tags": []}})
        elif repository.gated and not self.has_token():
            self._fail(403, 10990101003, "no permission")
        elif query.get("Revision", "master") not in ("master", repository.commit):
            self._fail(404, 10010202003, "revision not found")
        elif kind == "/repo/files":
            recursive = query.get("Recursive", "").lower() == "true"
            listing = repository.listing(query.get("Root", ""), recursive)
            rows = [_row(repository, item) for item in listing]
            self._succeed({"Files": rows, "LatestCommitter": {}, "IsVisual": 0})
        else:
            self._download(repository, query.get("FilePath", ""))

    def _download(self, repository: Repository, path: str) -> None:
        file = repository.files.get(path)
        if file is None:
            self._fail(404, 10010205001, "file not found")
        elif file.is_large:
            place = self.cdn_url(repository, file, "auth_key=1-0-0-x")
            linked = {"X-Linked-ETag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
            self.reply(302, headers={"Location": place, **linked})
        else:
            self.send_file(file, file.git_oid)

    def _succeed(self, data: t.Any) -> None:
        body = {"Code": 200, "Data": data, "Message": "success", "RequestId": _REQUEST, "Success": True}
        self.reply(200, body)

    def _fail(self, status: int, code: int, text: str) -> None:
        body = {"Code": code, "Data": None, "Message": text, "RequestId": _REQUEST, "Success": False}
        self.reply(status, body)


def _summary(repository: Repository) -> t.Dict[str, t.Any]:
    owner, name = repository.modelscope_id.split("/")
    return {
        "id": repository.modelscope_id,
        "display_name": name,
        "owner": owner,
        "license": repository.license,
        "tasks": ["text-generation"],
        "params": 0,
        "downloads": 10,
        "likes": 2,
        "gated": repository.gated,
        "created_at": "2026-01-01T00:00:00Z",
        "last_modified": "2026-01-02T00:00:00Z",
    }


def _details(repository: Repository) -> t.Dict[str, t.Any]:
    owner, name = repository.modelscope_id.split("/")
    return {
        "Id": 1,
        "Name": name,
        "Path": owner,
        "ChineseName": "",
        "Revision": "master",
        "License": repository.license,
        "Downloads": 10,
        "Stars": 2,
        "Libraries": ["transformers", "safetensors"],
        "Tasks": [{"Name": "text-generation"}],
        "Architectures": repository.config["architectures"],
        "ModelType": [repository.config["model_type"]],
        "CreatedTime": _TIME,
        "LastUpdatedTime": _TIME,
        "StorageSize": sum(file.size for file in repository.files.values()),
        "Visibility": 5,
        "IsLogin": 0,
    }


def _row(repository: Repository, item: t.Union[str, File]) -> t.Dict[str, t.Any]:
    """A row of a listing: a file, or the path of a folder."""
    if isinstance(item, str):
        name = item.split("/")[-1]
        return {"Name": name, "Path": item, "Type": "tree", "Size": 0, "Sha256": "", "Mode": "040000"}
    return {
        "Name": item.path.split("/")[-1],
        "Path": item.path,
        "Type": "blob",
        "Size": item.size,
        "Sha256": item.sha256,
        "Revision": repository.commit,
        "CommitId": repository.commit,
        "CommitMessage": "add",
        "CommittedDate": _TIME,
        "CommitterName": "tester",
        "IsLFS": item.is_large,
        "InCheck": False,
        "IsPreviewable": not item.is_large,
        "Mode": "33188",
    }
