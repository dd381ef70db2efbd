"""The mail server: the only module that speaks SMTP."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiosmtplib

from config.addresses import DOMAIN, is_address
from config.secret import SecretError
from notifier.answers import Answer, Outcome, Stage, judge, said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from config.settings import Mail

    Work = Callable[["Talk"], Awaitable[aiosmtplib.SMTPResponse]]

LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
LONE = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
POLL = 0.01  # seconds between looks at a full send buffer
POLITE = 2.0  # seconds that the answer to QUIT may take: the mail is decided by then


class MailError(RuntimeError):
    """The mail server cannot be used; `advice` says what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class SiteError(RuntimeError):
    """Nothing may or can be sent this way, to whomever."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail to one recipient. `sender` is the envelope's; the message goes out as it is: its lines end in
    CRLF. `envelope_id` comes back in a report of failure. Raises ValueError: nobody but us made it so.
    """

    sender: str
    recipient: str
    message: bytes
    envelope_id: str | None = None

    def __post_init__(self) -> None:
        if wrong := [address for address in (self.sender, self.recipient) if not is_address(address)]:
            raise ValueError(f"not an address that we write to: {wrong[0]!r}")
        if LONE.search(self.message) or not self.message.endswith(b"\r\n"):
            raise ValueError("a message has a lone CR or LF, a NUL, or no CRLF at its end")
        if not (self.envelope_id or "").isascii() or len(xtext(self.envelope_id or "")) > 100:
            raise ValueError("an envelope id has more than 100 characters, or others than ASCII")


def send(mail: Mail, envelope: Envelope) -> Answer:
    """What became of it; never raises for what the server or the network does, nor for a missing secret.

    One connection, one try to log in, one recipient; over within `mail.deadline`. Not to be called by a task.
    """

    async def work(talk: Talk) -> aiosmtplib.SMTPResponse:
        await talk.open()
        return await talk.deliver(envelope)

    try:
        talk = Talk(mail)
    except (OSError, SecretError) as error:
        return Answer(Outcome.PAUSE, None, said(words(error)), Stage.CONNECT.name.lower())
    return run(talk, work)


def probe(mail: Mail) -> str:
    """Greets the server, secures the connection, logs in, and leaves. Returns what it said; raises
    MailError.
    """

    async def work(talk: Talk) -> aiosmtplib.SMTPResponse:
        await talk.open()
        return await talk.client.noop()

    try:
        talk = Talk(mail)
    except (OSError, SecretError) as error:
        raise MailError(
            f"no password or certificate for {mail.host}: {words(error)}",
            "check mail.password_file and mail.tls.ca_file",
        ) from error
    answer = run(talk, work)
    if answer.outcome is Outcome.SENT:
        return f"{mail.host}:{mail.port} answered {answer.code} over {mail.security}"
    if answer.stage == "login" and answer.code is not None:
        raise MailError(f"{mail.host}:{mail.port} refused the login: {answer.text}", "check the password")
    advice = "check mail.host, mail.port, mail.security and the certificate (mail.tls.ca_file)"
    raise MailError(f"{mail.host}:{mail.port}: {answer.text}", advice)


def words(error: Exception) -> str:
    """The error without the number of the system; a time-out has no words of its own."""
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or "no answer in time"


def context(mail: Mail) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(mail.tls.ca_file) if mail.tls.ca_file else None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if not mail.tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


