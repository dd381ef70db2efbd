"""Cases in YAML: article 13 as a city can read it, and what is said of a case that does not fit."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from measured import POLICY, SHANGHAI, judged, steady

from config.document import ConfigError, read
from config.policy import with_threshold
from rules.cases import Case, CaseFile, check, run
from rules.series import series
from rules.verdict import Kind, Lack, Note

ARTICLE_13 = Path(__file__).parents[1] / "cases" / "article13.yml"
CASES = read(ARTICLE_13, CaseFile)


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.name)
def test_article_13_case_by_case(case: Case) -> None:
    assert run(case, POLICY, SHANGHAI) == []


def test_the_cases_of_article_13_meet_every_verdict_and_every_reason() -> None:
    said = [(case.expect.verdict, case.expect.reason, case.expect.note) for case in CASES.cases]

    assert {verdict for verdict, _, _ in said} == set(Kind)
    assert {reason for _, reason, _ in said if reason} == set(Lack)
    assert {note for _, _, note in said if note} == set(Note)


def test_another_threshold_shows_in_the_cases_that_it_changes() -> None:
    # 24 instead of 25: two cases stand at exactly 25.
    outcomes = check(CASES, with_threshold(POLICY, "shrink", "cpu", 24), SHANGHAI)
    failed = {
        outcome.name: [str(found) for found in outcome.mismatches]
        for outcome in outcomes
        if outcome.mismatches
    }

    assert [outcome.name for outcome in outcomes] == [case.name for case in CASES.cases]
    assert failed == {
        "正好到线：25%、30%未超过，49.99%不到50%": [
            "verdict: expected shrink, found keep",
            "size.vcpus: expected 4, found none",
            "size.memory_gib: expected 8, found none",
            "size.disk_gib: expected 200, found none",
        ],
        "CPU忙的时段占样本的5%，p95仍未超过25%": [
            "verdict: expected shrink, found keep",
            "note: expected capacity_unknown, found none",
        ],
    }


def test_only_what_is_expected_is_compared(tmp_path: Path) -> None:
    # No reason is expected where there is one; a size is named where there is none.
    case = one(
        tmp_path, "cpu: 27d 10\n    memory: 27d 20\n    disk: 27d 30\n    expect: {verdict: insufficient}"
    )
    wrong = one(tmp_path, "cpu: 10\n    expect: {verdict: keep, reason: stale, size: {vcpus: 2}}")

    assert run(case, POLICY, SHANGHAI) == []
    assert [str(found) for found in run(wrong, POLICY, SHANGHAI)] == [
        "verdict: expected keep, found insufficient",
        "reason: expected stale, found metric_missing",
        "size.vcpus: expected 2, found none",
    ]


def one(folder: Path, text: str) -> Case:
    file = folder / "one.yml"
    file.write_text(f"as_of: 2026-03-02\ncases:\n  - name: one\n    {text}\n", "utf-8")
    return read(file, CaseFile).cases[0]


# --- the notation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param(10, [10] * 6, id="a number all day"),
        pytest.param("10", [10] * 6, id="a text all day"),
        pytest.param("90x2 10", [90, 90, 10, 10, 10, 10], id="two samples, then the rest"),
        pytest.param("1x1 2x2 3x3", [1, 2, 2, 3, 3, 3], id="all counted"),
        pytest.param("_x2 24.99", [np.nan, np.nan, 24.99, 24.99, 24.99, 24.99], id="two not measured"),
        pytest.param("1x2 3x2 _", [1, 1, 3, 3, np.nan, np.nan], id="not measured at the end"),
    ],
)
def test_a_day_is_written_as_levels(text: object, day: list[float]) -> None:
    [span] = series(text)

    assert span.of_day(6).tolist() == pytest.approx(day, nan_ok=True)


def test_a_case_is_judged_as_the_same_samples_from_a_collector(tmp_path: Path) -> None:
    # 35 days of 288 samples, the last week busier, against arrays of the same from 2026-01-01 on.
    case = one(
        tmp_path,
        "as_of: 2026-02-05\n    step: 5m\n    cpu: 28d 10, 7d 60x10 20\n    memory: [34d 20, 1d 28]\n"
        "    disk: 40\n    vcpus: 8\n    memory_gib: 16\n    disk_gib: 100\n    expect: {verdict: shrink}",
    )
    arrays = steady(35)
    last_week = np.arange(28 * 288, 35 * 288)
    arrays["cpu"][last_week] = np.where(last_week % 288 < 10, 60, 20)
    arrays["memory"][34 * 288 :] = 28
    [outcome] = check(CaseFile(cases=[case]), POLICY, SHANGHAI)
    verdict = judged(arrays, as_of=35)

    assert case.as_of == date(2026, 2, 5)
    assert (outcome.verdict.evidence, outcome.verdict.size) == (verdict.evidence, verdict.size)


def test_a_day_of_changed_clocks_is_told_to_its_end(tmp_path: Path) -> None:
    # Helsinki, 2026-10-25 has 25 hours, 50 samples: 47 at 10 and then 90 until midnight.
    case = one(
        tmp_path,
        "as_of: 2026-10-26\n    days: 1\n    cpu: 10x47 90\n    expect: {verdict: keep}",
    )
    [outcome] = check(CaseFile(cases=[case]), POLICY, ZoneInfo("Europe/Helsinki"))

    assert outcome.verdict.evidence[0].known == 50
    # 47 of 50 samples are at 10: 94 %, one is missing to 95 %.
    assert (outcome.verdict.evidence[0].share, outcome.verdict.evidence[0].value) == (0.94, 90)


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        pytest.param("cpu: ten", "4:5", "a series such as `10`, `90x2 10` or `28d 10, 7d _`", id="a word"),
        pytest.param("cpu: 28d 10, 90", "4:5", "days for every part", id="a part without days"),
        pytest.param("cpu: 28d 10,", "4:5", "a series such as", id="a comma too many"),
        pytest.param("cpu: 90 10", "4:5", "a number of samples for all levels but the last", id="no count"),
        pytest.param(
            "cpu: 90x2 10x45", "4:5", "the 48 samples of a day; the levels last for 47", id="47 of 48"
        ),
        pytest.param(
            "cpu: 90x2 10x47", "4:5", "the 48 samples of a day; the levels last for 49", id="49 of 48"
        ),
        pytest.param(
            "step: 7m", "4:5", "a step from 5s to 30m that divides half an hour", id="a step of 7 minutes"
        ),
        pytest.param("memroy: 20", "4:5", "unknown key, did you mean memory?", id="a misspelt key"),
        pytest.param("days: 0", "4:5", "at least 1", id="no day"),
        pytest.param("as_of: yesterday", "4:5", "a date", id="no date"),
        pytest.param("disk_gib: big", "4:5", "a series such as", id="a size in words"),
    ],
)
def test_a_mistake_in_a_case_is_refused_with_its_place(
    tmp_path: Path, text: str, at: str, message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        one(tmp_path, f"{text}\n    expect: {{verdict: keep}}")

    [found] = refused.value.problems
    assert (found.place, message in str(found)) == (f"{tmp_path}/one.yml:{at}", True), str(found)


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        pytest.param("cases: []", "1:1", "at least 1", id="no case"),
        pytest.param("cases:\n  - name: a\n    as_of: 2026-03-02", "2:5", "required", id="nothing expected"),
        pytest.param("cases:\n  - name: a\n    expect: {verdict: keep}", "2:5", "required", id="no date"),
        pytest.param(
            "cases:\n  - {name: a, as_of: 2026-03-02, expect: {verdict: smaller}}",
            "2:43",
            "one of shrink, expand, idle, keep, insufficient",
            id="an unknown verdict",
        ),
        pytest.param(
            "as_of: 2026-03-02\ncases:\n"
            "  - {name: a, expect: {verdict: keep}}\n  - {name: a, expect: {verdict: idle}}",
            "1:1",
            "cases need different names; 'a' stands twice",
            id="one name twice",
        ),
    ],
)
def test_a_mistake_in_a_file_of_cases_is_refused(tmp_path: Path, text: str, at: str, message: str) -> None:
    file = tmp_path / "cases.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        read(file, CaseFile)

    assert any(found.place == f"{file}:{at}" and message in str(found) for found in refused.value.problems), (
        str(refused.value)
    )
