"""All pages of chapters, to be mounted at the root of a node."""

from litestar import Router

from civic.pages import (
    alarms,
    auditors,
    beside,
    bylaws,
    chapter,
    claiming,
    constituting,
    desk,
    finding,
    founding,
    glossary,
    guardians,
    home,
    joining,
    leaving,
    levels,
    lost_keys,
    matter,
    moderating,
    moderation,
    offices,
    operator,
    organising,
    own_keys,
    own_words,
    people,
    proposing,
    record,
    speaking,
    standing,
    suspending,
    verifying,
    voice,
    vouching,
    way,
    you,
)


def router() -> Router:
    """Return all pages of chapters, to be mounted at the root of a node."""
    modules = (
        home, chapter, claiming, founding, constituting, guardians, joining, leaving, people,
        proposing, finding, matter, beside, speaking, lost_keys, own_keys, own_words, organising,
        moderating, moderation,
        record, alarms, auditors, bylaws, desk, offices, operator, standing, suspending, levels,
        verifying, voice, vouching, way, you, glossary,
    )  # fmt: skip
    handlers = [handler for module in modules for handler in module.HANDLERS]
    return Router("/", route_handlers=handlers, include_in_schema=False)
