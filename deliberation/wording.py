"""The words of matters as core full-text search finds them, in each of their languages.

Each language that PostgreSQL has a stemmer for is searched by stems; in all others words are kept
as they stand, and searches ask for their beginnings too, so that endings do not matter. No
extension is needed (`pg_trgm` and `unaccent` are not everywhere).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from civic.kernel.database import Writing, view_metadata
from civic.kernel.projection import After, Rows
from civic.kernel.record.content import SALT, WORDS_TYPE

view_metadata.info["projections of the words of matters"] = 1

wording = Table(
    "wording",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, primary_key=True),
    Column("lang", Text, primary_key=True),
    Column("lexemes", TSVECTOR, nullable=False),
    comment=(
        "Title (weight A) and text (B) of each matter as they are now, in each language, for "
        "full-text search; without the words that were erased."
    ),
)
Index("wording_lexemes_ix", wording.c.lexemes, postgresql_using="gin")

CONFIGURATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch",
        "en": "english", "fi": "finnish", "fr": "french", "de": "german", "el": "greek",
        "hu": "hungarian", "ga": "irish", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
        "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
        "sr": "serbian", "es": "spanish", "sv": "swedish", "tr": "turkish", "yi": "yiddish",
    }
)  # fmt: skip
"""Text search configurations by language, those that every PostgreSQL from 15 on has."""
SIMPLE: Final = "simple"
"""The configuration of all other languages: words as they stand, in lower case."""


def configuration(lang: str) -> str:
    """Return the text search configuration for a language tag (`de-AT`)."""
    return CONFIGURATIONS.get(lang.partition("-")[0].lower(), SIMPLE)


_CASES: Final = " ".join(f"WHEN '{lang}' THEN '{one}'" for lang, one in CONFIGURATIONS.items())
_CONFIG: Final = f"CAST(CASE split_part(g.lang, '-', 1) {_CASES} ELSE '{SIMPLE}' END AS regconfig)"
_HEADER: Final = f"{WORDS_TYPE}\n"


def _text_of(bytes_: str) -> str:
    """Return SQL for the text of words kept as content, NULL for anything else."""
    return (
        f"CASE WHEN substr({bytes_}, {SALT + 1}, {len(_HEADER)}) = "
        f"convert_to('{WORDS_TYPE}' || chr(10), 'UTF8') "
        f"THEN CAST(convert_from(substr({bytes_}, {SALT + len(_HEADER) + 1}), 'UTF8') AS json) "
        "->> 'text' END"
    )


WORDED: Final = After(
    f"""
    WITH asked AS (
        SELECT DISTINCT log, matter FROM unnest(:log, :matter) AS g(log, matter)
    ), given AS (
        SELECT DISTINCT ON (m.log, m.id, l.lang) m.log, m.id AS matter, l.lang, l.title, l.words
        FROM asked JOIN view.matter m ON m.log = asked.log AND m.id = asked.matter
        CROSS JOIN LATERAL (
            SELECT 0 AS place, m.lang, m.title, m.text AS words
            UNION ALL
            SELECT f.place, f.lang,
                substr(m.also, (CAST(f.place AS integer) - 1) * (m.options + 2) * 32 + 1, 32),
                substr(m.also, (CAST(f.place AS integer) - 1) * (m.options + 2) * 32 + 33, 32)
            FROM unnest(string_to_array(nullif(m.languages, ''), ' '))
                WITH ORDINALITY AS f(lang, place)
        ) AS l
        ORDER BY m.log, m.id, l.lang, l.place
    ), gone AS (
        DELETE FROM view.wording w USING asked
        WHERE w.log = asked.log AND w.matter = asked.matter AND NOT EXISTS (
            SELECT FROM given g WHERE g.log = w.log AND g.matter = w.matter AND g.lang = w.lang
        )
    )
    INSERT INTO view.wording (log, matter, lang, lexemes)
    SELECT g.log, g.matter, g.lang,
        setweight(to_tsvector({_CONFIG}, coalesce({_text_of("t.bytes")}, '')), 'A')
        || setweight(to_tsvector({_CONFIG}, coalesce({_text_of("b.bytes")}, '')), 'B')
    FROM given g
    LEFT JOIN record.content t ON t.log = g.log AND t.hash = g.title
    LEFT JOIN record.content b ON b.log = g.log AND b.hash = g.words
    ON CONFLICT (log, matter, lang) DO UPDATE SET lexemes = excluded.lexemes
    """,  # noqa: S608
    log=Integer,
    matter=Text,
)
"""Matters whose words are new, or gone; what is no matter is passed over."""


async def word_all(db: Writing, log: int) -> None:
    """Write the words of all matters of a record anew: they came later than its entries did."""
    rows = Rows()
    for matter in await db.scalars(_MATTERS, {"log": log}):
        rows.then(WORDED, log, matter)
    await rows.write(db)


_MATTERS: Final = text("SELECT id FROM view.matter WHERE log = :log")
