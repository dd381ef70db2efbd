"""The commands on projects: a clerk's walk from the draft to the work, what they print and refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from operating import TODAYS, Place, placed, today
from sqlalchemy import func, select
from test_reporting import day_row, measure

from config.settings import Settings
from filing.project_tables import ProjectPaper
from filing.tables import Filing, FilingState, Project
from monitor.installation import Installation, actor
from store.journal import verify
from store.tables import Department, JournalEntry, Machine, System

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = today()
PEOPLE = f"""
people:
  - {{login: {actor()}, roles: [operator]}}
  - {{login: li, roles: [filer], department: 市城管局}}
  - {{login: zhou, roles: [filer], department: 市民政局}}
  - {{login: chen, roles: [reviewer]}}
  - {{login: qian, roles: [finance]}}
  - {{login: zhao, roles: [auditor]}}
"""
FORM = (
    *(
        "--basis",
        "平政发〔2026〕1号",
        "--goals",
        "一网统管",
        "--content",
        "受理",
        "--fund-source",
        "市级财政",
    ),
    *(
        "--vcpus",
        "8",
        "--memory-gib",
        "32",
        "--disk-gib",
        "500",
        "--contact",
        "王工",
        "--phone",
        "0532-8888888",
    ),
)
PARTS = ("feasibility", "sharing", "security", "cloud", "estimate")
EXPERTS = ("张三=青岛大学", "李四=市财政局", "王五=海信集团")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Tests bring their own projects into it."""
    found = placed(tmp_path_factory.mktemp("projects"), TODAYS + PEOPLE)
    with found.register.write() as db:
        db.add_all([Department(code="D1", name="市城管局"), Department(code="D2", name="市民政局")])
    yield found
    found.register.close()


def done(place: Place, *words: str, login: str | None = None) -> str:
    """What the command says on success."""
    said = place.call(*(("--as", login) if login else ()), "project", *words)
    assert said.code == 0, said.err
    return said.err


def refused(place: Place, *words: str, login: str | None = None) -> str:
    said = place.call(*(("--as", login) if login else ()), "project", *words)
    assert said.code != 0, said.err
    assert said.out == ""
    return said.err


def draft(place: Place, name: str, *options: str) -> str:
    """Its number."""
    return done(place, "add", name, "--kind", "develop", *options, login="li").partition(":")[0]


def file(place: Place, name: str, content: str | None = None) -> str:
    path = place.folder / name
    path.write_text(name if content is None else content, "utf-8")
    return str(path)


def complete(place: Place, name: str) -> str:
    """A draft with everything."""
    number = draft(place, name, *FORM)
    for part in PARTS:
        done(place, "paper", "add", number, part, file(place, f"{number}-{part}.docx"), login="li")
    done(place, "budget-lines", number, "软件开发=100万元", "密码测评=280000", login="li")
    return number


def shown(place: Place, number: str) -> dict[str, Any]:
    found: dict[str, Any] = place.json("project", "show", number)
    return found


def test_a_project_goes_from_the_draft_to_the_work(place: Place) -> None:
    number = complete(place, "城管一体化")
    assert "第八条 受理, due" in done(place, "submit", number, login="li")
    assert "accepted" in done(place, "accept", number, login="chen")
    panel = [word for expert in EXPERTS for word in ("--expert", expert)]
    done(place, "convene", number, "--meeting", str(TODAY), *panel, "--fee", "3000")
    done(place, "expert", "declare", number, *(f"--clear={e.partition('=')[0]}" for e in EXPERTS))
    for name, score, vote in (("张三", "90", "pass"), ("李四", "80", "pass"), ("王五", "60", "fail")):
        done(place, "expert", "score", number, name, score, vote)
    said = done(
        place, "conclude", number, "--opinion", "同意", "--paper", file(place, "纪要.docx"), login="chen"
    )
    assert "pass, mean score 76.7; passed" in said  # (90 + 80 + 60) / 3
    done(
        place,
        "opinion",
        number,
        "--number",
        "平数审〔2026〕1号",
        "--paper",
        file(place, "意见.pdf"),
        login="chen",
    )
    done(place, "report", number, login="li")
    done(place, "approve", number, "--number", "平政字〔2026〕9号", "-m", "常务会议")
    assert "1,200,000.00 yuan arranged; budgeted" in done(
        place, "budget", number, "--sum", "120万", login="qian"
    )
    done(place, "start", number, login="li")

    found = shown(place, number)
    assert (found["state"], found["budgeted_fen"], found["approval_number"]) == (
        "running",
        120_000_000,
        "平政字〔2026〕9号",
    )
    assert [paper["kind"] for paper in found["papers"]] == [*PARTS, "minutes", "opinion"]
    assert [expert["score"] for expert in found["experts"]] == [90, 80, 60]
    assert [row["event"] for row in found["timeline"]][-4:] == ["budget", "facts", "start", "facts"]
    assert found["next"] == ["complete"]
    page = place.call("project", "show", number).out
    full = place.call("project", "show", number, "--full").out
    for words in ("平数审〔2026〕1号", "常务会议", "张三", "意见.pdf", "76.7"):
        assert words in page
        assert words in full
    assert "SHA-256" in full  # every section is a table there
    assert "small entries: --full" in page
    with place.register.read() as db:
        assert verify(db)[1] is None


