"""The short record that the test vectors show. Keys, salts and ids are SHA-256s of words."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, TEMPLATES, Bylaws, Change
from chapters.papers import Invitation, Tie, make_invitation, make_tie, tie_message
from civic.kernel import keys
from civic.kernel.record import note
from civic.kernel.record.content import Words, content_hash, make_words
from civic.kernel.record.entry import (
    Act,
    As,
    Body,
    By,
    Entry,
    Proof,
    act_key,
    act_message,
    id_of,
    key_id,
    minute,
    node_id,
    row_message,
    when,
)
from civic.kernel.record.rules import tick_of
from civic.kernel.record.time import Outage
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from deliberation import entries as d
from deliberation.state import of as deliberation_of
from identity.member_keys import member_key, row_key, voice_key
from voting import entries as v

START: Final = minute("2026-03-02T09:00Z")


def digest(words: str) -> bytes:
    """The SHA-256 from which everything that would be random is taken."""
    return hashlib.sha256(f"civic vectors: {words}".encode()).digest()


def an_id(words: str) -> str:
    """An id that would be random."""
    return id_of(digest(words)[:16])


LOG_KEY: Final = keys.signing_key(digest("log"))
LOG_PUBLIC: Final = keys.public_key(LOG_KEY)
LOG: Final = note.log_id(LOG_PUBLIC)
MEMBERS: Final = tuple(an_id(f"member {n}") for n in range(4))
SEEDS: Final = tuple(digest(f"seed {n}") for n in range(4))
"""Each member's recovery seed; the last member has none and acts unsigned."""
MATTER: Final = an_id("matter")


class Story:
    """A short record: founded, constituted, one proposal, one vote that changes the bylaws."""

    def __init__(self) -> None:
        self.state = DRAFT.initial(LOG)
        self.now = START
        self.entries: list[Entry[Any]] = []
        self.content: dict[str, bytes] = {}
        self.papers: dict[str, bytes] = {}
        self.acts = 0

    def words(self, text: str) -> str:
        """Keep words; return their hash."""
        raw = make_words(Words("en", text), digest(f"salt {text}")[:16])
        self.content[content_hash(raw)] = raw
        return content_hash(raw)

    def paper(self, raw: bytes) -> str:
        """Keep a paper; return its hash."""
        self.papers[content_hash(raw)] = raw
        return content_hash(raw)

    def due(self) -> None:
        """Record what is due."""
        for group in DRAFT.due(self.state, tick_of(self.state.record, self.now)):
            self.entries.extend(group)

    def act(
        self, body: Body, by: By, content: Sequence[str] = (), signer: Any = None
    ) -> list[Entry[Any]]:
        """Record an act that the rules must accept."""
        self.acts += 1
        key = act_key(LOG, by, f"act {self.acts}")
        signed = None
        if signer is not None:
            message = act_message(LOG, body.kind, by, key, body, tuple(content))
            signed = Proof(keys.public_key(signer).hex(), keys.sign(signer, message).hex())
        act = Act(body.kind, by, key, body, tuple(content), signed)
        refused = DRAFT.prepare(LOG, act)
        if not DRAFT.kinds[body.kind].early:
            self.due()
        result = refused or DRAFT.act(self.state, act, tick_of(self.state.record, self.now))
        if isinstance(result, Refusal):
            raise AssertionError(result)
        self.entries.extend(result)
        return result

    def member(self, number: int, body: Body, *content: str) -> None:
        """An act of a member, signed by those who have a seed."""
        signer = member_key(SEEDS[number], LOG) if number < 3 else None
        self.act(body, By(As.MEMBER, MEMBERS[number]), content, signer)

    def voice(self, number: int, body: Body, *content: str) -> None:
        """An act of a member's voice in the matter."""
        signer, own = speaker(number)
        self.act(body, By(As.VOICE, own), content, signer)

    def node(self, body: Body) -> None:
        """An act of the node."""
        self.act(body, By(As.NODE, node_id(LOG)))

    def pass_time(self, minutes: int) -> None:
        """Let time pass and record what is due."""
        self.now += minutes
        self.due()


def speaker(number: int) -> tuple[Any, str]:
    """Key and voice id of a member in the matter; without a seed the id would be random."""
    if number == 3:
        return None, an_id("voice 3")
    key = voice_key(SEEDS[number], LOG, MATTER)
    return key, key_id(keys.public_key(key))


def tie_of(number: int, of: Any) -> Tie:
    """The tie of a member's voice or row in the matter."""
    if number == 3:
        return Tie(MATTER, of, an_id(f"{of} 3"), MEMBERS[3])
    key = (voice_key if of == "voice" else row_key)(SEEDS[number], LOG, MATTER)
    tie = Tie(MATTER, of, key_id(keys.public_key(key)), MEMBERS[number])
    signature = keys.sign(member_key(SEEDS[number], LOG), tie_message(LOG, tie))
    return msgspec.structs.replace(tie, signature=signature.hex())


