"""Acts and rows made and signed with a member's own keys (pure but for random ids and salts)."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from nacl.signing import SigningKey

from chapters.papers import Tie, make_tie, tie_message
from civic.kernel import keys
from civic.kernel.record.content import Words, content_hash, length_of, make_words
from civic.kernel.record.entry import (
    Act,
    As,
    By,
    Malformed,
    Proof,
    act_key,
    act_message,
    encode_json,
    id_of,
    row_message,
)
from civic.kernel.record.rules import Procedure
from civic.procedure import VERSIONS
from identity import member_keys

LENGTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "chapters.display_name_set": ("length",),
    "deliberation.proposed": ("title_length", "text_length"),
    "deliberation.revised": ("title_length", "text_length"),
    "deliberation.argued": ("length",),
    "deliberation.commented": ("length",),
    "deliberation.task_set": ("length",),
    "deliberation.outcome_recorded": ("expected_length", "happened_length"),
}
"""Which field of a body states the length of the first, second text of an act."""


class Unmakeable(Exception):
    """An act cannot be made from what was given; the text says what is missing."""


@dataclass(frozen=True)
class Signer:
    """Who signs: a member of a chapter with the seed of their keys."""

    seed: bytes
    log_id: str
    member: str

    @property
    def member_key(self) -> SigningKey:
        """The key of the member's own acts."""
        return member_keys.member_key(self.seed, self.log_id)

    def tie(self, matter: str, of: As, own_id: str) -> bytes:
        """Return the signed paper that ties a voice or row id to the member."""
        tie = Tie(matter, "voice" if of is As.VOICE else "row", own_id, self.member)
        signature = keys.sign(self.member_key, tie_message(self.log_id, tie))
        return make_tie(msgspec.structs.replace(tie, signature=signature.hex()))


def make_act(
    signer: Signer,
    kind: str,
    given: Mapping[str, Any],
    texts: Sequence[str],
    lang: str,
    *,
    matter: str | None,
    office: str | None,
    idempotency: str,
    rules: int,
) -> tuple[Act[Any], dict[str, Any]]:
    """Return a signed act, and the request that hands it in.

    What follows from the rest is filled in: a new id, the lengths of texts, the proposal.
    """
    procedure = rules_of(rules)
    known = procedure.kinds.get(kind)
    if known is None:
        raise Unmakeable(f"There is no kind {kind}.")
    body = dict(given)
    fields = known.body.__struct_fields__
    if "id" in fields:
        body.setdefault("id", id_of(secrets.token_bytes(16)))
    if kind == "deliberation.proposed":
        matter = body["id"]
        body.setdefault("lang", lang)
        body.setdefault("options", max(0, len(texts) // _languages(body) - 2))
    for name in ("proposal", "on"):
        if name in fields and matter is not None:
            body.setdefault(name, matter)
    reason = texts[-1] if texts and "reason_length" in body else None
    if reason is not None:
        texts, body["reason_length"] = texts[:-1], length_of(reason)
    for name, text in zip(LENGTHS.get(kind, ()), texts, strict=False):
        body.setdefault(name, length_of(text))
    blobs = _in_languages(body, texts, lang)
    if reason is not None:
        blobs.append(make_words(Words(lang, reason)))
    content = tuple(content_hash(blob) for blob in blobs)
    by, key = _author(signer, known.by, matter, office, kind)
    try:
        made = msgspec.convert(body, known.body)
    except msgspec.ValidationError as error:
        raise Unmakeable(f"The body does not fit {kind}: {error}.") from error
    act = sign_act(
        signer.log_id, Act(kind, by, act_key(signer.log_id, by, idempotency), made, content), key
    )
    try:
        procedure.codec.check(act)
    except Malformed as error:
        raise Unmakeable(f"The act is malformed: {error}.") from error
    request: dict[str, Any] = {
        "act": msgspec.Raw(encode_json(act)),
        "idempotency": idempotency,
        "content": {digest: _text(blob) for digest, blob in zip(content, blobs, strict=True)},
    }
    if by.as_ is As.VOICE:
        request["tie"] = _text(signer.tie(_needed(matter, kind), As.VOICE, by.id))
    return act, request


def _languages(body: Mapping[str, Any]) -> int:
    also = body.get("also", ())
    return 1 + len(also) if isinstance(also, list) else 1


def _in_languages(body: dict[str, Any], texts: Sequence[str], lang: str) -> list[bytes]:
    """Return texts as words: those of the binding language, then those given `also` in others."""
    languages = _languages(body)
    size = len(texts) // languages
    blobs = [make_words(Words(lang, text)) for text in texts[: size or len(texts)]]
    originals = [content_hash(blob) for blob in blobs]
    for number in range(1, languages):
        further, own = body["also"][number - 1], texts[size * number : size * (number + 1)]
        if not isinstance(further, dict):
            raise Unmakeable("What stands under also are objects, each with a lang.")
        for name, text in zip(LENGTHS["deliberation.proposed"], own, strict=False):
            further.setdefault(name, length_of(text))
        blobs += [
            make_words(Words(str(further.get("lang", lang)), text, original))
            for text, original in zip(own, originals, strict=True)
        ]
    return blobs


def rules_of(version: int) -> Procedure:
    """Return the rules that a chapter goes on under, which an act made here must follow."""
    procedure = VERSIONS.get(version)
    if procedure is None:
        have = ", ".join(map(str, sorted(VERSIONS)))
        raise Unmakeable(
            f"The chapter goes on under version {version} of the rules; this program has {have}. "
            "Install a newer release."
        )
    return procedure


def sign_act(log_id: str, act: Act[Any], key: SigningKey) -> Act[Any]:
    """Return an act with its author's proof."""
    message = act_message(log_id, act.kind, act.by, act.key, act.body, act.content)
    proof = Proof(keys.public_key(key).hex(), keys.sign(key, message).hex())
    return msgspec.structs.replace(act, proof=proof)


def make_row(signer: Signer, matter: str, subject: str, count: int, value: int) -> dict[str, Any]:
    """Return the request that puts a signed row into the box of a subject.

    `count` is above that of every value that the row's key signed about the subject before.
    """
    key = member_keys.row_key(signer.seed, signer.log_id, matter)
    row = member_keys.id_of_key(key)
    message = row_message(signer.log_id, subject, row, count, value)
    return {
        "subject": subject,
        "row": row,
        "count": count,
        "value": value,
        "proof": Proof(keys.public_key(key).hex(), keys.sign(key, message).hex()),
        "tie": _text(signer.tie(matter, As.ROW, row)),
    }


def _author(
    signer: Signer, roles: frozenset[As], matter: str | None, office: str | None, kind: str
) -> tuple[By, SigningKey]:
    if office is not None and As.OFFICE in roles:
        return By(As.OFFICE, office), signer.member_key
    if As.VOICE in roles:
        key = member_keys.voice_key(signer.seed, signer.log_id, _needed(matter, kind))
        return By(As.VOICE, member_keys.id_of_key(key)), key
    if As.MEMBER in roles:
        return By(As.MEMBER, signer.member), signer.member_key
    if As.OFFICE in roles:
        raise Unmakeable(f"{kind} is done in office: name yours by --office.")
    raise Unmakeable(f"{kind} is no act of people.")


def _needed(matter: str | None, kind: str) -> str:
    if matter is None:
        raise Unmakeable(f"{kind} belongs to a matter: name it by --matter.")
    return matter


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