def test_what_lacks_goes_back_with_the_list_and_a_deadline(place: Place) -> None:
    number = draft(place, "停车引导", "--budget", "128万")
    said = done(place, "submit", number, login="li")
    assert "look: it lacks 立项依据、建设目标" in said
    assert "信息安全分析" in refused(place, "accept", number, login="chen")
    assert "第八条 补正, due" in done(place, "return", number, login="chen")

    (_accept, supplement) = shown(place, number)["deadlines"]
    assert supplement["title"].startswith("补正市城管局“停车引导”项目的审核材料：立项依据、建设目标")
    assert (supplement["working_days"], supplement["met_on"]) == (10, None)
    rows = {row["id"]: row for row in place.json("project", "list")}
    assert rows[int(number)]["due_on"] == supplement["due_on"]
    assert rows[int(number)]["state"] == "incomplete"


def test_the_same_file_for_two_parts_is_pointed_out_and_an_empty_one_refused(place: Place) -> None:
    number = draft(place, "同一文件")
    path = file(place, "方案.docx")
    done(place, "paper", "add", number, "sharing", path, login="li")

    assert "the same file is 信息资源共享分析" in done(
        place, "paper", "add", number, "cloud", path, login="li"
    )
    empty = file(place, "空.docx", "")
    assert "the file is empty" in refused(place, "paper", "add", number, "security", empty, login="li")
    papers = shown(place, number)["papers"]
    assert [paper["kind"] for paper in papers] == ["sharing", "cloud"]
    assert (place.folder / "data" / "proofs" / papers[0]["file"]).read_text("utf-8") == "方案.docx"


def test_a_paper_whose_copy_was_changed_is_shouted(place: Place) -> None:
    number = draft(place, "改动")
    done(place, "paper", "add", number, "sharing", file(place, "原件.docx"), login="li")
    (paper,) = shown(place, number)["papers"]
    kept = place.folder / "data" / "proofs" / paper["file"]
    kept.chmod(0o640)
    kept.write_text("another", "utf-8")
    said = place.call("project", "show", number)

    assert said.code == 1
    assert "it was changed" in said.err


def test_hints_are_said_and_the_reviewer_answers_them(place: Place) -> None:
    with place.register.write() as db:
        db.add(System(department_id=2, name="智慧停车系统"))
    number = complete(place, "智慧停车平台")
    assert "look: duplicate: another department" in done(place, "submit", number, login="li")

    assert "say with -m what you found on them" in refused(place, "accept", number, login="chen")
    done(place, "accept", number, "-m", "业务不同", login="chen")
    assert [hint["kind"] for hint in shown(place, number)["hints"]] == ["duplicate"]
    assert "智慧停车系统 (市民政局)" in place.call("project", "show", number).out


def test_a_secret_project_leaves_no_trace(place: Place) -> None:
    def counts() -> tuple[int | None, ...]:
        with place.register.read() as db:
            return tuple(db.scalar(select(func.count(t.id))) for t in (Project, JournalEntry, ProjectPaper))

    before = counts()
    for words in (("特种指挥网", "--secret"), ("机密★特种指挥网",)):
        said = refused(place, "add", *words, "--kind", "develop", login="li")
        assert "nothing was stored" in said
        assert "特种" not in said
    assert counts() == before


