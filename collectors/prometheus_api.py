"""Asks a Prometheus-compatible server: one range query, one answer, within bounds of time and size."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from collectors.collector import CollectError, Reason
from collectors.fetch import authorization, reason_of, tls_context
from collectors.prometheus_answer import Answer, TooMuchError, read, spoken

if TYPE_CHECKING:
    from collectors.prometheus_answer import Span
    from config.sources import PrometheusSource

PATH = "/api/v1/query_range"
BODY_LIMIT = 64 << 20  # bytes of one answer, unpacked: what half a million values and their labels need
CONCURRENT = 2  # queries at a time: a server that also serves dashboards is not to be pressed


class Client:
    """Asks one server, inside one event loop. Raises CollectError when it cannot be set up."""

    def __init__(self, source: PrometheusSource) -> None:
        self.source = source
        self.timeout = source.timeout.total_seconds()
        self.places = asyncio.Semaphore(CONCURRENT)
        try:
            context = tls_context(source.tls) if source.url.startswith("https:") else True
        except OSError as error:  # ssl.SSLError is one
            raise CollectError(Reason.TLS, f"{source.tls.ca_file} cannot be used: {error}") from error
        try:
            headers = authorization(source.auth)
        except (OSError, ValueError) as error:
            raise CollectError(Reason.AUTH, f"the secret cannot be used: {error}") from error
        # The time-out is ours, over the whole exchange: aiohttp rounds its own up to whole seconds.
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "rightsizer", **headers},
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self) -> None:
        await self.session.close()

    async def query_range(self, promql: str, span: Span) -> Answer:
        """What `promql` is over `span`. Raises CollectError, TooMuchError if a shorter span may do."""
        form = {
            "query": promql,
            "start": str(span.start),
            "end": str(span.end),
            "step": str(span.step),
            "timeout": f"{self.timeout:g}s",
            "nocache": "1",  # VictoriaMetrics: late samples stand behind its cache
            "deny_partial_response": "1",  # VictoriaMetrics cluster
            "partial_response": "false",  # Thanos
        }
        try:
            async with self.places, asyncio.timeout(self.timeout):
                status, body = await self.post(form)
        except TimeoutError as error:
            raise CollectError(Reason.TIMEOUT, f"no answer within {self.timeout:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise CollectError(reason_of(error), f"{type(error).__name__}: {error}") from error
        if status != 200:
            raise refusal(status, body)
        return read(body, span, self.source.max_series)

    async def post(self, form: dict[str, str]) -> tuple[int, bytearray]:
        url = self.source.url.rstrip("/") + PATH
        async with self.session.post(url, data=form, allow_redirects=False) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(1 << 16):
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise TooMuchError(Reason.BODY_LIMIT, f"an answer of more than {BODY_LIMIT >> 20} MiB")
            return response.status, body


def refusal(status: int, body: bytes | bytearray) -> CollectError:
    """What an answer other than 200 means. 422: the query ran and failed, mostly over too many samples."""
    if 300 <= status < 400:
        return CollectError(Reason.REDIRECT, f"HTTP {status}: give the final address in `url`")
    if status in {401, 403}:
        return CollectError(Reason.AUTH, f"HTTP {status}")
    said = f"HTTP {status}: {spoken(body)}"
    return TooMuchError(Reason.STATUS, said) if status == 422 else CollectError(Reason.STATUS, said)
