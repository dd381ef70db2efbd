"""Sending, against servers that behave as badly as servers do. Faults are numbered as in the catalogue."""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
import tracemalloc
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from components import free_port
from smtpservers import SECRET, Caller, Post, bounded, dialogue, listener, settings, smtpd

from notifier.answers import Answer, Outcome
from notifier.mail import Envelope, Loop, MailError, probe, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailservers import Certificates

    from config.settings import Mail

pytest_plugins = ["mailservers"]

SENDER = "bounces+d1@city.example"
LETTER = b"Message-ID: <notice-1.ab@city.example>\r\nSubject: x\r\n\r\n.\r\n..\r\n.dot\r\nlast\r\n"
SOON = timedelta(seconds=1)


def envelope(recipient: str = "office@city.example", message: bytes = LETTER) -> Envelope:
    return Envelope(SENDER, recipient, message, "d1")


def sent(mail: Mail, *envelopes: Envelope) -> list[Answer]:
    return bounded(lambda: [send(mail, one) for one in envelopes or (envelope(),)])


def outcome(answer: Answer) -> tuple[Outcome, int | None, str]:
    return answer.outcome, answer.code, answer.stage


@pytest.fixture
def login(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "secret").write_text(SECRET)
    return {"username": "notices", "password_file": tmp_path / "secret"}


@pytest.fixture
def trusted(certificates: Certificates) -> dict[str, Any]:
    return {"security": "starttls", "tls": {"ca_file": certificates.ca}}


def secrets_in(heard: bytearray) -> list[bytes]:
    """What of the password, or of a mail, stands in the clear bytes."""
    plain = base64.b64encode(f"\0notices\0{SECRET}".encode())
    words = [
        SECRET.encode(),
        base64.b64encode(SECRET.encode()),
        plain,
        b"AUTH ",
        b"MAIL",
        b"RCPT",
        b"Subject",
    ]
    return [word for word in words if word in heard]


# ---- what goes well


