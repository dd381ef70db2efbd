"""The page's server: who may read it, and what nobody can do to it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from components import free_port, wait

from config.settings import Exporter
from monitor.exporter.program import Program
from monitor.exporter.server import ListenError, Pages, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGE = b"rightsizer_up 1\n"


@contextmanager
def serving(unready: str | None = None, **settings: object) -> Iterator[tuple[str, Program]]:
    program, port = Program(), free_port()
    chosen = Exporter.model_validate({"port": port, **settings})
    with served(chosen, Pages(lambda: PAGE, lambda: unready), program):
        yield f"127.0.0.1:{port}", program


def answer(url: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as found:
            return found.status, found.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_page_is_served_and_its_requests_are_counted() -> None:
    with serving() as (place, program):
        assert answer(f"http://{place}/metrics") == (200, PAGE)
        assert answer(f"http://{place}/-/healthy") == (200, b"rightsizer is healthy\n")
        assert answer(f"http://{place}/elsewhere")[0] == 404
        assert b"/metrics" in answer(f"http://{place}/")[1]

    count = program.registry.get_sample_value
    name = "rightsizer_exporter_requests_total"
    assert count(name, {"path": "/metrics", "code": "200"}) == 1
    assert count(name, {"path": "other", "code": "404"}) == 1


def test_a_service_that_does_not_work_says_why_it_is_not_ready() -> None:
    with serving(unready="no disk space") as (place, _program):
        assert answer(f"http://{place}/-/ready") == (503, b"rightsizer is not ready: no disk space\n")
        assert answer(f"http://{place}/-/healthy")[0] == 200
    with serving() as (place, _program):
        assert answer(f"http://{place}/-/ready")[0] == 200


@pytest.mark.parametrize(
    ("pair", "code"),
    [("prometheus:word", 200), ("prometheus:wor", 401), ("other:word", 401), ("", 401)],
    ids=["right", "wrong word", "wrong name", "nothing"],
)
def test_fault_52_who_has_no_password_reads_nothing(tmp_path: Path, pair: str, code: int) -> None:
    word = tmp_path / "word"
    word.write_text("word\n")
    headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"} if pair else {}

    with serving(username="prometheus", password_file=word) as (place, _program):
        found, body = answer(f"http://{place}/metrics", **headers)

    assert found == code
    assert (body == PAGE) is (code == 200)


@dataclass(frozen=True, slots=True)
class Certified:
    """A server's key and certificate, and the client that trusts it."""

    key: Path
    certificate: Path

    def settings(self) -> dict[str, object]:
        return {"cert_file": self.certificate, "key_file": self.key}

    def read(self, place: str) -> bytes:
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        with urllib.request.urlopen(f"https://{place}/metrics", timeout=30, context=trusting) as found:
            body: bytes = found.read()
            return body


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    folder = tmp_path_factory.mktemp("certified")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    named = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        key,
        "-out",
        certificate,
    ]
    subprocess.run([*made, *named], check=True, capture_output=True)
    return Certified(key, certificate)


def test_the_page_is_served_with_tls_and_not_without(certified: Certified) -> None:
    with serving(**certified.settings()) as (place, _program):
        assert certified.read(place) == PAGE
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(f"http://{place}/metrics", timeout=30)
        assert certified.read(place) == PAGE


def test_a_request_in_one_piece_with_the_end_of_the_handshake_is_answered(certified: Certified) -> None:
    context = ssl.create_default_context(cafile=str(certified.certificate))
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    secured = context.wrap_bio(coming, going, server_hostname="127.0.0.1")
    with serving(**certified.settings()) as (place, _program), connected(place) as opened:

        def talked(step: Callable[[], bytes | None]) -> bytes | None:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    opened.sendall(going.read())
                    coming.write(opened.recv(65536))

        talked(secured.do_handshake)
        secured.write(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")  # goes with the client's Finished
        answered = talked(secured.read)

    assert answered is not None
    assert answered.startswith(b"HTTP/1.1 200 OK")


def connected(place: str) -> socket.socket:
    host, port = place.split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def half_open(place: str) -> socket.socket:
    """A request that never ends."""
    opened = connected(place)
    opened.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    return opened


def test_fault_52_half_open_connections_hold_up_nobody_and_are_cut() -> None:
    with serving(timeout="2s") as (place, program), ExitStack() as opened:
        threads = threading.active_count()
        slow = [opened.enter_context(half_open(place)) for _ in range(300)]

        assert answer(f"http://{place}/metrics") == (200, PAGE)
        assert threading.active_count() == threads
        assert all(connection.recv(100) == b"" for connection in slow)  # cut without an answer
        assert answer(f"http://{place}/metrics") == (200, PAGE)

    assert program.registry.get_sample_value("rightsizer_exporter_refused_total") == 0


def test_fault_52_more_connections_than_allowed_are_refused_and_counted() -> None:
    with serving(connections=16, timeout="30s") as (place, program), ExitStack() as opened:
        for _ in range(20):
            opened.enter_context(half_open(place))
        refused = program.registry.get_sample_value

        wait(lambda: refused("rightsizer_exporter_refused_total") == 4, "four refusals")


def test_fault_52_handshakes_that_never_end_are_counted_refused_and_cut(certified: Certified) -> None:
    with serving(connections=16, timeout="3s", **certified.settings()) as (place, program):
        with ExitStack() as opened:
            silent = [opened.enter_context(connected(place)) for _ in range(20)]
            refused = program.registry.get_sample_value
            wait(lambda: refused("rightsizer_exporter_refused_total") == 4, "four refusals")
            assert all(ended(connection) for connection in silent)
        for _ in range(3 * 16):
            with connected(place) as broken:
                broken.sendall(b"no handshake\r\n")
                assert ended(broken)

        assert certified.read(place) == PAGE
        assert refused("rightsizer_exporter_refused_total") == 4


def ended(connection: socket.socket) -> bool:
    """Whether the server ended it, with or without an alert of TLS before."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        return True
    return True


def test_a_place_that_is_no_name_is_said_and_not_served() -> None:
    chosen = Exporter(port=free_port()).model_copy(update={"listen": "a..b"})

    with (
        pytest.raises(ListenError, match=r"cannot serve /metrics on a\.\.b:"),
        served(chosen, Pages(lambda: PAGE, lambda: None), Program()),
    ):
        pytest.fail("it is served all the same")


def test_a_place_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        chosen = Exporter(port=taken.getsockname()[1])

        with (
            pytest.raises(ListenError, match=r"change exporter\.port"),
            served(chosen, Pages(lambda: PAGE, lambda: None), Program()),
        ):
            pytest.fail("it is served all the same")
