"""How much an account has of what it can keep on the node, in one query."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from civic.kernel.database import Reading
from identity import tables


class Holdings(NamedTuple):
    """The tokens that still work, the drafts that are still kept, and the known browsers."""

    tokens: int
    drafts: int
    browsers: int


async def holdings(unit: Reading, account_id: str, today: date) -> Holdings:
    """Return how many tokens, drafts and known browsers an account has on a day."""
    token, draft, browser = tables.access_token.c, tables.draft.c, tables.known_browser.c
    row = await unit.execute(
        select(
            select(func.count())
            .where(token.account_id == account_id, token.last_day >= today)
            .scalar_subquery(),
            select(func.count())
            .where(draft.account_id == account_id, draft.last_day >= today)
            .scalar_subquery(),
            select(func.count()).where(browser.account_id == account_id).scalar_subquery(),
        )
    )
    return Holdings(*row.one())
