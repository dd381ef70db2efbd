"""What is public, and how it leaves the house: DCAT read by rdflib, and the flat sheet."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from dcat_reading import read_back
from entries import CLERK, SIGNER, SOUND, TODAY, added, city, published
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from catalog.codes import OPEN_TYPE, UPDATE_PERIOD
from catalog.dcat import BASE, FREQUENCIES, RIGHTS, Head, dataset, document, lines
from catalog.entries import edit, found, record_data, revise
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.package import organization_name, package
from catalog.passage import take_offline
from catalog.public import PublicEntry, code_of, every, link_of, phone_of, slug
from catalog.public_sheet import HEADINGS, row
from store.sheet_out import write_csv
from store.tables import Department

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

HEAD = Head("公共数据开放目录", "平度市大数据和电子政务发展促进中心")
OPENED = replace(
    SOUND,
    title="公共停车场信息",
    abstract="全市公共停车场的位置和泊位数",
    provider_unit="规划科",
    format_class="spreadsheet",
    format_type="csv",
    share_type="unconditional",
    share_condition=None,
    share_mode_type="file",
    open_type="unconditional",
    contact="王芳",
    phone="0532-88888888",
    link="https://data.example.gov.cn/停车场.csv?a=1&b=%20",
    survey={"storage_total": 2.0, "storage_open": 0.5},
    items=(
        ItemFacts("名称", "string", "50"),
        ItemFacts("泊位数", "integer"),
        ItemFacts("费率", "currency", "10,2"),
    ),
    basis=(),
)
ASKED = replace(
    SOUND,
    title="排污许可信息",
    open_type="conditional",
    open_condition="用于研究，按协议使用",
    items=(ItemFacts("企业名称", "string"),),
)


@pytest.fixture
def filled(register: Register) -> Register:
    """One open entry, one on conditions, one 不予开放, one draft, one offline."""
    city(register)
    with register.write() as db:
        first = added(db, OPENED)
        published(db, first)
        published(db, added(db, replace(ASKED, related_codes=(first.resource_code,)), class_code="307004"))
        published(db, added(db, replace(SOUND, title="低保对象信息")))
        added(db, replace(OPENED, title="草稿"))
        gone = added(db, replace(OPENED, title="下线的"))
        published(db, gone)
        take_offline(db, gone, TODAY, SIGNER)
        record_data(db, first, date(2026, 11, 20), TODAY, CLERK)
    return register


def public(register: Register) -> list[PublicEntry]:
    with register.read() as db:
        return list(every(db))


def test_public_is_what_is_published_and_not_kept_from_opening(filled: Register) -> None:
    assert [entry.code for entry in public(filled)] == ["307003/000001", "307004/000001"]


def test_a_new_version_in_work_leaves_the_old_one_public(filled: Register) -> None:
    with filled.write() as db:
        entry = found(db, "307003/000001")
        revise(db, entry, TODAY, CLERK)
        edit(db, entry, replace(OPENED, title="改过的", open_type="not_open"), CLERK)

    assert public(filled)[0].metadata.title == "公共停车场信息"


def test_names_of_people_and_codes_of_what_is_not_public_stay_in_the_house(register: Register) -> None:
    city(register)
    with register.write() as db:
        hidden = added(db, SOUND)
        published(db, hidden)
        shown = added(db, replace(OPENED, phone="王芳 13812345678", related_codes=(hidden.resource_code,)))
        published(db, shown)

    (entry,) = public(register)
    text = json.dumps([dataset(HEAD, entry), package(entry)], ensure_ascii=False)

    assert entry.metadata.phone is None
    assert entry.metadata.related_codes == ()
    assert all(word not in text for word in ("王芳", "13812345678", slug("307003/000001") + '"'))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0532-88888888", True),
        ("0532-88361234转8012", True),
        ("13812345678", False),
        ("138 1234 5678", False),
        ("138-1234-5678", False),
        ("0532-88888888、13912345678", False),
        ("88113812345678", True),  # eleven digits within a longer number are no mobile number
    ],
)
def test_a_mobile_number_is_a_persons(text: str, shown: bool) -> None:
    assert (phone_of(text) is not None) is shown


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("https://data.example.gov.cn/a?b=c", True),
        ("http://[::1]:8080/x", True),
        ("https://数据.example.cn/停车场", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://user:word@data.example.gov.cn/", False),
        ("https://a b/", False),
        ("https:///x", False),
        ("http://[::1", False),
        (r"\\10.0.0.1\共享", False),
        ("10.0.0.1/data", False),
        ('https://a/"><script>', False),
        (None, False),
    ],
)
def test_a_link_is_one_that_can_be_followed_and_holds_no_password(text: str | None, sound: bool) -> None:
    assert (link_of(text) is not None) is sound


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("307001/000012", "307001/000012"),
        ("307001-000012", "307001/000012"),
        ("../../etc", None),
        ("307001", None),
        ("３０７/1", None),
        ("307001-000012\x00", None),
    ],
)
def test_an_entry_is_asked_for_by_its_code_or_its_slug(text: str, code: str | None) -> None:
    assert code_of(text) == code


def test_departments_are_named_as_clients_demand() -> None:
    assert organization_name("11370283004283028T") == "11370283004283028t"
    assert organization_name("第7局").startswith("department-")
    assert organization_name("第7局") != organization_name("第8局")


def test_the_words_of_dcat_cover_the_codes_of_the_guide() -> None:
    assert set(FREQUENCIES) == set(UPDATE_PERIOD.keys)
    assert set(RIGHTS) == set(OPEN_TYPE.keys) - {"not_open"}


# DCAT


def graph(entries: list[PublicEntry]) -> Graph:
    return Graph().parse(data="".join(lines(HEAD, entries)), format="json-ld")


def test_dcat_reads_back_to_the_same_entries(filled: Register) -> None:
    entries = public(filled)

    assert read_back(graph(entries)) == [facts(entry) for entry in entries]


def facts(entry: PublicEntry) -> dict[str, Any]:
    """What the round trip keeps."""
    m = entry.metadata
    return {
        "code": entry.code,
        "title": m.title,
        "abstract": m.abstract,
        "publisher": entry.department_code,
        "theme": entry.class_code,
        "issued": str(entry.issued) if entry.issued else None,
        "modified": str(entry.modified) if entry.modified else None,
        "period": m.update_period,
        "open_type": m.open_type,
        "open_condition": m.open_condition,
        "share_type": m.share_type,
        "distribution": (m.format_type, m.link),
        "items": [(item.name, item.data_type, item.length) for item in m.items],
        "basis": sorted((line.law, line.article) for line in m.basis),
        "related": sorted(m.related_codes),
    }


def test_the_lines_are_the_document_and_the_same_every_time(filled: Register) -> None:
    entries = public(filled)
    text = "".join(lines(HEAD, entries))

    assert json.loads(text) == document(HEAD, entries)
    assert "".join(lines(HEAD, public(filled))) == text
    assert json.loads("".join(lines(HEAD, []))) == document(HEAD, [])
    assert "http" not in json.dumps(json.loads(text)["@id"])


PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vcard: <http://www.w3.org/2006/vcard/ns#>
PREFIX csvw: <http://www.w3.org/ns/csvw#>
PREFIX dcatap: <http://data.europa.eu/r5r/>
"""


