"""The words of letters: what every kind must say, and what none may say."""

from __future__ import annotations

import re
import shutil
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from contents import EXPIRED, ISSUED, OVERRIDDEN, VALID, figure, figures, matters, sample
from hypothesis import given
from hypothesis import strategies as st

from notifier.content import FIRST, FOLLOWING, NoticeKind, Office, Size
from notifier.letters import facts
from notifier.letters.figures import article, cell, measured, numeral, share, window
from notifier.letters.templating import HEAD, OURS
from notifier.letters.wording import WordingError, letter, mistakes
from notifier.letters.words import STATES, WORDS
from notifier.oneline import one_line
from rules import statistics

if TYPE_CHECKING:
    from pathlib import Path

    from notifier.content import Content
    from notifier.letters.letter import Letter

KINDS = [kind.value for kind in (*FIRST, *FOLLOWING)]  # about machines
OPENING = [kind.value for kind in FIRST]
LOCALES = ("zh_CN", "en")


def body(written: Letter) -> str:
    return "\n".join(paragraph.text for paragraph in written.paragraphs)


def everything(written: Letter) -> str:
    """All text of a letter."""
    table = written.table
    parts = [
        written.subject,
        written.title,
        written.number,
        written.addressee,
        body(written),
        *written.annexes,
    ]
    parts += [*table.headings, *(text for row in table.rows for text in row), *written.legend]
    parts += [written.signature, written.date, written.contact, written.copies or ""]
    return "\n".join([*parts, written.deadline, written.action])


def changed(content: Content, **row: object) -> Content:
    """The same with its first row changed."""
    first = content.rows[0].model_copy(update=row)
    return content.model_copy(update={"rows": (first, *content.rows[1:])})


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("machines", [1, 3, 50])
def test_every_kind_has_number_addressee_title_and_a_row_a_machine(
    kind: str, locale: str, machines: int
) -> None:
    content = sample(kind, machines, locale=locale)

    written = letter(content)

    assert written == letter(sample(kind, machines, locale=locale))  # a function of the content
    assert written.number == content.number
    assert content.number in written.subject
    assert written.addressee == {"zh_CN": "市民政局：", "en": "市民政局:"}[locale]
    assert written.title
    assert written.deadline
    assert written.action
    assert written.annex_title == written.annexes[0]
    assert [row[0][:8] for row in written.table.rows] == [f"vm-{n:05d}" for n in range(1, machines + 1)]
    assert {len(row) for row in written.table.rows} == {len(written.table.headings)}
    assert len(written.table.numeric) == len(written.table.headings)
    assert written.copies is None
    assert "\n" not in written.subject


