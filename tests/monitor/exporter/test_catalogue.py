"""The public catalog over HTTP: read by a CKAN client that others wrote, and by nobody who means harm."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, SearchQueryError, ValidationError
from components import free_port
from entries import SIGNER, SOUND, TODAY, added, city, published
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.entries import found
from catalog.metadata import ItemFacts
from catalog.passage import take_offline
from config.settings import Exporter
from monitor.exporter.actions import BODY, actions
from monitor.exporter.program import Program
from monitor.exporter.server import Pages, served
from store.database import open_register, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]

PARKING = replace(
    SOUND,
    title="公共停车场信息",
    format_class="spreadsheet",
    format_type="csv",
    share_type="unconditional",
    share_condition=None,
    share_mode_type="file",
    open_type="unconditional",
    link="https://data.example.gov.cn/parking.csv",
    items=(ItemFacts("泊位数", "integer"),),
    basis=(),
)
LICENCES = replace(
    SOUND, title="排污许可信息", open_type="conditional", open_condition="按协议", items=SOUND.items[:1]
)
USCC = "11370283004283028T"


def filled(register: Register) -> None:
    """Public: two of the first department, one of the second. Not public: a draft and a 不予开放."""
    city(register)
    with register.write() as db:
        published(db, added(db, PARKING))
        published(db, added(db, LICENCES, class_code="307004"))
        published(db, added(db, replace(PARKING, title="交通流量信息"), department=2))
        added(db, replace(PARKING, title="草稿停车场"))
        published(db, added(db, replace(SOUND, title="停车场不开放")))


@contextmanager
def serving(register: Register, **chosen: object) -> Iterator[tuple[str, Program]]:
    program, port = Program(), free_port()
    given = Exporter.model_validate({"port": port, "catalog_api": True, **chosen})
    with actions(register) as opened, served(given, Pages(lambda: b"", lambda: None, opened), program):
        yield f"http://127.0.0.1:{port}", program


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the catalog is served, for tests that change nothing."""
    url = f"sqlite:///{tmp_path_factory.mktemp('served')}/register.db"
    upgrade(url)
    register = open_register(url)
    filled(register)
    with serving(register) as (place, _program):
        yield place
    register.close()


def answer(url: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as got:
            return got.status, json.loads(got.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def asked(place: str, action: str, **given: str) -> tuple[int, Any]:
    return answer(f"{place}/api/3/action/{action}?{urllib.parse.urlencode(given)}")


@pytest.mark.parametrize("get_only", [False, True], ids=["POST", "GET"])
def test_a_client_that_others_wrote_reads_the_catalog(register: Register, get_only: bool) -> None:
    filled(register)
    with serving(register, timeout="30s") as (url, _program), RemoteCKAN(url, get_only=get_only) as ckan:
        names = ckan.action.package_list()
        search = ckan.action.package_search(q="停车场", rows=5)
        one = ckan.action.package_show(id="307003/000001")
        same = ckan.action.package_show(id="307003-000001")
        houses = ckan.action.organization_list(all_fields=True)
        house = ckan.action.organization_show(id=USCC)
        with pytest.raises(NotFound):
            ckan.action.package_show(id="307003/999999")
        with pytest.raises(ValidationError):
            ckan.action.package_search(rows="many")
        with pytest.raises(SearchQueryError):
            ckan.action.package_search(q="title:停车场")

    assert names == ["307003-000001", "307003-000002", "307004-000001"]
    assert (search["count"], [found["title"] for found in search["results"]]) == (1, ["公共停车场信息"])
    assert one == same == search["results"][0]
    assert (one["id"], one["name"], one["owner_org"]) == ("307003/000001", "307003-000001", USCC)
    assert one["organization"]["name"] == USCC.lower()
    assert (one["resources"][0]["format"], one["resources"][0]["url"]) == ("CSV", PARKING.link)
    assert {"key": "update_period", "value": "monthly"} in one["extras"]
    assert {house["title"]: house["package_count"] for house in houses} == {"市民政局": 2, "市公安局": 1}
    assert house["package_count"] == 2


@pytest.mark.parametrize("code", ["307003/000003", "307003/000004"], ids=["draft", "不予开放"])
def test_what_is_not_public_is_not_there(place: str, code: str) -> None:
    status, body = asked(place, "package_show", id=code)

    assert status == 404
    assert body["success"] is False
    assert body["error"]["__type"] == "Not Found Error"


def test_what_was_taken_offline_is_gone_at_once(sqlite: Register) -> None:
    filled(sqlite)
    with serving(sqlite) as (url, _program):
        before = asked(url, "package_search", q="停车场")[1]["result"]["count"]
        with sqlite.write() as db:
            take_offline(db, found(db, "307003/000001"), TODAY, SIGNER)
        after = asked(url, "package_search", q="停车场")[1]["result"]["count"]

    assert (before, after) == (1, 0)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["307003-000001", "307003-000002", "307004-000001"]),
        ({"q": "*:*", "sort": "name desc"}, ["307004-000001", "307003-000002", "307003-000001"]),
        ({"sort": "name desc, score desc", "rows": "1", "start": "1"}, ["307003-000002"]),
        ({"fq": f"organization:{USCC.lower()}"}, ["307003-000001", "307004-000001"]),
        ({"fq": f'+organization:"{USCC}" AND res_format:csv'}, ["307003-000001"]),
        ({"fq_list": '["groups:307004", "state:active"]'}, ["307004-000001"]),
        ({"fq": "open_type:conditional"}, ["307004-000001"]),
        ({"fq": "state:draft"}, []),
        ({"q": "信息 交通"}, ["307003-000002"]),
        ({"q": "１１３７０２８３", "rows": "0"}, []),
        ({"rows": "0"}, []),
        ({"rows": "100000"}, ["307003-000001", "307003-000002", "307004-000001"]),
    ],
)
def test_a_search_has_words_filters_an_order_and_a_page(
    place: str, given: dict[str, str], names: list[str]
) -> None:
    status, body = asked(place, "package_search", **given)

    assert status == 200, body
    assert [one["name"] for one in body["result"]["results"]] == names


