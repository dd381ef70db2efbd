"""A notice and its mails as JSON: keys are stable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.notice_words import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notifier.content import Content
    from notifier.dossier import Matter
    from notifier.listed import Listed
    from notifier.tables import Delivery, Item


def as_json(whole: Mapping[str, Any]) -> None:
    click.echo(json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False))


def whole(found: Matter, content: Content | None, wrong: list[str]) -> dict[str, object]:
    notice = found.notice
    return {
        "id": notice.id,
        "number": notice.number,
        "kind": notice.kind,
        "level": notice.level,
        "department": found.department,
        "follows": found.first.number if found.first is not None else None,
        "issued_at": iso(notice.issued_at),
        "issued_on": iso(notice.issued_on),
        "issued_by": notice.issued_by,
        "received_on": iso(notice.received_on),
        "receipt": notice.receipt,
        "proof": notice.proof,
        "sha256": notice.sha256,
        "sealed": content is not None,
        "faults": wrong,
        "content": content.model_dump(mode="json") if content is not None else None,
        "items": [item_json(found, item) for item in found.items],
        "matters": [matter_json(one) for one in found.listed],
        "deliveries": [delivery_json(row) for row in found.mails],
        "following": [{**follower(row), "issued_on": iso(row.issued_on)} for row in found.following],
        "tasks": [{"id": t.id, "kind": t.kind, "subject": t.subject, "text": t.text} for t in found.tasks],
        "journal": [
            {
                "at": iso(event.at),
                "actor": event.actor,
                "action": event.action,
                "subject": event.subject,
                "before": event.before,
                "after": event.after,
                "reason": event.reason,
            }
            for event in found.events
        ],
    }


def item_json(found: Matter, item: Item) -> dict[str, object]:
    clock = found.clocks.get(item.id)
    return {
        "machine": item.machine,
        "state": item.state,
        "outcome": item.outcome,
        "before": item.before,
        "advised": item.advised,
        "promised": item.promised,
        "realised": item.realised,
        "due": iso(clock.due_on) if clock is not None else None,
        "stands_since": iso(clock.paused_on) if clock is not None else None,
        "days_left": clock.days_left if clock is not None else None,
        "met_on": iso(clock.met_on) if clock is not None else None,
        "seen_on": iso(item.seen_on),
        "done_on": iso(item.done_on),
        "reason": item.reason,
    }


def matter_json(one: Listed) -> dict[str, object]:
    row = one.row
    return {
        "deadline": row.id,
        "subject": row.subject,
        "title": row.title,
        "article": row.article,
        "level": one.level,
        "due_then": iso(one.due_then),
        "due": iso(row.due_on),
        "stands_since": iso(row.paused_on),
        "met_on": iso(row.met_on),
    }


def delivery_json(row: Delivery) -> dict[str, object]:
    names = ("id", "recipient", "role", "copy", "message_id", "state", "attempts", "last_code", "last_text")
    moments = ("made_at", "next_at", "sent_at", "bounced_at")
    return {name: getattr(row, name) for name in names} | {name: iso(getattr(row, name)) for name in moments}


def follower(row: object) -> dict[str, object]:
    return {key: getattr(row, key) for key in ("id", "number", "kind", "level", "issued_on")}
