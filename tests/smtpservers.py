"""Scripted mail servers: aiosmtpd with chosen answers, and a listener that keeps every byte it hears."""

from __future__ import annotations

import asyncio
import select
import socketserver
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from components import free_port

from config.settings import Mail

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping

    from aiosmtpd.smtp import SMTP, Envelope, LoginPassword, Session

SECRET = "pass word 42"  # noqa: S105 (of these servers)
T = TypeVar("T")


def settings(port: int, **more: Any) -> Mail:
    """Settings for a server on loopback, in clear unless `security` says more."""
    given = {"sender": "notices@city.example", "timeout": "2s", "deadline": "8s", "security": "none", **more}
    return Mail.model_validate({"host": "127.0.0.1", "port": port, **given})


def bounded(work: Callable[[], T], seconds: float = 20) -> T:
    """What `work` returns; a failure when it hangs."""
    results: list[T] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    if not results:
        pytest.fail(f"not done within {seconds:g} s" if thread.is_alive() else "it raised; see above")
    return results[0]


# ---- aiosmtpd, scripted


@dataclass(frozen=True)
class Taken:
    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Post:
    """An aiosmtpd handler. Answers are given in turn, the last one for ever.

    DATA's may be DROP (the connection ends after the final dot) or SILENCE: the mail is taken all the same.
    """

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=lambda: ["250 2.0.0 queued"])
    mail: list[str] = field(default_factory=lambda: ["250 OK"])
    taken: list[Taken] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    @staticmethod
    def turn(answers: list[str]) -> str:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.turn(self.mail)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        answer = self.turn(self.rcpt.get(address, ["250 OK"]))
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        answer = self.turn(self.data)
        if answer[0] not in "45":
            content = envelope.original_content or b""
            self.taken.append(Taken(envelope.mail_from or "", list(envelope.rcpt_tos), content))
        if answer == "DROP" and server.transport is not None:
            server.transport.close()
        elif answer == "SILENCE":
            await asyncio.sleep(60)
        return answer

    def login(self, _: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
        self.logins.append(given.password)
        return AuthResult(success=given.password == SECRET.encode(), handled=False)


@contextmanager
def smtpd(post: Post, **options: Any) -> Iterator[int]:
    """The port of an aiosmtpd with `post`; `options` are its SMTP's (tls_context, authenticator ...)."""
    defaults = {"server_hostname": "mail.city.example", "ident": "aiosmtpd", "auth_require_tls": False}
    controller = Controller(post, hostname="127.0.0.1", port=free_port(), **{**defaults, **options})
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


# ---- a listener that says what a script says, and keeps what it hears


@dataclass
class Caller:
    """One connection: `say`, and `lines` of what comes."""

    connection: socket.socket
    heard: bytearray

    def say(self, text: bytes) -> None:
        self.connection.sendall(text)

    def gone(self, seconds: float = 10) -> None:
        """Waits, without reading, until the other side hangs up."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP)
        poll.poll(seconds * 1000)

    def lines(self) -> Iterator[bytes]:
        rest = b""
        while data := self.connection.recv(65536):
            self.heard += data
            *whole, rest = (rest + data).split(b"\r\n")
            yield from whole


@dataclass
class Listener:
    port: int
    heard: bytearray = field(default_factory=bytearray)
    calls: int = 0


@contextmanager
def listener(script: Callable[[Caller], None]) -> Iterator[Listener]:
    """A server that runs `script` for each caller, then hangs up."""
    served = Listener(0)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            served.calls += 1
            self.request.settimeout(20)
            with suppress(OSError):  # the caller has heard enough
                script(Caller(self.request, served.heard))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield served
        finally:
            server.shutdown()


Answers = dict[str, bytes]
PLAIN_ANSWERS: Answers = {
    "greeting": b"220 mail.city.example\r\n",
    "EHLO": b"250-mail.city.example\r\n250 SIZE 10000000\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 2.0.0 queued\r\n",
    "QUIT": b"221 bye\r\n",
}


def dialogue(
    changed: Mapping[str, bytes], seconds: Mapping[str, float] | None = None
) -> Callable[[Caller], None]:
    """SMTP in clear by a table: command (or "greeting", or "." for the final dot) -> answer; b"" hangs up.

    Some answers may take `seconds`.
    """
    answers: Answers = {**PLAIN_ANSWERS, **changed}

    def script(caller: Caller) -> None:
        late = seconds or {}
        time.sleep(late.get("greeting", 0))
        caller.say(answers["greeting"])
        in_mail = False
        for line in caller.lines():
            if in_mail and line != b".":
                continue
            command = line.split(b" ")[0].decode("latin-1").upper()
            answer = answers.get(command, b"250 OK\r\n")
            if not answer:
                return
            in_mail = command == "DATA" and answer.startswith(b"354")
            time.sleep(late.get(command, 0))
            caller.say(answer)

    return script
