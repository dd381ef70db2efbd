"""Web servers of a few lines, with the faults of real ones. Each runs in a thread of its own, on loopback."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    Answer = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]


@dataclass
class Server:
    """What a running server has seen."""

    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)

    def url(self, path: str = "/metrics", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def serving(
    answer: Answer,
    tls: ssl.SSLContext | None = None,
    greeting: bytes = b"",
    at: tuple[str, int] = ("127.0.0.1", 0),
) -> Iterator[Server]:
    """A server that gives each request to `answer`, which writes what it likes; `greeting` comes unasked."""
    seen = Server()
    loop = asyncio.new_event_loop()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        writer.write(greeting)
        with suppress(OSError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if line)
                seen.requests.append(request := Request(lines[0].split(" ")[1], headers))
                await answer(request, writer)
                await writer.drain()

    server = loop.run_until_complete(asyncio.start_server(talk, *at, ssl=tls))
    seen.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield seen
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def stop(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def answering(body: bytes, status: str = "200 OK", **headers: str) -> Answer:
    """Always the same whole answer; the connection stays open."""
    return sending(whole(body, status, **headers))


def whole(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{named}\r\n".encode() + body


def sending(raw: bytes, *, then_close: bool = False) -> Answer:
    """Always these bytes, whatever was asked."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        if then_close:
            await writer.drain()
            writer.close()

    return answer


async def silence(_: Request, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def dripping(head: bytes, drop: bytes, pause: float) -> Answer:
    """The head at once, then one drop after each pause, for ever."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def certificate(folder: Path, name: str) -> tuple[Path, Path, Path]:
    """(CA, certificate, key) of a private authority made now, for the host `name`."""
    ca, key, cert = folder / "ca.pem", folder / "key.pem", folder / "cert.pem"
    ca_key, request, extra = folder / "ca.key", folder / "request.pem", folder / "extra.cnf"
    kind = "IP" if name[0].isdigit() else "DNS"
    extra.write_text(f"subjectAltName={kind}:{name}\n")
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj"]
    root = [*new, "/CN=private authority", "-x509", "-days", "2", "-keyout", ca_key, "-out", ca]
    leaf = [*new, f"/CN={name}", "-keyout", key, "-out", request]
    sign = [
        "openssl",
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        ca,
        "-CAkey",
        ca_key,
        "-days",
        "2",
        "-out",
        cert,
    ]
    for command in (root, leaf, [*sign, "-extfile", extra]):
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return ca, cert, key