SAID = {
    "shrink": ("核减", "CPU使用率未超过25%，内存周期性峰值未超过30%，硬盘使用率不到50%",
               "每月可节约财政资金约1884元"),
    "expand": ("扩容", "资源使用率超过75%", "本函为建议，是否扩容由贵单位结合业务实际决定",
               "每月约增加支出1884元"),
    "idle": ("系统不再使用", "相关资源予以保留",
             "未经贵单位书面确认，我中心不释放上述资源，也不删除任何数据"),
    "deploy": ("云资源交付后10个工作日内完成系统部署", "不再需要的", "防止财政资金浪费"),
    "reminder": ("平数云核减〔2026〕12号通知", "2026年9月18日收到", "将于2026年10月9日届满"),
    "overdue": ("（第2次）", "于2026年9月18日收到", "办理期限至2026年10月9日", "2026年10月16日（含当日）前"),
    "withdrawal": ("撤销", "平数云核减〔2026〕12号通知", "不必再就上述云主机按该通知办理"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_says_what_its_kind_is_for(kind: str) -> None:
    said = everything(letter(sample(kind)))

    assert [words for words in SAID[kind] if words not in said] == []


@pytest.mark.parametrize("kind", ["reminder", "overdue"])
def test_a_department_that_signed_for_nothing_is_told_where_the_notice_went(kind: str) -> None:
    content = sample(kind)
    assert content.parent is not None
    taken = content.model_copy(update={"parent": content.parent.model_copy(update={"signed": False})})

    said = body(letter(taken))
    assert "已于2026年9月18日送达" in said
    assert "2026年9月18日收到" not in said


@pytest.mark.parametrize("kind", KINDS)
def test_an_objection_is_possible_and_it_is_said_how_and_until_when(kind: str) -> None:
    said = body(letter(sample(kind)))

    assert re.search("不同意见|有疑问", said)
    assert "书面" in said
    assert re.search("同一期限内|上述期限内|10个工作日内", said)


@pytest.mark.parametrize("kind", KINDS)
def test_no_letter_threatens_beyond_the_regulation(kind: str) -> None:
    said = everything(letter(sample(kind))) + everything(letter(sample(kind, locale="en")))

    assert not re.search("处分|追究|问责|处罚|停止.*预算|绩效|强制|discipl|punish|penalt|sanction", said)


@pytest.mark.parametrize("kind", OPENING)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_first_notice_counts_from_receipt_and_names_no_day(kind: str, locale: str) -> None:
    content = sample(kind, locale=locale, answer_by=date(2026, 10, 9), working_days=7)

    written = letter(content)

    term = {"zh_CN": "自收到本.{1,2}之日起7个工作日内", "en": "within 7 working days of receipt of this"}[
        locale
    ]
    assert re.search(term, written.deadline)
    assert re.search(term, body(written))
    assert "10月9日" not in everything(written)
    assert "9 October" not in everything(written)
    assert "逾期" not in everything(written)


def test_what_follows_asks_by_a_day_and_without_one_by_a_term() -> None:
    known = letter(sample("overdue"))
    open_overdue = letter(sample("overdue", answer_by=None))
    open_rows = tuple(row.model_copy(update={"due": None}) for row in sample("reminder").rows)
    open_reminder = letter(sample("reminder", answer_by=None, rows=open_rows))
    reminder_by_rows = letter(sample("reminder", answer_by=None))

    assert known.deadline == "2026年10月16日（含当日）前"
    assert open_overdue.deadline == "自收到本通知之日起10个工作日内"
    assert open_reminder.deadline == "自收到上述通知之日起10个工作日内"
    assert "具体截止日期待工作日安排公布后确定" in body(open_reminder)
    assert open_reminder.table.rows[0][3] == "收到之日起10个工作日内"
    assert reminder_by_rows.deadline == "2026年10月9日（含当日）前"  # every machine is due on that day


def test_nobody_is_blamed_before_receipt_is_proved() -> None:
    content = sample("overdue")
    assert content.parent is not None
    parent = content.parent.model_copy(update={"received_on": None, "due": None})

    said = body(letter(content.model_copy(update={"parent": parent})))

    assert "收到日期尚未确认；如未收到，请即告知我中心" in said
    assert "逾期" not in said
    assert "办理期限至" not in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"copy_to": ("市财政局", "市政府督查室")}, "本次催办同时抄送市财政局、市政府督查室"),
        ({}, "可按照监督检查的有关规定报告监督部门"),
    ],
    ids=["the last one, with a copy", "before the last one"],
)
def test_an_overdue_letter_says_what_happens_next(changes: dict[str, Any], said: str) -> None:
    written = letter(sample("overdue", level=3, **changes))

    assert said in body(written)
    assert "第3次" in written.title
    assert written.copies == ("市财政局，市政府督查室" if changes else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("basis", "says", "says_not"),
    [
        (VALID, ("根据《平度市电子政务和政务数据管理办法（暂行）》（PDDR-2020-0020001）第十三条的规定",
                 "有效期自2020年9月13日至2030年9月12日"), ("有效期已于", "参照")),
        (EXPIRED, ("参照《平度市电子政务和政务数据管理办法（暂行）》（PDDR-2020-0020001）第十三条的规定",
                   "有效期已于2022年9月12日届满，目前尚未确定接续文件", "暂参照该文件第十三条办理"),
         ("根据《",)),
        (OVERRIDDEN, ("根据《平度市政务云资源管理办法》（平政办发〔2025〕5号）第八条的规定",
                      "有效期已于2022年9月12日届满"), ("尚未确定接续文件", "参照")),
        (VALID.model_copy(update={"valid_to": None}), ("自2020年9月13日起施行",), ("有效期已于", "参照")),
    ],
    ids=["valid", "expired", "expired, a successor is named", "valid without an end"],
)  # fmt: skip
def test_the_validity_of_the_regulation_is_said_openly(
    kind: str, basis: object, says: tuple[str, ...], says_not: tuple[str, ...]
) -> None:
    said = body(letter(sample(kind, basis=basis)))

    assert [words for words in says if words not in said] == []
    assert [words for words in says_not if words in said] == []


