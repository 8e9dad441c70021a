# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that does network IO.

One client per server: time-outs, retries of what is safe to repeat, redirects that never
carry credentials to another origin, body limits, and messages without secrets.
"""

from __future__ import annotations

import hashlib
import time
import typing as t
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

try:
    import httpx
except ImportError:  # the import sanity test and hosts without httpx
    httpx = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    MissingLibrary,
    Unavailable,
    UnexpectedReply,
    excerpt,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_limits import (
    ACCEPTED,
    Lines,
    Unbearable,
    Watch,
    body_parts,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_rules import (
    backoff,
    keep_out_of_logs,
    retry_after,
    sendable,
    without_credentials,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_tls import (
    NotTrusted,
    not_trusted,
    verification,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply, error_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import (
    is_same_site,
    origin_of,
    public_url,
)

REPEATABLE = frozenset(("GET", "HEAD"))
TRANSIENT = frozenset((429, 500, 502, 503, 504))
REDIRECTS = frozenset((301, 302, 303, 307, 308))
MAX_REDIRECTS = 5
CONNECT_LIMIT_S = 10.0
TOTAL_TIMEOUTS = 20
USER_AGENT = "modelscan.autoconfig"


class Clock(t.Protocol):
    """Injected time, so that no test sleeps."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The real clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True)
class HttpOptions:
    """What every client of one task shares. Times in seconds, sizes in bytes."""

    timeout_s: float = 30.0
    validate_certs: bool = True
    ca_path: t.Optional[str] = None
    retries: int = 3
    max_body_bytes: int = 64 << 20
    transport: t.Optional[t.Any] = None
    clock: Clock = field(default_factory=SystemClock)