def rows(subject: str, values: Mapping[int, int], count: int = 1) -> tuple[Any, Any]:
    """Rows of members about a subject, and the proofs of those who have a key."""
    found = []
    for number, value in values.items():
        own = tie_of(number, "row").id
        key = row_key(SEEDS[number], LOG, MATTER) if number < 3 else None
        found.append((own, value, key))
    found.sort(key=lambda one: one[0])
    proofs = tuple(
        (
            position,
            count,
            keys.public_key(key).hex(),
            keys.sign(key, row_message(LOG, subject, own, count, value)).hex(),
        )
        for position, (own, value, key) in enumerate(found)
        if key is not None
    )
    return tuple((own, value) for own, value, _ in found), proofs


def tell() -> Story:
    """Play the record."""
    story = Story()
    found(story)
    propose(story)
    vote(story)
    return story


def found(story: Story) -> None:
    """Found and constitute the chapter."""
    bylaws = msgspec.convert(
        msgspec.to_builtins(TEMPLATES["circle"])
        | {"visibility": "world", "secrecy": "pseudonymous", "notice_time": 60},
        Bylaws,
    )
    public = [keys.public_key(member_key(seed, LOG)).hex() for seed in SEEDS[:3]]
    founded = c.Founded(
        0,
        CHARTER_HASH,
        "circle",
        bylaws,
        LOG_PUBLIC.hex(),
        digest("random").hex(),
        MEMBERS[0],
        public[0],
    )
    story.member(0, founded, story.words("Žemaitija"))
    for number in (1, 2, 3):
        invitation = Invitation(an_id(f"invitation {number}"), MEMBERS[0], MEMBERS[number])
        paper = make_invitation(invitation, digest(f"salt invitation {number}")[:16])
        own = public[number] if number < 3 else None
        story.member(number, c.Joined(MEMBERS[number], story.paper(paper), own))
    for number in range(3):
        others = tuple(one for one in MEMBERS[:3] if one != MEMBERS[number])
        story.member(number, c.FounderConfirmed(others))
    until = when(story.now + 300 * DAY)
    roles: tuple[c.Role, ...] = ("lead", "verifier", "verifier")
    offices = tuple(
        c.OfficeTerm(an_id(f"office {n}"), role, MEMBERS[n], until) for n, role in enumerate(roles)
    )
    story.member(0, c.Constituted(MEMBERS[:3], offices))


def propose(story: Story) -> None:
    """A proposal finds support and is discussed."""
    story.pass_time(10)
    title, text = story.words("Lower the quorum"), story.words('A third is enough:\n"333".')
    change = Change("quorum", 500, 333)
    proposed = d.Proposed(MATTER, "en", 16, 25, 0, "pseudonymous", (change,))
    story.voice(0, proposed, title, text)
    for number in (1, 2):
        story.voice(number, d.Supported(MATTER))
    argument = "Quorums were missed twice."
    story.voice(3, d.Argued(an_id("argument"), MATTER, "pro", 26), story.words(argument))
    comment = d.Commented(an_id("comment"), an_id("argument"), 4)
    story.voice(1, comment, story.words("When"))
    story.pass_time(10)
    tie(story, "voice")
    tie(story, "row")
    tick = when(tick_of(story.state.record, story.now))
    values, proofs = rows(an_id("argument"), {0: 1, 1: -1, 2: 0, 3: 1})
    story.node(d.ReactionsRecorded(an_id("argument"), tick, 0, values, proofs))
    erased = story.words("When")
    story.voice(1, d.WordsErased(an_id("comment"), (erased,)))
    del story.content[erased]
    # One member changes their mind, and counts on.
    story.now += 10
    tick = when(tick_of(story.state.record, story.now))
    values, proofs = rows(an_id("argument"), {1: 1}, 2)
    story.node(d.ReactionsRecorded(an_id("argument"), tick, 0, values, proofs))


def tie(story: Story, of: Any) -> None:
    """The early act that records the ties of all members."""
    papers = []
    for number in range(4):
        raw = make_tie(tie_of(number, of), digest(f"salt {of} {number}")[:16])
        papers.append(story.paper(raw))
    tick = when(tick_of(story.state.record, story.now))
    story.node(c.TookPart(MATTER, of, tick, tuple(sorted(papers))))


def vote(story: Story) -> None:
    """The vote, with an outage over its end, and what it decides."""
    story.pass_time(4 * DAY)
    election = deliberation_of(story.state).proposals[MATTER].election
    if election is None:
        raise AssertionError("the vote did not open")
    # An early act comes first in its tick.
    story.now += 10
    tick = when(tick_of(story.state.record, story.now))
    values, proofs = rows(election, {0: 1, 1: 1, 2: -1, 3: 1})
    story.node(v.VotesRecorded(election, tick, 0, values, proofs))
    closes = story.state.record.deadlines[election].minute
    story.now = closes + 100
    story.node(Outage(when(closes - 61), when(story.now)))
    story.due()
    story.pass_time(2 * DAY)
