"""Acts by hand: a chapter in memory whose time tests move, for the rules alone."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from nacl.signing import SigningKey

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, TEMPLATES, Bylaws
from chapters.state import ChaptersState
from chapters.state import of as chapter_of
from civic.kernel import keys
from civic.kernel.record.course import Course
from civic.kernel.record.entry import (
    Act,
    As,
    Body,
    By,
    Entry,
    Proof,
    act_key,
    act_message,
    encode,
    id_of,
    key_id,
    minute,
    when,
)
from civic.kernel.record.note import log_id
from civic.kernel.record.rules import Procedure, State, tick_of, tick_size
from civic.kernel.refusal import Refusal
from civic.procedure import VERSIONS
from deliberation import entries as d
from deliberation.state import DeliberationState
from deliberation.state import of as deliberation_of
from tests.first_day import FIRST_DAY
from voting.state import VotingState
from voting.state import of as voting_of

START = minute("2026-03-02T09:00Z")
LOG_SEED = bytes(range(32))


def made(name: str) -> str:
    """The id of a name: always the same, different for different names."""
    return id_of(hashlib.sha256(name.encode()).digest()[:16])


def text(name: str) -> str:
    """The hash of some text."""
    return hashlib.sha256(f"text {name}".encode()).hexdigest()


def seed_key(name: str) -> SigningKey:
    """The key of a name."""
    return keys.signing_key(hashlib.sha256(f"key {name}".encode()).digest())


def public(name: str) -> str:
    """The public key of a name, in hexadecimal."""
    return keys.public_key(seed_key(name)).hex()


def keyed(name: str) -> str:
    """The voice or row id of a name's key."""
    return key_id(bytes.fromhex(public(name)))


class Game:
    """A record under way: acts at a time, and what came of them. It begins under version 0."""

    def __init__(self, versions: Mapping[int, Procedure] = VERSIONS, now: int = START) -> None:
        self.log_public = keys.public_key(keys.signing_key(LOG_SEED))
        self.log_id = log_id(self.log_public)
        self.course = Course.begin(versions, 0, self.log_id)
        self.now = now
        self.entries: list[Entry[Any]] = []
        self.groups: list[int] = []
        self.acts = 0

    @property
    def procedure(self) -> Procedure:
        """The version of the rules in force."""
        return self.course.procedure

    @property
    def state(self) -> State:
        return self.course.state

    @state.setter
    def state(self, state: State) -> None:
        self.course.state = state

    @property
    def chapter(self) -> ChaptersState:
        return chapter_of(self.state)

    @property
    def deliberation(self) -> DeliberationState:
        return deliberation_of(self.state)

    @property
    def voting(self) -> VotingState:
        return voting_of(self.state)

    @property
    def tick(self) -> int:
        record = self.state.record
        return max(tick_of(record, self.now), record.at)

    def act(
        self,
        body: Body,
        as_: As = As.MEMBER,
        own_id: str = "",
        content: Sequence[str] = (),
        signer: str | None = None,
        key: str | None = None,
    ) -> Act[Any]:
        """An act that is structurally whole."""
        by = By(as_, self.state.record.node if as_ is As.NODE else own_id)
        self.acts += 1
        key = key or act_key(self.log_id, by, f"act {self.acts}")
        hashes = tuple(content)
        proof = None
        if signer is not None:
            message = act_message(self.log_id, body.kind, by, key, body, hashes)
            signature = keys.sign(seed_key(signer), message)
            proof = Proof(public(signer), signature.hex())
        return Act(body.kind, by, key, body, hashes, proof)

    def due(self) -> None:
        """Let happen what is due."""
        for group in self.course.due(self.tick):
            self._keep(group)

    def offer(self, act: Act[Any]) -> Refusal | list[Entry[Any]]:
        """Do what the book and the audit do with an act."""
        refused = self.procedure.prepare(self.log_id, act)
        if refused is not None:
            return refused
        if not self.procedure.kinds[act.kind].early:
            self.due()
        result = self.course.act(act, self.tick)
        if not isinstance(result, Refusal):
            self._keep(result)
        return result

    def do(
        self,
        body: Body,
        as_: As = As.MEMBER,
        own_id: str = "",
        content: Sequence[str] = (),
        signer: str | None = None,
    ) -> list[Entry[Any]]:
        """Make an act that must be accepted."""
        result = self.offer(self.act(body, as_, own_id, content, signer))
        assert not isinstance(result, Refusal), result
        return result

    def refused(
        self,
        body: Body,
        as_: As = As.MEMBER,
        own_id: str = "",
        content: Sequence[str] = (),
        signer: str | None = None,
    ) -> str:
        """Make an act that must be refused without a trace; return the code."""
        self.due()
        before = self.procedure.dump(self.state)
        result = self.offer(self.act(body, as_, own_id, content, signer))
        assert isinstance(result, Refusal), result
        assert self.procedure.dump(self.state) == before
        return result.code

    def member(self, body: Body, name: str, *content: str) -> list[Entry[Any]]:
        return self.do(body, As.MEMBER, made(name), content)

    def voice(self, body: Body, name: str, *content: str) -> list[Entry[Any]]:
        return self.do(body, As.VOICE, made(name), content)

    def office(self, body: Body, office: str, *content: str) -> list[Entry[Any]]:
        return self.do(body, As.OFFICE, made(office), content)

    def node(self, body: Body, *content: str) -> list[Entry[Any]]:
        return self.do(body, As.NODE, "", content)

    def pass_time(self, minutes: int = 0, days: int = 0) -> None:
        self.now += minutes + days * DAY

    def wait(self, minutes: int = 0, days: int = 0) -> None:
        """Let time pass and happen what is due."""
        self.pass_time(minutes, days)
        self.due()

    def next_tick(self) -> None:
        """Let time pass to the next tick, in which early acts may come."""
        self.now = self.tick + tick_size(self.state.record, self.tick)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    def raws(self) -> list[bytes]:
        return [encode(entry) for entry in self.entries]

    def _keep(self, group: Iterable[Entry[Any]]) -> None:
        entries = list(group)
        self.groups.append(len(self.entries))
        self.entries.extend(entries)
        for entry in entries:
            raw = encode(entry)
            assert self.procedure.codec.decode(raw) == entry