def test_the_message_goes_out_byte_by_byte() -> None:
    post = Post()
    long = (
        b"Subject: x\r\n\r\n"
        + b"".join(b".%d\r\n" % number for number in range(50_000))
        + b"\xe4\xbd\xa0\r\n"
    )
    with smtpd(post) as port:
        answers = sent(settings(port, timeout="8s"), envelope(), envelope(message=long))

    assert [outcome(answer) for answer in answers] == [(Outcome.SENT, 250, "end")] * 2
    assert [taken.content for taken in post.taken] == [LETTER, long]
    assert {(taken.sender, *taken.recipients) for taken in post.taken} == {(SENDER, "office@city.example")}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_over_tls_with_a_login(
    security: str, certificates: Certificates, trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    post, context = Post(), certificates.context("good")
    wrapped = (
        {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    )
    with smtpd(post, authenticator=post.login, **wrapped) as port:
        (answer,) = sent(settings(port, **{**trusted, "security": security}, **login))

    assert outcome(answer) == (Outcome.SENT, 250, "end")
    assert post.logins == [SECRET.encode()]
    assert len(post.taken) == 1


def test_any_2xx_after_the_final_dot_is_a_yes() -> None:
    post = Post(data=["251 2.1.5 will forward"])
    with smtpd(post) as port:
        (answer,) = sent(settings(port))

    assert outcome(answer) == (Outcome.SENT, 251, "end")


def test_reports_of_failure_are_asked_for_where_the_server_offers_them() -> None:
    offers = b"250-mail\r\n250-DSN\r\n250-8BITMIME\r\n250 SIZE\r\n"
    recipient = "sfj+cloud@city.example"
    with listener(dialogue({"EHLO": offers})) as server:
        sent(settings(server.port), Envelope(SENDER, recipient, LETTER, "d1=+"))
    with listener(dialogue({})) as plain:
        sent(settings(plain.port))

    # RFC 3461 4: "+" and "=" are written as +2B and +3D. LETTER has 40 + 12 + 2 + 3 + 4 + 6 + 6 = 73 bytes.
    assert b"MAIL FROM:<bounces+d1@city.example> SIZE=73 RET=HDRS ENVID=d1+3D+2B\r\n" in server.heard
    assert (
        b"RCPT TO:<sfj+cloud@city.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;sfj+2Bcloud@city.example\r\n"
        in server.heard
    )
    assert b"RCPT TO:<office@city.example>\r\n" in plain.heard


# ---- 44: temporary


def test_fault_44_greylisted_then_taken_with_the_same_message_id() -> None:
    post = Post(rcpt={"office@city.example": ["450 4.2.0 Greylisted", "250 OK"]})
    with smtpd(post) as port:
        first, second = sent(settings(port), envelope(), envelope())

    assert outcome(first) == (Outcome.LATER, 450, "rcpt")
    assert second.outcome is Outcome.SENT
    assert [taken.content for taken in post.taken] == [LETTER]


def test_fault_44_a_greeting_of_421_rests_the_channel() -> None:
    with listener(dialogue({"greeting": b"421 4.3.2 too many connections\r\n"})) as server:
        (answer,) = sent(settings(server.port))

    assert outcome(answer) == (Outcome.UNREACHABLE, 421, "connect")
    assert answer.text == "4.3.2 too many connections"


@pytest.mark.parametrize("where", ["mail", "rcpt", "data"])
def test_fault_44_a_full_disk_is_452_and_tried_again(where: str) -> None:
    no = ["452 4.3.1 insufficient storage"]
    post = {"mail": Post(mail=no), "rcpt": Post(rcpt={"office@city.example": no}), "data": Post(data=no)}[
        where
    ]
    with smtpd(post) as port:
        (answer,) = sent(settings(port))

    assert outcome(answer) == (Outcome.LATER, 452, "end" if where == "data" else where)
    assert post.taken == []


def test_fault_44_a_refused_connection_rests_the_channel() -> None:
    (answer,) = sent(settings(free_port()))

    assert outcome(answer) == (Outcome.UNREACHABLE, None, "connect")


def test_fault_44_a_name_that_nobody_knows_rests_the_channel() -> None:
    # RFC 2606: .invalid never resolves.
    mail = settings(25, host="mail.rightsizer.invalid", security="starttls")
    (answer,) = sent(mail)

    assert outcome(answer) == (Outcome.UNREACHABLE, None, "connect")
    assert "mail.rightsizer.invalid" in answer.text


def test_fault_44_a_silent_name_server_does_not_outlast_the_deadline() -> None:
    # Names are asked for in a thread, which asyncio.run would wait for: here it would be for ever.
    answered = Event()

    async def ask() -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await asyncio.to_thread(answered.wait)
        return True

    def work() -> bool:
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(ask())

    try:
        assert bounded(work)
    finally:
        answered.set()


# ---- 45: one of two


def test_fault_45_550_on_one_of_two_people_and_the_other_gets_it_once() -> None:
    post = Post(rcpt={"gone@city.example": ["550 5.1.1 no such user"]})
    with smtpd(post) as port:
        gone, office = sent(settings(port), envelope("gone@city.example"), envelope())

    assert outcome(gone) == (Outcome.DEAD, 550, "rcpt")
    assert office.outcome is Outcome.SENT
    assert [taken.recipients for taken in post.taken] == [["office@city.example"]]


# ---- 46: after the final dot, and just before


@pytest.mark.parametrize("fault", ["DROP", "SILENCE"])
def test_fault_46_lost_or_silent_after_the_final_dot_is_unknown(fault: str) -> None:
    post = Post(data=[fault, "250 OK"])
    with smtpd(post) as port:
        first, again = sent(settings(port, timeout=SOON), envelope(), envelope())

    assert outcome(first) == (Outcome.UNKNOWN, None, "end")
    assert again.outcome is Outcome.SENT
    # The server had taken it: two copies, told apart by nothing.
    assert [taken.content for taken in post.taken] == [LETTER, LETTER]


@pytest.mark.parametrize(
    ("command", "stage"), [("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "data")], ids=lambda value: value
)
def test_fault_46_lost_before_the_dot_is_certainly_not_sent(command: str, stage: str) -> None:
    with listener(dialogue({command: b""})) as server:
        (answer,) = sent(settings(server.port))

    assert outcome(answer) == (Outcome.LATER, None, stage)
    assert b"\r\n.\r\n" not in server.heard


def test_fault_46_lost_in_the_middle_of_the_message_is_certainly_not_sent() -> None:
    def script(caller: Caller) -> None:
        caller.say(b"220 mail\r\n")
        for line in caller.lines():
            if line == b"DATA":
                caller.say(b"354 go on\r\n")
                caller.connection.recv(1000)
                return
            caller.say(b"250 OK\r\n")

    # More than the send buffers of both sides hold, so that the dot cannot be on its way.
    message = b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 20_000
    with listener(script) as server:
        (answer,) = sent(settings(server.port), envelope(message=message))

    assert outcome(answer) == (Outcome.LATER, None, "content")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(b"552 5.3.4 too big", (Outcome.DEAD, 552, "content"), id="a no"),
        pytest.param(b"250 2.0.0 queued", (Outcome.LATER, 250, "content"), id="a yes to half a mail"),
    ],
)
def test_an_answer_in_the_middle_of_the_message_is_heard(
    said: bytes, expected: tuple[Outcome, int, str]
) -> None:
    def script(caller: Caller) -> None:
        caller.say(b"220 mail\r\n")
        for line in caller.lines():
            if line == b"DATA":
                caller.say(b"354 go on\r\n")
                caller.connection.recv(1000)
                caller.say(said + b"\r\n")
                caller.gone()
                return
            caller.say(b"250 OK\r\n")

    message = b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 20_000
    with listener(script) as server:
        (answer,) = sent(settings(server.port), envelope(message=message))

    assert outcome(answer) == expected


# ---- 47: nothing in clear

AUTH_IN_CLEAR = b"250-mail.city.example\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE\r\n"


@pytest.mark.parametrize(
    "offers", [AUTH_IN_CLEAR, b"250 mail.city.example\r\n"], ids=["AUTH in clear", "nothing"]
)
def test_fault_47_hidden_starttls_puts_nothing_on_the_wire(
    offers: bytes, trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    with listener(dialogue({"EHLO": offers})) as server:
        (answer,) = sent(settings(server.port, **trusted, **login))

    assert outcome(answer) == (Outcome.PAUSE, None, "tls")
    assert "STARTTLS" in answer.text
    # One line that names us, and a farewell at most.
    assert server.heard.startswith(b"EHLO ")
    assert server.heard.count(b"\r\n") <= 2
    assert secrets_in(server.heard) == []


def test_fault_47_starttls_offered_and_declined_puts_nothing_on_the_wire(
    trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    offers = b"250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
    with listener(dialogue({"EHLO": offers, "STARTTLS": b"454 4.7.0 TLS not available\r\n"})) as server:
        (answer,) = sent(settings(server.port, **trusted, **login))

    assert outcome(answer) == (Outcome.PAUSE, 454, "tls")
    assert secrets_in(server.heard) == []


def test_fault_47_starttls_answered_with_more_than_a_yes_does_not_fool_us(
    trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    injected = b"220 go on\r\n250-mail\r\n250 AUTH PLAIN\r\n235 fine\r\n250 OK\r\n"
    offers = b"250-mail\r\n250 STARTTLS\r\n"
    with listener(dialogue({"EHLO": offers, "STARTTLS": injected})) as server:
        (answer,) = sent(settings(server.port, timeout="1s", **trusted, **login))

    # What follows the 220 is not TLS: the handshake fails, or waits in vain.
    assert answer.outcome in {Outcome.PAUSE, Outcome.UNREACHABLE}
    assert answer.stage == "tls"
    assert secrets_in(server.heard) == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("shown", "words"),
    [
        pytest.param("foreign", "unable to get local issuer", id="of another authority"),
        pytest.param("stranger", "certificate is not valid for '127.0.0.1'", id="for another name"),
        pytest.param("expired", "certificate has expired", id="expired"),
    ],
)
def test_fault_47_a_wrong_certificate_gets_no_login_and_no_mail(
    shown: str,
    words: str,
    security: str,
    certificates: Certificates,
    trusted: dict[str, Any],
    login: dict[str, Any],
) -> None:
    post, context = Post(), certificates.context(shown)
    wrapped = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    with smtpd(post, authenticator=post.login, **wrapped) as port:
        (answer,) = sent(settings(port, **{**trusted, "security": security}, **login))

    assert outcome(answer) == (Outcome.PAUSE, None, "tls" if security == "starttls" else "connect")
    assert words in answer.text
    assert (post.taken, post.logins) == ([], [])


def test_fault_47_a_server_without_login_over_tls_gets_no_mail(
    certificates: Certificates, trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    post = Post()
    without = ("PLAIN", "LOGIN")
    with smtpd(post, tls_context=certificates.context("good"), auth_exclude_mechanism=without) as port:
        (answer,) = sent(settings(port, **trusted, **login))

    assert outcome(answer) == (Outcome.PAUSE, None, "login")
    assert "offers no login" in answer.text
    assert post.taken == []


def test_fault_47_tls_from_the_start_on_a_port_that_speaks_in_clear(
    trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    with listener(dialogue({})) as server:
        (answer,) = sent(settings(server.port, **{**trusted, "security": "tls"}, **login))

    assert outcome(answer) == (Outcome.PAUSE, None, "connect")
    assert secrets_in(server.heard) == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_fault_47_old_tls_is_refused(certificates: Certificates, trusted: dict[str, Any]) -> None:
    context = certificates.context("good")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")

    def script(caller: Caller) -> None:
        caller.say(b"220 mail\r\n")
        for line in caller.lines():
            if line == b"STARTTLS":
                caller.say(b"220 go on\r\n")
                break
            caller.say(b"250-mail\r\n250 STARTTLS\r\n")
        context.wrap_socket(caller.connection, server_side=True)

    with listener(script) as server:
        (answer,) = sent(settings(server.port, **trusted))

    assert outcome(answer) == (Outcome.PAUSE, None, "tls")
    assert "PROTOCOL_VERSION" in answer.text


# ---- 48: the password


def test_fault_48_a_wrong_password_is_tried_once_and_pauses(
    certificates: Certificates, trusted: dict[str, Any], login: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("wrong one")
    post = Post()
    with smtpd(post, authenticator=post.login, tls_context=certificates.context("good")) as port:
        (answer,) = sent(settings(port, **trusted, **login))

    assert outcome(answer) == (Outcome.PAUSE, 535, "login")
    # Three ways to log in were offered; a second try is a step towards a lock-out.
    assert post.logins == [b"wrong one"]
    assert post.taken == []


def test_fault_48_a_server_that_repeats_the_password_does_not_get_it_into_the_answer(
    login: dict[str, Any],
) -> None:
    encoded = base64.b64encode(f"\0notices\0{SECRET}".encode())
    said = b"535 5.7.8 bad: " + encoded + b" that is " + SECRET.encode() + b"\r\n"
    with listener(dialogue({"EHLO": AUTH_IN_CLEAR, "AUTH": said})) as server:
        (answer,) = sent(settings(server.port, **login))

    assert outcome(answer) == (Outcome.PAUSE, 535, "login")
    assert answer.text == "5.7.8 bad: *** that is ***"


def test_fault_48_a_login_required_and_not_set_pauses() -> None:
    with listener(dialogue({"MAIL": b"530 5.7.0 authentication required\r\n"})) as server:
        (answer,) = sent(settings(server.port))

    assert outcome(answer) == (Outcome.PAUSE, 530, "mail")


def test_a_password_file_that_vanished_pauses(login: dict[str, Any]) -> None:
    mail = settings(free_port(), **login)
    login["password_file"].unlink()
    (answer,) = sent(mail)

    assert outcome(answer) == (Outcome.PAUSE, None, "connect")
    assert "No such file" in answer.text


# ---- 49: no mail server at all


def flood(caller: Caller) -> None:
    while True:
        caller.say(b"2" * 65536)


def endless(caller: Caller) -> None:
    while True:
        caller.say(b"220-never the last line\r\n" * 1000)


def drip(caller: Caller) -> None:
    while True:
        caller.say(b"220-\r\n")
        time.sleep(0.01)


def garbage(caller: Caller) -> None:
    caller.say(bytes(range(256)) * 20)
    caller.gone()


def web(caller: Caller) -> None:
    caller.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    caller.gone()


def silent(caller: Caller) -> None:
    caller.gone()


@pytest.mark.parametrize(
    "script", [flood, endless, drip, garbage, web, silent], ids=lambda script: script.__name__
)
def test_fault_49_what_is_no_mail_server_rests_the_channel_in_little_memory(
    script: Callable[[Caller], None],
) -> None:
    with listener(script) as server:
        mail = settings(server.port, timeout="1s", deadline="3s")
        sent(mail)
        tracemalloc.start()
        (answer,) = sent(mail)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (answer.outcome, answer.stage) == (Outcome.UNREACHABLE, "connect")
    assert answer.code in {None, -1}
    assert len(answer.text) <= 500
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("RCPT", (Outcome.LATER, -1, "rcpt")),
        ("DATA", (Outcome.LATER, -1, "data")),
        (".", (Outcome.UNKNOWN, -1, "end")),
    ],
)
def test_fault_49_a_flood_in_the_middle_of_the_talk(command: str, expected: tuple[Outcome, int, str]) -> None:
    with listener(dialogue({command: b"250-again\r\n" * 100_000})) as server:
        (answer,) = sent(settings(server.port))

    assert outcome(answer) == expected


def test_fault_49_a_web_server_on_the_port_of_the_mail_server() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        (answer,) = sent(settings(server.server_port, timeout="1s"))
        server.shutdown()

    assert outcome(answer) == (Outcome.UNREACHABLE, None, "connect")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param({"greeting": 1.2, "EHLO": 1.2}, (Outcome.UNREACHABLE, None, "hello"), id="before MAIL"),
        pytest.param({"MAIL": 1.2, "RCPT": 1.2}, (Outcome.LATER, None, "rcpt"), id="before the dot"),
        pytest.param({"DATA": 1.2, ".": 1.2}, (Outcome.UNKNOWN, None, "end"), id="after the dot"),
    ],
)
def test_fault_49_the_deadline_of_the_whole_mail_holds(
    seconds: dict[str, float], expected: tuple[Outcome, None, str]
) -> None:
    with listener(dialogue({}, seconds)) as server:
        # Each answer takes less than the 5 s that one may take, both together more than the 2 s of the whole.
        (answer,) = sent(settings(server.port, timeout="5s", deadline="2s"))

    assert outcome(answer) == expected
    assert answer.text == "no answer in time"


def test_a_server_that_never_says_goodbye_does_not_undo_what_it_said() -> None:
    def script(caller: Caller) -> None:
        dialogue({"QUIT": b"", ".": b"250 2.0.0 queued\r\n"})(caller)
        caller.gone()

    with listener(script) as server:
        (answer,) = sent(settings(server.port))

    assert outcome(answer) == (Outcome.SENT, 250, "end")


# ---- envelopes


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient": "a@city.example>\r\nRCPT TO:<e@y"},
        {"recipient": "a b@city.example"},
        {"sender": "<>"},
        {"message": b"Subject: x\n\n"},
        {"message": b"Subject: x\r\n\r\nno end"},
        {"message": b"x\r\n\n.\r\n"},
        {"message": b"x\0\r\n"},
        {"envelope_id": "x" * 101},
        {"envelope_id": "=" * 34},
        {"envelope_id": "信"},
    ],
    ids=str,
)
def test_an_envelope_that_could_be_read_twice_is_not_made(wrong: dict[str, Any]) -> None:
    right = {"sender": SENDER, "recipient": "a@city.example", "message": LETTER, "envelope_id": "d1"}

    with pytest.raises(ValueError, match=r"address|message|envelope"):
        Envelope(**{**right, **wrong})


# ---- the doctor's probe


def test_the_probe_logs_in_and_sends_nothing(
    certificates: Certificates, trusted: dict[str, Any], login: dict[str, Any]
) -> None:
    post = Post()
    with smtpd(post, authenticator=post.login, tls_context=certificates.context("good")) as port:
        said = bounded(lambda: probe(settings(port, **trusted, **login)))

    assert said == f"127.0.0.1:{port} answered 250 over starttls"
    assert post.logins == [SECRET.encode()]
    assert post.taken == []


def test_the_probe_says_what_to_check(login: dict[str, Any], trusted: dict[str, Any]) -> None:
    refusal = {"EHLO": AUTH_IN_CLEAR, "AUTH": b"535 5.7.8 no\r\n"}
    with listener(dialogue(refusal)) as server, pytest.raises(MailError) as refused:
        probe(settings(server.port, **login))
    with listener(dialogue({})) as server, pytest.raises(MailError) as clear:
        probe(settings(server.port, **trusted))

    assert (refused.value.advice, "refused the login: 5.7.8 no" in str(refused.value)) == (
        "check the password",
        True,
    )
    assert "mail.security" in clear.value.advice
    assert "STARTTLS" in str(clear.value)