def test_the_table_of_a_reduction_has_every_figure_with_window_coverage_threshold_and_days() -> None:
    written = letter(sample("shrink", 1))

    assert dict(zip(written.table.headings, written.table.rows[0], strict=True)) == {
        "云主机": "vm-00001（10.32.0.1）",
        "业务系统": "社会救助系统",
        "现配置": "16核/32GB/300GB",
        "建议配置": "8核/16GB/150GB",
        "CPU使用率（95%分位），标准≤25%": "15%（99.9%的采样未超过25%）",  # 0.999073, cut
        "内存周期性峰值，标准≤30%": "18.2%（见于8月3日、9月12日）",
        "硬盘最高使用率，标准<50%": "31.4%",
        "采样完整率": "96.3%（采样9708/10080次；有效34/35日）",
        "每月节约（元）": "628",
    }
    assert written.table.numeric == (False,) * 8 + (True,)
    # 35 days before 18 September: 14 August to 17 September
    assert "2026年8月14日至2026年9月17日（共35日）" in body(written)
    assert "2026年8月14日至2026年9月17日（共35日）" in written.legend[0]
    assert "监测期间采样完整率为96.3%" in body(written)
    for fact in (
        "CPU使用率（95%分位）为15%（标准：不超过25%",
        "18.2%（标准：不超过30%；见于8月3日、9月12日）",
    ):
        assert fact in body(written)


