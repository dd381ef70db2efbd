"""One connection to the page's server, bounded from its acceptance on: in number, in time, TLS or not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from monitor.exporter import families

if TYPE_CHECKING:
    import ssl

    from aiohttp.web_protocol import RequestHandler

    from monitor.exporter.server import Server


class Bounded(asyncio.Protocol):
    """One connection: counted once accepted, refused when there are too many, cut when its time is over.
    Its TLS handshake is part of both; what comes with the handshake's end waits in `early`.
    """

    def __init__(self, server: Server, inner: RequestHandler, limit: float) -> None:
        self.server = server
        self.inner = inner
        self.limit = limit
        self.cut: asyncio.TimerHandle | None = None
        self.handshake: asyncio.Task[None] | None = None
        self.early: list[bytes] = []
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        accepted = cast("asyncio.Transport", transport)
        if self.server.open >= self.server.settings.connections:
            self.server.program.count(families.REFUSED)
            accepted.abort()
            return
        self.server.open += 1
        self.cut = self.server.loop.call_later(self.limit, accepted.abort)
        if self.server.tls is None:
            self.begin(accepted)
        else:
            accepted.pause_reading()
            self.handshake = self.server.loop.create_task(self.greet(accepted, self.server.tls))

    async def greet(self, accepted: asyncio.Transport, context: ssl.SSLContext) -> None:
        """The handshake. Who breaks it off, or takes longer than the connection may, is gone."""
        secured = None
        with suppress(OSError):
            secured = await self.server.loop.start_tls(accepted, self, context, server_side=True)
        if secured is None:
            self.leave()
        elif self.cut is not None:
            self.begin(secured)

    def begin(self, transport: asyncio.Transport) -> None:
        self.open = True
        self.inner.connection_made(transport)
        for data in self.early:
            self.inner.data_received(data)
        self.early = []

    def leave(self) -> None:
        """Its place is free; a connection that was refused had none."""
        if self.cut is not None:
            self.cut.cancel()
            self.cut = None
            self.server.open -= 1

    def connection_lost(self, exc: BaseException | None) -> None:
        self.leave()
        if self.open:
            self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.open:
            self.inner.data_received(data)
        else:
            self.early.append(data)

    def eof_received(self) -> None:
        if self.open:
            self.inner.eof_received()

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()
