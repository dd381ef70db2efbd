"""A mail server for the guest: asks for a login, and keeps every mail that it takes as a file of its own.

Called as `sink.py PORT FOLDER PASSWORD_FILE`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, LoginPassword, Session


class Kept:
    def __init__(self, folder: Path, secret: bytes) -> None:
        self.folder = folder
        self.secret = secret

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        number = len(list(self.folder.iterdir()))
        content = envelope.original_content or b""
        (self.folder / f"{number}.eml").write_bytes(content)
        return "250 2.0.0 kept"

    def login(self, _: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given.password == self.secret, handled=False)


if __name__ == "__main__":
    port, folder, secret = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]).read_bytes()
    folder.mkdir(parents=True)
    kept = Kept(folder, secret)
    Controller(
        kept,
        hostname="127.0.0.1",
        port=port,
        authenticator=kept.login,
        auth_required=True,
        auth_require_tls=False,
    ).start()
    asyncio.run(asyncio.Event().wait())