@pytest.mark.parametrize(
    ("login", "words", "said"),
    [
        ("zhou", ("edit", "--goals", "别的"), "acts for another department"),
        ("zhao", ("withdraw",), "project {number}: cannot withdraw: it is not for the auditor"),
        ("li", ("accept",), "it is not for the filer, but for: reviewer"),
        ("li", ("approve", "--number", "1"), "is submitted: cannot approve; possible now: withdraw"),
        (None, ("return",), "it is not for the operator"),
        (None, ("edit", "--budget", "nothing"), "a sum in yuan"),
        (None, ("submit", "--on", "2100-01-01"), "is submitted: cannot submit"),
    ],
)
def test_who_may_not_is_told_why(place: Place, login: str | None, words: tuple[str, ...], said: str) -> None:
    with place.register.read() as db:
        known = db.scalar(select(Project.id).where(Project.name == "权限"))
    number = str(known) if known is not None else complete(place, "权限")
    if known is None:
        done(place, "submit", number, login="li")

    assert said.format(number=number) in refused(place, words[0], number, *words[1:], login=login)


def test_a_reviewer_cannot_decide_on_what_he_typed_in_as_the_operator(tmp_path: Path) -> None:
    people = f"""
people:
  - {{login: {actor()}, roles: [operator, reviewer]}}
  - {{login: li, roles: [filer], department: 市城管局}}
"""
    place = placed(tmp_path, TODAYS + people)
    with place.register.write() as db:
        db.add(Department(code="D1", name="市城管局"))
    number = complete(place, "自己")
    done(place, "submit", number, login="li")

    assert "another person must decide" in refused(place, "accept", number)
    place.register.close()


def test_the_list_is_filtered_and_an_empty_one_says_what_to_do(place: Place) -> None:
    number = draft(place, "唯一 名称（一期）", "--system", "数据大脑")
    done(place, "withdraw", number, "-m", "不做了", login="li")

    assert place.json("project", "list", "--search", "唯一名称") == []
    (row,) = place.json("project", "list", "--search", "数据大脑", "--state", "withdrawn")
    assert (row["name"], row["parts"], row["state"]) == ("唯一 名称(一期)", 0, "withdrawn")
    assert place.json("project", "list", "--department", "市民政局", "--state", "all") == []
    said = place.call("project", "list", "--search", "没有", "-o", "table")
    assert "`rightsizer project add NAME`" in said.err
    assert "no department '没有局'" in place.call("project", "list", "--department", "没有局").err


def test_a_spreadsheet_is_tried_imported_and_imported_again(place: Place) -> None:
    path = file(place, "审核表.csv", "项目名称,建设单位,项目类型,总投资（万元）\n表格一,市城管局,购买,20\n")
    dry = done(place, "import", path, "--dry-run")
    assert "1 project added, 0 changed, 0 unchanged (dry run" in dry
    assert "1 project added, 0 changed, 0 unchanged" in done(place, "import", path)
    assert "0 projects added, 0 changed, 1 unchanged" in done(place, "import", path)
    bad = file(place, "坏.csv", "项目名称,建设单位,项目类型\n表格二,市城管局,别的\n")
    back = place.folder / "坏-问题.csv"
    assert "one of 开发, 维护, 购买, 改扩建" in refused(place, "import", bad, "--annotate", str(back))
    assert "kind: one of 开发" in back.read_text("utf-8-sig")
    secret = file(place, "密.csv", "项目名称,建设单位,项目类型,涉密\n指挥,市城管局,开发,是\n")
    kept_out = place.folder / "密-问题.csv"
    assert "指挥" not in refused(place, "import", secret, "--annotate", str(kept_out))
    assert not kept_out.exists()


def test_machines_of_the_filed_system_stand_on_the_page_with_their_use(place: Place) -> None:
    number = draft(place, "有机器的项目")
    with place.register.write() as db:
        system = System(department_id=1, name="有机器的系统")
        db.add(system)
        db.flush()
        db.add(Machine(name="vm-project-1", department_id=1, system_id=system.id, vcpus=8))
        db.add(
            Filing(
                department_id=1,
                project_id=int(number),
                system_id=system.id,
                name=system.name,
                state=FilingState.FILED,
                card={},
            )
        )
    house = Installation(Settings(data_dir=place.folder / "data"), None, place.register)
    days = [TODAY - timedelta(days=back) for back in range(1, 36)]
    measure(house, [day_row("vm-project-1", day, 12) for day in days])

    (machine,) = shown(place, number)["machines"]
    assert (machine["machine"], machine["cpu_p95"], machine["disk_max"]) == ("vm-project-1", 12.0, 40.0)
    assert machine["coverage"] == 1.0
    page = place.call("project", "show", number).out
    assert "vm-project-1" in page
    assert "12 %" in page


def test_an_unknown_project_is_said(place: Place) -> None:
    assert "no project 9999" in refused(place, "show", "9999")