class HttpClient:
    """Requests to one base URL.

    ``headers`` (credentials among them) go to the origin of the base URL only. ``name`` is what
    messages call the server: "GPUStack", "Hugging Face".
    """

    def __init__(
        self,
        base_url: str,
        name: str,
        headers: t.Optional[t.Mapping[str, str]] = None,
        options: t.Optional[HttpOptions] = None,
    ) -> None:
        if httpx is None:
            raise MissingLibrary("httpx")
        self.base_url = base_url.rstrip("/")
        self.name = name
        self._options = options or HttpOptions()
        common = {"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED}
        self._headers = dict(common, **sendable(headers or {}, name))
        self._watch = Watch(self._options.clock.monotonic)
        self._clients = {_is_encrypted(base_url): _client(base_url, self._options)}

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.close()

    @property
    def credential(self) -> str:
        """A checksum that differs from account to account."""
        said = self._headers.get("Authorization", "")
        return hashlib.sha256(said.encode("utf-8")).hexdigest() if said else "nobody"

    def same_path(self, path: str) -> str:
        """One spelling of all paths that mean the same to the server."""
        return path

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client_for(self, url: str) -> t.Any:
        """The library's client; certificates are read for encrypted URLs only."""
        kind = _is_encrypted(url)
        if kind not in self._clients:
            self._clients[kind] = _client(url, self._options)
        return self._clients[kind]

    def request(
        self,
        method: str,
        path: str,
        params: t.Optional[t.Mapping[str, t.Any]] = None,
        json_body: t.Any = None,
        headers: t.Optional[t.Mapping[str, str]] = None,
        timeout_s: t.Optional[float] = None,
        stop_after: t.Optional[int] = None,
        on_part: t.Optional[t.Callable[[bytes], None]] = None,
        elsewhere: bool = False,
    ) -> Reply:
        """One answer of any status. ``on_part`` sees each part of the body when it arrives.

        Repeats GET and HEAD on 429, 500, 502, 503, 504 and broken connections, honouring Retry-After
        up to the time-out. All tries, redirects and bodies together take no longer than
        TOTAL_TIMEOUTS times the time-out. ``stop_after`` ends the reading of the body after so many bytes without
        an error, for a part of a large file. Redirects to another site are followed with ``elsewhere`` only,
        which is for the bytes of files: no other server answers in the place of this one. Raises Unavailable
        when no answer came.
        """
        url = path if "://" in path else self.base_url + path
        sent = dict(self._headers, **(headers or {}))
        if origin_of(url) != origin_of(self.base_url):
            sent = without_credentials(sent)
        timeout = self._options.timeout_s if timeout_s is None else timeout_s
        deadline = self._options.clock.monotonic() + TOTAL_TIMEOUTS * timeout
        call = _Call(method, url, params, json_body, sent, timeout, stop_after, deadline, on_part, elsewhere)
        return self._repeat(call, 1 + (self._options.retries if method in REPEATABLE else 0))

    def lines(self, path: str, params: t.Mapping[str, t.Any], quiet_s: float) -> t.Iterator[str]:
        """The lines of an answer as they arrive, empty ones as well: for streams without an end.

        Asked once. Ends when the server ends it, and when nothing came for ``quiet_s``.

        :raises AutoconfigError: no answer came, it broke off, or its status is 300 and above.
        """
        url = self.base_url + path
        timeout = httpx.Timeout(quiet_s, connect=min(quiet_s, CONNECT_LIMIT_S))
        clock = self._options.clock
        call = _Call(
            "GET",
            url,
            params,
            None,
            self._headers,
            quiet_s,
            None,
            clock.monotonic() + TOTAL_TIMEOUTS * quiet_s,
        )
        watched = self._watch.begin(call.deadline)
        stream = self._client_for(url).stream(
            "GET", url, params=params, headers=self._headers, timeout=timeout, extensions=watched
        )
        try:
            with stream as answer:
                if answer.status_code >= 300:
                    body = self._read(answer, call, public_url(url))
                    self.check(Reply(answer.status_code, {}, body, "GET", public_url(url)))
                self._watch.let_last()
                yield from _text_lines(answer)
        except httpx.TimeoutException:
            return
        except Unbearable as exc:
            raise self._beyond(exc, "GET", public_url(url)) from exc
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise self._unreachable("GET", public_url(url), exc) from exc

    def _repeat(self, call: _Call, tries: int) -> Reply:
        clock = self._options.clock
        problem: t.Optional[Unavailable]
        for number in range(1, tries + 1):
            try:
                reply, problem = replace(self._follow(call), tries=number), None
                pause = retry_after(reply.status, reply.headers, number - 1)
                if reply.status not in TRANSIENT or pause > self._options.timeout_s:
                    return reply
            except NotTrusted:
                raise
            except Unavailable as exc:
                problem, pause = exc, backoff(number - 1)
            if number == tries or clock.monotonic() + pause > call.deadline:
                break
            clock.sleep(pause)
        if problem is not None:
            raise tried(problem, number) from problem
        return reply

    def get_json(self, path: str, params: t.Optional[t.Mapping[str, t.Any]] = None) -> t.Any:
        """GET, refuse any status but 2xx, decode."""
        reply = self.request("GET", path, params=params)
        self.check(reply)
        return reply.json()

    def check(self, reply: Reply, hint: t.Optional[str] = None) -> None:
        """Raise the error class that fits a status of 300 and above."""
        if reply.status >= 300:
            raise error_of(reply, self.name, hint)

    def _follow(self, call: _Call) -> Reply:
        origin, current = origin_of(self.base_url), call
        for _hop in range(MAX_REDIRECTS + 1):
            reply, location = self._once(current)
            if location is None:
                return reply
            current = current.redirected(location, origin, self.name)
        raise UnexpectedReply(
            "%s redirected %s %s more than %d times"
            % (self.name, call.method, public_url(call.url), MAX_REDIRECTS)
        )

    def _once(self, call: _Call) -> t.Tuple[Reply, t.Optional[str]]:
        shown = public_url(call.url)
        timeout = httpx.Timeout(call.timeout_s, connect=min(call.timeout_s, CONNECT_LIMIT_S))
        try:
            with self._client_for(call.url).stream(
                call.method,
                call.url,
                params=call.params,
                json=call.json_body,
                headers=call.headers,
                timeout=timeout,
                extensions=self._watch.begin(call.deadline),
            ) as answer:
                body = self._read(answer, call, shown)
                headers = {key.lower(): value for key, value in answer.headers.items()}
                status = answer.status_code
        except httpx.TimeoutException as exc:
            raise self._too_slow(call, shown) from exc
        except Unbearable as exc:
            raise self._beyond(exc, call.method, shown) from exc
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise self._unreachable(call.method, shown, exc) from exc
        reply = Reply(status, headers, body, call.method, shown)
        return reply, headers.get("location") if status in REDIRECTS else None

    def _read(self, answer: t.Any, call: _Call, shown: str) -> bytes:
        limit = self._options.max_body_bytes if call.stop_after is None else call.stop_after
        clock = self._options.clock
        parts: t.List[bytes] = []
        size = 0
        for part in body_parts(answer):
            size += len(part)
            parts.append(part)
            if call.on_part is not None:
                call.on_part(part)
            if size >= limit and call.stop_after is not None:
                break
            if size > limit:
                raise Unbearable("sent more than %d MiB" % (limit >> 20))
            if clock.monotonic() > call.deadline:
                raise self._too_slow(call, shown)
        return b"".join(parts)[:limit]

    def _unreachable(self, method: str, shown: str, problem: Exception) -> Unavailable:
        untrusted = not_trusted(self.name, "%s %s" % (method, shown), problem)
        return untrusted or Unavailable(
            "%s cannot be reached: %s %s failed: %s"
            % (self.name, method, shown, excerpt(str(problem)) or type(problem).__name__),
            hint="Check the URL, name resolution, firewall, proxy and that the server runs.",
        )

    def _beyond(self, limit: Unbearable, method: str, shown: str) -> UnexpectedReply:
        return UnexpectedReply(
            "%s %s for %s %s" % (self.name, limit, method, shown),
            hint="Check that the URL is that of the API and not of something else.",
        )

    def _too_slow(self, call: _Call, shown: str) -> Unavailable:
        return Unavailable(
            "%s did not answer %s %s within %g s" % (self.name, call.method, shown, call.timeout_s),
            hint="Check the load of the server and the network between, or raise timeout_s.",
        )


@dataclass(frozen=True)
class _Call:
    method: str
    url: str
    params: t.Optional[t.Mapping[str, t.Any]]
    json_body: t.Any
    headers: t.Mapping[str, str]
    timeout_s: float
    stop_after: t.Optional[int]
    deadline: float
    on_part: t.Optional[t.Callable[[bytes], None]] = None
    elsewhere: bool = False

    def redirected(self, location: str, origin: t.Tuple[str, str, int], name: str) -> _Call:
        """The next hop. Credentials stay with the origin that they were given for."""
        try:
            target = str(httpx.URL(self.url).join(location))
            shown, there = public_url(target), origin_of(target)
        except (httpx.InvalidURL, ValueError) as exc:
            raise UnexpectedReply(
                "%s redirects %s to something that is no URL" % (name, public_url(self.url))
            ) from exc
        if self.method not in REPEATABLE:
            raise UnexpectedReply(
                "%s redirects %s %s to %s" % (name, self.method, public_url(self.url), shown),
                hint="Give the URL that the server redirects to.",
            )
        if there[0] not in ("http", "https") or (origin_of(self.url)[0] == "https" and there[0] == "http"):
            raise UnexpectedReply(
                "%s redirects %s to the unencrypted %s" % (name, public_url(self.url), shown)
            )
        if not (self.elsewhere or is_same_site(origin, there)):
            raise UnexpectedReply(
                "%s redirects %s to another server, %s, which may not answer in its place"
                % (name, public_url(self.url), shown),
                hint="Give the URL that it redirects to, if you trust that server.",
            )
        headers = self.headers if there == origin else without_credentials(self.headers)
        return replace(self, url=target, params=None, headers=headers)


def tried(problem: Unavailable, tries: int) -> Unavailable:
    """The last try's problem, with their number."""
    if tries == 1:
        return problem
    return Unavailable("%s (tried %d times)" % (problem.message, tries), hint=problem.hint, **problem.details)


def _client(url: str, options: HttpOptions) -> t.Any:
    """The library's client. :raises InvalidInput: the environment names a proxy that it cannot use."""
    keep_out_of_logs()
    try:
        return httpx.Client(
            timeout=options.timeout_s,
            verify=verification(url, options.validate_certs, options.ca_path),
            follow_redirects=False,
            transport=options.transport,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
    except (ImportError, ValueError, httpx.InvalidURL) as exc:
        raise InvalidInput(
            "The proxy that the environment names cannot be used (%s)" % type(exc).__name__,
            hint="Correct HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY: proxies are reached by http:// or "
            "https://; for socks5:// install the Python library socksio (pip install httpx[socks]).",
        ) from exc


def _is_encrypted(url: str) -> bool:
    return url.lower().startswith("https:")


def _text_lines(answer: t.Any) -> t.Iterator[str]:
    lines = Lines()
    for part in body_parts(answer):
        for line in lines.of(part):
            yield line.decode("utf-8", "replace")
    for line in lines.rest():
        yield line.decode("utf-8", "replace")
