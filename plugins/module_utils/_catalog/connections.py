# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where catalogs and hubs are read: clients, made when they are first needed, and closed together."""

from __future__ import annotations

import os
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import Hub
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.huggingface import (
    HuggingFace,
    HuggingFaceClient,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.local import LocalFiles
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.modelscope import (
    ModelScope,
    ModelScopeClient,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import is_path
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import models_dev
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.gpustack_server import (
    GpustackCatalog,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.parsed_cache import (
    RecordKeeper,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader,
    CachePolicy,
    DiskCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    LOCAL_PATH,
    MODEL_SCOPE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import checked_base_url

Params = t.Mapping[str, t.Any]


class Connections:
    """Everything that the shared options of a task lead to. ``hubs`` are asked in place of those of their sources."""

    def __init__(
        self,
        params: Params,
        http: HttpOptions,
        policy: CachePolicy,
        cache: DiskCache,
        hubs: t.Optional[t.Mapping[str, Hub]] = None,
    ) -> None:
        self._params = params
        self._http = http
        self._policy = policy
        self._cache = cache
        self._clients: t.List[HttpClient] = []
        self.hubs: t.Dict[str, Hub] = dict(hubs or {})

    def close(self) -> None:
        """Let go of what was opened."""
        for client in self._clients:
            client.close()

    def hub(self, source: str) -> Hub:
        """The hub of a source, with a client that is made on first use."""
        if source not in self.hubs and source == LOCAL_PATH:
            self.hubs[source] = LocalFiles(self._on_workers)
        if source not in self.hubs:
            endpoint = self.endpoints()[source]
            if source == MODEL_SCOPE:
                token = self._params.get("modelscope_token")
                reader = self._reader(ModelScopeClient(endpoint, token, self._http), self._policy)
                self.hubs[source] = ModelScope(reader)
            else:
                token = self._params.get("hf_token")
                reader = self._reader(HuggingFaceClient(endpoint, token, self._http), self._policy)
                self.hubs[source] = HuggingFace(reader)
        return self.hubs[source]

    def endpoints(self) -> t.Dict[str, str]:
        """The URL of each hub; InvalidInput where an option is none."""
        modelscope = str(self._params["modelscope_endpoint"])
        if "://" not in modelscope:
            modelscope = "https://%s" % modelscope
        return {
            HUGGINGFACE: checked_base_url(self._params["hf_endpoint"], "hf_endpoint"),
            MODEL_SCOPE: checked_base_url(modelscope, "modelscope_endpoint"),
        }

    def gpustack(self) -> t.Optional[GpustackCatalog]:
        """Always asked when there is a server: its advice depends on the GPUs that it has now."""
        url = self._params.get("gpustack_url")
        if not url:
            return None
        headers = {}
        if self._params.get("gpustack_api_key"):
            headers["Authorization"] = "Bearer %s" % self._params["gpustack_api_key"]
        if self._params.get("gpustack_organization_id") is not None:
            headers["X-Organization-Id"] = str(self._params["gpustack_organization_id"])
        client = HttpClient(checked_base_url(url, "gpustack_url"), "GPUStack", headers, self._http)
        return GpustackCatalog(self._reader(client, replace(self._policy, refresh=True)))

    def _on_workers(self, path: str) -> t.List[str]:
        server = self.gpustack()
        return [] if server is None else server.model_files(path)

    def models_dev(self, keeper: RecordKeeper) -> t.Tuple[t.Tuple[ModelRecord, ...], SourceStatus]:
        """The records of models.dev, of a server or of a checkout, and how they were come by."""
        place = str(self._params["models_dev_url"])
        if is_path(place):
            return models_dev.load_folder(os.path.expanduser(place), keeper)
        client = HttpClient(checked_base_url(place, "models_dev_url"), "models.dev", options=self._http)
        return models_dev.load(self._reader(client, self._policy), keeper)

    def catalog_reader(self, base_url: str) -> CachedReader:
        """A reader of the server of one of the user's own catalogs."""
        client = HttpClient(checked_base_url(base_url, "catalogs"), "The catalog", options=self._http)
        return self._reader(client, self._policy)

    def _reader(self, client: HttpClient, policy: CachePolicy) -> CachedReader:
        self._clients.append(client)
        return CachedReader(client, self._cache, policy)
