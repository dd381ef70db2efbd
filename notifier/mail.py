"""The mail server: the only module that speaks SMTP."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import aiosmtplib

from config.secret import SecretError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from config.settings import Mail


class MailError(RuntimeError):
    """The mail server cannot be used; `advice` says what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def probe(mail: Mail) -> str:
    """Greets the server, secures the connection, logs in, and leaves. Returns what it said; raises
    MailError.
    """
    try:
        password = mail.password()
    except (OSError, SecretError) as error:
        raise MailError(f"no password for {mail.host}: {words(error)}", "check mail.password_file") from error
    try:
        return asyncio.run(greet(mail, password))
    except aiosmtplib.SMTPAuthenticationError as error:
        raise MailError(
            f"{mail.host}:{mail.port} refused the login: {error.message}", "check the password"
        ) from error
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
        advice = "check mail.host, mail.port, mail.security and the certificate (mail.tls.ca_file)"
        raise MailError(f"{mail.host}:{mail.port}: {words(error)}", advice) from error


def words(error: Exception) -> str:
    """The error without the number of the system; a time-out has no words of its own."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or "no answer in time"


async def greet(mail: Mail, password: SecretStr | None) -> str:
    client = aiosmtplib.SMTP(
        hostname=mail.host,
        port=mail.port,
        timeout=mail.timeout.total_seconds(),
        use_tls=mail.security == "tls",
        start_tls=mail.security == "starttls",
        tls_context=context(mail) if mail.security != "none" else None,
    )
    async with asyncio.timeout(mail.timeout.total_seconds()), client:
        if mail.username is not None and password is not None:
            await client.login(mail.username, password.get_secret_value())
        answer = await client.noop()
        return f"{mail.host}:{mail.port} answered {answer.code} over {mail.security}"


def context(mail: Mail) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(mail.tls.ca_file) if mail.tls.ca_file else None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if not mail.tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made
