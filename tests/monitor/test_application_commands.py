"""`rightsizer application` and `platform`: from a draft to machines whose clock runs, with advised sizes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from operating import TODAYS, placed, today
from stage import calendar_of, imported

from filing.tables import Project
from monitor.following import follow_all
from monitor.installation import actor, open_installation
from monitor.pipeline import unseen
from monitor.sources import addresses
from notifier.tables import Task
from store.lake import DAYS
from store.tables import Department, Machine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from operating import Place, Said

    from monitor.installation import Installation

PEOPLE = f"""people:
- {{login: {actor()}, roles: [operator]}}
- {{login: li, roles: [filer], department: 市司法局}}
- {{login: chen, roles: [reviewer]}}
- {{login: wu, roles: [reviewer]}}
"""
SIZE = {"vcpus": 8.0, "memory_bytes": 32.0 * 2**30, "disk_bytes": 500.0 * 2**30}
LINE = "role=数据库,count=2,vcpus=8,memory=32,system=100,data=400,os=麒麟V10,domestic=yes"
FACTS = ("--zone", "government", "--from", "2026-12-01", "--to", "2029-12-01", "--description", "在线申请")
ADD = ("add", "--department", "市司法局", "--system", "x")
CONTACT = ("--contact", "李", "--phone", "0532-1")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = placed(tmp_path / "here", TODAYS + PEOPLE)
    for year in range(2027, today().year + 2):  # the calendar reaches beyond the tests' days
        document = calendar_of(year, ["01-01"])
        imported(found.register, document, today())
    need = {"vcpus": 64, "memory_gib": 256, "disk_gib": 4000}
    with found.register.write() as db:
        office = Department(code="J1", name="市司法局")
        db.add_all([office, Department(code="F1", name="市财政局")])
        facts = {"kind": "develop", "state": "approved", "created_on": today()}
        db.add(Project(department=office, name="法律援助平台", cloud_need=need, **facts))
        sizes = {"vcpus": 8, "memory_gib": 32, "disk_gib": 500}
        for number in range(12):
            db.add(Machine(name=f"old-{number}", department=office, **sizes))
    (tmp_path / "paper.pdf").write_text("signed")
    (tmp_path / "empty.pdf").write_text("")
    return found


def house(place: Place) -> Installation:
    return open_installation(place.folder / "rightsizer.yml")


def measured(place: Place, names: Mapping[str, int], days: int, until: date) -> None:
    """Folded days of machines at so many percent of cpu, 31 % of memory and disk, through the day `until`."""
    known = {name: 288 for name in DAYS.names if name.endswith(("known", "expected"))}
    lake = house(place).lake
    for back in range(days):
        when = until - timedelta(days=back)
        rows = [
            {**known, **SIZE, "machine": name, "day": when, "cpu_mean": float(cpu), "cpu_peak": float(cpu),
             "cpu_histogram": [288 * (percent == cpu) for percent in range(101)], "memory_mean": 20.0,
             "memory_peak": 31.0, "disk_max": 31.0, "disk_last": 31.0, "network_mean": 900.0}
            for name, cpu in names.items()
        ]  # fmt: skip
        lake.replace_day(when, pa.Table.from_pylist(rows, schema=DAYS), f"by hand {when}")


def added(place: Place, *more: str) -> Said:
    words = ("--department", "市司法局", "--system", "法律援助", "--project", "1", "--line", LINE)
    return place.call("--as", "li", "application", "add", *words, *FACTS, *CONTACT, *more)


def said(place: Place, *words: str, by: str | None = None) -> str:
    """What a command that succeeds says to the person."""
    found = place.call(*(("--as", by) if by else ()), "application", *words)
    assert found.code == 0, found.err
    return found.err


def shown(place: Place, number: int = 1) -> Any:
    return place.json("application", "show", str(number))


def delivered(place: Place) -> None:
    added(place)
    said(place, "submit", "1", by="li")
    said(place, "approve", "1", by="chen")
    said(place, "approve", "1", by="wu")
    said(
        place, "deliver", "1", "--machines", "vm-1,vm-2", "--receipt", str(place.folder.parent / "paper.pdf")
    )


def followed(place: Place, days: int) -> dict[str, int]:
    """A round of following up so many days from now."""
    installation = house(place)
    now = installation.at(installation.now().moment + timedelta(days=days))
    return follow_all(installation, now, unseen)


def test_an_application_ends_in_machines_whose_clock_of_deployment_runs(place: Place) -> None:
    """31 % of 32 GB at a peak are carried by 16 GB, of 8 vCPUs by 4, of 500 GB by 250."""
    measured(place, {f"old-{number}": 31 for number in range(12)}, 40, today() - timedelta(days=1))
    paper = str(place.folder.parent / "paper.pdf")
    assert added(place, "--proof", paper).code == 0
    assert "waits for the administrative approval; due on" in said(place, "submit", "1", by="li")
    advice = shown(place)["advice"]
    assert advice["lines"][0]["advised"] == {"vcpus": 4.0, "memory_gib": 16.0, "disk_gib": 250.0}
    assert advice["lines"][0]["reasons"][1].endswith("（采样完整率最低100%），申请32GB，建议16GB")
    assert (advice["machines"], advice["measured"]) == (12, 12)
    assert "本单位12台云主机内存周期性峰值中位数31%" in said(place, "approve", "1", "-m", "同意", by="chen")
    said(place, "approve", "1", "--advised", "-m", "按实测用量核定", by="wu")
    said(place, "deliver", "1", "--machines", "vm-1,vm-2", "--receipt", paper)

    found = shown(place)
    assert found["state"] == "delivered"
    assert [(m["machine"], m["vcpus"], m["memory_gib"]) for m in found["machines"]] == [
        ("vm-1", 4.0, 16.0),
        ("vm-2", 4.0, 16.0),
    ]
    assert all(
        m["delivered_on"] == str(today()) and m["due_on"] != m["delivered_on"] for m in found["machines"]
    )
    assert [entry["actor"] for entry in found["journal"]][1] == f"li via {actor()}"
    assert found["possible"] == ["change", "deployed", "release"]
    page = place.call("application", "show", "1", "-o", "table").out
    assert "8/32/500" in page
    assert "4/16/250" in page
    assert "Deploy by" in page


def test_it_runs_when_the_collectors_see_load_on_every_machine(place: Place) -> None:
    delivered(place)
    followed(place, 1)
    assert shown(place)["state"] == "delivered"
    measured(place, {"vm-1": 40, "vm-2": 1}, 1, today() + timedelta(days=1))
    followed(place, 3)
    assert shown(place)["state"] == "delivered"
    measured(place, {"vm-1": 40, "vm-2": 40}, 1, today() + timedelta(days=2))
    counts = followed(place, 3)

    assert (counts["running"], counts["failed"]) == (1, 0)
    found = shown(place)
    assert (found["state"], found["running_on"]) == ("running", str(today() + timedelta(days=2)))


def test_what_is_not_deployed_for_long_is_a_task_for_a_person_until_it_is(place: Place) -> None:
    delivered(place)
    for _again in range(2):
        followed(place, 60)
    followed(place, 61)
    with place.register.read() as db:
        (task,) = db.query(Task).filter(Task.kind == "take_back", Task.closed_at.is_(None)).all()
        assert task.subject == "application 1"
    assert shown(place)["take_back_on"] is not None
    assert "收回建议" in place.call("application", "show", "1", "-o", "table").out
    said(place, "deployed", "1", by="li")
    followed(place, 62)

    assert shown(place)["state"] == "running"
    with place.register.read() as db:
        assert db.query(Task).filter(Task.kind == "take_back", Task.closed_at.is_(None)).all() == []


def test_what_serves_is_not_released_and_what_is_idle_leaves_the_judged(place: Place) -> None:
    delivered(place)
    paper = str(place.folder.parent / "paper.pdf")
    words = ("--data-statement", paper, "--data", "backed_up", "--logs", "kept", "--domains", "cancelled")
    release = ("--as", "li", "application", "release", "1", *words, "-m", "停用")
    unseen = place.call(*release)
    assert (unseen.code, "vm-1, vm-2: not measured" in unseen.err) == (1, True)
    measured(place, {"vm-1": 41, "vm-2": 1}, 7, today() - timedelta(days=1))
    serving = place.call(*release)
    assert "still serving: vm-1 (cpu p95 41 % (idle: 3), last 7 days)" in serving.err
    said(place, "release", "1", "--machine", "vm-2", *words, "-m", "停用", by="li")
    for event, by in (("submit", "li"), ("approve", "chen"), ("approve", "wu")):
        said(place, event, "2", by=by)
    with place.register.write() as db:
        for number, name in enumerate(("vm-1", "vm-2"), 1):
            db.query(Machine).filter(Machine.name == name).one().address = f"10.0.0.{number}"
    said(place, "released", "2", "-m", "已下线")

    assert (shown(place, 2)["state"], shown(place, 1)["state"]) == ("released", "delivered")
    judged = {row["machine"] for row in place.json("judge", "--dry-run")}
    assert ("vm-1" in judged, "vm-2" in judged) == (True, False)
    assert addresses(house(place)) == {"vm-1": "10.0.0.1"}
    rows = {row["machine"]: row["released_on"] for row in place.json("inventory", "list")}
    assert (rows["vm-1"], rows["vm-2"]) == (None, str(today()))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "--department", "没有的局", "--system", "x"), 1, "no department '没有的局'"),
        ((*ADD, "--line", "vcpus=8"), 2, "a role is wanted"),
        ((*ADD, "--line", "role=a,cores=8"), 2, "'cores' is none of"),
        ((*ADD, "--line", "role=a,vcpus=many"), 2, "is no number"),
        ((*ADD, "--line", "role=a,count=1.5"), 2, "no whole number"),
        ((*ADD, "--secret"), 1, "nothing was stored"),
        (("show", "9"), 1, "there is no application 9: `rightsizer application list`"),
        (("list", "--state", "gone"), 2, "one of draft"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(
    place: Place, words: tuple[str, ...], code: int, said: str
) -> None:
    found = place.call("application", *words)

    assert (found.code, said in found.err) == (code, True), found.err
    assert place.json("application", "list") == []


def test_an_empty_form_is_refused(place: Place) -> None:
    found = added(place, "--proof", str(place.folder.parent / "empty.pdf"))

    assert (found.code, "the file is empty" in found.err) == (1, True)


def test_a_secret_application_leaves_nothing_behind(place: Place) -> None:
    paper = str(place.folder.parent / "paper.pdf")
    found = added(place, "--proof", paper, "--secret")

    assert found.code == 1
    assert "法律援助" not in found.err
    assert not (place.folder / "data" / "proofs").exists()


def test_without_a_list_of_people_one_person_alone_cannot_approve(place: Place) -> None:
    delivered(place)
    (place.folder / "rightsizer.yml").write_text(f"data_dir: data\n{TODAYS}", "utf-8")
    place.call("application", "change", "1", "--line", "role=数据库,vcpus=4,memory=8,system=50,machine=vm-1")
    said(place, "submit", "2")
    found = place.call("application", "approve", "2")

    assert "submitted it: another person must decide" in found.err


def test_a_platform_is_recorded_planned_followed_and_closed(place: Place) -> None:
    due = str(today() + timedelta(days=90))
    words = ("--department", "市司法局", "--name", "司法云", "--started", "2021-05-01", "--system", "公证")
    assert "擅自新建（2021-05-01起，办法施行后）；无归并计划" in place.call("platform", "add", *words).err
    assert place.call("platform", "plan", "1", "--text", "迁移", "--due", due).code == 0
    assert place.call("platform", "progress", "1", "--text", "已迁移", "--percent", "60").code == 0
    (row,) = place.json("platform", "list")
    assert (row["state"], row["due_on"], row["percent"]) == ("planned", due, 60)
    assert place.json("platform", "show", "1")["notes"][0]["text"] == "已迁移"
    assert place.call("platform", "close", "1").code == 0

    assert place.json("platform", "list") == []
    assert place.json("platform", "list", "--closed")[0]["state"] == "closed"


def test_the_advice_is_of_the_day_of_submission(place: Place) -> None:
    added(place)
    said(place, "submit", "1", by="li")
    before = shown(place)["advice"]
    measured(place, {f"old-{number}": 31 for number in range(12)}, 40, today() - timedelta(days=1))

    assert shown(place)["advice"] == before
    assert before["lines"][0]["advised"] is None
    now = place.json("application", "advise", "1")
    assert now["lines"][0]["advised"]["memory_gib"] == 16.0
