"""What a first notice states: a finding and its machine as a Row, the policy as a Basis, who writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notifier.content import Basis, Figure, Office, Row, Size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from config.policy import Policy
    from config.settings import Letters, PolicyChoice
    from notifier.content import Chart
    from store.tables import Finding, Machine


def basis(policy: Policy, choice: PolicyChoice, on: date) -> Basis:
    """The regulation as of the day, with what stands in for it when its validity is over."""
    return Basis(
        title=policy.title,
        document_number=policy.document_number,
        article=policy.article,
        valid_from=policy.valid_from,
        valid_to=policy.valid_to,
        expired_on=policy.valid_to if policy.expired(on) else None,
        override=choice.override_basis,
    )


def office(letters: Letters) -> Office:
    return Office(
        name=letters.office,
        mark=letters.mark or f"{letters.office}文件",
        contact=letters.contact,
        phone=letters.phone,
        address=letters.address,
    )


def row(finding: Finding, machine: Machine, chart: Chart | None) -> Row:
    """The machine with the evidence of its finding, as it was judged last."""
    verdict: Mapping[str, Any] = finding.verdict
    return Row(
        machine=machine.name,
        system=machine.system.name if machine.system else None,
        address=machine.address,
        figures=tuple(figure(evidence) for evidence in verdict.get("evidence", ())),
        coverage=verdict.get("coverage"),
        valid_days=verdict.get("valid_days"),
        window_days=verdict.get("window_days"),
        current=Size(**(verdict.get("current") or {})),
        advised=Size(**verdict["size"]) if verdict.get("size") else None,
        saving_yuan_month=finding.saving_yuan_month,
        chart=chart,
        delivered_on=machine.delivered_on,
        due=verdict.get("due"),
    )


def figure(evidence: Mapping[str, Any]) -> Figure:
    return Figure(
        resource=evidence["resource"],
        statistic=evidence["statistic"],
        operator=evidence["operator"],
        value=evidence["value"],
        threshold=evidence["threshold"],
        holds=evidence["holds"],
        known=evidence["known"],
        expected=evidence["expected"],
        share=evidence.get("share_at_or_below_threshold"),
        witnesses=tuple(evidence["witnesses"]),
        recent_days=evidence.get("recent_days"),
        phrase=evidence.get("phrase", ""),
    )
