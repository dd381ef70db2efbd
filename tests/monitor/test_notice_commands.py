"""The operator's commands on notices: what they print, what they change, what they refuse."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from matters import (
    approved,
    deliveries,
    follow,
    issue_notice,
    items,
    journal,
    operator,
    owner,
    program,
    sent,
    states,
)
from operating import TODAYS, Place, placed, today
from sqlalchemy import select, text

from notifier.breaker import ISSUE
from notifier.message import Attachment, Head, mime
from notifier.parcels import SHEET, WORD
from notifier.receipts import RECORDED, Receipt, receive
from notifier.tables import Channel, Delivery, Notice, Task
from notifier.tasks import open_task
from store.calendar import calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = today()
ISSUED = TODAY - timedelta(days=6)
ADDRESS = "it@minzheng.example.gov.cn"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Tests bring their own notices into it."""
    found = placed(tmp_path_factory.mktemp("notices"), TODAYS)
    yield found
    found.register.close()


def issued(
    place: Place, kind: str = "shrink", machines: int = 3, department: str = "市民政局", days_ago: int = 6
) -> Notice:
    return issue_notice(
        place.register, kind, machines, department=department, on=TODAY - timedelta(days=days_ago)
    )


def received(place: Place, kind: str = "shrink", machines: int = 3, days_ago: int = 6) -> Notice:
    """Received on the day of its issue."""
    notice = issued(place, kind, machines, days_ago=days_ago)
    on = TODAY - timedelta(days=days_ago)
    with place.register.write() as db:
        row = db.get_one(Notice, notice.id)
        receive(db, calendar(db), row, Receipt(on, RECORDED), TODAY, operator(on, None))
    return notice


def machines(place: Place, notice: Notice) -> list[str]:
    with place.register.read() as db:
        return [item.machine for item in items(db, notice)]


def now(place: Place, notice: Notice) -> list[str]:
    with place.register.read() as db:
        return states(db, notice)


def due(place: Place, since: date) -> str:
    """The tenth working day after a day, as the calendar itself says it."""
    with place.register.read() as db:
        end = calendar(db).add(since, 10)
    return f"due {end.on}" if end.on else str(end)


def line(place: Place, notice: Notice, *words: str) -> dict[str, object]:
    found: list[dict[str, object]] = place.json("notice", "list", *words)
    return next(row for row in found if row["id"] == notice.id)


def proof(place: Place, content: bytes = b"%PDF-1.7 signed") -> Path:
    path = place.folder / "回执.pdf"
    path.write_bytes(content)
    return path


def test_the_list_has_a_line_for_each_first_notice(place: Place) -> None:
    notice = received(place)
    reminder = follow(place.register, notice, "overdue", TODAY)
    sent(place.register, notice, ISSUED)
    place.call("notice", "object", str(notice.id), "--machine", machines(place, notice)[0], "-m", "旺季")

    row = line(place, notice)
    with place.register.read() as db:
        end = calendar(db).add(ISSUED, 10).on

    assert {key: row[key] for key in ("number", "department", "kind", "living", "machines", "state")} == {
        "number": notice.number,
        "department": "市民政局",
        "kind": "shrink",
        "living": 3,
        "machines": 3,
        "state": "2 received, 1 objected",
    }
    assert (row["issued_on"], row["received_on"]) == (ISSUED.isoformat(), ISSUED.isoformat())
    assert row["due"] == (end.isoformat() if end else "provisional")
    assert (row["urged"], row["sent"], row["dead"], row["waiting"]) == (1, 1, 0, 0)
    assert row["states"] == {"objected": 1, "received": 2}
    assert reminder.id not in [row["id"] for row in place.json("notice", "list")]
    assert line(place, reminder, "--all")["follows"] == notice.number


def test_the_list_can_be_narrowed(place: Place) -> None:
    late = received(place, days_ago=60)
    question = received(place, "idle")
    other = issued(place, department="市教育局")

    def ids(*words: str) -> set[object]:
        return {row["id"] for row in place.json("notice", "list", *words)}

    assert question.id in ids("--kind", "idle")
    assert late.id not in ids("--kind", "idle")
    assert ids("--department", "市教育局") == {other.id}
    assert late.id in ids("--overdue")
    assert not {question.id, other.id} & ids("--overdue")
    assert other.id in ids("--state", "issued")
    assert late.id not in ids("--state", "issued")
    assert place.call("notice", "list", "--department", "市教育").code == 1


