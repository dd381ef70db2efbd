"""Whom the `exporter` source asks, and what it needs for an answer: addresses, secrets, certificates."""

from __future__ import annotations

import shutil
import ssl
from contextlib import contextmanager
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from conftest import required
from scraping import NOW, collecting, once, page, reason
from servers import answering, certificate, serving, silence

from collectors.collector import CollectError, Reason
from collectors.fetch import within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("401 Unauthorized", Reason.AUTH),
        ("403 Forbidden", Reason.AUTH),
        ("404 Not Found", Reason.STATUS),
        ("500 Internal Server Error", Reason.STATUS),
        ("503 Service Unavailable", Reason.STATUS),
        ("204 No Content", Reason.STATUS),
    ],
)
def test_an_answer_other_than_200_is_a_failure(status: str, expected: Reason) -> None:
    with serving(answering(page() if status[:3] != "204" else b"", status)) as server:
        why, said = reason(server.url())

    assert why == expected
    assert said.startswith(f"answered {status}")


def test_basic_auth_sends_the_password_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame\n")
    with serving(answering(page())) as server:
        once(server.url(), auth={"username": "scraper", "password_file": str(tmp_path / "secret")})

        # base64("scraper:open sesame")
        assert server.requests[0].headers["Authorization"] == "Basic c2NyYXBlcjpvcGVuIHNlc2FtZQ=="


def test_a_bearer_token_is_read_anew_for_each_collection(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    auth = {"bearer_file": str(token)}
    with serving(answering(page())) as server, collecting([server.url()], auth=auth) as collector:
        list(collector.collect(NOW))
        token.write_text("new")
        list(collector.collect(NOW))

        assert [seen.headers["Authorization"] for seen in server.requests] == ["Bearer old", "Bearer new"]


def test_a_secret_that_vanished_fails_the_source_and_asks_nobody(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("here")
    auth = {"bearer_file": str(token)}
    with serving(answering(page())) as server, collecting([server.url()], auth=auth) as collector:
        token.unlink()
        [batch] = collector.collect(NOW)

        assert server.connections == 0
    [failure] = batch.failures
    assert (failure.machine, failure.reason, batch.samples.num_rows) == (None, Reason.AUTH, 0)


@contextmanager
def over_tls(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """(url, CA file) of a server whose certificate is for `name`."""
    if shutil.which("openssl") is None:
        required("openssl")
    ca, cert, key = certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with serving(answering(page()), context) as server:
        yield server.url(scheme="https"), str(ca)


def test_a_private_authority_is_trusted_when_it_is_named(tmp_path: Path) -> None:
    with over_tls(tmp_path, "127.0.0.1") as (url, ca):
        assert once(url, tls={"ca_file": ca}, timeout=5).samples.num_rows == 1


def test_an_authority_that_nobody_named_is_refused(tmp_path: Path) -> None:
    with over_tls(tmp_path, "127.0.0.1") as (url, _):
        assert reason(url, timeout=5)[0] == Reason.TLS


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    with over_tls(tmp_path, "10.9.9.9") as (url, ca):
        assert reason(url, tls={"ca_file": ca}, timeout=5)[0] == Reason.TLS


def test_a_laboratory_may_look_away(tmp_path: Path) -> None:
    with over_tls(tmp_path, "10.9.9.9") as (url, _):
        assert once(url, tls={"verify": False}, timeout=5).samples.num_rows == 1


def test_https_to_a_server_without_tls_is_a_tls_failure() -> None:
    with serving(silence, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        assert reason(server.url(scheme="https"), timeout=5)[0] == Reason.TLS


def test_an_authority_file_without_a_certificate_fails_the_source(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing\n")
    batch = once("https://127.0.0.1:9/metrics", tls={"ca_file": str(tmp_path / "ca.pem")})

    [failure] = batch.failures
    assert (failure.machine, failure.reason) == (None, Reason.TLS)


def test_a_failure_says_its_detail_in_200_printable_characters() -> None:
    error = CollectError(Reason.STATUS, "é\n" * 300)

    assert len(error.detail) == 200
    assert error.detail.isprintable()


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("::ffff:10.1.2.3", True),
        ("fe80::1%eth0", False),
        ("::1", False),
    ],
)
def test_an_address_lies_within_a_network_however_it_is_written(address: str, *, inside: bool) -> None:
    assert within(address, [ip_network("10.0.0.0/8")]) is inside


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(page())) as proxy, serving(answering(page())) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url("/"))
        batch = once(server.url())

        assert (batch.samples.num_rows, proxy.connections) == (1, 0)