class Loop(asyncio.SelectorEventLoop):
    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Does not wait for the thread that asks a silent name server: close() lets it go."""


def run(talk: Talk, work: Work) -> Answer:
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(talk.over(work))


class Talk:
    """One talk with the server, and how far it has come. Raises OSError, SecretError for missing files."""

    def __init__(self, mail: Mail) -> None:
        password = mail.password()
        self.mail = mail
        self.stage = Stage.CONNECT
        self.password = password.get_secret_value() if password is not None else ""
        self.transports: list[asyncio.BaseTransport | None] = []
        self.client = aiosmtplib.SMTP(
            hostname=mail.host,
            port=mail.port,
            local_hostname="localhost",  # or a name server would be asked for our own name; see hello()
            timeout=mail.timeout.total_seconds(),
            use_tls=mail.security == "tls",
            start_tls=False,  # open() does it, as a stage of its own
            tls_context=context(mail) if mail.security != "none" else None,
        )

    async def over(self, work: Work) -> Answer:
        """The answer to `work`, and the end of the talk, all within the deadline."""
        end = asyncio.get_running_loop().time() + self.mail.deadline.total_seconds()
        answer = await self.attempt(work, end)
        with suppress(aiosmtplib.SMTPException, OSError):
            if (answer.code or 0) >= 200 and self.stage is not Stage.CONTENT:
                async with asyncio.timeout_at(min(end, asyncio.get_running_loop().time() + POLITE)):
                    await self.client.quit()
        self.client.close()
        for transport in self.transports:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()  # close() would wait for the other side's farewell
        await asyncio.sleep(0)
        return answer

    async def attempt(self, work: Work, end: float) -> Answer:
        try:
            async with asyncio.timeout_at(end):
                reply = await work(self)
        except aiosmtplib.SMTPResponseException as refusal:
            return self.judged(refusal.code, refusal.message)
        except (aiosmtplib.SMTPException, OSError, UnicodeError, SiteError) as error:
            if self.distrusts(error):
                return Answer(Outcome.PAUSE, None, said(words(error)), self.stage.name.lower())
            return self.judged(None, words(error))
        return Answer(Outcome.SENT, reply.code, self.judged(*reply).text, self.stage.name.lower())

    def judged(self, code: int | None, text: str) -> Answer:
        login = f"\0{self.mail.username}\0{self.password}"
        encoded = [base64.b64encode(part.encode()).decode() for part in (login, self.password)]
        return judge(self.stage, code, text, (*encoded, self.password) if self.password else ())

    def distrusts(self, error: Exception) -> bool:
        """Is this about TLS, the certificate, or what the server does not offer? No retry mends that."""
        if isinstance(error, SiteError):
            return True
        cause = error if isinstance(error, ssl.SSLError) else error.__cause__
        lost = isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
        return self.stage in {Stage.CONNECT, Stage.TLS} and isinstance(cause, ssl.SSLError) and not lost

    async def open(self) -> None:
        """Connects, encrypts as the settings say, logs in. Nothing secret is said before the check."""
        await self.client.connect()
        self.transports.append(self.client.transport)
        await self.hello()
        if self.mail.security == "starttls":
            self.stage = Stage.TLS
            if not self.client.supports_extension("starttls"):
                raise SiteError("the server does not offer STARTTLS; nothing is sent in clear")
            await self.client.starttls()
            self.transports.append(self.client.transport)
            await self.hello()
        self.stage = Stage.LOGIN
        self.check_safe()
        if self.mail.username is not None:
            await self.login(self.mail.username)

    async def hello(self) -> None:
        self.stage = Stage.HELLO
        name = socket.gethostname()
        if "." not in name or not re.fullmatch(DOMAIN, name):
            address = ipaddress.ip_address(self.client.get_transport_info("sockname")[0])
            name = f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
        await self.client.ehlo(hostname=name)

    def check_safe(self) -> None:
        """Raises SiteError unless the connection is encrypted, or ends on this machine."""
        if self.client.get_transport_info("sslcontext") is not None:
            return
        peer = ipaddress.ip_address(self.client.get_transport_info("peername")[0])
        if self.mail.security != "none" or not peer.is_loopback:
            raise SiteError(f"the connection to {peer} is not encrypted; nothing is sent in clear")

    async def login(self, username: str) -> None:
        """One try, by the first way that the server offers: three would be three steps towards a lock-out."""
        ways = {
            "plain": self.client.auth_plain,
            "login": self.client.auth_login,
            "cram-md5": self.client.auth_crammd5,
        }
        way = next((ways[name] for name in ways if name in self.client.server_auth_methods), None)
        if way is None:
            raise SiteError("the server offers no login (AUTH PLAIN, LOGIN or CRAM-MD5) on this connection")
        await way(username, self.password)

    async def deliver(self, envelope: Envelope) -> aiosmtplib.SMTPResponse:
        """MAIL, RCPT, DATA one by one: aiosmtplib's sendmail would not tell whether the last dot went out."""
        mail_options, rcpt_options = self.options(envelope)
        await self.say(Stage.MAIL, f"MAIL FROM:<{envelope.sender}>", *mail_options)
        await self.say(Stage.RCPT, f"RCPT TO:<{envelope.recipient}>", *rcpt_options)
        await self.say(Stage.DATA, "DATA", yes=3)
        return await self.content(envelope.message)

    def options(self, envelope: Envelope) -> tuple[list[str], list[str]]:
        """What MAIL and RCPT carry beside the address, of what the server offers."""
        offers = self.client.supports_extension
        mail = [f"SIZE={len(envelope.message)}"] if offers("size") else []
        if offers("8bitmime") and not envelope.message.isascii():
            mail.append("BODY=8BITMIME")
        if not offers("dsn"):
            return mail, []
        mail += ["RET=HDRS", *([f"ENVID={xtext(envelope.envelope_id)}"] if envelope.envelope_id else [])]
        return mail, ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{xtext(envelope.recipient)}"]

    async def say(self, stage: Stage, *command: str, yes: int = 2) -> None:
        self.stage = stage
        accepted(await self.client.execute_command(*(word.encode("ascii") for word in command)), yes)

    async def content(self, message: bytes) -> aiosmtplib.SMTPResponse:
        """The message, and once all of it is on its way, the dot. A server may answer before: then no dot."""
        protocol, transport = self.client.protocol, self.client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self.stage = Stage.CONTENT
        reading = asyncio.ensure_future(protocol.read_response(timeout=None))
        try:
            protocol.write(LEADING_DOT.sub(b"..", message))
            while transport.get_write_buffer_size() and not reading.done():  # noqa: ASYNC110 no event tells
                await asyncio.sleep(POLL)
            if not reading.done():
                self.stage = Stage.END
                protocol.write(b".\r\n")
            reply = await asyncio.wait_for(reading, self.mail.timeout.total_seconds())
            return accepted(reply, 2 if self.stage is Stage.END else None)
        finally:
            reading.cancel()


def accepted(reply: aiosmtplib.SMTPResponse, yes: int | None) -> aiosmtplib.SMTPResponse:
    """The reply if its first digit is `yes` (None: it is a no). Raises SMTPResponseException."""
    if reply.code // 100 != yes:
        raise aiosmtplib.SMTPResponseException(reply.code, reply.message)
    return reply


def xtext(text: str) -> str:
    """RFC 3461 4: what would end or split an argument is written as +HEX."""
    return "".join(sign if "!" <= sign <= "~" and sign not in "+=" else f"+{ord(sign):02X}" for sign in text)