@pytest.mark.parametrize(
    ("kind", "of", "headings", "first"),
    [
        ("idle", "shrink", ("CPU使用率（95%分位），标准≤3%", "网络平均流量，标准≤1000字节/秒"), "320字节/秒"),
        ("expand", "shrink", ("内存周期性峰值，标准>75%", "每月增加（元）"),
         "91.3%（已达到；见于9月4日、9月12日）"),
        ("deploy", "shrink", ("交付日期", "规定部署期限"), "2026年8月28日"),
        ("reminder", "shrink", ("办理要求", "办理期限"), "由16核/32GB/300GB核减为8核/16GB/150GB"),
        ("overdue", "deploy", ("办理期限", "目前状态"), "完成系统部署（2026年8月28日交付）"),
        ("overdue", "shrink", ("办理期限", "目前状态"), "已逾期"),
        ("reminder", "idle", ("办理要求",), "核实是否停用"),
        ("withdrawal", "expand", ("原办理要求", "撤销原因"), "建议由8核/16GB/150GB扩容为16核/32GB/300GB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_table_of_each_kind(kind: str, of: str, headings: tuple[str, ...], first: str) -> None:
    table = letter(sample(kind, of=of)).table

    assert set(headings) <= set(table.headings)
    assert first in table.rows[0]


@pytest.mark.parametrize("kind", ["shrink", "expand", "idle"])
@pytest.mark.parametrize("locale", LOCALES)
def test_no_column_of_figures_is_without_threshold_and_explanation(kind: str, locale: str) -> None:
    content = sample(kind, locale=locale)

    written = letter(content)

    for shown in content.rows[0].figures:
        column = [text for text in written.table.headings if str(shown.threshold) in text]
        assert column
        assert all(re.search("[≤<>]", text) for text in column)
    explained = "\n".join(written.legend)
    names = {heading.split("，")[0].split(", ")[0] for heading in written.table.headings if "标准" in heading}
    assert [name for name in names if name.removeprefix("内存").removeprefix("CPU") not in explained] == []
    assert ("采样完整率" if locale == "zh_CN" else "Coverage") in explained


def test_the_legend_says_the_numbers_by_which_the_rules_decide() -> None:
    legend = "\n".join(letter(sample("shrink")).legend)

    assert f"相隔不少于{statistics.APART}日" in legend
    assert f"历史数据不足{statistics.ENOUGH_HISTORY}日" in legend
    assert "近93日以内" in legend
    assert "近35日以内" in "\n".join(letter(sample("expand")).legend)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_known_is_said_or_left_out(kind: str, locale: str) -> None:
    bare = changed(
        sample(kind, 1, locale=locale, contact=None, window_days=None,
               office=Office(name="市大数据局", mark="x")),
        system=None,
        address=None,
        figures=tuple(shown.model_copy(update={"value": None, "share": None, "witnesses": ()})
                      for shown in figures(NoticeKind(kind))),
        coverage=None,
        valid_days=None,
        window_days=None,
        current=Size(),
        advised=None,
        saving_yuan_month=None,
        delivered_on=None,
        due=None,
        state=None,
        note=None,
    )  # fmt: skip

    written = letter(bare)

    said = everything(written)
    assert "None" not in said
    assert "nan" not in said
    assert written.contact == ""
    assert "（）" not in said
    assert "()" not in said
    assert written.table.rows[0][:2] == ("vm-00001", {"zh_CN": "—", "en": "–"}[locale])


def test_sums_leave_out_what_is_not_known_and_say_so() -> None:
    content = changed(sample("shrink"), advised=None, current=Size(), saving_yuan_month=None)
    partly = changed(sample("shrink"), current=Size(vcpus=16, memory_gib=32))

    said, half = body(letter(content)), body(letter(partly))

    # two machines are left: 2 x 16 -> 2 x 8, 2 x 32 -> 2 x 16, 2 x 300 -> 2 x 150, 2 x 628
    assert "CPU由32核调整为16核，内存由64GB调整为32GB，硬盘由600GB调整为300GB" in said
    assert "其中1台因现配置不明，暂未提出建议配置" in said
    assert "约1256元（另有1台未能测算，未计入）" in said
    assert "其中1台的部分现配置不明，相应资源未计入" in half
    assert "CPU由48核调整为24核" in half


def test_machines_that_hold_on_different_words_are_told_so() -> None:
    content = changed(sample("shrink"), figures=figures(NoticeKind.SHRINK)[:1])

    assert "分别符合规定的核减情形，逐台情况见附件" in body(letter(content))


@pytest.mark.parametrize(
    ("value", "operator", "threshold", "shown"),
    [
        (18.2, "at_most", 30, "18.2%"),
        (30.0, "at_most", 30, "30.0%"),
        (49.97, "below", 50, "49.97%"),  # never "50.0%, below 50%"
        (75.04, "above", 75, "75.04%"),
        (75.0004, "above", 75, "75.0004%"),
        (0.0, "below", 50, "0.0%"),
        (None, "below", 50, "未知"),
    ],
)
def test_no_figure_is_rounded_to_the_other_side_of_its_threshold(
    value: float | None, operator: str, threshold: int, shown: str
) -> None:
    assert measured(figure("disk", "max", operator, value, threshold), "zh_CN") == shown


@pytest.mark.parametrize(
    ("part", "shown"), [(0.89999, "89.9%"), (0.95, "95.0%"), (0.9995, "99.9%"), (1.0, "100%"), (0.0, "0%")]
)
def test_a_share_is_cut_and_never_rounded_up(part: float, shown: str) -> None:
    assert share(part) == shown


def test_days_of_another_year_are_said_with_it() -> None:
    peak = figure(
        "memory", "periodic_peak", "at_most", 18.2, 30, witnesses=(date(2025, 12, 3), date(2026, 9, 12))
    )

    assert cell(peak, ISSUED, "zh_CN") == "18.2%（见于2025年12月3日、9月12日）"
    assert cell(peak, ISSUED, "en") == "18.2% (seen on 3 December 2025, 12 September)"


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_a_window_ends_the_day_before_and_has_its_days(as_of: date, days: int) -> None:
    said = window(as_of, days, "zh_CN")
    found = [date(*map(int, part)) for part in re.findall(r"(\d+)年(\d+)月(\d+)日", said)]

    assert found == [as_of - timedelta(days=days), as_of - timedelta(days=1)]
    assert f"（共{days}日）" in said


@pytest.mark.parametrize(
    ("text", "value"),
    [("三", 3), ("十", 10), ("十三", 13), ("二十", 20), ("三十六", 36), ("一百零五", 105), ("8", 8)],
)
def test_articles_are_numbers_in_english(text: str, value: int) -> None:
    assert numeral(text) == value
    assert article(f"第{text}条", "en") == f"Article {value}"
    assert article(f"第{text}条", "zh_CN") == f"第{text}条"
    assert article("附则", "en") == "附则"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("basis", [VALID, EXPIRED, OVERRIDDEN], ids=["valid", "expired", "overridden"])
def test_an_english_letter_has_no_chinese_but_names(kind: str, basis: object) -> None:
    content = sample(kind, locale="en", basis=basis, copy_to=("市财政局",))
    names = [
        content.number,
        "市民政局",
        "社会救助系统",
        "市财政局",
        "信息化科",
        "9月20日起内存使用率升至64%，不再符合核减情形",
    ]
    names += [
        content.office.name,
        EXPIRED.title,
        OVERRIDDEN.override or "",
        content.parent.number if content.parent else "",
    ]

    said = everything(letter(content))

    for name in sorted(filter(None, names), key=len, reverse=True):
        said = said.replace(name, "")
    assert [char for char in said if ord(char) > 0x2E80 and char not in "《》"] == []


def test_both_languages_have_the_same_words_and_templates() -> None:
    assert WORDS["zh_CN"].keys() == WORDS["en"].keys()
    assert STATES["zh_CN"].keys() == STATES["en"].keys()
    assert {path.name for path in (OURS / "zh_CN").iterdir()} == {
        path.name for path in (OURS / "en").iterdir()
    }


def test_the_facts_that_templates_may_name_are_documented() -> None:
    known = set(facts.of(sample("shrink"))) | set(facts.of(matters())) | {"cite", "validity"}
    told = set(re.findall(r"`(\w+)`", (OURS / "README.md").read_text("utf-8")))

    assert known == set(facts.FACTS)
    assert known - told == {"priced"}  # said by the legend alone


HOSTILE = {
    "CRLF": "x\r\nBcc: e@y",
    "NUL": "民政\x00局",
    "U+202E": "民政\u202egnp.局",
    "formula": '=HYPERLINK("http://x","y")',
    "script": "<script>alert(1)</script>",
    "10 KB": "很长" * 1700,
    "astral": "𠮷野\U0001f600局",
    "half pair": "民\ud800政",
    "lines": "民\u2028政\u2029局\x85x\x0by",
    "a heading": "# 一、免除一切义务",
    "a template": "{{ number }}{% include 'x' %}",
    "a break": "a|b",
    "only controls": "\x01\x02\u200b",
    "noncharacter": "民\uffff政",
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_stays_a_name(name: str, kind: str, locale: str) -> None:
    usual = sample(kind, 1, locale=locale)
    row = {"machine": name, "system": name, "address": name, "note": name, "state": name}
    content = changed(usual, **row).model_copy(
        update={
            "department": name,
            "contact": name,
            "copy_to": (name,),
            "number": name,
            "office": Office(name=name, mark=name, contact=name),
        }
    )

    written = letter(content)

    said = everything(written)
    assert not {unicodedata.category(char) for char in said.replace("\n", "")} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }
    assert len(written.subject) <= 200
    assert "\n" not in written.subject
    assert [p.level for p in written.paragraphs] == [p.level for p in letter(usual).paragraphs]
    assert max(len(text) for row in written.table.rows for text in row) <= 2 * 200 + 3  # name and address
    assert written.content is content  # its seal is over what was said


@given(st.text())
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    line = one_line(text)

    assert len(line) <= 200
    assert line == one_line(line)
    assert line == line.strip()
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    line.encode()


def test_rare_characters_of_names_are_kept() -> None:
    rare = "垚喆昇堃赟璟翀𠮷𰻝\ue5e5"  # GB 18030 beyond GB2312, CJK extensions B and G, a private one

    assert one_line(rare) == rare


def test_an_operators_template_beats_ours_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "zh_CN").mkdir()
    (tmp_path / "zh_CN" / "shrink.txt.j2").write_bytes(
        b"\xef\xbb\xbf"  # as Notepad writes it
        + "{# 本市 #}\r\n标题：关于{{ machines }}的|通知\r\n主题: 通知 {{ number }}\r\n"
        "期限：{{ term }}\r\n办理：调整\r\n"
        "附件：明细\r\n附件：说明\r\n\r\n第一行，\r\n{% if window %}期间{{ window }}。{% endif %}\r\n"
        "{% if cost %}\r\n不印\r\n"
        "{% endif %}\r\n同一段。\r\n# 一、内容\r\n## （一）{{ department }}\r\n第二段。\r\n".encode()
    )

    written = letter(sample("shrink"), tmp_path)
    other = letter(sample("idle"), tmp_path)

    assert written.title == "关于3台云主机的\n通知"
    assert written.subject == "通知 平数云核减〔2026〕12号"
    assert written.annexes == ("明细", "说明")
    assert [(p.text, p.level) for p in written.paragraphs] == [
        ("第一行，期间2026年8月14日至2026年9月17日（共35日）。同一段。", 0),
        ("一、内容", 1),
        ("（一）市民政局", 2),
        ("第二段。", 0),
    ]
    assert other == letter(sample("idle"))
    assert mistakes(tmp_path) == []


WHOLE = "主题：s\n标题：t\n期限：d\n办理：a\n附件：x\n\n"


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        (WHOLE + "{{ departmnt }}", 7, "'departmnt' is undefined; known are"),
        (WHOLE + "好\n\n{% if window %}", 9, "end of template"),
        (WHOLE + "{{ number }", 7, "unexpected '}'"),
        (WHOLE + "好\n{{ parent.number }}", 8, "None"),
        (WHOLE + "{{ cost }}", 7, "this fact is not known here"),
        (WHOLE + "{{ number.__class__.__mro__ }}", 7, "unsafe"),
        (WHOLE + "{% for n in range(10000000) %}x{% endfor %}", 7, "Range too big"),
        (WHOLE + "{{ 1 / 0 }}", 7, "division by zero"),
        (WHOLE + "{% include 'zh_CN/nothing.txt.j2' %}", 7, "there is no template zh_CN/nothing.txt.j2"),
        (WHOLE.replace("标题", "標題") + "好", 2, "a line of the head begins with one of 主题："),
        (WHOLE.replace("：t", "：") + "好", 2, "a line of the head begins with one of"),
        (WHOLE.replace("标题：t\n", "") + "好", 1, "the head needs"),
        (WHOLE, 1, "after the head and an empty line, the text"),
        ("", 1, "head"),
    ],
)
def test_a_template_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, source: str, line: int, said: str
) -> None:
    path = tmp_path / "zh_CN" / "shrink.txt.j2"
    path.parent.mkdir()
    path.write_text(source, "utf-8")

    with pytest.raises(WordingError) as refused:
        letter(sample("shrink"), tmp_path)

    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert said in refused.value.said


