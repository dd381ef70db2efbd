"""Entries from the draft to the public: codes, versions, and that nothing invalid ever gets there."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from entries import CLERK, EDITOR, NOW, REVIEWER, SIGNER, SOUND, TODAY, added, city, published
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import together, url_of
from sqlalchemy import select

from catalog.content import facts_of
from catalog.entries import New, add, edit, found, record_data, revise, version_of
from catalog.errors import CatalogError
from catalog.knowledge import Knowledge
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.passage import (
    confirm,
    confirm_all,
    discard,
    file,
    file_all,
    judge,
    publish,
    publish_all,
    send_back,
    submit,
    submit_all,
    take_offline,
    withdraw,
)
from catalog.reference import ClassLine, import_classes
from catalog.states import ENTRY
from catalog.tables import Entry, Version, VersionState
from store.journal import verify
from store.tables import JournalEntry
from store.workflow import Act, RefusedError, Role

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

HERE = Path(__file__).parent
OTHER = Act("zhou", Role.EDITOR, NOW, department_id=2)


@pytest.fixture
def catalog(sqlite: Register) -> Register:
    city(sqlite)
    return sqlite


def test_codes_follow_each_other_without_a_gap_in_every_class(register: Register) -> None:
    city(register)
    with register.write() as db:
        codes = [added(db, class_code=code).resource_code for code in ("307003", "307004", "307003")]

    assert codes == ["307003/000001", "307004/000001", "307003/000002"]


def test_a_refused_entry_takes_no_number(catalog: Register) -> None:
    both = [New(1, "307003", SOUND), New(1, "307003", Metadata())]
    with pytest.raises(CatalogError, match="at least its title"), catalog.write() as db:
        add(db, both, TODAY, CLERK)
    with catalog.write() as db:
        assert added(db).resource_code == "307003/000001"


ADDING = """
from entries import SOUND, added
from store.database import open_register
register = open_register(url)
for _ in range(10):
    with register.write() as db:
        added(db)
