"""Matters found by their words: open ones like that which somebody writes, and any by a search.

Core full-text search of PostgreSQL over `view.wording`. A word is sought by its stem in the
language of who writes, and by its beginning, so that other endings, and languages without a
stemmer, are found too.
"""

import re
import unicodedata
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlalchemy import Text as TextType

from civic.kernel.database import Reading
from deliberation.queries.lists import LINE_COLUMNS, LINE_TABLES, MatterLine, matter_line
from deliberation.tables import OPEN_PHASES
from deliberation.wording import SIMPLE, configuration

SHOWN: Final = 5
"""Similar proposals that are shown to who writes one."""
FOUND_MOST: Final = 30
"""Proposals that a search shows at most."""
_WORDS_MOST: Final = 24
_LEAST: Final = 3
"""Letters of the shortest word that is sought where there is no list of words that say nothing."""

_WORD: Final = re.compile(r"[^\W_]+")
_SAYING_NOTHING: Final = frozenset(
    word
    for words in (
        # Belarusian, both spellings
        "або але гэта гэты дзеля для каб калі нас наш наша нашы паміж пра тады таму трэба хай хто",
        "чаму чым што якая які якія якое ёсць яго яна яны якога",
        # Ukrainian
        "або але від вона вони для між наш наша наші нас під при про так тому треба хай хто цей",
        "цього чому щоб щодо які яка яке який його",
        # Polish
        "albo ale był być czy dla gdy jak jest jego już każdy kto który która które lub między",
        "nad nas nasz nasza nasze nie oraz pod przez przy się ten tego też więc żeby",
    )
    for word in words.split()
)
"""Words that nobody looks for, in languages of the pages for which PostgreSQL has no list."""


def words_in(typed: str) -> list[str]:
    """Return the words of what was typed that can be sought: in lower case, each once, in order."""
    lowered = unicodedata.normalize("NFC", typed).lower()
    return list(dict.fromkeys(word[:60] for word in _WORD.findall(lowered)))[:_WORDS_MOST]


def beginning(word: str) -> str:
    """Return the part of a word that other forms of it begin with, too: without its ending."""
    length = len(word)
    ending = 0 if length < 5 else 1 if length == 5 else 2 if length < 8 else 3
    return word[: length - ending]


_TERMS: Final = """
    WITH term AS MATERIALIZED (
        SELECT CAST(string_agg(quote_literal(l.lexeme), ' | ')
                || ' | ' || quote_literal(g.beginning) || ':*' AS tsquery) AS anywhere,
            CAST(string_agg(quote_literal(l.lexeme) || '\\:A', ' | ')
                || ' | ' || quote_literal(g.beginning) || ':*A' AS tsquery) AS in_title
        FROM unnest(:words, :beginnings) WITH ORDINALITY AS g(word, beginning, place)
        CROSS JOIN LATERAL unnest(
            tsvector_to_array(to_tsvector(CAST(CAST(:config AS text) AS regconfig), g.word))
        ) AS l(lexeme)
        GROUP BY g.place, g.beginning
    )
"""
_SCORED: Final = """
    SELECT s.log, s.matter, max(s.score) AS score FROM (
        SELECT w.log, w.matter, w.lang, sum(
            CASE WHEN w.lexemes @@ t.in_title THEN 2 WHEN w.lexemes @@ t.anywhere THEN 1 ELSE 0 END
        ) AS score
        FROM view.wording w CROSS JOIN term t
        WHERE w.log = :log AND w.lexemes @@ (
            SELECT {asked} FROM term
        )
        GROUP BY w.log, w.matter, w.lang
    ) AS s GROUP BY s.log, s.matter
"""
_ANY: Final = "CAST(string_agg(CAST(anywhere AS text), ' | ') AS tsquery)"
_EVERY: Final = "CAST('(' || string_agg(CAST(anywhere AS text), ') & (') || ')' AS tsquery)"
_OPEN: Final = ", ".join(f"'{phase}'" for phase in OPEN_PHASES)
_BOUND: Final = (
    bindparam("words", type_=ARRAY(TextType)),
    bindparam("beginnings", type_=ARRAY(TextType)),
    bindparam("config", type_=TextType),
    bindparam("log", type_=Integer),
    bindparam("limit", type_=Integer),
)
_SIMILAR: Final = text(
    f"""
    {_TERMS}
    SELECT {LINE_COLUMNS} FROM (
        SELECT f.score, m.* FROM ({_SCORED.replace("{asked}", _ANY)}) AS f
        JOIN view.matter m ON m.log = f.log AND m.id = f.matter
        WHERE m.phase IN ({_OPEN}) AND m.id <> CAST(:but AS text)
            AND f.score >= (SELECT greatest(2, count(*) * 7 / 10) FROM term)
        ORDER BY f.score DESC, m.entry DESC LIMIT :limit
    ) AS m {LINE_TABLES} ORDER BY m.score DESC, m.entry DESC
    """  # noqa: S608
).bindparams(*_BOUND, bindparam("but", type_=TextType))
_FOUND: Final = text(
    f"""
    {_TERMS}
    SELECT {LINE_COLUMNS} FROM (
        SELECT f.score, m.* FROM ({_SCORED.replace("{asked}", _EVERY)}) AS f
        JOIN view.matter m ON m.log = f.log AND m.id = f.matter
        ORDER BY m.phase IN ({_OPEN}) DESC, f.score DESC, m.entry DESC LIMIT :limit
    ) AS m {LINE_TABLES} ORDER BY m.phase IN ({_OPEN}) DESC, m.score DESC, m.entry DESC
    """  # noqa: S608
).bindparams(*_BOUND)


async def similar(
    db: Reading, log: int, title: str, lang: str, limit: int = SHOWN, but: str = ""
) -> list[MatterLine]:
    """Return open proposals that are like one with this title, the most alike first (one query).

    A word of the title counts twice where another title has it and once in another text; what
    reaches 0.7 points for each word, and two at least, is similar. `but` is left out. Erased words
    are not found.
    """
    values = _sought(title, lang)
    if values is None:
        return []
    values |= {"log": log, "limit": limit, "but": but}
    return [matter_line(row) for row in await db.execute(_SIMILAR, values)]


async def search(
    db: Reading, log: int, typed: str, lang: str, limit: int = FOUND_MOST
) -> list[MatterLine]:
    """Return proposals and imported conversations in which all words stand: open ones first.

    Words of a title count twice. Erased words are not found.
    """
    values = _sought(typed, lang)
    if values is None:
        return []
    return [
        matter_line(row) for row in await db.execute(_FOUND, {**values, "log": log, "limit": limit})
    ]


def _sought(typed: str, lang: str) -> dict[str, Any] | None:
    config, words = configuration(lang), words_in(typed)
    if config == SIMPLE:
        words = [one for one in words if len(one) >= _LEAST and one not in _SAYING_NOTHING]
    if not words:
        return None
    return {"words": words, "beginnings": [beginning(one) for one in words], "config": config}