def test_the_table_says_what_is_wrong_with_the_mails(place: Place) -> None:
    notice = issued(place, department="市水利局")
    with place.register.write() as db:
        deliveries(db, notice)[0].state = "dead"
    paper = issue_notice(place.register, department="市水利局", on=ISSUED, recipients=())

    said = place.call("notice", "list", "--department", "市水利局", "-o", "table", COLUMNS="200").out
    assert f"{notice.number}" in said
    assert "3 issued; 1 mail dead" in said
    assert "3 issued; no mail" in said
    assert paper.number in said


@pytest.mark.parametrize("width", ["80", "120"])
def test_the_table_fits_the_terminal(place: Place, width: str) -> None:
    from rich.cells import cell_len

    issued(place, department="市住房和城乡建设局行政审批服务中心")
    said = place.call("notice", "list", "--all", "-o", "table", COLUMNS=width).out

    assert max(map(cell_len, said.splitlines())) <= int(width)


def test_the_page_of_a_notice_shows_everything_about_it(place: Place) -> None:
    notice = received(place)
    first, second, _third = machines(place, notice)
    sent(place.register, notice, ISSUED)
    place.call("notice", "object", str(notice.id), "--machine", first, "-m", "旺季")
    place.call(
        "notice", "done", notice.number, "--machine", second, "--proof", str(proof(place)), "-m", "看过"
    )
    after = follow(place.register, notice, on=TODAY)
    with place.register.write() as db:
        open_task(db, "undelivered", f"{notice.number} {ADDRESS}", "ring them up", program(TODAY))

    page = place.call("notice", "show", notice.number)
    whole = place.json("notice", "show", str(notice.id))
    assert (page.code, page.err) == (0, "")
    for words in (notice.number, "市民政局", "fits", "recorded by hand", "stands since", "ring them up",
                  "15 ≤ 25 %", "2026-08-03", after.number, "旺季", "看过", ADDRESS):  # fmt: skip
        assert words in page.out
    assert whole["sealed"] is True
    assert whole["content"]["rows"][0]["figures"][0]["value"] == 15.0
    assert [(item["state"], item["due"] is not None) for item in whole["items"]][:2] == [
        ("objected", True),
        ("done", True),
    ]
    assert [row["state"] for row in whole["deliveries"]] == ["sent"]
    assert [row["number"] for row in whole["following"]] == [after.number]
    assert [row["text"] for row in whole["tasks"]] == ["ring them up"]
    actions = [entry["action"] for entry in whole["journal"]]
    assert actions[:2] == ["notice.issued", "notice.received"]
    assert {"item.object", "deadline.paused", "item.done", "notice.proof"} <= set(actions)


def test_the_page_of_a_following_notice_names_its_first_one(place: Place) -> None:
    notice = received(place)
    after = follow(place.register, notice, on=TODAY)

    assert f"Follows: {notice.number} (No. {notice.id})" in place.call("notice", "show", str(after.id)).out


@pytest.mark.parametrize(
    "forged", ["replace(content, '16.0', '32.0')", "'{}'"], ids=["a number changed", "not even content"]
)
def test_a_notice_that_was_changed_is_said_loudly(place: Place, forged: str) -> None:
    notice = received(place)
    with place.register.write() as db:
        db.execute(text(f"UPDATE notice SET content = {forged} WHERE id = {notice.id}"))  # noqa: S608

    page = place.call("notice", "show", str(notice.id))
    whole = json.loads(place.call("notice", "show", str(notice.id), "-o", "json").out)
    assert page.code == 1
    assert "DOES NOT FIT" in page.out
    assert f"!!! {notice.number}: what the notice says does not fit its SHA-256" in page.err
    assert (whole["sealed"], whole["content"], len(whole["faults"])) == (False, None, 1)
    refused = place.call("notice", "receipt", str(notice.id), "--on", TODAY.isoformat())
    assert (refused.code, "it was changed after it was issued" in refused.err) == (1, True)


def test_a_proof_that_was_changed_is_said_loudly(place: Place) -> None:
    notice = issued(place)
    place.call("notice", "receipt", str(notice.id), "--on", str(ISSUED), "--proof", str(proof(place, b"one")))
    kept = place.folder / "data" / "proofs" / f"{hashlib.sha256(b'one').hexdigest()}-回执.pdf"
    kept.write_bytes(b"two")

    page = place.call("notice", "show", str(notice.id))
    assert page.code == 1
    assert f"!!! {kept}: it was changed" in page.err