def founding(game: Game, bylaws: Bylaws, template: str = "town") -> c.Founded:
    """The founding by `ann`."""
    return c.Founded(
        0, CHARTER_HASH, template, bylaws, game.log_public.hex(), "11" * 32, made("ann")
    )


def bylaws_of(template: str = "town", **changed: Any) -> Bylaws:
    """A template's bylaws with some fields changed; support of two is enough."""
    fields = {**FIRST_DAY, "support_least": 2, "support_share": 0, **changed}
    return msgspec.convert(msgspec.to_builtins(TEMPLATES[template]) | fields, Bylaws)


PEOPLE = ("ann", "ben", "cem", "dia", "eva", "fox")


def begin(
    people: Sequence[str] = PEOPLE, versions: Mapping[int, Procedure] = VERSIONS, **bylaws: Any
) -> Game:
    """A constituted chapter: ann is lead, ben and cem verifiers, ben facilitator."""
    game = Game(versions)
    game.do(founding(game, bylaws_of(**bylaws)), As.MEMBER, made("ann"), [text("chapter")])
    for name in people[1:]:
        game.member(c.Joined(made(name), text(f"paper {name}")), name)
    founders = tuple(made(name) for name in people[:3])
    for name in people[:3]:
        game.member(c.FounderConfirmed(tuple(f for f in founders if f != made(name))), name)
    until = when(game.now + 300 * DAY)
    offices = (
        c.OfficeTerm(made("lead"), "lead", made("ann"), until),
        c.OfficeTerm(made("verifier 1"), "verifier", made("ben"), until),
        c.OfficeTerm(made("verifier 2"), "verifier", made("cem"), until),
        c.OfficeTerm(made("facilitator"), "facilitator", made("ben"), until),
    )
    game.member(c.Constituted(founders, offices), people[0])
    return game


def propose(game: Game, name: str = "p", **fields: Any) -> str:
    """A proposal by the voice `<name> author`; returns its id."""
    fields = {"options": 0, "secrecy": game.chapter.bylaws.secrecy, **fields}
    body = d.Proposed(made(name), "en", 10, 100, **fields)
    labels = [text(f"{name} label {n}") for n in range(body.options)]
    game.voice(body, f"{name} author", text(f"{name} title"), text(f"{name} text"), *labels)
    return body.id


def support(game: Game, name: str = "p") -> None:
    """Enough support for a proposal to be discussed."""
    for number in range(2):
        game.voice(d.Supported(made(name)), f"{name} supporter {number}")


def to_vote(game: Game, name: str = "p") -> str:
    """Bring a new proposal to its vote; return the election's id."""
    support(game, name)
    bylaws = game.chapter.bylaws
    game.wait(bylaws.discussion_time)
    game.wait(max(bylaws.notice_time, bylaws.tick))
    election = game.deliberation.proposals[made(name)].election
    assert election is not None
    return election


def tie(game: Game, matter: str, of: Any, count: int, name: str = "tie") -> None:
    """Let the record say that so many ids of a matter are tied to members."""
    if game.state.record.plain_at == game.tick:
        game.next_tick()
    hashes = tuple(sorted(text(f"{name} {matter} {of} {n}") for n in range(count)))
    game.node(c.TookPart(matter, of, when(game.tick), hashes))
