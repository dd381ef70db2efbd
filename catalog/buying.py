"""Bought data (购买社会数据, art. 20): approved by the centre before, in the catalog and shared after."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from catalog.buying_states import BUYERS, PURCHASE
from catalog.buying_tables import Purchase, PurchaseState, Sharing
from catalog.codes import NOT_SHARED
from catalog.errors import CatalogError
from catalog.likeness import likes
from catalog.names import item_key
from catalog.purposes import purposeful, said
from catalog.wanted import in_order, may, of_entry, offer
from store.deadlines import Clock, Term, meet, standing, start
from store.journal import Entry as Said
from store.journal import append
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.likeness import Like
    from catalog.wanted import Desk
    from store.tables import Deadline, Department
    from store.workflow import Act

ARTICLE = "第二十条 纳入目录"


@dataclass(frozen=True, slots=True)
class Form:
    """What is to be bought; None: not said. The price in fen. `items`: names of what the data holds."""

    title: str | None = None
    need: str | None = None
    items: tuple[str, ...] = ()
    supplier: str | None = None
    price_fen: int | None = None
    licence: str | None = None
    licence_sharing: Sharing | None = None

    def said(self) -> dict[str, object]:
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value not in (None, ())}


def named(row: Purchase) -> str:
    return f"purchase {row.id}"


def found(db: Session, number: int) -> Purchase:
    row = db.get(Purchase, number)
    if row is None:
        raise CatalogError(f"no purchase {number}: `rightsizer purchase list` shows them")
    return row


def draft(db: Session, buyer: Department, form: Form, desk: Desk, act: Act) -> Purchase:
    """Raises CatalogError, RefusedError."""
    row = Purchase(
        state=PurchaseState.DRAFT, department_id=buyer.id, created_on=desk.today, likes=[], **values(form)
    )
    may(row, BUYERS, act, "a new purchase")
    db.add(row)
    db.flush()
    append(db, act.now, Said(act.actor, "purchase.draft", named(row), None, kept(row), act.reason))
    return row


def edit(db: Session, row: Purchase, form: Form, act: Act) -> None:
    """What the form says takes the place of what the draft said."""
    may(row, BUYERS, act, named(row))
    if row.state != PurchaseState.DRAFT:
        raise RefusedError(f"{named(row)} is {row.state}: only a draft is edited")
    before = kept(row)
    whole = Form(**{**before, "items": tuple(row.items)})  # type: ignore[arg-type]
    for name, value in values(replace(whole, **form.said())).items():  # type: ignore[arg-type]
        setattr(row, name, value)
    row.version += 1
    append(db, act.now, Said(act.actor, "purchase.edit", named(row), before, kept(row), act.reason))


def values(form: Form) -> dict[str, object]:
    """Raises CatalogError."""
    if form.price_fen is not None and form.price_fen < 0:
        raise CatalogError(f"a price of 0 or more; read {form.price_fen / 100:,.2f} yuan")
    items = [said(name, "an item") for name in form.items]
    if len({item_key(name) for name in items}) < len(items):
        raise CatalogError("an item stands twice: name every one once")
    return {
        "title": said(form.title or "", "the name of the data", 200),
        "need": purposeful(form.need or "", "the need", "核验企业经营异常情况"),
        "items": items,
        "supplier": said(form.supplier, "the supplier", 200) if form.supplier else None,
        "price_fen": form.price_fen,
        "licence": said(form.licence, "the licence") if form.licence else None,
        "licence_sharing": form.licence_sharing,
    }


def kept(row: Purchase) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(Form)}


def submit(db: Session, row: Purchase, desk: Desk, act: Act) -> list[Like]:
    """Hands it in. Returns the entries that hold the like already; they are kept for who decides."""
    there = likes(db, row.title, row.items)
    codes = [one.code for one in there]
    told = {"submitted_on": desk.today, "submitted_by": act.actor, "likes": codes}
    move(db, PURCHASE, [(row, named(row))], "submit", act, **told)
    return there


def doubts(row: Purchase) -> list[str]:
    """What speaks against it; who approves all the same says why."""
    found = []
    if row.likes:
        found.append(f"the catalog holds the like already (已有同类): {', '.join(row.likes)}")
    if row.licence_sharing == Sharing.FORBIDDEN:
        found.append("the licence forbids sharing, which bought data is to be (第二十条)")
    if row.licence_sharing == Sharing.LIMITED:
        found.append("the licence limits sharing: read with whom")
    return found


def approve(db: Session, row: Purchase, desk: Desk, act: Act) -> list[str]:
    """Raises CatalogError where there are doubts and no reason. Returns the doubts."""
    allowed(PURCHASE, row, named(row), "approve", act)
    against = doubts(row)
    if against and not act.reason:
        raise CatalogError(f"{named(row)}: {'; '.join(against)}. To approve it all the same, say why (-m)")
    move(db, PURCHASE, [(row, named(row))], "approve", act, **decided(desk, act))
    return against


def reject(db: Session, row: Purchase, desk: Desk, act: Act) -> None:
    need_reason(row, "reject", act)
    told = {**decided(desk, act), "ended_on": desk.today}
    move(db, PURCHASE, [(row, named(row))], "reject", act, **told)


def decided(desk: Desk, act: Act) -> dict[str, object]:
    return {"decided_on": desk.today, "decided_by": act.actor, "decision": act.reason}


def give_back(db: Session, row: Purchase, act: Act) -> None:
    need_reason(row, "return", act)
    move(db, PURCHASE, [(row, named(row))], "return", act)


def withdraw(db: Session, row: Purchase, desk: Desk, act: Act) -> None:
    need_reason(row, "withdraw", act)
    move(db, PURCHASE, [(row, named(row))], "withdraw", act, ended_on=desk.today)


def need_reason(row: Purchase, event: str, act: Act) -> None:
    if not act.reason:
        raise CatalogError(f"to {event} {named(row)}, say why (-m)")


def buy(db: Session, row: Purchase, contract: str | None, desk: Desk, on: date, act: Act) -> Deadline:
    """It was bought on the day `on`: the working days to its entry begin."""
    in_order("the purchase", on, desk.today, [("the approval", row.decided_on)])
    number = said(contract, "the number of the contract", 100) if contract is not None else None
    move(db, PURCHASE, [(row, named(row))], "buy", act, bought_on=on, contract=number)
    title = f"将采购的数据纳入本部门政务数据目录：{row.title}（采购{row.id}号）"[:300]
    clock = Clock(subject(row), on, row.department_id, title)
    return start(db, desk.known, named(row), [clock], Term(ARTICLE, desk.terms.purchase_entry), act)[0]


def subject(row: Purchase) -> str:
    return f"catalog_purchase:{row.id}"


def catalogue(db: Session, row: Purchase, code: str, desk: Desk, act: Act) -> None:
    """Links the entry of the department's own that holds it. Raises CatalogError, RefusedError."""
    allowed(PURCHASE, row, named(row), "catalogue", act)
    wanted = offer(db, code)
    if wanted.entry.department_id != row.department_id:
        raise RefusedError(
            f"{wanted.named} is of another department: bought data goes into one's own catalog"
        )
    told = {"entry_id": wanted.entry.id, "catalogued_on": desk.today}
    move(db, PURCHASE, [(row, named(row))], "catalogue", act, **told)
    meet(db, named(row), standing(db, [subject(row)], ARTICLE).values(), desk.today, act)


def share(db: Session, row: Purchase, desk: Desk, act: Act) -> None:
    """It can be had on the exchange platform, or its entry cites the law by which it cannot."""
    allowed(PURCHASE, row, named(row), "share", act)
    if row.entry is None:
        raise RefusedError(f"{named(row)} has no entry of the catalog")
    public = of_entry(db, row.entry)
    if public.version.share_type != NOT_SHARED and not (public.version.link or "").strip():
        raise RefusedError(f"{public.named} has no link to the exchange platform yet: give its entry one")
    move(db, PURCHASE, [(row, named(row))], "share", act, shared_on=desk.today)


def close(db: Session, row: Purchase, desk: Desk, act: Act) -> None:
    """At its end; the entry is still published. Raises RefusedError."""
    allowed(PURCHASE, row, named(row), "close", act)
    if row.entry is not None:
        of_entry(db, row.entry)
    move(db, PURCHASE, [(row, named(row))], "close", act, ended_on=desk.today)