def test_a_receipt_starts_the_clock_and_keeps_its_proof(place: Place) -> None:
    notice = issued(place)
    said = place.call(
        "notice",
        "receipt",
        notice.number,
        "--on",
        str(ISSUED),
        "--proof",
        str(proof(place)),
        "-m",
        "前台签收",
    )

    name = f"{hashlib.sha256(b'%PDF-1.7 signed').hexdigest()}-回执.pdf"
    assert said.err == f"{notice.number}: received on {ISSUED}; 3 received; {due(place, ISSUED)}\n"
    assert (place.folder / "data" / "proofs" / name).read_bytes() == b"%PDF-1.7 signed"
    with place.register.read() as db:
        entry = journal(db, "notice.received")[-1]
        assert (entry.after["proof"], entry.reason) == (name, "前台签收")


def test_a_receipt_can_be_corrected(place: Place) -> None:
    notice = received(place)
    later = ISSUED + timedelta(days=2)

    said = place.call("notice", "receipt", str(notice.id), "--on", str(later))
    assert said.err.startswith(f"{notice.number}: received on {later} (before: {ISSUED}); 3 received; ")
    assert due(place, later) in said.err


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, f"it cannot have been received on {ISSUED - timedelta(days=1)}"), (7, f"today is {TODAY}")],
    ids=["before it was issued", "tomorrow"],
)
def test_an_impossible_day_of_receipt_is_refused_with_its_bounds(place: Place, days: int, said: str) -> None:
    notice = issued(place)

    refused = place.call("notice", "receipt", str(notice.id), "--on", str(ISSUED + timedelta(days=days)))
    assert refused.code == 1
    assert f"issued on {ISSUED}" in refused.err
    assert said in refused.err
    assert now(place, notice) == ["issued"] * 3


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "the file is empty"), (None, "nothing lies there")], ids=["empty", "missing"]
)
def test_a_proof_that_proves_nothing_is_refused(place: Place, content: bytes | None, said: str) -> None:
    notice = received(place)
    path = proof(place, content or b"")
    if content is None:
        path.unlink()

    refused = place.call("notice", "done", str(notice.id), "--proof", str(path), "-m", "看过")
    assert (refused.code, said in refused.err) == (1, True)
    assert now(place, notice) == ["received"] * 3


def test_an_objection_is_recorded_and_decided(place: Place) -> None:
    notice = received(place)
    first = machines(place, notice)[0]

    objected = place.call("notice", "object", str(notice.id), "--machine", first, "-m", "年底业务高峰")
    assert objected.err.startswith(f"{notice.number}: {first}: objection of {TODAY}; 1 objected; ")
    assert f"the clock stands since {TODAY}" in objected.err

    upheld = place.call("notice", "decide", str(notice.id), "upheld", "-m", "监测期已含高峰")
    assert f"{first}: the notice is upheld; 1 received; " in upheld.err
    assert now(place, notice) == ["received"] * 3


def test_an_objection_that_is_right_withdraws_the_notice_for_its_machines(place: Place) -> None:
    notice = received(place)
    first = machines(place, notice)[0]
    place.call("notice", "object", str(notice.id), "--machine", first, "-m", "年底业务高峰")

    said = place.call("notice", "decide", str(notice.id), "withdrawn", "-m", "属实")
    spared = TODAY + timedelta(days=90)  # notices.rejected_for
    assert f"withdrawn; left alone until {spared}; 1 withdrawn; clock ended on {TODAY}" in said.err
    assert now(place, notice) == ["withdrawn", "received", "received"]


def test_what_nobody_objected_to_is_not_decided(place: Place) -> None:
    notice = received(place)

    refused = place.call("notice", "decide", str(notice.id), "withdrawn", "-m", "属实")
    assert refused.code == 1
    assert (
        "is received: no objection is to be decided as withdrawn; possible now: object, withdraw, done"
        in refused.err
    )
    assert now(place, notice) == ["received"] * 3


