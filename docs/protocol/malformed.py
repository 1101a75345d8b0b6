"""Bytes near an entry that are no entry: each must be refused."""

from civic.procedure import DRAFT


def malformed(raw: bytes) -> list[dict[str, str]]:
    """Bytes near an entry that are no entries, as text, with what is wrong."""
    text = raw.decode()

    def changed(why: str, old: str, new: str) -> dict[str, str]:
        if old not in text:
            raise AssertionError(old)
        return {"why": why, "bytes": text.replace(old, new, 1)}

    key = f'"key":"{first_key(raw)}"'
    return [
        changed("whitespace", '"part":0', '"part": 0'),
        {"why": "whitespace at the end", "bytes": text + "\n"},
        {"why": "cut off", "bytes": text[:-1]},
        changed("another order of fields", f'{key},"part":0', f'"part":0,{key}'),
        changed("a field missing", '"part":0,', ""),
        changed("a field twice", '"part":0', '"part":0,"part":0'),
        changed("an unknown field", '"rules":0', '"rules":0,"more":0'),
        changed("null instead of absent", '"template":', '"founder_key":null,"template":'),
        changed("a float", '"rules":0', '"rules":0.0'),
        changed("a number with an exponent", '"founders":3', '"founders":3e0'),
        changed("minus zero", '"rules":0', '"rules":-0'),
        changed("a leading zero", '"founders":3', '"founders":03'),
        changed("a number out of range", '"rules":0', '"rules":9007199254740992'),
        changed("a needless escape", '"circle"', '"\\u0063ircle"'),
        changed("a control character", '"circle"', '"circle\\n"'),
        changed("not in normalisation form C", '"circle"', '"Z\u030circle"'),
        changed("a day that does not exist", "2026-03-02T", "2026-02-30T"),
        changed("uppercase hexadecimal", key, key[:7] + key[7:].upper()),
    ]


def first_key(raw: bytes) -> str:
    """The key of an entry's bytes."""
    return DRAFT.codec.decode(raw).key
