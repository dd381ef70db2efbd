"""A mail server on loopback for the demo: it lays every mail, and the letter in it, into a folder."""

from __future__ import annotations

import email
import email.policy
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Envelope, Session


class Folder:
    """Keeps what comes in as NUMBER-RECIPIENT.eml, the letter beside it as .pdf."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    async def handle_DATA(  # noqa: N802  (the library's name)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.count += 1
        content = envelope.content or b""
        name = f"{self.count:03d}-{envelope.rcpt_tos[0].replace('/', '_')}"
        raw = content if isinstance(content, bytes) else content.encode()
        (self.folder / f"{name}.eml").write_bytes(raw)
        for part in email.message_from_bytes(raw, policy=email.policy.default).iter_attachments():
            if part.get_content_type() == "application/pdf":
                (self.folder / f"{name}.pdf").write_bytes(part.get_content())
        return "250 2.0.0 kept"


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """The port, while the server runs."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(Folder(folder), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