def test_an_objection_of_another_day_lies_between_receipt_and_today(place: Place) -> None:
    notice = received(place)

    early = place.call(
        "notice", "object", str(notice.id), "--on", str(ISSUED - timedelta(days=1)), "-m", "旺季"
    )
    assert early.code == 1
    assert f"was received on {ISSUED}" in early.err
    late = place.call(
        "notice", "object", str(notice.id), "--on", str(TODAY + timedelta(days=1)), "-m", "旺季"
    )
    assert f"today is {TODAY}" in late.err


def test_a_suggestion_is_adopted_or_declined(place: Place) -> None:
    notice = received(place, "expand")
    first = machines(place, notice)[0]

    adopted = place.call("notice", "adopt", str(notice.id), "--machine", first)
    declined = place.call("notice", "decline", str(notice.id), "-m", "预算不足")
    assert f"{first}: adopted; 1 adopted; clock ended on {TODAY}" in adopted.err
    assert f"declined; left alone until {TODAY + timedelta(days=90)}; 2 declined" in declined.err
    assert now(place, notice) == ["adopted", "declined", "declined"]


def test_what_binds_cannot_be_declined(place: Place) -> None:
    notice = received(place)

    refused = place.call("notice", "decline", str(notice.id), "-m", "不想")
    assert refused.code == 1
    assert "cannot decline: that is for expand and idle, this one is shrink" in refused.err


def test_more_time_is_given_and_said(place: Place) -> None:
    notice = received(place)
    until = TODAY + timedelta(days=40)

    said = place.call("notice", "extend", str(notice.id), "--until", str(until), "-m", "春节前割接")
    named = ", ".join(machines(place, notice))
    assert said.err == f"{notice.number}: {named}: more time; 3 received; due {until}\n"
    again = place.call("notice", "extend", str(notice.id), "--until", str(until), "-m", "again")
    assert f"is due on {until}: more time ends later than that" in again.err
    assert "2999" in place.call("notice", "extend", str(notice.id), "--until", "2999-01-01", "-m", "typo").err


def test_a_notice_is_withdrawn(place: Place) -> None:
    notice = received(place)

    said = place.call("notice", "withdraw", notice.number, "-m", "误发")
    assert "3 withdrawn" in said.err
    again = place.call("notice", "withdraw", notice.number, "-m", "误发")
    assert (again.code, "at its end already" in again.err) == (1, True)


def test_a_following_notice_takes_no_answer(place: Place) -> None:
    notice = received(place)
    after = follow(place.register, notice, on=TODAY)

    for words in (
        ("receipt", str(after.id), "--on", str(TODAY)),
        ("object", str(after.id), "-m", "旺季"),
        ("withdraw", str(after.id), "-m", "误发"),
        ("extend", str(after.id), "--until", str(TODAY + timedelta(days=9)), "-m", "旺季"),
    ):
        refused = place.call("notice", *words)
        assert refused.code == 1
        assert f"only follows {notice.number}: answer that one (id {notice.id})" in refused.err


CHANGING = [
    ("object",),
    ("decide", "upheld"),
    ("decline",),
    ("done", "--proof", "x.pdf"),
    ("extend", "--until", "2027-01-01"),
    ("withdraw",),
]


@pytest.mark.parametrize("reason", [(), ("-m", " ")], ids=["none", "blank"])
@pytest.mark.parametrize("words", CHANGING, ids=[words[0] for words in CHANGING])
def test_what_changes_a_duty_wants_its_reason(
    place: Place, words: tuple[str, ...], reason: tuple[str, ...]
) -> None:
    refused = place.call("notice", words[0], "1", *words[1:], *reason)

    assert refused.code == 2
    assert "--reason" in refused.err


def test_unknown_names_are_refused_and_nothing_is_changed(place: Place) -> None:
    notice = received(place)
    first = machines(place, notice)[0]

    assert "no notice 999999; `rightsizer notice list`" in place.call("notice", "show", "999999").err
    refused = place.call(
        "notice", "object", str(notice.id), "--machine", first, "--machine", "vm-9", "-m", "x"
    )
    assert (refused.code, f"{notice.number} does not name vm-9" in refused.err) == (1, True)
    assert now(place, notice) == ["received"] * 3


