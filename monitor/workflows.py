"""Every state machine of the house, once: what the documents and `people roles` are made of."""

from __future__ import annotations

from catalog.buying_states import PURCHASE
from catalog.opening_states import OPENING
from catalog.sharing_states import SHARE
from catalog.states import ENTRY, OBJECTION, TICKET
from filing.application_states import APPLICATION, PLATFORM
from filing.budget_lists import BUDGET
from filing.evaluation_states import EVALUATION
from filing.filing_states import FILING
from filing.plans import PLAN
from filing.project_states import PROJECT
from notifier.states import ITEM
from store.review import FINDING

WORKFLOWS = (
    FINDING,
    ITEM,
    PROJECT,
    FILING,
    APPLICATION,
    PLATFORM,
    EVALUATION,
    BUDGET,
    PLAN,
    ENTRY,
    TICKET,
    OBJECTION,
    SHARE,
    OPENING,
    PURCHASE,
)