def test_counts_stand_beside_a_search(place: str) -> None:
    fields = json.dumps(["organization", "groups"])
    _status, body = asked(place, "package_search", rows="0", **{"facet.field": fields})

    assert body["result"]["facets"] == {
        "organization": {USCC.lower(): 2, "113702830042830101": 1},
        "groups": {"307003": 2, "307004": 1},
    }
    assert body["result"]["search_facets"]["organization"]["items"][0] == {
        "name": USCC.lower(),
        "display_name": "市民政局",
        "count": 2,
    }


@pytest.mark.parametrize(
    ("action", "given", "status", "kind"),
    [
        ("package_search", {"rows": "-1"}, 409, "Validation Error"),
        ("package_search", {"rows": "١"}, 409, "Validation Error"),
        ("package_search", {"rows": "9" * 30}, 409, "Validation Error"),
        ("package_search", {"q": "x" * 501}, 409, "Validation Error"),
        ("package_search", {"rowss": "5"}, 409, "Validation Error"),
        ("package_search", {"q": "x " * 17}, 400, "Search Query Error"),
        ("package_search", {"q": "_ -"}, 400, "Search Query Error"),
        ("package_search", {"sort": "id; DROP TABLE catalog_version"}, 400, "Search Query Error"),
        ("package_search", {"fq": "secret:yes"}, 400, "Search Query Error"),
        ("package_search", {"fq": "organization:(a OR b)"}, 400, "Search Query Error"),
        ("package_search", {"facet.field": '["title"]'}, 400, "Search Query Error"),
        ("package_search", {"facet.field": "[" * 400}, 409, "Validation Error"),
        ("package_show", {}, 409, "Validation Error"),
        ("package_show", {"id": "../../etc/passwd"}, 404, "Not Found Error"),
        ("organization_show", {"id": "nobody"}, 404, "Not Found Error"),
        ("organization_list", {"all_fields": "perhaps"}, 409, "Validation Error"),
        ("help_show", {"name": "package_delete"}, 404, "Not Found Error"),
        ("package_delete", {"id": "307003/000001"}, 400, "Bad Request"),
        ("..%2f..%2fmetrics", {}, 400, "Bad Request"),
        ("", {}, 400, "Bad Request"),
    ],
)
def test_what_cannot_be_answered_is_named(
    place: str, action: str, given: dict[str, str], status: int, kind: str
) -> None:
    code, body = asked(place, action, **given)

    assert (code, body["error"]["__type"], body["success"]) == (status, kind, False)
    assert body["error"]["message"]


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("%场%", 0),
        ("_", None),
        ("停车\\", 1),
        ("' OR 1=1 --", 0),
        ("停车\x00场", 1),
        ("🅿️停车", 0),
        ("停车场\ud800", 1),
    ],
)
def test_signs_of_other_languages_are_letters_here(place: str, q: str, count: int | None) -> None:
    # % is a letter like others, _ \\ and ' are left out as marks; a NUL parts words, and both parts occur.
    status, body = answer(f"{place}/api/3/action/package_search", json.dumps({"q": q}).encode())

    assert status == (200 if count is not None else 400)
    if count is not None:
        assert body["result"]["count"] == count


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"q": ' + b"1" * 5000 + b"}", "application/json", 400),
        (json.dumps({str(n): 1 for n in range(60)}).encode(), "application/json", 400),
        (b"a=1&" * 60, "application/x-www-form-urlencoded", 400),
        (b'{"q": "' + b"x" * BODY + b'"}', "application/json", 413),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b'{"q": ["a"]}', "application/json", 409),
        (b"q=%E5%81%9C%E8%BD%A6", "application/x-www-form-urlencoded", 200),
        (b'{"q": "a"}', "application/x-www-form-urlencoded", 200),
        (b"", "application/json", 200),
    ],
)
def test_bodies_are_bounded_and_of_known_forms(place: str, body: bytes, kind: str, status: int) -> None:
    code, _said = answer(f"{place}/api/3/action/package_search", body, **{"Content-Type": kind})

    assert code == status