"""


def test_two_at_once_never_give_one_code_twice_nor_leave_one_out(register: Register) -> None:
    city(register)
    together(f"sys.path.insert(0, {str(HERE)!r})\n{ADDING}", url_of(register), 2)

    with register.read() as db:
        assert list(db.scalars(select(Entry.seq).order_by(Entry.seq))) == list(range(1, 21))


def test_a_code_never_changes(catalog: Register) -> None:
    with pytest.raises(ValueError, match="never changes"), catalog.write() as db:
        added(db).resource_code = "307003/000009"


@pytest.mark.parametrize(
    ("class_code", "said"), [("307", "too wide"), ("999999", "no class"), ("", "no class")]
)
def test_an_entry_stands_in_a_class_that_is_narrow_enough(
    catalog: Register, class_code: str, said: str
) -> None:
    with pytest.raises(CatalogError, match=said), catalog.write() as db:
        added(db, class_code=class_code)


def test_what_is_secret_is_not_stored_and_nothing_of_it_is_told(catalog: Register) -> None:
    secret = replace(SOUND, title="某某机密名录", secret_flag="yes")  # noqa: S106  (no password)
    with pytest.raises(CatalogError) as refused, catalog.write() as db:
        added(db, secret)
    with catalog.read() as db:
        assert "机密" not in str(refused.value)
        assert db.scalar(select(Version.id)) is None
        assert db.scalar(select(JournalEntry.id).where(JournalEntry.action.like("entry%"))) is None


@pytest.mark.parametrize(
    "change",
    [
        {"title": "某某名录（机密★10年）"},
        {"abstract": "绝 密 ★ 长期 某某名录"},
        {"items": (ItemFacts("秘密☆某某名录", "string"),)},
        {"basis": (Basis("《某某法》秘密★", "第一条 某某名录"),)},
    ],
    ids=["title", "abstract", "item", "basis"],
)
def test_what_is_marked_as_secret_is_not_stored_whatever_its_flag_says(
    catalog: Register, change: dict[str, object]
) -> None:
    with catalog.write() as db:
        added(db)
    with pytest.raises(CatalogError, match="nothing was stored") as refused, catalog.write() as db:
        edit(db, found(db, "307003/000001"), replace(SOUND, **change), EDITOR)  # type: ignore[arg-type]
    with catalog.read() as db:
        assert "某某名录" not in str(refused.value)
        assert facts_of(version_of(db, found(db, "307003/000001"))) == SOUND
        assert db.scalar(select(JournalEntry.id).where(JournalEntry.action == "entry.edit")) is None


def test_what_was_written_is_read_back(register: Register) -> None:
    city(register)
    full = replace(
        SOUND,
        related_codes=("307003/000002",),
        published_on=date(2026, 1, 2),
        items=(ItemFacts("姓名", "string", "50", source=True), ItemFacts("身份证号", personal=True)),
    )
    with register.write() as db:
        added(db, full)
    with register.write() as db:
        entry = found(db, "307003/000001")
        assert facts_of(version_of(db, entry)) == full
        less = replace(full, items=full.items[1:], basis=())
        assert edit(db, entry, less, EDITOR) == ["items", "basis"]
        assert edit(db, entry, less, EDITOR) == []
    with register.read() as db:
        assert facts_of(version_of(db, found(db, "307003/000001"))) == less


def test_an_entry_goes_from_hand_to_hand_to_the_public(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        version = version_of(db, entry)

        assert (version.state, entry.published, version.published_on) == ("published", 1, TODAY)
        assert verify(db)[1] is None


def test_an_incomplete_draft_is_kept_but_not_submitted(catalog: Register) -> None:
    with catalog.write() as db:
        added(db, Metadata(title="低保对象信息"))
    with pytest.raises(RefusedError, match="信息资源摘要: is required"), catalog.write() as db:
        submit(db, found(db, "307003/000001"), TODAY, EDITOR)


def test_nobody_decides_on_what_he_submitted_or_confirmed(catalog: Register) -> None:
    both = Act("li", Role.SIGNER, NOW, department_id=1)
    with catalog.write() as db:
        submit(db, added(db), TODAY, EDITOR)
    with pytest.raises(RefusedError, match="another person"), catalog.write() as db:
        confirm(db, found(db, "307003/000001"), TODAY, both)
    with catalog.write() as db:
        confirm(db, found(db, "307003/000001"), TODAY, SIGNER)
    for person in ("li", "sun"):
        with pytest.raises(RefusedError, match="another person"), catalog.write() as db:
            file(db, found(db, "307003/000001"), TODAY, Act(person, Role.REVIEWER, NOW))


def test_another_department_neither_writes_nor_signs(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        with pytest.raises(RefusedError, match="another department"):
            edit(db, entry, replace(SOUND, abstract="x"), OTHER)
        with pytest.raises(RefusedError, match="another department"):
            submit(db, entry, TODAY, OTHER)


def test_the_old_version_stays_public_until_the_new_one_is(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        revise(db, entry, TODAY, EDITOR)
        with pytest.raises(RefusedError, match="draft already"):
            revise(db, entry, TODAY, EDITOR)
        edit(db, entry, replace(SOUND, abstract="新的摘要"), EDITOR)
        assert version_of(db, entry, entry.published).abstract == SOUND.abstract
        published(db, entry)

        assert [version_of(db, entry, n).state for n in (1, 2)] == ["superseded", "published"]
        assert (entry.newest, entry.published) == (2, 2)


def test_what_is_offline_or_given_up_is_no_related_entry(catalog: Register) -> None:
    with catalog.write() as db:
        offline, given_up = added(db), added(db, replace(SOUND, title="低保家庭信息"))
        codes = offline.resource_code, given_up.resource_code
        one = added(db, replace(SOUND, title="低保金发放信息", related_codes=codes))
        submit(db, one, TODAY, EDITOR)
        confirm(db, one, TODAY, SIGNER)
        file(db, one, TODAY, REVIEWER)
        published(db, offline)
        take_offline(db, offline, TODAY, CLERK)
        discard(db, given_up, TODAY, EDITOR)

        with pytest.raises(RefusedError) as refused:
            publish(db, one, TODAY, CLERK)
        for code in codes:
            assert f"{code} is no entry of the catalog, or not any more" in str(refused.value)


def test_a_draft_given_up_leaves_what_stood_before(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        revise(db, entry, TODAY, EDITOR)
        discard(db, entry, TODAY, EDITOR)

        assert (entry.newest, entry.published) == (1, 1)
        assert revise(db, entry, TODAY, EDITOR).number == 3


def test_what_is_offline_comes_back_only_as_a_new_version(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        take_offline(db, entry, TODAY, CLERK)
        assert entry.published is None
        revise(db, entry, TODAY, EDITOR)
        published(db, entry)

        assert [version_of(db, entry, n).state for n in (1, 2)] == ["superseded", "published"]


def test_a_title_that_became_public_meanwhile_is_refused(catalog: Register) -> None:
    with catalog.write() as db:
        added(db)
        second = added(db, replace(SOUND, title=" 低保　对象信息"))
        published(db, found(db, "307003/000001"))
        with pytest.raises(RefusedError, match="307003/000001 of this department has it already"):
            submit(db, second, TODAY, EDITOR)


def test_what_is_sent_back_says_why(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        submit(db, entry, TODAY, EDITOR)
        with pytest.raises(RefusedError, match="say why"):
            send_back(db, entry, TODAY, replace(SIGNER, reason=None))
        assert send_back(db, entry, TODAY, SIGNER).state == "draft"


def test_data_is_not_of_a_day_to_come(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        with pytest.raises(CatalogError, match="to come"):
            record_data(db, entry, date(2026, 11, 24), TODAY, EDITOR)
        record_data(db, entry, TODAY, TODAY, EDITOR)
        assert entry.last_data_on == TODAY


@pytest.mark.parametrize(
    ("code", "said"), [("309", "has no parent"), ("3a7", "a class is"), ("4", "a class is")]
)
def test_a_class_needs_its_parent_and_its_form(sqlite: Register, code: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said), sqlite.write() as db:
        import_classes(db, [ClassLine(code=code, name="x")], CLERK)


SPOILT: tuple[dict[str, Any], ...] = (
    {"title": "救助系统"},
    {"abstract": None},
    {"format_type": "pdf"},
    {"items": ()},
    {"basis": ()},
    {"basis": (Basis("内部规定", "第一条"),)},
    {"share_type": "not_shared", "open_type": "conditional"},
    {"open_type": "unconditional"},
    {"share_mode_type": "file"},
    {"related_codes": ("307003/000001",)},
    {"update_period": "other"},
    {"published_on": date(2027, 1, 1)},
    {"secret_flag": None},
    {},
)
STEPS = {
    "submit": submit,
    "confirm": confirm,
    "return": send_back,
    "withdraw": withdraw,
    "file": file,
    "publish": publish,
    "offline": take_offline,
    "discard": discard,
    "revise": revise,
}
PEOPLE = (EDITOR, SIGNER, REVIEWER, CLERK, OTHER, Act("zhao", Role.AUDITOR, NOW, "why"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_random_edits_and_events_never_publish_what_is_invalid(catalog: Register, seed: int) -> None:
    dice = random.Random(seed)
    with catalog.write() as db:
        code = added(db, replace(SOUND, title=f"信息{seed}")).resource_code
    for _ in range(40):
        act, step = dice.choice(PEOPLE), dice.choice([*STEPS, "edit", "edit", "submit", "confirm", "file"])
        before = states(catalog, code)
        try:
            with catalog.write() as db:
                entry = found(db, code)
                if step == "edit":
                    change = dice.choice(SPOILT) if dice.random() < 0.5 else {}
                    edit(db, entry, replace(SOUND, **{"title": f"信息{seed}", **change}), act)
                else:
                    STEPS[step](db, entry, TODAY, act)
        except (RefusedError, CatalogError):
            assert states(catalog, code) == before
        else:
            lawful(before, states(catalog, code))
    with catalog.read() as db:
        entry = found(db, code)
        known = Knowledge(db, TODAY)
        wanted = (Version.entry_id == entry.id, Version.state == "published")
        public = db.scalars(select(Version).where(*wanted)).all()
        assert [version.number for version in public] == ([entry.published] if entry.published else [])
        assert all(judge(known, entry, version) == [] for version in public)


def states(register: Register, code: str) -> list[str]:
    with register.read() as db:
        found_ones = select(Version.state).join(Version.entry).where(Entry.resource_code == code)
        return list(db.scalars(found_ones.order_by(Version.number)))


def lawful(before: list[str], after: list[str]) -> None:
    """Every version moved along the table, or not at all; a new one begins as a draft."""
    known = {(state, step.target) for (state, _event), step in ENTRY.steps.items()}
    assert all(was == now or (was, now) in known for was, now in zip(before, after, strict=False))
    assert after[len(before) :] in ([], [VersionState.DRAFT])


def test_many_go_the_way_at_once_and_two_of_one_title_do_not(sqlite: Register) -> None:
    city(sqlite)
    with sqlite.write() as db:
        titles = ("低保对象信息", "低保家庭信息")
        made = add(db, [New(1, "307003", replace(SOUND, title=title)) for title in titles], TODAY, CLERK)
        submit_all(db, made, TODAY, EDITOR)
        confirm_all(db, made, TODAY, SIGNER)
        file_all(db, made, TODAY, REVIEWER)
        found = publish_all(db, made, TODAY, CLERK)

        assert [(version.state, late) for version, late in found] == [("published", []), ("published", [])]
        assert [entry.published for entry in made] == [1, 1]

        twins = add(db, [New(1, "307003", replace(SOUND, title="特困人员信息")) for _ in "ab"], TODAY, CLERK)
        with pytest.raises(RefusedError, match="of this department has it already"):
            submit_all(db, twins, TODAY, EDITOR)
        assert [version_of(db, entry).state for entry in twins] == ["draft", "draft"]