def test_a_template_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zh_CN").mkdir()
    (tmp_path / "zh_CN" / "legend.txt.j2").write_bytes("监测".encode("gbk"))

    with pytest.raises(WordingError, match=r"legend\.txt\.j2:1: text in UTF-8 is expected"):
        letter(sample("shrink"), tmp_path)

    assert [mistake.line for mistake in mistakes(tmp_path)] == [1]


def test_mistakes_show_before_a_letter_is_written(tmp_path: Path) -> None:
    (tmp_path / "zh_CN").mkdir()
    (tmp_path / "zh_CN" / "shrnk.txt.j2").write_text("x", "utf-8")
    (tmp_path / "zh_CN" / "idle.txt.j2").write_text(WHOLE + "好\n{{ nubmer }}", "utf-8")
    (tmp_path / "zh_CN" / "expand.txt.j2").write_text(WHOLE + "{% if %}", "utf-8")
    shutil.copy(OURS / "mail.html.j2", tmp_path)

    found = [
        (mistake.path and mistake.path.name, mistake.line, mistake.said[:24])
        for mistake in mistakes(tmp_path)
    ]

    assert [entry[:2] for entry in found] == [("expand.txt.j2", 7), ("idle.txt.j2", 8), ("shrnk.txt.j2", 1)]
    assert found[1][2].startswith("'nubmer' is no fact")
    assert found[2][2] == "takes the place of no te"


def test_our_own_templates_have_no_mistakes() -> None:
    assert mistakes(OURS) == []
    assert set(HEAD.values()) == {"subject", "title", "deadline", "action", "annex"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match=r"no folder of templates at .*nowhere"):
        letter(sample("shrink"), tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (sample("shrink", 0), "names at least one machine"),
        (sample("reminder", parent=None), "follows a first notice"),
        (sample("overdue", of="expand"), "a suggestion, which is never overdue"),
    ],
    ids=["no machine", "no first notice", "an expansion is never overdue"],
)
def test_facts_that_make_no_letter_are_refused(content: Content, said: str) -> None:
    with pytest.raises(WordingError, match=said):
        letter(content)
