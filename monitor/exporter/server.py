"""The HTTP server of the page: one thread, every connection bounded in time and in number."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from aiohttp import web

from catalog.actions import ACTIONS
from config.secret import secret_in
from monitor.exporter import families
from monitor.exporter.actions import DEMAND, PLACE, action_of, unknown
from monitor.exporter.connection import Bounded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from config.settings import Exporter
    from monitor.exporter.actions import Actions
    from monitor.exporter.program import Program

TEXT = "text/plain; version=0.0.4; charset=utf-8"
AT_ONCE = 8  # pages on their way: each is held in memory while its reader takes it
PIECE = 256 << 10  # bytes written before the reader must keep up
FRONT = """<!doctype html><title>rightsizer</title>
<p>rightsizer: <a href="/metrics">metrics</a>, <a href="/-/healthy">healthy</a>, <a href="/-/ready">ready</a>
"""


class ListenError(OSError):
    """The page cannot be served there: what was tried, and what to do."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What is served: the metrics, why the service is not ready (None: it is), the catalogue if open."""

    metrics: Callable[[], bytes]
    unready: Callable[[], str | None]
    actions: Actions | None = None


@contextmanager
def served(settings: Exporter, pages: Pages, program: Program) -> Iterator[None]:
    """The page, while the block runs. Raises ListenError, ConfigError, OSError, SecretError."""
    if not settings.enabled:
        yield
        return
    server = Server(settings, pages, program)
    server.start()
    try:
        yield
    finally:
        server.stop()


class Server:
    """Lives in a thread of its own; `wanted` is who may read, as the header says it, None: everybody."""

    def __init__(self, settings: Exporter, pages: Pages, program: Program) -> None:
        self.settings = settings
        self.pages = pages
        self.program = program
        self.wanted = credentials(settings)
        self.tls = tls(settings)
        self.open = 0
        self.failure: OSError | ValueError | None = None
        self.listening = Event()
        self.loop = asyncio.new_event_loop()
        self.ended = asyncio.Event()
        self.room = asyncio.Semaphore(AT_ONCE)
        self.thread = Thread(target=self.live, name="exporter", daemon=True)

    def start(self) -> None:
        self.thread.start()
        self.listening.wait()
        if self.failure is not None:
            place = f"{self.settings.listen}:{self.settings.port}"
            why = getattr(self.failure, "strerror", None) or self.failure
            raise ListenError(
                f"cannot serve /metrics on {place}: {why}; change exporter.port or "
                "exporter.listen in the settings, or set exporter.enabled: false"
            ) from self.failure

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join()

    def live(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
                runner.run(self.serve())
        finally:
            self.listening.set()

    async def serve(self) -> None:
        handlers = web.Server(self.answer, access_log=None, keepalive_timeout=0)
        limit = self.settings.timeout.total_seconds()
        try:
            server = await self.loop.create_server(
                lambda: Bounded(self, handlers(), limit),
                self.settings.listen,
                self.settings.port,
            )
        except (OSError, ValueError) as error:  # ValueError: no name that could be looked up
            self.failure = error
            return
        self.listening.set()
        async with server:
            await self.ended.wait()
        await handlers.shutdown(1)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        answered = await self.routed(request)
        path = request.path if request.path in ROUTES else "other"
        if self.pages.actions is not None and (action := action_of(request.path)) is not None:
            known = action if action in ACTIONS else "other"
            self.program.count(families.CATALOG, known, str(answered.status))
            path = PLACE
        self.program.count(families.REQUESTS, path, str(answered.status))
        return answered

    async def routed(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.pages.actions is not None and action_of(request.path) is not None:
            return await self.catalogue(request, self.pages.actions)
        route = ROUTES.get(request.path)
        if route is None:
            return web.Response(status=404, text="not found; /metrics is here\n")
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, text="GET or HEAD\n", headers={"Allow": "GET, HEAD"})
        return await route(self, request)

    async def metrics(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self.allowed(request.headers.get("Authorization", "")):
            demand = {"WWW-Authenticate": DEMAND}
            return web.Response(status=401, text="a name and a password are needed\n", headers=demand)
        async with self.room:
            return await sent(request, self.pages.metrics())

    async def catalogue(self, request: web.BaseRequest, actions: Actions) -> web.StreamResponse:
        if not self.allowed(request.headers.get("Authorization", "")):
            return unknown()
        return await actions.answer(request)

    async def healthy(self, _request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="rightsizer is healthy\n")

    async def ready(self, _request: web.BaseRequest) -> web.StreamResponse:
        why = self.pages.unready()
        if why is None:
            return web.Response(text="rightsizer is ready\n")
        return web.Response(status=503, text=f"rightsizer is not ready: {why}\n")

    async def front(self, _request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=FRONT, content_type="text/html")

    def allowed(self, header: str) -> bool:
        if self.wanted is None:
            return True
        return hmac.compare_digest(digest(header), self.wanted)


ROUTES: dict[str, Callable[[Server, web.BaseRequest], Awaitable[web.StreamResponse]]] = {
    "/": Server.front,
    "/metrics": Server.metrics,
    "/-/healthy": Server.healthy,
    "/-/ready": Server.ready,
}


async def sent(request: web.BaseRequest, page: bytes) -> web.StreamResponse:
    """The page, piece by piece: a slow reader costs its own time, and no second copy."""
    answer = web.StreamResponse(headers={"Content-Type": TEXT, "Content-Length": str(len(page))})
    await answer.prepare(request)
    for start in range(0, len(page) if request.method == "GET" else 0, PIECE):
        await answer.write(page[start : start + PIECE])
    await answer.write_eof()
    return answer


def digest(header: str) -> bytes:
    return hashlib.sha256(header.encode("utf-8", "surrogateescape")).digest()


def credentials(settings: Exporter) -> bytes | None:
    """The digest of the Authorization header that is let in. Raises OSError, SecretError."""
    if settings.username is None or settings.password_file is None:
        return None
    pair = f"{settings.username}:{secret_in(settings.password_file).get_secret_value()}"
    return digest(f"Basic {b64encode(pair.encode()).decode('ascii')}")


def tls(settings: Exporter) -> ssl.SSLContext | None:
    """TLS 1.2 or newer with the certificate of the settings. Raises OSError (ssl.SSLError is one)."""
    if settings.cert_file is None or settings.key_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.cert_file, settings.key_file, password=refused)
    except (ssl.SSLError, ValueError) as error:
        raise ListenError(
            f"exporter.cert_file {settings.cert_file} and exporter.key_file {settings.key_file} cannot be "
            f"used: {error}; both are PEM, they belong together, the key is not encrypted"
        ) from error
    return context


def refused() -> bytes:
    raise ValueError("the key is encrypted")
