"""What `doctor` says of the daemon: whether it runs, and what keeps it from its work."""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import TYPE_CHECKING

from monitor.checks import Check, State

if TYPE_CHECKING:
    from config.settings import Exporter

PATIENCE = 5.0  # seconds
STARTS = "systemctl start rightsizer, or rightsizer run"


def daemon(settings: Exporter) -> Check:
    """Asks the daemon's page on this machine whether it is ready."""
    if not settings.enabled:
        return Check(
            "daemon", State.WARN, "not asked: exporter.enabled is false", "systemctl status rightsizer"
        )
    try:
        status, text = asked(settings)
    except ConnectionRefusedError:
        return Check("daemon", State.WARN, f"nobody serves port {settings.port}", STARTS)
    except (OSError, HTTPException) as error:
        return Check("daemon", State.WARN, f"port {settings.port} does not answer: {error}", STARTS)
    if status == 200:
        return Check("daemon", State.GOOD, text)
    return Check("daemon", State.BAD, text[:300], "do what it says; its log says more")


def asked(settings: Exporter) -> tuple[int, str]:
    """Status and text of /-/ready. Raises OSError, HTTPException."""
    host = place(settings.listen)
    if settings.cert_file is None:
        connection = HTTPConnection(host, settings.port, timeout=PATIENCE)
    else:  # it is our own, whatever name its certificate has
        connection = HTTPSConnection(
            host,
            settings.port,
            timeout=PATIENCE,
            context=ssl._create_unverified_context(),  # noqa: S323, SLF001
        )
    try:
        connection.request("GET", "/-/ready")
        answer = connection.getresponse()
        return answer.status, answer.read(1000).decode("utf-8", "replace").strip()
    finally:
        connection.close()


def place(listen: str) -> str:
    """Where to ask a server that listens there: one on every address answers on loopback."""
    try:
        address = ip_address(listen)
    except ValueError:
        return listen
    if not address.is_unspecified:
        return listen
    return "127.0.0.1" if address.version == 4 else "::1"
