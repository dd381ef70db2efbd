"""Fetches pages over HTTP: no redirects, no proxies, allowed addresses only, bounded size and time."""

from __future__ import annotations

import asyncio
import base64
import errno
import socket
import ssl
import zlib
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

import aiohttp

from collectors.collector import CollectError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from aiohappyeyeballs import AddrInfoType
    from aiohttp.typedefs import LooseHeaders
    from yarl import URL

    from config.sources import Auth, ExporterSource, Tls

ACCEPT = {
    "Accept": "text/plain;version=0.0.4",
    "Accept-Encoding": "identity",  # the network is near and the machines' cpu is not ours to spend
    "User-Agent": "rightsizer",
}
READ_AHEAD = 256 << 10  # bytes taken from the socket before the reader must keep up
PIECE = 64 << 10  # bytes unpacked at a time


class ForbiddenError(PermissionError):
    """The address to connect to lies outside of `networks`."""


class Client:
    """One source's connections, kept between rounds. Lives in one event loop. `timeout`: s for a page."""

    def __init__(self, source: ExporterSource, timeout: float, *, keep_alive: bool) -> None:
        self.body_limit = source.body_limit
        self.timeout = timeout
        self.networks = [ip_network(text) for text in source.networks]
        connector = aiohttp.TCPConnector(
            limit=0,
            ssl=tls_context(source.tls),
            force_close=not keep_alive,
            keepalive_timeout=None if not keep_alive else 3600.0,
            socket_factory=socket_within(self.networks),
        )
        self.session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            headers=ACCEPT,
            auto_decompress=False,
            read_bufsize=READ_AHEAD,
            trust_env=False,
        )

    async def page(self, url: URL, headers: LooseHeaders) -> bytes:
        """The body of a 200 answer, decompressed, within `timeout` seconds. Raises CollectError."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self.get(url, headers)
        except TimeoutError as error:
            raise CollectError(Reason.TIMEOUT, f"no whole answer within {self.timeout:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            raise CollectError(reason_of(error), said_by(error)) from error

    async def get(self, url: URL, headers: LooseHeaders) -> bytes:
        response = await self.session.get(url, headers=headers, allow_redirects=False)
        try:
            check_status(response)
            return await self.body(response)
        finally:
            response.close()  # nothing to close when the body was read to its end: the connection is kept

    async def body(self, response: aiohttp.ClientResponse) -> bytes:
        """Raises CollectError BODY_LIMIT as soon as the limit is passed, DECODE, TRUNCATED."""
        unpack = unpacker(response.headers.get("Content-Encoding", "identity").strip().lower())
        parts: list[bytes] = []
        room = self.body_limit
        async for chunk in response.content.iter_any():
            for part in unpacked(unpack, chunk) if unpack else (chunk,):
                room -= len(part)
                if room < 0:
                    raise CollectError(Reason.BODY_LIMIT, f"more than {self.body_limit} bytes")
                parts.append(part)
        if unpack and not unpack.eof:
            raise CollectError(Reason.TRUNCATED, "the compressed body ends early")
        if unpack and unpack.unused_data:
            raise CollectError(Reason.DECODE, "more than one compressed body")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def close(self) -> None:
        await self.session.close()


def check_status(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status == 200:
        return
    said = f"answered {status} {response.reason}"
    if 300 <= status < 400:
        raise CollectError(Reason.REDIRECT, f"{said} to {response.headers.get('Location', '')}; not followed")
    if status in {401, 403, 407}:
        raise CollectError(Reason.AUTH, f"{said}; check the source's auth")
    raise CollectError(Reason.STATUS, said)


def unpacker(encoding: str) -> zlib._Decompress | None:
    if encoding in {"", "identity"}:
        return None
    if encoding in {"gzip", "x-gzip"}:
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        return zlib.decompressobj()
    raise CollectError(Reason.DECODE, f"a body in the encoding {encoding}, which was not asked for")


def unpacked(unpack: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """What the compressed bytes hold, in pieces, so that a bomb costs no more memory than its limit."""
    while True:
        piece = unpack.decompress(chunk, PIECE)
        yield piece
        if len(piece) < PIECE:
            return
        chunk = unpack.unconsumed_tail


def said_by(error: Exception) -> str:
    """What the error says, without the client's own decoration."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"not an answer in HTTP: {error.message}"
    return str(error) or type(error).__name__


def reason_of(error: Exception) -> Reason:
    """Which reason an error of the client stands for. The first class that fits decides."""
    inner = getattr(error, "os_error", None)
    if isinstance(error, ForbiddenError) or isinstance(inner, ForbiddenError):
        return Reason.FORBIDDEN
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Reason], ...] = (
        ((aiohttp.ClientSSLError, ssl.SSLError, aiohttp.ServerFingerprintMismatch), Reason.TLS),
        (aiohttp.ClientConnectionResetError, Reason.TRUNCATED),
        (aiohttp.ClientPayloadError, Reason.TRUNCATED),
        (aiohttp.ServerDisconnectedError, Reason.TRUNCATED),
        (aiohttp.ClientResponseError, Reason.DECODE),
        ((aiohttp.ClientError, OSError), Reason.CONNECT),
    )
    return next((reason for kind, reason in kinds if isinstance(error, kind)), Reason.DECODE)


def socket_within(networks: Sequence[IPv4Network | IPv6Network]) -> Callable[[AddrInfoType], socket.socket]:
    """A factory of sockets that refuses forbidden addresses; asked before each connect, after any look-up.

    A name that resolves to something else the second time is refused all the same, without a packet.
    """

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if networks and not within(str(address[0]), networks):
            raise ForbiddenError(errno.EACCES, "the address lies outside of the source's networks")
        return socket.socket(family, kind, protocol)

    return make


def within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return any((mapped or ip) in network for network in networks)


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Raises OSError when the CA file cannot be used."""
    context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def authorization(auth: Auth | None) -> dict[str, str]:
    """The header with the secret as it is in its file now. Raises OSError, ValueError when there is none."""
    if auth is None:
        return {}
    if auth.bearer_file is not None:
        return {"Authorization": f"Bearer {auth.bearer().get_secret_value()}"}
    pair = f"{auth.username}:{auth.password().get_secret_value()}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