def test_the_circuit_breaker_is_released_with_a_reason(place: Place) -> None:
    refused = place.call("notice", "release", "-m", "查过")
    assert (refused.code, "nothing is held" in refused.err) == (1, True)

    with place.register.write() as db:
        held = Channel(name=ISSUE, state="held", since=program(TODAY).now, machines=120, departments=31)
        db.add(held)
        open_task(db, "breaker", ISSUE, "nothing is issued", program(TODAY))
    said = place.call("notice", "release", "-m", "查过，确为年度清理")
    assert "31 departments, 120 machines" in said.err
    with place.register.read() as db:
        assert db.get_one(Channel, ISSUE).state == "released"
        assert db.scalars(select(Task).where(Task.kind == "breaker", Task.closed_at.is_(None))).all() == []


MADE = {"pdf": b"%PDF-1.7 as sent", "docx": b"PK as sent", "xlsx": b"PK its annex"}


def mailed(place: Place, *forms: str) -> Notice:
    """A notice whose stored mail has these papers, made by hand."""
    notice = issued(place)
    kinds = {"pdf": "pdf", "docx": WORD, "xlsx": SHEET}
    papers = [Attachment(f"{notice.number}.{form}", MADE[form], kinds[form]) for form in forms]
    with place.register.write() as db:
        row = deliveries(db, notice)[0]
        head = Head("center@pingdu.example.gov.cn", "中心", ADDRESS, row.made_at, row.message_id, notice.id)
        row.mime = mime("核减通知", "各位：\n见附件。\n", "<p>各位：</p>", papers, head)
    return notice


