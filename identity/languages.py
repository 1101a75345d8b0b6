"""What the page of languages asks of accounts (civic/kernel/web/languages.py)."""

from typing import Any

from litestar import Request

from civic.kernel.database import writing
from civic.kernel.web.language import Reader
from identity import own_reader
from identity.own_reader import Kept
from identity.web import private_of, signed_in


class OwnReaders:
    """Where people who are signed in keep their language and time zone for all their devices."""

    async def keeps(self, request: Request[Any, Any, Any]) -> bool | None:
        """Tell whether the person behind a request keeps a choice; None where nobody is."""
        me = await signed_in(request)
        return None if me is None else own_reader.kept_by(me) is not None

    async def keep(self, request: Request[Any, Any, Any], who: Reader | None) -> None:
        """Keep a choice with the account of the person behind a request; None forgets it."""
        me = await signed_in(request)
        if me is not None:
            kept = None if who is None else Kept(who.language, who.zone)
            async with writing(private_of(request).engine) as unit:
                await own_reader.keep(unit, me, kept)
