"""The commands on requests, as filers, signers and reviewers call them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from offers import CHILDREN, LOW_INCOME, ROADS, city
from operating import TODAYS, Place, placed, today
from sqlalchemy import select

from catalog.sharing_tables import ShareRequest
from config.workdays import seed
from monitor.asked import expire
from monitor.installation import Installation, actor, open_installation
from store.tables import JournalEntry

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = f"""
people:
  - {{login: {actor()}, roles: [operator]}}
  - {{login: li, roles: [filer], department: 市住建局}}
  - {{login: sun, roles: [signer], department: 市民政局}}
  - {{login: zhang, roles: [editor], department: 市民政局}}
  - {{login: zhou, roles: [reviewer]}}
"""
ASKED = ("--purpose", "核对保障性住房申请人的收入条件", "--duty", "《公租房管理办法》第七条")
PHONE = "13812345678"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = placed(tmp_path / "office", TODAYS + PEOPLE)
    with made.register.write() as db:
        city(db)
    return made


def done(place: Place, login: str, *words: str, code: int = 0) -> str:
    said = place.call("--as", login, *words)
    assert said.code == code, said.err
    return said.err.strip()


def refused(place: Place, login: str, *words: str) -> str:
    said = place.call("--as", login, *words)
    assert said.code == 1, said.err
    return said.err.strip()


def house(place: Place) -> Installation:
    return open_installation(place.folder / "rightsizer.yml")


def drafted(place: Place, code: str = LOW_INCOME) -> str:
    last = today() + timedelta(days=30)
    term = ("--from", str(today()), "--to", str(last))
    return done(place, "li", "share", "draft", code, "--department", "市住建局", *ASKED, *term)


def granted(place: Place) -> None:
    drafted(place)
    done(place, "li", "share", "submit", "1")
    done(place, "zhou", "share", "forward", "1")
    done(place, "sun", "share", "grant", "1", "--conditions", "只用于核对")


def test_a_request_goes_from_the_draft_to_its_use(place: Place) -> None:
    assert drafted(place) == "1: drafted; `rightsizer share submit 1` hands it in"
    assert done(place, "li", "share", "edit", "1", "--item", "姓名") == "1: changed"
    assert done(place, "li", "share", "submit", "1") == "1: submitted; the centre checks its form"
    due = seed().add(today(), 5).on or "provisional: the calendar ends before it"
    assert done(place, "zhou", "share", "forward", "1") == f"1: sent to 市民政局, due {due}"
    (waiting,) = place.json("share", "list", "--state", "awaiting_answer")
    assert (waiting["department"], waiting["overdue"]) == ("市民政局", False)
    last = today() + timedelta(days=30)
    said = done(place, "sun", "share", "grant", "1", "--conditions", "只用于核对")
    assert said == f"1: granted for {today()} .. {last}"
    assert done(place, "li", "share", "use", "1", "--records", "12") == "1: use recorded"

    (shown,) = place.json("share", "show", "1")
    assert (shown["state"], shown["granted_items"], shown["records_used"]) == ("in_use", ["姓名"], 12)
    assert place.json("share", "list", "--department", "市公安局") == []


def test_another_use_ends_with_three_and_is_a_task(place: Place) -> None:
    granted(place)
    said = done(place, "li", "share", "use", "1", "--records", "5", "--purpose", "催收物业费", code=3)

    assert "VIOLATION: used for another purpose than the declared one; a task was opened" in said
    assert [line["records"] for line in place.json("share", "log", "1", "--violations")] == [5]
    assert [task["kind"] for task in place.json("task", "list")] == ["violation"]


def test_what_needs_no_request_says_where_to_take_it(place: Place) -> None:
    term = ("--from", str(today()), "--to", str(today()))
    words = ("share", "draft", "307003/000002", "--department", "市住建局", *ASKED, *term)

    assert "take it directly from share-platform/0001" in refused(place, "li", *words)


def test_what_is_not_shared_is_coordinated_and_refused(place: Place) -> None:
    drafted(place, CHILDREN)
    assert "不予共享: the centre coordinates" in done(place, "li", "share", "submit", "1")
    done(place, "sun", "share", "refuse", "1", "--ground", "law", "--text", "《未成年人保护法》第四条")

    (shown,) = place.json("share", "show", "1")
    assert (shown["refusal"], shown["answer"]) == ("法律法规不允许", "《未成年人保护法》第四条")
    assert "was coordinated" in refused(place, "li", "share", "dispute", "1", "-m", "不同意")


def test_the_other_steps_are_said_and_refused(place: Place) -> None:
    drafted(place)
    done(place, "li", "share", "submit", "1")
    assert done(place, "zhou", "share", "return", "1", "-m", "用途不清") == "1: returned to the department"
    done(place, "li", "share", "submit", "1")
    done(place, "zhou", "share", "forward", "1")
    assert "the department has time until" in refused(place, "zhou", "share", "coordinate", "1", "-m", "催")
    part = ("--item", "姓名", "--conditions", "只用于核对", "--ground", "other")
    assert "which other reason" in refused(place, "sun", "share", "grant-partly", "1", *part)
    said = done(place, "sun", "share", "grant-partly", "1", *part, "--text", "系统改造中")
    assert said.startswith("1: granted in part (姓名) for ")
    assert done(place, "sun", "share", "revoke", "1", "-m", "转给他人") == "1: revoked"
    drafted(place)
    assert done(place, "li", "share", "cancel", "2") == "2: cancelled"


def test_a_grant_expires_by_itself_once(place: Place) -> None:
    granted(place)
    installation = house(place)
    with place.register.write() as db:
        row = db.get(ShareRequest, 1)
        assert row is not None
        row.granted_from = row.granted_to = today() - timedelta(days=1)

    assert expire(installation, installation.now()) == {"expired": 1}
    assert expire(installation, installation.now()) == {"expired": 0}
    assert [row["state"] for row in place.json("share", "list")] == ["expired"]


def test_published_entries_without_a_link_are_listed(place: Place) -> None:
    assert [row["code"] for row in place.json("share", "unlinked")] == [ROADS]


def applied(place: Place) -> None:
    who = ("--kind", "citizen", "--applicant", "王小明", "--contact", PHONE)
    said = done(place, "zhang", "open", "receive", LOW_INCOME, *who, "--purpose", "研究社会救助覆盖面")
    assert "personal data, which needs the consent of the third party: 身份证号" in said


def test_an_application_is_corrected_consulted_and_opened_in_part(place: Place) -> None:
    applied(place)
    done(place, "zhang", "open", "ask-correction", "1", "--text", "请说明地区")
    done(place, "zhang", "open", "correct", "1", "--purpose", "研究本市社会救助覆盖面")
    done(place, "zhang", "open", "consult", "1", "--whom", "救助对象")
    assert [row["due_on"] for row in place.json("open", "list")] == ["stands"]
    done(place, "zhang", "open", "consent", "1", "disagreed")
    said = refused(place, "sun", "open", "grant", "1", "--conditions", "注明来源", "-m", "公共利益")
    assert "needs the consent of the third party" in said
    part = ("--item", "救助金额", "--conditions", "注明来源", "--ground", "third_party")
    assert done(place, "sun", "open", "grant-partly", "1", *part) == "1: granted in part: 救助金额"
    use = ("open", "use-report", "1", "--purpose")
    assert done(place, "zhang", *use, "研究本市社会救助覆盖面", "--product", "报告") == "1: report recorded"
    assert "VIOLATION" in done(place, "zhang", *use, "出售名单", code=3)

    assert [bool(line["violation"]) for line in place.json("open", "reports")] == [True, False]


def test_how_to_reach_an_applicant_is_shown_on_demand_only(place: Place) -> None:
    applied(place)
    done(place, "zhang", "open", "accept", "1")
    done(place, "sun", "open", "refuse", "1", "--ground", "repeated")
    shown = place.call("open", "show", "1", "-o", "table").out + place.call("open", "list", "-o", "json").out
    with place.register.read() as db:
        told = " ".join(f"{e.before} {e.after} {e.reason}" for e in db.scalars(select(JournalEntry)))

    assert "王**" in shown
    assert PHONE not in shown + told
    assert "王小明" not in shown + told
    assert place.json("open", "show", "1", "--contact")[0]["contact"] == PHONE
    assert PHONE in place.call("--as", "zhang", "open", "show", "1", "--contact", "-o", "json").out
    other = refused(place, "li", "open", "show", "1", "--contact")
    assert "name and contact are not shown: li via" in other
    assert "another department" in other


def test_applications_that_end_otherwise(place: Place) -> None:
    applied(place)
    assert done(place, "sun", "open", "not-ours", "1", "--text", "市人社局").startswith("1: not ours")
    applied(place)
    done(place, "zhang", "open", "accept", "2")
    said = place.call("--as", "sun", "open", "extend", "2", "--days", "21", "-m", "量大")
    assert "1 to 20 working days" in said.err
    assert done(place, "zhang", "open", "withdraw", "2", "-m", "申请人撤回") == "2: withdrawn"


def test_bought_data_is_closed_only_with_an_entry(place: Place) -> None:
    form = ("--department", "市住建局", "--title", "低保对象数据", "--need", "监测住房困难家庭")
    rest = ("--item", "租金", "--supplier", "某公司", "--price", "1,200.50", "--licence", "限内部")
    done(place, "li", "purchase", "draft", *form, *rest)
    done(place, "li", "purchase", "edit", "1", "--sharing", "forbidden")
    assert "307003/000001  低保对象信息  市民政局" in done(place, "li", "purchase", "submit", "1")
    assert "To approve it all the same, say why" in refused(place, "zhou", "purchase", "approve", "1")
    done(place, "zhou", "purchase", "approve", "1", "-m", "应急专用")
    done(place, "li", "purchase", "buy", "1", "--contract", "HT-1")
    assert "cannot close" in refused(place, "zhou", "purchase", "close", "1")
    done(place, "li", "purchase", "catalogue", "1", ROADS)
    assert "no link" in refused(place, "li", "purchase", "share", "1")

    (row,) = place.json("purchase", "list")
    assert (row["price_yuan"], row["state"], row["code"]) == (1200.5, "catalogued", ROADS)
    (shown,) = place.json("purchase", "show", "1")
    assert len(shown["doubts"]) == 2


@pytest.mark.parametrize(
    ("event", "state"), [("reject", "rejected"), ("return", "draft"), ("withdraw", "withdrawn")]
)
def test_a_purchase_may_end_before(place: Place, event: str, state: str) -> None:
    words = ("--title", "租金数据", "--need", "监测住房困难家庭", "--item", "租金", "--supplier", "某公司")
    last = ("--price", "5", "--licence", "全市", "--sharing", "allowed")
    done(place, "li", "purchase", "draft", "--department", "市住建局", *words, *last)
    done(place, "li", "purchase", "submit", "1")
    done(place, "li" if event == "withdraw" else "zhou", "purchase", event, "1", "-m", "说明")

    assert [row["state"] for row in place.json("purchase", "list")] == [state]


def test_an_amount_that_is_none_is_refused(place: Place) -> None:
    words = ("purchase", "draft", "--department", "市住建局", "--title", "数据", "--need", "监测住房困难家庭")
    for amount in ("-1", "1.005", "about 5", "NaN", "Infinity"):
        assert place.call("--as", "li", *words, "--price", amount).code == 2


def test_papers_that_need_not_be_asked_for_are_reported(place: Place, tmp_path: Path) -> None:
    sheet = tmp_path / "items.csv"
    sheet.write_text(
        "事项名称,单位,材料名称,是否纸质\n公租房申请,市住建局,低保证（复印件）,是\n,,收入证明,是\n", "utf-8"
    )
    file = str(sheet)
    assert "dry run" in done(place, "zhou", "service-item", "import", file, "--dry-run")
    assert place.json("service-item", "list") == []
    assert done(place, "zhou", "service-item", "import", file) == (
        "1 service item added, 0 changed, 0 unchanged"
    )
    done(place, "zhou", "service-item", "link", "2", LOW_INCOME)
    found = place.json("service-item", "report", "--department", "市住建局")
    assert [(row["paper"], row["how"]) for row in found] == [
        ("低保证(复印件)", "synonym"),
        ("收入证明", "link"),
    ]
    done(place, "zhou", "service-item", "link", "2")

    assert len(place.json("service-item", "report")) == 1