def test_a_preview_is_exactly_what_was_sent(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = mailed(place, *MADE)
    monkeypatch.chdir(tmp_path)

    assert place.call("notice", "preview", str(notice.id)).out == "各位：\n见附件。\n"
    for form, content in MADE.items():
        said = place.call("notice", "preview", notice.number, f"--{form}")
        assert (said.out, said.err) == (f"{notice.number}.{form}\n", "")
        assert (tmp_path / f"{notice.number}.{form}").read_bytes() == content
    place.call("notice", "preview", notice.number, "--eml", "--output-file", "mail.eml")
    with place.register.read() as db:
        assert (tmp_path / "mail.eml").read_bytes() == deliveries(db, notice)[0].mime
    assert (
        place.call("notice", "preview", notice.number, "--html", "--output-file", "-").out
        == "<p>各位：</p>\n"
    )


def test_a_paper_that_somebody_may_have_edited_is_not_overwritten(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = mailed(place, "docx")
    monkeypatch.chdir(tmp_path)
    edited = tmp_path / f"{notice.number}.docx"
    edited.write_bytes(b"edited by hand")

    refused = place.call("notice", "preview", notice.number, "--docx")
    assert (refused.code, "lies here already" in refused.err) == (1, True)
    assert edited.read_bytes() == b"edited by hand"
    place.call("notice", "preview", notice.number, "--docx", "--output-file", str(edited))
    assert edited.read_bytes() == MADE["docx"]
    assert [path.name for path in tmp_path.iterdir()] == [edited.name]


def test_what_was_never_mailed_is_made_of_its_frozen_content(place: Place, tmp_path: Path) -> None:
    notice = issue_notice(place.register, machines=1, on=ISSUED, recipients=())

    said = place.call("notice", "preview", notice.number)
    assert "never mailed: made of its frozen content" in said.err
    assert notice.number in said.out
    assert machines(place, notice)[0] in said.out
    refused = place.call(
        "notice", "preview", notice.number, "--eml", "--output-file", str(tmp_path / "x.eml")
    )
    assert (refused.code, f"no mail was made of {notice.number}" in refused.err) == (1, True)


def test_a_paper_that_the_mail_lacks_is_made_of_the_frozen_content(place: Place, tmp_path: Path) -> None:
    notice = mailed(place, "pdf")

    said = place.call("notice", "preview", notice.number, "--docx", "--output-file", str(tmp_path / "x.docx"))
    assert "its mails have no DOCX" in said.err
    assert (tmp_path / "x.docx").read_bytes().startswith(b"PK")


def test_a_preview_is_of_one_notice_or_of_the_next_run(place: Place) -> None:
    assert place.call("notice", "preview").code == 2
    assert place.call("notice", "preview", "1", "--next").code == 2
    assert place.call("notice", "preview", "1", "--kind", "idle").code == 2


def test_the_next_run_can_be_looked_at_without_taking_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = placed(tmp_path / "next", TODAYS)
    monkeypatch.chdir(tmp_path)
    assert "nothing is approved" in place.call("notice", "preview", "--next").err
    with place.register.write() as db:
        approved(db, owner(db, "市民政局"), "idle", TODAY)
        approved(db, owner(db, "市教育局", email=None), "idle", TODAY)

    said = place.call("notice", "preview", "--next")
    one = place.call("notice", "preview", "--next", "--department", "市教育局")
    files = place.call("notice", "preview", "--next", "--docx").out.splitlines()
    assert said.code == 0
    assert said.out.count(f"〔{TODAY.year}〕…号") >= 2
    assert "not yet: " in said.err  # the policy is over, and two of two machines are too many
    assert "市民政局" not in one.out
    assert sorted(files) == sorted(
        f"平数云核实〔{TODAY.year}〕…号 {name}.docx" for name in ("市民政局", "市教育局")
    )
    refused = place.call("notice", "preview", "--next", "--department", "市教育局", "--eml")
    assert (refused.code, "the department has no address" in refused.err) == (1, True)
    two = place.call("notice", "preview", "--next", "--docx", "--output-file", "x.docx")
    assert (two.code, "2 notices, one file" in two.err) == (1, True)
    with place.register.read() as db:
        assert db.scalars(select(Notice)).all() == []
    place.register.close()


def test_a_notice_is_sent_anew_with_a_new_message_id(place: Place) -> None:
    notice = issue_notice(place.register, machines=1, on=ISSUED)
    with place.register.write() as db:
        row = deliveries(db, notice)[0]
        row.state, first = "dead", row.message_id
        open_task(db, "undelivered", f"{notice.number} {row.recipient}", "ring them up", program(TODAY))

    said = place.call("notice", "resend", notice.number, "-m", "地址已更正")
    with place.register.read() as db:
        _old, new = deliveries(db, notice)
        task = db.scalars(select(Task).where(Task.subject == f"{notice.number} {ADDRESS}")).one()

        assert said.err.startswith(f"1 new mail in the outbox: {new.id} {ADDRESS}")
        assert (new.copy, new.state, new.recipient) == (1, "pending", ADDRESS)
        assert new.message_id != first
        assert f"References: {first}".encode() in new.mime
        assert task.closed_at is not None
        assert [(e.after, e.reason) for e in journal(db, "notice.resent")][-1] == (
            {"recipients": [ADDRESS], "copy": 1},
            "地址已更正",
        )


def test_a_notice_whose_mail_still_waits_is_not_sent_anew(place: Place) -> None:
    notice = issue_notice(place.register, machines=1, on=ISSUED)

    refused = place.call("notice", "resend", str(notice.id))
    assert refused.code == 1
    assert f"to {ADDRESS} is still pending in the outbox" in refused.err
    forced = place.call("notice", "resend", str(notice.id), "--force", "--to", "bgs@minzheng.example.gov.cn")
    assert (forced.code, "bgs@minzheng.example.gov.cn" in forced.err) == (0, True)
    with place.register.read() as db:
        assert [(row.recipient, row.copy) for row in deliveries(db, notice)] == [
            (ADDRESS, 0),
            ("bgs@minzheng.example.gov.cn", 1),
        ]


def test_a_notice_without_an_address_or_a_server_is_not_sent_anew(place: Place, tmp_path: Path) -> None:
    with place.register.write() as db:
        owner(db, "市档案馆", email="not an address")
    notice = issue_notice(place.register, machines=1, department="市档案馆", on=ISSUED, recipients=())
    lonely = placed(tmp_path / "lonely", "")

    refused = place.call("notice", "resend", str(notice.id))
    assert "市档案馆 has no mail address" in refused.err
    assert place.call("notice", "resend", str(notice.id), "--to", "a b").code == 2
    assert "no mail server in the settings" in lonely.call("notice", "resend", "1").err
    lonely.register.close()


def test_a_matter_at_its_end_is_not_sent_anew(place: Place) -> None:
    notice = received(place, machines=1)
    sent(place.register, notice, ISSUED)
    place.call("notice", "withdraw", str(notice.id), "-m", "误发")

    refused = place.call("notice", "resend", str(notice.id))
    assert (refused.code, "at its end already; --force" in refused.err) == (1, True)
    with place.register.read() as db:
        assert len(db.scalars(select(Delivery).where(Delivery.notice_id == notice.id)).all()) == 1
