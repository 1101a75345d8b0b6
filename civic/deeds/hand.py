"""Keys in somebody's own hand: what their browser signs while the node makes the act.

A form is sent twice. The first time it only asks what there is to sign: the deed runs up to where
it would hand its act to the book, and stops with `SignatureNeeded`. The browser compares that with
what its person typed, signs, and sends the form again with the signatures; the same form under the
same key gives the same act, byte for byte.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import msgspec
from nacl.signing import SigningKey

from chapters.departures import SignedLeaving
from chapters.papers import Tie
from civic.kernel import keys
from civic.kernel.record.entry import Act, Count, Hash, Hex64, Id, Proof, encode_json
from civic.kernel.refusal import code

SIGNATURE_MISSING: Final = code(
    "request.signature_missing", "The act is not the one that was signed, or was not signed."
)

CHAPTERS_MOST: Final = 100
"""Chapters that one form leaves with signatures at most."""

Of = Literal["member", "voice", "row"]
Unsignable = Literal["no_key", "other_key", "other_id"]
"""Why nothing can be signed: the chapter knows no key of the member, or another one than the
browser has, or the voice or row id in use is that of no key in the browser."""


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser tells of its keys with a form.

    Public keys: the member key, and those of voices and rows by matter. Counts of signed rows by
    subject. Signatures by the SHA-256 of what they sign. What is signed of leaving, by chapter.
    """

    member: Hash | None = None
    voices: dict[Id, Hash] = {}
    rows: dict[Id, Hash] = {}
    counts: Annotated[dict[Id, Count], msgspec.Meta(max_length=50)] = {}
    signatures: Annotated[dict[Hash, Hex64], msgspec.Meta(max_length=50)] = {}
    leaving: Annotated[dict[Hash, SignedLeaving], msgspec.Meta(max_length=CHAPTERS_MOST)] = {}


class WantedAct(msgspec.Struct, frozen=True):
    """An act to be signed: `body` is its canonical JSON, `texts` are the words it names.

    `matter` is that of a voice, where the form itself does not say it.
    """

    kind: str
    by: str
    key: str
    body: str
    content: tuple[str, ...]
    texts: tuple[bytes, ...]
    matter: str = ""

    def message(self, log_id: str) -> bytes:
        """Return the bytes to be signed (docs/protocol/record.md, section 3)."""
        body = hashlib.sha256(self.body.encode()).hexdigest()
        content = hashlib.sha256(encode_json(self.content)).hexdigest()
        named = f"{log_id}\n{self.kind}\n{self.by}\n{self.key}\n{body}\n{content}"
        return f"civic/act/1\n{named}".encode()


class WantedTie(msgspec.Struct, frozen=True):
    """A tie to be signed by the member key."""

    matter: str
    of: str
    id: str
    member: str


class WantedRow(msgspec.Struct, frozen=True):
    """A reaction or pseudonymous vote to be signed by the key of its row id.

    `last` is the highest count of its values about the subject that the node knows.
    """

    matter: str
    subject: str
    row: str
    value: int
    last: int


class WantedLeaving(msgspec.Struct, frozen=True):
    """The acts by which somebody leaves a chapter other than the one in which the form acts.

    `founding` are the bytes of its entry 0; `key` is the member key that it knows, None where it
    knows none, and then there is nothing to sign.
    """

    chapter: str
    log_id: str
    founding: bytes
    key: str | None
    acts: tuple[WantedAct, ...]


class WantedKey(msgspec.Struct, frozen=True):
    """A public key that the node needs before it can make the act."""

    of: Of
    matter: str = ""


class SignatureNeeded(Exception):
    """A deed stops here: its hand has something to sign, or cannot."""

    def __init__(self, hand: "Hand") -> None:
        super().__init__()
        self.hand = hand


@dataclass
class Hand:
    """The keys of one person for one request; collects what they are to sign.

    `prepare` tells that nothing may be recorded: the form only asks what there is to sign.
    `account` is by what the browser knows the account again; `founding` are the bytes of entry 0,
    which hash to the chapter's id and name the key of its log: a signature under another log's id
    would be good in another chapter. `papers` are messages of papers for the member key.
    """

    told: Told
    prepare: bool
    account: str = ""
    log_id: str = ""
    founding: bytes = b""
    acts: list[WantedAct] = field(default_factory=list)
    ties: list[WantedTie] = field(default_factory=list)
    rows: list[WantedRow] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    leaving: list[WantedLeaving] = field(default_factory=list)
    keys: list[WantedKey] = field(default_factory=list)
    unsignable: Unsignable | None = None

    def at(self, log_id: str) -> "Hand":
        """Note in which log the person acts; return the hand."""
        self.log_id = log_id
        return self

    def key(self, of: Of, matter: str = "") -> "InHand":
        """Return a key of the hand; raise `SignatureNeeded` where the browser has not told it."""
        match of:
            case "member":
                known = self.told.member
            case "voice":
                known = self.told.voices.get(matter)
            case "row":
                known = self.told.rows.get(matter)
        if known is None:
            self.keys.append(WantedKey(of, matter))
            raise SignatureNeeded(self)
        return InHand(self, bytes.fromhex(known))

    def cannot(self, why: Unsignable) -> SignatureNeeded:
        """Return why nothing can be signed, to be raised."""
        self.unsignable = why
        return SignatureNeeded(self)

    def want_act(self, act: Act[Any], texts: Sequence[bytes]) -> None:
        """Ask for the signature under an act."""
        self.acts.append(wanted_act(act, texts))

    def want_tie(self, tie: Tie) -> None:
        """Ask for the member key's signature under a tie."""
        self.ties.append(WantedTie(tie.matter, tie.of, tie.id, tie.member))


def wanted_act(act: Act[Any], texts: Sequence[bytes] = (), matter: str = "") -> WantedAct:
    """Return an act as it is asked to be signed."""
    body = encode_json(act.body).decode()
    return WantedAct(act.kind, str(act.by), act.key, body, act.content, tuple(texts), matter)


@dataclass(frozen=True)
class InHand:
    """A key whose secret half only the person's browser has."""

    hand: Hand
    public: bytes

    def signature(self, message: bytes) -> bytes | None:
        """Return the signature that came with the form, None while it only asks.

        Raises `SignatureNeeded` where the form was to be signed and this is not.
        """
        made = self.hand.told.signatures.get(hashlib.sha256(message).hexdigest())
        if made is not None:
            return bytes.fromhex(made)
        if not self.hand.prepare:
            raise SignatureNeeded(self.hand)
        return None


Key = SigningKey | InHand
"""A key with which an act can be signed: here, or in its person's browser."""


def public_half(key: Key) -> bytes:
    """Return a key's public half."""
    return key.public if isinstance(key, InHand) else keys.public_key(key)


def signature(key: Key, message: bytes) -> bytes | None:
    """Sign, or return what the browser signed; None while the form only asks."""
    return key.signature(message) if isinstance(key, InHand) else keys.sign(key, message)


def proof(key: Key, message: bytes) -> Proof | None:
    """Return the proof that a key gives of a message, None while the form only asks."""
    made = signature(key, message)
    return None if made is None else Proof(public_half(key).hex(), made.hex())