def test_an_address_or_a_header_without_end_is_refused(place: str) -> None:
    for kind in (
        f"GET /api/3/action/package_search?q={'x' * 9000} HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET /api/3/action/package_list HTTP/1.1\r\nHost: a\r\nX-Long: {'x' * 9000}\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", int(place.rpartition(":")[2])), timeout=30) as opened:
            opened.sendall(kind.encode())
            assert opened.recv(100).startswith(b"HTTP/1.0 400") or b"400" in opened.recv(100)

    assert asked(place, "package_list")[0] == 200


def test_only_reading_is_possible(place: str) -> None:
    url = f"{place}/api/3/action/package_list"
    head = requests.head(url, timeout=30)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(requests.get(url, timeout=30).content)
    for method in ("PUT", "DELETE", "PATCH"):
        refused = requests.request(method, url, timeout=30)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_who_may_not_read_the_page_may_not_read_the_catalog(sqlite: Register, tmp_path: Path) -> None:
    filled(sqlite)
    word = tmp_path / "word"
    word.write_text("word\n")
    right = {"Authorization": f"Basic {b64encode(b'reader:word').decode()}"}

    with serving(sqlite, username="reader", password_file=word) as (url, _program):
        assert asked(url, "package_list")[0] == 401
        assert answer(f"{url}/api/3/action/package_list", **right)[0] == 200
        with pytest.raises(NotAuthorized), RemoteCKAN(url) as ckan:
            ckan.action.package_list()


def test_it_is_off_unless_the_settings_open_it() -> None:
    assert Exporter().catalog_api is False
    port = free_port()
    with served(Exporter(port=port), Pages(lambda: b"", lambda: None), Program()):
        got = requests.get(f"http://127.0.0.1:{port}/api/3/action/package_list", timeout=30)

    assert got.status_code == 404


def test_requests_are_counted_by_action_and_status(sqlite: Register) -> None:
    filled(sqlite)
    with serving(sqlite) as (url, program):
        asked(url, "package_list")
        asked(url, "package_show", id="1/2")
        asked(url, "made_up_name")

    def count(action: str, code: str) -> float | None:
        return program.registry.get_sample_value(
            "rightsizer_catalog_requests_total", {"action": action, "code": code}
        )

    assert (count("package_list", "200"), count("package_show", "404"), count("other", "400")) == (1, 1, 1)


def test_a_register_that_cannot_be_read_is_said_and_not_shown(sqlite: Register) -> None:
    filled(sqlite)
    with serving(sqlite) as (url, _program):
        with sqlite.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE catalog_entry RENAME TO gone")
        status, body = asked(url, "package_list")

    assert status == 503
    assert "gone" not in json.dumps(body)
    assert "catalog_entry" not in json.dumps(body)


def test_many_at_once_get_the_same_answer(register: Register) -> None:
    filled(register)
    with serving(register, timeout="30s") as (url, _program), ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _n: asked(url, "package_search", q="信息"), range(64)))

    assert {status for status, _body in got} <= {200, 503}
    assert {body["result"]["count"] for status, body in got if status == 200} == {3}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["q", "fq", "fq_list", "rows", "start", "sort", "facet.field", "facet.limit", "id", "name"]
)
ACTION = st.sampled_from(["package_search", "package_show", "package_list", "organization_show", "help_show"])


@settings(max_examples=60, deadline=None)
@given(ACTION, st.dictionaries(NAMES, ANYTHING, max_size=3))
def test_whatever_is_sent_gets_an_answer_of_the_api(place: str, action: str, body: dict[str, Any]) -> None:
    status, said = answer(f"{place}/api/3/action/{action}", json.dumps(body).encode())

    assert status in {200, 400, 404, 409}
    assert said["success"] is (status == 200)
