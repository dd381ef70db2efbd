"""The way of one project in the demo (arts. 7 to 9): a draft, returned, supplied, reviewed, paid, built; and
another one, that is withdrawn because the first does its work too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing import approvals, panel, submitting
from filing.completeness import listed
from filing.project_papers import add_items, set_lines
from filing.project_tables import DESIGN, Conclusion, Direction, PaperKind
from filing.projects import Form, add, edit
from filing.tables import ProjectKind
from monitor.demo.people import FILER, FINANCE, OTHER, REVIEWER, SIGNER
from monitor.demo.scene import department, project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.demo.people import Cast
    from monitor.demo.scene import Scene

WAN = 1_000_000  # fen
SHORT = "统一短信发送平台"
ITEMS = [("手机号码", None), ("短信内容", None), ("发送状态", None)]
PANEL = ("张三", "青岛大学"), ("李四", "海信集团"), ("王五", "青岛农业大学"), ("赵六", "市财政评审中心")
LAST = ("孙七", "山东科技大学")
VOTES = {"张三": (88.0, "pass"), "李四": (82.0, "pass"), "王五": (75.0, "revise"), "孙七": (85.0, "pass")}


def name_of(cast: Cast) -> str:
    return f"{cast.extended}改扩建项目"


def drafts(scene: Scene) -> Iterator[str]:
    """Two departments hand in what they have; it is pointed out that they make the same data."""
    first, second = scene.cast.first, scene.cast.second
    with scene.house.register.write() as db:
        act = scene.act(db, OTHER)
        form = Form(SHORT, ProjectKind.DEVELOP, fund_source="市级财政", budget_fen=35 * WAN)
        other = add(db, department(db, second.code), form, scene.today, act)
        add_items(db, other, Direction.PRODUCED, ITEMS, act)
        submitting.submit(db, other, scene.today, scene.desk(db, OTHER))
        yield f"project {other.id}: {other.name} of {second.name} submitted"
        form = Form(
            name_of(scene.cast),
            ProjectKind.EXTEND,
            goals="办理时限压缩一半，结果短信告知",
            system_name=scene.cast.extended,
            fund_source="市级财政",
            budget_fen=128 * WAN,
        )
        row = add(db, department(db, first.code), form, scene.today, scene.act(db, FILER))
        scene.hand_in(db, row, PaperKind.FEASIBILITY, FILER)
        add_items(db, row, Direction.PRODUCED, ITEMS, scene.act(db, FILER))
        lacks = submitting.submit(db, row, scene.today, scene.desk(db, SIGNER))
        yield f"project {row.id}: {row.name} of {first.name} submitted, lacks {len(lacks)} parts"
        for hint in row.hints:
            yield f"project {row.id}: hint: {submitting.hint_line(hint)}"


def returned(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        row = project(db, name_of(scene.cast))
        lacks = submitting.send_back(db, row, scene.desk(db, REVIEWER))
        yield f"project {row.id}: returned (补正), lacks {listed(lacks)}"


def supplied(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        row, act = project(db, name_of(scene.cast)), scene.act(db, FILER)
        more = Form(
            basis="平政办字〔2026〕18号",
            content="扩建受理、审核模块，接入短信发送",
            vcpus=16,
            memory_gib=64,
            disk_gib=600,
            contact="李华",
            phone="0532-88888888",
        )
        edit(db, row, more, act)
        for kind in DESIGN:
            scene.hand_in(db, row, kind, FILER)
        set_lines(db, row, [("软件开发", 100 * WAN), ("密码测评", 28 * WAN)], act)
        submitting.submit(db, row, scene.today, scene.desk(db, SIGNER))
        yield f"project {row.id}: supplied with the five parts, submitted again"


def accepted(scene: Scene) -> Iterator[str]:
    """The reviewer answers the hint, the other department withdraws, a panel is called in."""
    with scene.house.register.write() as db:
        row = project(db, name_of(scene.cast))
        why = f"短信由本项目统一建设，{scene.cast.second.name}不再单建"
        submitting.accept(db, row, scene.desk(db, REVIEWER, why))
        experts = [panel.Member(name, unit) for name, unit in (*PANEL, LAST)]
        panel.convene(db, row, scene.today, experts, 300_000, scene.desk(db, None))
        yield f"project {row.id}: accepted; panel of {len(experts)} called in"
        other = project(db, SHORT)
        submitting.withdraw(db, other, scene.desk(db, OTHER, "与改扩建项目合建"))
        yield f"project {other.id}: withdrawn by {scene.cast.second.name}"


def reviewed(scene: Scene) -> Iterator[str]:
    """The panel meets, the centre gives its opinion, the department reports to the city government."""
    with scene.house.register.write() as db:
        row, desk = project(db, name_of(scene.cast)), scene.desk(db, None)
        panel.declare(db, row, list(VOTES), [("赵六", "参与过本项目概算评审")], desk)
        for name, (points, vote) in VOTES.items():
            panel.score(db, row, name, panel.Ballot(points, Conclusion(vote)), desk)
        by = scene.desk(db, REVIEWER)
        result = panel.conclude(db, row, "方案可行，同意通过", by)
        scene.hand_in(db, row, PaperKind.MINUTES, None)
        approvals.issue_opinion(db, row, scene.today, f"平数审〔{scene.today.year}〕1号", by)
        yield f"project {row.id}: {result} by the panel, opinion {row.opinion_number}"
        approvals.report(db, row, scene.today, scene.desk(db, SIGNER))


def funded(scene: Scene) -> Iterator[str]:
    """Approved by the city government, its budget arranged by finance, begun."""
    with scene.house.register.write() as db:
        row = project(db, name_of(scene.cast))
        number = f"平政字〔{scene.today.year}〕9号"
        approvals.approve(db, row, scene.today, number, scene.desk(db, None))
        scene.hand_in(db, row, PaperKind.APPROVAL, None)
        approvals.budget(db, row, scene.today, 120 * WAN, scene.desk(db, FINANCE))
        approvals.start(db, row, scene.today, scene.desk(db, FILER))
        yield f"project {row.id}: approved by the city government ({number}), 1,200,000 yuan arranged, begun"


def completed(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        row = project(db, name_of(scene.cast))
        approvals.complete(db, row, scene.today, scene.desk(db, SIGNER))
        scene.hand_in(db, row, PaperKind.ACCEPTANCE, FILER)
        yield f"project {row.id}: completed and accepted (验收)"