XSD, RDF = "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RIGHT = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
QUESTIONS = {
    "?x a dcat:Catalog; dcat:dataset ?d": 2,
    f"?d dct:accessRights <{RIGHT}>": 1,
    '?d dct:publisher [ dct:identifier "11370283004283028T" ]': 2,
    '?d dcat:theme [ a skos:Concept; skos:notation "307004" ]': 1,
    '?d dct:title "公共停车场信息"@zh': 1,
    f"?d dct:issued ?day FILTER(datatype(?day) = <{XSD}date>)": 2,
    f"?d csvw:tableSchema/csvw:column/<{RDF}rest>*/<{RDF}first> ?c": 4,
    "?d dcat:distribution [ dcat:byteSize ?f; dcat:downloadURL ?u ] FILTER(?f = 536870912)": 1,  # 0.5 GiB
    "?d dcatap:applicableLegislation [ dct:title ?law ]": 1,
    "?d dcat:contactPoint [ vcard:hasTelephone [ vcard:value ?phone ] ]": 1,
    "?d dct:relation ?r . ?r a dcat:Dataset": 1,
}


def test_dcat_answers_questions(sqlite: Register) -> None:
    city(sqlite)
    with sqlite.write() as db:
        first = added(db, OPENED)
        published(db, first)
        published(db, added(db, replace(ASKED, related_codes=(first.resource_code,)), class_code="307004"))

    read = graph(public(sqlite))

    assert {
        asked: len(list(read.query(f"{PREFIXES} SELECT * WHERE {{ {asked} }}"))) for asked in QUESTIONS
    } == QUESTIONS


