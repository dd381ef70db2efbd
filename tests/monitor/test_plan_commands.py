"""Plans, supervision, the card of a department, and a case exported: as people type them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from operating import MAIL, Place, placed, today

from filing.tables import Filing, FilingState, Project, ProjectState
from monitor.installation import actor
from store.journal import Entry, append
from store.tables import Deadline, Department, JournalEntry

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = f"""
people:
  - {{login: {actor()}, roles: [operator]}}
  - {{login: chen, roles: [reviewer]}}
  - {{login: liu, roles: [reviewer]}}
  - {{login: sun, roles: [filer], department: 市民政局}}
  - {{login: zhou, roles: [filer], department: 市司法局}}
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = placed(tmp_path / "house", MAIL + PEOPLE)
    with made.register.write() as db:
        db.add_all([Department(id=1, code="A", name="市民政局"), Department(id=2, code="B", name="市司法局")])
    return made


def test_a_yearly_plan_goes_from_draft_to_a_task_that_is_done(place: Place) -> None:
    year, due = str(today().year), str(today() + timedelta(days=400))
    assert place.call("--as", "liu", "plan", "add", "yearly", year, "年度工作计划").out == "1\n"
    assert "has its yearly plan already" in place.call("plan", "add", "yearly", year, "又一个").err
    assert place.call("plan", "task", "add", "1", "建成平台", "--department", "A", "--due", due).out == "1\n"
    assert place.call("plan", "publish", "1").code == 1
    approval = ("plan", "approve", "1", "--number", "平政字〔2026〕9号")
    assert place.call("--as", "liu", *approval).code == 1  # who drafted it
    assert place.call("--as", "chen", *approval).code == 0
    assert place.call("plan", "publish", "1").err == "1: published; clocks of its tasks: 1\n"
    assert "for another department" in place.call("--as", "zhou", "plan", "task", "done", "1").err
    assert place.call("--as", "sun", "plan", "task", "done", "1").err == "task 1: 100 %\n"
    (shown,) = place.json("plan", "show", "1")

    assert shown["state"] == "published"
    assert shown["tasks"][0]["done_on"] == today().isoformat()
    assert place.json("plan", "list")[0]["done"] == 1
    assert "年度工作计划" in place.call("plan", "show", "1").out


def test_the_card_of_a_department_counts_what_ended(place: Place) -> None:
    day = today()
    with place.register.write() as db:
        common = {"department_id": 1, "started_on": day, "working_days": 10, "calendar": "c"}
        for n, (due, met) in enumerate(((day, day), (day - timedelta(1), None), (None, None))):
            db.add(
                Deadline(subject=f"machine:{n}", article="第十三条 部署", due_on=due, met_on=met, **common)
            )
    place.call("supervision", "add", "training", "数据安全培训", "--enrolled", "40", "--attended", "38")
    place.call("supervision", "add", "finding", "台账缺失", "--department", "市民政局")
    place.call("supervision", "add", "award", "先进", "--department", "市司法局")
    refused = place.call("supervision", "add", "training", "x", "--enrolled", "3", "--attended", "4")
    card = json.loads(place.call("department", "card", "A", "-o", "json").out)

    assert "4 attended, of 3 enrolled" in refused.err
    assert card["terms"] == [{"article": "第十三条 部署", "in_time": 1, "late": 1, "open": 1, "share": 0.5}]
    assert [row["title"] for row in card["records"]] == ["台账缺失", "数据安全培训"]
    place.call("supervision", "revoke", "2", "-m", "误记")
    assert [row["id"] for row in place.json("supervision", "list", "--department", "A")] == [1]
    assert "第十三条 部署" in place.call("department", "card", "市民政局").out
    assert "no department" in place.call("department", "card", "Z").err


def test_a_case_holds_rows_entries_and_papers_that_can_be_verified(place: Place, tmp_path: Path) -> None:
    proof = b"scan"
    kept = f"{hashlib.sha256(proof).hexdigest()}-scan.pdf"
    (place.folder / "data" / "proofs").mkdir()
    (place.folder / "data" / "proofs" / kept).write_bytes(proof)
    with place.register.write() as db:
        common = {"cloud_need": {}, "created_on": today(), "state": ProjectState.DRAFT, "kind": "develop"}
        db.add_all([Project(id=n, department_id=1, name=f"P{n}", **common) for n in (1, 2)])
        db.flush()
        db.add(Filing(id=5, department_id=1, project_id=1, name="S", state=FilingState.UNFILED, card={}))
        db.add(
            Deadline(
                subject="filing:5", article="第十条 备案", started_on=today(), working_days=9, calendar="c"
            )
        )
        moment = datetime(2026, 3, 2, tzinfo=UTC)
        said = {"subjects": ["filing:5", "filing:50"], "article": "第十条 备案"}
        append(
            db,
            moment,
            Entry("li", "project.add", "project:1", None, {"proof": kept}),
            Entry("li", "project.add", "project:2"),
            Entry("li", "deadline.started", "campaign", None, said),
            Entry("li", "project.add", "project:11"),
        )
    out = tmp_path / "case.zip"
    done = place.call("audit", "case", "project:1", str(out), "-m", "移送")
    with zipfile.ZipFile(out) as book:
        files = {name: book.read(name) for name in book.namelist()}
    manifest = json.loads(files["manifest.json"])
    entries = json.loads(files["journal.json"])

    assert done.code == 0, done.err
    assert {each["path"]: each["sha256"] for each in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"
    }
    assert [entry["action"] for entry in entries] == ["project.add", "deadline.started"]
    assert files[f"papers/{kept}"] == proof
    assert json.loads(files["rows/filing.json"])[0]["id"] == 5
    assert json.loads(files["rows/department.json"])[0]["name"] == "市民政局"
    assert [row["id"] for row in json.loads(files["rows/project.json"])] == [1]
    assert json.loads(files["rows/deadline.json"])[0]["subject"] == "filing:5"
    for entry in entries:  # by the words of the manifest alone
        content = {key: value for key, value in entry.items() if key not in {"id", "hash"}}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == entry["hash"]
    with place.register.read() as db:
        last = db.query(JournalEntry).order_by(JournalEntry.id.desc()).first()
        assert last is not None
        assert last.previous == manifest["journal"]["head"]
        assert last.after["manifest"] == hashlib.sha256(files["manifest.json"]).hexdigest()
    assert place.call("audit", "case", "project:1", str(out)).code == 1  # it lies there already
    assert place.call("audit", "case", "project:9", str(tmp_path / "x.zip")).code == 1
    assert not (tmp_path / "x.zip").exists()


def test_a_paper_that_was_changed_is_said_and_not_put_in(place: Place, tmp_path: Path) -> None:
    kept = f"{hashlib.sha256(b'a').hexdigest()}-a.pdf"
    (place.folder / "data" / "proofs").mkdir()
    (place.folder / "data" / "proofs" / kept).write_bytes(b"b")
    with place.register.write() as db:
        db.add(Filing(id=5, department_id=1, name="S", state=FilingState.UNFILED, card={"paper": kept}))
    done = place.call("audit", "case", "filing:5", str(tmp_path / "case.zip"))

    assert "missing: " in done.err
    assert "it was changed" in done.err


def test_departments_export_no_case(place: Place, tmp_path: Path) -> None:
    said = place.call("--as", "sun", "audit", "case", "project:1", str(tmp_path / "x.zip"))

    assert "not by sun" in said.err
