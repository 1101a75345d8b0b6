"""Pages of the private side: signing up, signing in, and looking after an account."""

from litestar import Router

from identity.pages import account, entrance, stepping_up
from identity.sessions import SignedIn


async def _nothing(_signed_in: SignedIn) -> None:
    """Do nothing: for a node without chapters."""


def router(before_deleting: account.BeforeDeleting = _nothing) -> Router:
    """Return all pages of the private side; none of them is part of the API's description."""
    handlers = [*entrance.handlers(), *account.handlers(before_deleting), *stepping_up.handlers()]
    return Router(path="/", route_handlers=handlers, include_in_schema=False)
