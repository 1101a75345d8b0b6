"""Makes the test vectors of docs/protocol/record.md: python -m docs.protocol.make_vectors

Writes `vectors.json` and `bundle/` into docs/protocol/vectors/, or into the folder given. Nothing
in it is random: every key, salt and id is the SHA-256 of a few words.
"""

import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, TEMPLATES, Bylaws, Change
from chapters.papers import Invitation, Tie, make_invitation, make_tie, tie_message
from chapters.stewards import steward_message
from civic.kernel import keys
from civic.kernel.record import merkle, note, proof, tiles
from civic.kernel.record.boxes import promise_message
from civic.kernel.record.bundle import Manifest
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
    due_key,
    encode,
    encode_json,
    id_of,
    key_id,
    made_id,
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
from identity import seed_words
from identity.member_keys import member_key, row_key, voice_key
from voting import entries as v

FOLDER: Final = Path(__file__).parent / "vectors"
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
NODE_KEY: Final = keys.signing_key(digest("node"))
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


def rows(subject: str, values: Sequence[int]) -> tuple[Any, Any]:
    """Rows of the members about a subject, and the proofs of those who have a key."""
    found = []
    for number, value in enumerate(values):
        own = tie_of(number, "row").id
        key = row_key(SEEDS[number], LOG, MATTER) if number < 3 else None
        found.append((own, value, key))
    found.sort(key=lambda one: one[0])
    proofs = tuple(
        (
            position,
            keys.public_key(key).hex(),
            keys.sign(key, row_message(LOG, subject, own, value)).hex(),
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
    values, proofs = rows(an_id("argument"), (1, -1, 0, 1))
    story.node(d.ReactionsRecorded(an_id("argument"), tick, 0, values, proofs))
    erased = story.words("When")
    story.voice(1, d.WordsErased(an_id("comment"), (erased,)))
    del story.content[erased]


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
    values, proofs = rows(election, (1, 1, -1, 1))
    story.node(v.VotesRecorded(election, tick, 0, values, proofs))
    closes = story.state.record.deadlines[election].minute
    story.now = closes + 100
    story.node(Outage(when(closes - 61), when(story.now)))
    story.due()
    story.pass_time(2 * DAY)


def bundle_files(story: Story) -> dict[str, bytes]:
    """The files of the story's bundle, by name."""
    raws = [encode(entry) for entry in story.entries]
    leaves = merkle.leaf_hashes(raws)
    tiling = tiles.Tiling()
    hashed = [*tiling.extend(leaves), *tiling.partials()]
    checkpoint = note.Checkpoint(note.origin(LOG), len(raws), tiling.root())
    manifest = Manifest(content_hash(raws[0]), len(raws), tiling.root().hex(), "world")
    files = {
        "log/vkey": f"{note.format_vkey(note.log_key(LOG_PUBLIC))}\n".encode(),
        "log/checkpoint": note.sign_checkpoint(checkpoint, LOG_KEY),
        "manifest.json": msgspec.json.encode(manifest) + b"\n",
    }
    for tile, raw in hashed:
        files[f"log/{tiles.tile_path(*tile)}"] = raw
    for tile in tiles.bundles_of_size(len(raws)):
        start = tile.number * tiles.WIDTH
        part = raws[start : start + tile.width]
        files[f"log/{tiles.tile_path(*tile)}"] = tiles.encode_bundle(part)
    for name, raw in story.content.items():
        files[f"content/{name}"] = raw
    return dict(sorted(files.items()))


def bundle_digest(files: dict[str, bytes]) -> str:
    """The digest of a bundle: SHA-256 over a line `<sha256> <name>` a file, sorted by name."""
    lines = (f"{content_hash(raw)} {name}\n" for name, raw in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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


def vectors(story: Story) -> dict[str, Any]:
    """All vectors as one JSON document."""
    files = bundle_files(story)
    raws = [encode(entry) for entry in story.entries]
    first = story.entries[0]
    by = first.by
    called: Entry[Any] = next(one for one in story.entries if one.kind == d.VoteCalled.kind)
    frozen: Entry[Any] = next(one for one in story.entries if one.kind == d.Frozen.kind)
    election = called.body.election
    subtree = merkle.subtree_from_leaves(merkle.leaf_hashes(raws))
    receipt = proof.make_proof(0, len(raws), subtree, files["log/checkpoint"], raws[0])
    row = tie_of(0, "row").id
    stewards = c.StewardsNamed(1, (LOG_PUBLIC.hex(),), 1)
    return {
        "log": {
            "public_key": LOG_PUBLIC.hex(),
            "log_id": LOG,
            "origin": note.origin(LOG),
            "node": node_id(LOG),
            "chapter": content_hash(raws[0]),
        },
        "entries": [
            {
                "bytes": raw.decode(),
                "sha256": content_hash(raw),
                "leaf": merkle.leaf_hash(raw).hex(),
            }
            for raw in raws
        ],
        "malformed": malformed(raws[0]),
        "moments": [
            {"minute": one, "text": when(one)}
            for one in (0, 1, 29_540_700, minute("9999-12-31T23:59Z"))
        ],
        "act_keys": [
            {"log": LOG, "by": str(by), "client_key": "act 1", "key": first.key},
            {"log": LOG, "by": str(by), "client_key": "", "key": act_key(LOG, by, "")},
        ],
        "due_keys": [
            {
                "log": LOG,
                "deadline": frozen.body.vote_from,
                "id": MATTER,
                "key": due_key(LOG, minute(frozen.body.vote_from), MATTER),
            }
        ],
        "made_ids": [
            {"key": called.key, "part": 0, "id": election},
            {"key": called.key, "part": 1, "id": made_id(called.key, 1)},
        ],
        "derived_keys": [
            {
                "seed": SEEDS[0].hex(),
                "log": LOG,
                "matter": MATTER,
                "member_key": keys.public_key(member_key(SEEDS[0], LOG)).hex(),
                "voice_key": keys.public_key(voice_key(SEEDS[0], LOG, MATTER)).hex(),
                "voice_id": speaker(0)[1],
                "row_key": keys.public_key(row_key(SEEDS[0], LOG, MATTER)).hex(),
                "row_id": row,
            }
        ],
        "proofs": [
            {
                "kind": one.kind,
                "by": str(one.by),
                "key": one.key,
                "body": encode_json(one.body).decode(),
                "content": encode_json(one.content).decode(),
                "message": act_message(
                    LOG, one.kind, one.by, one.key, one.body, one.content
                ).decode(),
                "public_key": one.proof.public_key,
                "signature": one.proof.signature,
            }
            for one in story.entries
            if one.proof is not None
        ][:6],
        "rows": [
            {
                "subject": election,
                "row": row,
                "value": 1,
                "message": row_message(LOG, election, row, 1).decode(),
                "public_key": keys.public_key(row_key(SEEDS[0], LOG, MATTER)).hex(),
                "signature": keys.sign(
                    row_key(SEEDS[0], LOG, MATTER), row_message(LOG, election, row, 1)
                ).hex(),
            }
        ],
        "promises": [
            {
                "message": promise_message(LOG, election, row, 1, START).decode(),
                "public_key": keys.public_key(NODE_KEY).hex(),
                "signature": keys.sign(
                    NODE_KEY, promise_message(LOG, election, row, 1, START)
                ).hex(),
            }
        ],
        "ties": [
            {
                "message": tie_message(LOG, tie_of(0, of)).decode(),
                "signature": tie_of(0, of).signature,
                "bytes": make_tie(tie_of(0, of), digest(f"salt {of} 0")[:16]).hex(),
                "sha256": content_hash(make_tie(tie_of(0, of), digest(f"salt {of} 0")[:16])),
            }
            for of in ("voice", "row")
        ],
        "papers": [
            {"sha256": name, "bytes": raw.hex()} for name, raw in sorted(story.papers.items())
        ],
        "words": [
            {"sha256": name, "bytes": raw.hex()} for name, raw in sorted(story.content.items())
        ],
        "stewards": [{"message": steward_message(LOG, stewards).decode()}],
        "checkpoint": {
            "vkey": files["log/vkey"].decode().strip(),
            "note": files["log/checkpoint"].decode(),
        },
        "receipt": {"index": 0, "proof": proof.format_proof(receipt).decode()},
        "bundle": {
            "digest": bundle_digest(files),
            "files": {name: content_hash(raw) for name, raw in files.items()},
        },
    }


def seeds() -> dict[str, Any]:
    """Return seeds with their written forms, ways to type them, and texts that are none."""
    good = []
    for seed in (bytes(32), bytes(range(32)), hashlib.sha256(b"civic").digest(), b"\xff" * 32):
        written = seed_words.write(seed)
        typed = written.upper().replace(" ", "-").translate(str.maketrans("OLB", "018"))
        good.append({"seed": seed.hex(), "written": written, "typed": typed})
    one = good[1]["written"]
    other = "b" if one[-1] == "a" else "a"
    bad = ["", one[:-1], f"{one} a", one[:-1] + other, f"9{one[1:]}", f"ä{one[1:]}"]
    return {"good": good, "bad": [*bad, f"{one[5:9]} {one[:4]}{one[9:]}"]}


def write(folder: Path) -> None:
    """Write all vectors into a folder; what stands there is replaced."""
    story = tell()
    folder.mkdir(parents=True, exist_ok=True)
    document = msgspec.json.format(msgspec.json.encode(vectors(story)), indent=1)
    (folder / "vectors.json").write_bytes(document + b"\n")
    document = msgspec.json.format(msgspec.json.encode(seeds()), indent=1)
    (folder / "seeds.json").write_bytes(document + b"\n")
    shutil.rmtree(folder / "bundle", ignore_errors=True)
    for name, raw in bundle_files(story).items():
        path = folder / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