def test_addresses_are_the_citys_where_it_gives_them(sqlite: Register) -> None:
    city(sqlite)
    with sqlite.write() as db:
        published(db, added(db, OPENED))
    (entry,) = public(sqlite)

    assert dataset(HEAD, entry)["@id"] == f"{BASE}entry/307003-000001"
    own = Head("目录", "中心", "https://data.example.gov.cn/")
    assert dataset(own, entry)["@id"] == "https://data.example.gov.cn/entry/307003-000001"


def words(most: int = 12) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=most)


ANY = st.builds(
    PublicEntry,
    code=st.from_regex(r"[1-3][0-9]{5}/[0-9]{6}", fullmatch=True),
    class_code=st.just("307003"),
    class_name=words(),
    department=words(),
    department_code=words(),
    number=st.integers(1, 9),
    issued=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    modified=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    last_data_on=st.none(),
    metadata=st.builds(
        Metadata,
        title=words(),
        abstract=st.none() | words(),
        format_type=st.none() | words(),
        share_type=st.sampled_from(["unconditional", "conditional", "not_shared"]),
        open_type=st.sampled_from(["unconditional", "conditional"]),
        open_condition=st.none() | words(),
        update_period=st.none() | st.sampled_from(UPDATE_PERIOD.keys),
        link=st.none() | st.just("https://data.example.gov.cn/数据?a=%20"),
        items=st.lists(
            st.builds(
                ItemFacts, name=words(), data_type=st.none() | st.sampled_from(["memo", "string", "date"])
            ),
            max_size=4,
        ).map(tuple),
        basis=st.lists(st.builds(Basis, law=words(), article=words()), max_size=2, unique=True).map(tuple),
    ),
)


@settings(max_examples=40, deadline=None)
@given(ANY)
def test_whatever_an_entry_says_dcat_says_it_too(entry: PublicEntry) -> None:
    assert read_back(graph([entry])) == [facts(entry)]


# The sheet


def test_the_sheet_has_a_row_per_entry_and_no_formula(filled: Register, tmp_path: Path) -> None:
    with filled.write() as db:
        spoil(db)
    out = tmp_path / "public.csv"
    write_csv(out, HEADINGS, map(row, public(filled)))

    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["信息资源名称"] == "公共停车场信息"
    assert first["信息项信息"] == "名称（字符型C，50）、泊位数（整型I）、费率（货币型Y，10,2）"
    assert first["是否向社会开放"] == "无条件开放"
    assert first["信息资源提供方"] == "'=1+1"
    assert first["数据截止日期"] == "2026-11-20"
    assert second["共享依据"] == "《中华人民共和国个人信息保护法》第十三条"
    assert "联系人" not in first


def spoil(db: Session) -> None:
    """A department whose name a spreadsheet would calculate."""
    department = db.get(Department, 1)
    assert department is not None
    department.name = "=1+1"
