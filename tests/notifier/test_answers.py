"""What answers mean: one table of stages, codes and words; and how long to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.answers import GIVE_UP, Outcome, Stage, backoff, judge

SENT, LATER, DEAD, UNKNOWN = Outcome.SENT, Outcome.LATER, Outcome.DEAD, Outcome.UNKNOWN
PAUSE, UNREACHABLE = Outcome.PAUSE, Outcome.UNREACHABLE
CONNECT, HELLO, TLS, LOGIN = Stage.CONNECT, Stage.HELLO, Stage.TLS, Stage.LOGIN
MAIL, RCPT, DATA, CONTENT, END = Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.END


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        pytest.param(END, 250, "2.0.0 queued", SENT, id="250 after the dot"),
        pytest.param(END, 251, "will forward", SENT, id="any 2xx after the dot"),
        pytest.param(END, 299, "", SENT, id="the last 2xx"),
        pytest.param(RCPT, 550, "5.1.1 no such user", DEAD, id="550 at RCPT"),
        pytest.param(RCPT, 550, "no such user", DEAD, id="550 at RCPT, no enhanced code"),
        pytest.param(RCPT, 551, "not local", DEAD, id="551"),
        pytest.param(RCPT, 553, "5.1.3 bad syntax", DEAD, id="553"),
        pytest.param(RCPT, 501, "5.1.3 bad syntax", DEAD, id="5.1.x in another 5xx"),
        pytest.param(RCPT, 550, "#5.1.0 Address rejected.", DEAD, id="IronPort's #"),
        pytest.param(RCPT, 554, "5.7.1 Relay access denied", DEAD, id="relay denied: for this address"),
        pytest.param(RCPT, 556, "5.1.10 null MX", DEAD, id="a domain without mail"),
        pytest.param(END, 550, "5.7.1 spam", DEAD, id="5.7.1 after DATA"),
        pytest.param(CONTENT, 552, "5.3.4 too big", DEAD, id="too big, while it was sent"),
        pytest.param(MAIL, 552, "5.3.4 too big", DEAD, id="too big by SIZE"),
        pytest.param(RCPT, 550, "4.7.1 Greylisted", LATER, id="550 that calls itself temporary"),
        pytest.param(RCPT, 450, "4.2.0 Greylisted", LATER, id="450"),
        pytest.param(RCPT, 450, "5.1.1 soft bounce", LATER, id="450 that calls itself permanent"),
        pytest.param(RCPT, 452, "4.3.1 disk full", LATER, id="452"),
        pytest.param(RCPT, 552, "mailbox full", LATER, id="552"),
        pytest.param(RCPT, 550, "5.2.2 over quota", LATER, id="5.2.2"),
        pytest.param(END, 554, "5.4.4 unable to route", LATER, id="5.4.4"),
        pytest.param(END, 451, "4.7.1 try again", LATER, id="451 after the dot"),
        pytest.param(RCPT, 421, "4.3.2 shutting down", LATER, id="421 in a talk"),
        pytest.param(DATA, 503, "out of order", LATER, id="out of step"),
        pytest.param(DATA, 250, "OK", LATER, id="250 where 354 belongs"),
        pytest.param(RCPT, -1, "Malformed", LATER, id="nonsense at RCPT"),
        pytest.param(CONTENT, 250, "OK", LATER, id="a yes before the dot"),
        pytest.param(MAIL, None, "lost", LATER, id="lost at MAIL"),
        pytest.param(DATA, None, "lost", LATER, id="lost at DATA"),
        pytest.param(CONTENT, None, "lost", LATER, id="lost before the dot"),
        pytest.param(END, None, "lost", UNKNOWN, id="lost after the dot"),
        pytest.param(END, -1, "Malformed", UNKNOWN, id="nonsense after the dot"),
        pytest.param(END, 354, "go on", UNKNOWN, id="354 after the dot"),
        pytest.param(CONNECT, None, "refused", UNREACHABLE, id="refused"),
        pytest.param(CONNECT, 421, "too busy", UNREACHABLE, id="421 greeting"),
        pytest.param(CONNECT, 554, "no service", UNREACHABLE, id="554 greeting"),
        pytest.param(CONNECT, -1, "HTTP/1.1 400", UNREACHABLE, id="nonsense greeting"),
        pytest.param(HELLO, 550, "go away", UNREACHABLE, id="refused at EHLO"),
        pytest.param(TLS, None, "lost", UNREACHABLE, id="lost in the handshake"),
        pytest.param(TLS, 421, "closing", UNREACHABLE, id="421 to STARTTLS"),
        pytest.param(TLS, 454, "not available", PAUSE, id="STARTTLS declined"),
        pytest.param(LOGIN, 454, "4.7.0 try later", UNREACHABLE, id="454 to AUTH"),
        pytest.param(LOGIN, 535, "5.7.8 wrong", PAUSE, id="535"),
        pytest.param(LOGIN, 534, "too weak", PAUSE, id="534"),
        pytest.param(LOGIN, 538, "encryption required", PAUSE, id="538"),
        pytest.param(LOGIN, 504, "unknown mechanism", PAUSE, id="any 5xx to AUTH"),
        pytest.param(LOGIN, 334, "Vm9p", PAUSE, id="a question where none belongs"),
        pytest.param(MAIL, 530, "5.7.0 authentication required", PAUSE, id="530 at MAIL"),
        pytest.param(MAIL, 553, "5.7.1 sender not owned", PAUSE, id="our sender is refused"),
        pytest.param(RCPT, 550, "5.7.8 authentication", PAUSE, id="5.7.8 at RCPT"),
    ],
)
def test_an_answer_means(stage: Stage, code: int | None, text: str, expected: Outcome) -> None:
    answer = judge(stage, code, text)

    assert (answer.outcome, answer.code, answer.stage) == (expected, code, stage.name.lower())


def test_an_address_of_the_internet_is_no_enhanced_code() -> None:
    assert judge(RCPT, 550, "4.1.1.1 is blocked").outcome is DEAD


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 60), (5, 60), (100, 60), (10**9, 60)]
)
def test_the_wait_grows_to_an_hour(attempts: int, minutes: int) -> None:
    assert backoff(attempts, 0) == timedelta(minutes=minutes)
    # The spread lengthens by a quarter at most.
    assert backoff(attempts, 1) == timedelta(minutes=minutes * 1.25)
    assert backoff(attempts, 7) == backoff(attempts, 1)


def test_five_days_hold_more_than_a_hundred_tries() -> None:
    tries, waited = 0, timedelta()
    while waited <= GIVE_UP:
        tries += 1
        waited += backoff(tries, 0)

    # 1 + 5 + 15 min, then 60 each: the n-th wait ends at 21 + 60 (n - 3) min. 5 days are 7200 min:
    # 21 + 60 * 120 = 7221 > 7200 at n = 123.
    assert tries == 123


@given(
    stage=st.sampled_from(Stage),
    code=st.none() | st.integers(-2, 1000),
    text=st.text(st.characters(), max_size=900),
)
@example(stage=END, code=550, text="\udced\ud800 half pairs")
def test_whatever_a_server_says_is_one_short_line(stage: Stage, code: int | None, text: str) -> None:
    answer = judge(stage, code, text)
    # RFC 5321: a 2xx after the final dot is the only way to be sent.
    yes = stage is END and code is not None and 200 <= code <= 299

    assert (answer.outcome is SENT) == yes
    assert len(answer.text) <= 500
    assert answer.text.isprintable() or not set(answer.text) & set("\r\n\0\x85\u2028\u2029\u202e")
    assert len(answer.text.splitlines()) <= 1
    answer.text.encode()


def test_a_password_is_blotted_out_before_the_text_is_cut() -> None:
    text = "x" * 495 + " geheim99 " + "geheim99"

    assert "geheim" not in judge(LOGIN, 535, text, ("geheim99", "")).text
    assert judge(LOGIN, 535, "5.7.8 geheim99?", ("geheim99",)).text == "5.7.8 ***?"


def test_an_answer_in_the_chinese_of_gb_18030_can_be_read() -> None:
    heard = "用户不存在".encode("gb18030").decode("utf-8", "surrogateescape")

    assert judge(RCPT, 550, heard).text == "用户不存在"
