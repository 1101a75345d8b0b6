"""The JSON API under `/api/v1`: every act that pages offer, and acts signed by their authors."""

from litestar import Router

from civic.api import (
    ballots,
    chapters,
    claims,
    desk,
    disputes,
    feeds,
    finding,
    founding,
    keyed,
    keys,
    levels,
    matters,
    moderation,
    offices,
    proposals,
    reading,
    record,
    standing,
    ties,
    voice,
)
from civic.kernel.web.json_answer import speak_json


def router() -> Router:
    """Return the calls of the API; docs/api.md describes them."""
    return Router(
        path="/api/v1",
        route_handlers=[
            *reading.HANDLERS,
            *founding.HANDLERS,
            *chapters.HANDLERS,
            *proposals.HANDLERS,
            *ballots.HANDLERS,
            *keyed.HANDLERS,
            *ties.HANDLERS,
            *claims.HANDLERS,
            *levels.HANDLERS,
            *disputes.HANDLERS,
            *standing.HANDLERS,
            *offices.HANDLERS,
            *matters.HANDLERS,
            *finding.HANDLERS,
            *record.HANDLERS,
            *keys.HANDLERS,
            *desk.HANDLERS,
            *feeds.HANDLERS,
            *voice.HANDLERS,
            *moderation.HANDLERS,
        ],
        before_request=speak_json,
        include_in_schema=False,
    )
