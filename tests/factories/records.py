"""Whole records in memory: signed, with tiles, content and papers, honest or not.

A `Record` is a `Game` (tests/acts.py) that also keeps texts and papers and can be sealed into a
bundle. `force` puts an act into it that an honest node would refuse.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from nacl.signing import SigningKey

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, Bylaws
from chapters.papers import Invitation, Tie, make_invitation, make_tie, tie_message
from civic.audit.report import Report
from civic.audit.run import audit_record
from civic.kernel import keys
from civic.kernel.record.bundle import Bundle, BundleError
from civic.kernel.record.bundle_writer import BundleWriter
from civic.kernel.record.content import Words, content_hash, make_words
from civic.kernel.record.entry import Act, As, Body, Entry, encode, row_message, when
from civic.kernel.record.merkle import leaf_hashes
from civic.kernel.record.note import (
    Checkpoint,
    format_vkey,
    log_key,
    origin,
    sign_checkpoint,
)
from civic.kernel.record.rules import Procedure
from civic.kernel.record.tiles import (
    WIDTH,
    Tiling,
    bundles_of_size,
    encode_bundle,
    tile_path,
)
from civic.kernel.refusal import Refusal
from civic.procedure import VERSIONS
from deliberation import entries as d
from tests.acts import LOG_SEED, Game, bylaws_of, keyed, made, public, seed_key
from voting import entries as v

Of = Literal["voice", "row"]


class Memory:
    """Files of a bundle held in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def names(self) -> Iterator[str]:
        return iter(self.files)

    def read(self, name: str, most: int) -> bytes | None:
        raw = self.files.get(name)
        if raw is not None and len(raw) > most:
            raise BundleError(f"{name} is too long")
        return raw


def sign_head(raws: Sequence[bytes], key: SigningKey | None = None) -> bytes:
    """The signed checkpoint over entries."""
    key = key or keys.signing_key(LOG_SEED)
    tiling = Tiling()
    tiling.extend(leaf_hashes(raws))
    name = origin(log_key(keys.public_key(key)).name.removeprefix("civic/log/"))
    return sign_checkpoint(Checkpoint(name, len(raws), tiling.root()), key)


def seal(
    raws: Sequence[bytes],
    content: Mapping[str, bytes] | None = None,
    visibility: str = "chapter",
    key: SigningKey | None = None,
) -> dict[str, bytes]:
    """The files of a bundle, rightly signed, whatever the entries say."""
    key = key or keys.signing_key(LOG_SEED)
    leaves = leaf_hashes(raws)
    tiling = Tiling()
    files = {
        "log/vkey": format_vkey(log_key(keys.public_key(key))).encode() + b"\n",
        "log/checkpoint": sign_head(raws, key),
    }
    for start in range(0, len(leaves), WIDTH):
        for tile, data in tiling.extend(leaves[start : start + WIDTH]):
            files[f"log/{tile_path(*tile)}"] = data
    for tile, data in tiling.partials():
        files[f"log/{tile_path(*tile)}"] = data
    for tile in bundles_of_size(len(raws)):
        part = raws[tile.number * WIDTH :][: tile.width]
        files[f"log/{tile_path(*tile)}"] = encode_bundle(part)
    manifest = {
        "chapter": hashlib.sha256(raws[0]).hexdigest(),
        "size": len(raws),
        "root": tiling.root().hex(),
        "visibility": visibility,
    }
    files["manifest.json"] = msgspec.json.encode(manifest)
    for digest, raw in (content or {}).items():
        files[f"content/{digest}"] = raw
    return files


def audit_files(files: Mapping[str, bytes], **options: Any) -> Report:
    """Audit a bundle held in memory."""
    with Bundle(Memory(files)) as bundle:
        return audit_record(bundle, **options)


def audit_raws(raws: Sequence[bytes], visibility: str = "chapter", **options: Any) -> Report:
    """Seal entries and audit them."""
    return audit_files(seal(raws, visibility=visibility), **options)


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files into a folder."""
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return folder


class Record(Game):
    """A chapter whose people sign, speak under voices, react in rows and leave papers behind.

    `signed` says whether people have keys. Ties of voices are handed over at the next tick, those
    of rows with the rows, as the book does.
    """

    def __init__(
        self,
        *,
        signed: bool = True,
        versions: Mapping[int, Procedure] = VERSIONS,
        **bylaws: Any,
    ) -> None:
        super().__init__(versions)
        self.signed = signed
        self.content: dict[str, bytes] = {}
        self.papers: dict[str, bytes] = {}
        self.bylaws: Bylaws = bylaws_of(**bylaws)
        self._waiting: dict[str, list[str]] = {}
        self._tied: set[tuple[str, str, str]] = set()
        self._salts = 0

    def salt(self) -> bytes:
        self._salts += 1
        return hashlib.sha256(f"salt {self._salts}".encode()).digest()[:16]

    def words(self, text: str, lang: str = "en", original: str | None = None) -> str:
        """Keep words and return their hash."""
        raw = make_words(Words(lang, text, original), self.salt())
        digest = content_hash(raw)
        self.content[digest] = raw
        return digest

    def paper(self, raw: bytes) -> str:
        """Keep a paper and return its hash."""
        digest = content_hash(raw)
        self.papers[digest] = raw
        return digest

    # Who acts.

    def signer(self, name: str) -> str | None:
        return name if self.signed else None

    def key_of(self, name: str) -> str | None:
        return public(name) if self.signed else None

    def by(self, name: str, body: Body, *content: str) -> list[Entry[Any]]:
        """An act of a member."""
        self.hand_over()
        return self.do(body, As.MEMBER, made(name), content, self.signer(name))

    def held(self, name: str, office: str, body: Body, *content: str) -> list[Entry[Any]]:
        """An act of an office held by a member."""
        self.hand_over()
        return self.do(body, As.OFFICE, made(office), content, self.signer(name))

    def own(self, name: str, matter: str, of: Of) -> str:
        """The voice or row id of a member in a matter; their tie is made when it is new."""
        secret = f"{name} {of} {matter}"
        own = keyed(secret) if self.signed else made(secret)
        if (name, matter, of) not in self._tied:
            self._tied.add((name, matter, of))
            self.tie(name, Tie(matter, of, own, made(name)))
        return own

    def tie(self, name: str, tie: Tie) -> str:
        """Make the paper of a tie, to be handed over."""
        if self.signed:
            signature = keys.sign(seed_key(name), tie_message(self.log_id, tie))
            tie = msgspec.structs.replace(tie, signature=signature.hex())
        digest = self.paper(make_tie(tie, self.salt()))
        self._waiting.setdefault(f"{tie.of} {tie.matter}", []).append(digest)
        return digest

    def voice_of(self, name: str, matter: str, body: Body, *content: str) -> list[Entry[Any]]:
        """An act of a member's voice in a matter."""
        self.hand_over()
        own = self.own(name, matter, "voice")
        signer = f"{name} voice {matter}" if self.signed else None
        return self.do(body, As.VOICE, own, content, signer)

    def hand_over(self) -> None:
        """Hand over the ties of voices at the first act of a tick."""
        if self.state.record.plain_at == self.tick:
            return
        for place in sorted(self._waiting):
            of, matter = place.split()
            if of == "voice":
                self._hand_over_ties(matter, "voice")
        self.due()

    def _hand_over_ties(self, matter: str, of: Of) -> None:
        hashes = tuple(sorted(self._waiting.pop(f"{of} {matter}", ())))
        if hashes:
            self.node(c.TookPart(matter, of, when(self.tick), hashes))

    def rows(self, matter: str, subject: str, values: Mapping[str, int], *, vote: bool) -> None:
        """Record a box: ties of new rows, then the rows, as early acts of the present tick."""
        rows, proofs = self.row_batch(matter, subject, values)
        self._hand_over_ties(matter, "row")
        kind = v.VotesRecorded if vote else d.ReactionsRecorded
        self.node(kind(subject, when(self.tick), 0, rows, proofs))

    def row_batch(
        self, matter: str, subject: str, values: Mapping[str, int], count: int | None = None
    ) -> tuple[Any, Any]:
        """Rows and proofs of members' values about a subject, with their next or another count."""
        secrets = {self.own(name, matter, "row"): f"{name} row {matter}" for name in values}
        by_id = {self.own(name, matter, "row"): value for name, value in values.items()}
        rows = tuple(sorted(by_id.items()))
        if not self.signed:
            return rows, ()
        last = self.chapter.matters[matter].counts.get(subject, {})
        counts = [last.get(row, 0) + 1 if count is None else count for row, _ in rows]
        proofs = tuple(
            (
                position,
                own,
                public(secrets[row]),
                keys.sign(
                    seed_key(secrets[row]), row_message(self.log_id, subject, row, own, value)
                ).hex(),
            )
            for position, ((row, value), own) in enumerate(zip(rows, counts, strict=True))
        )
        return rows, proofs

    # What a chapter does.

    def found(self, *people: str) -> None:
        """Found the chapter; the first founds, the others join by invitation."""
        first, *others = people
        body = c.Founded(
            0,
            CHARTER_HASH,
            "town",
            self.bylaws,
            self.log_public.hex(),
            "11" * 32,
            made(first),
            self.key_of(first),
        )
        self.by(first, body, self.words("The chapter of the vale"))
        for name in others:
            self.join(name, first)

    def join(self, name: str, inviter: str) -> None:
        """Let somebody join by a member's invitation."""
        self.by(name, self.joining(name, inviter))

    def joining(self, name: str, inviter: str, invitation: str | None = None) -> c.Joined:
        """What somebody who was invited does to join."""
        invited = Invitation(made(invitation or f"invitation {name}"), made(inviter), made(name))
        paper = self.paper(make_invitation(invited, self.salt()))
        return c.Joined(made(name), paper, self.key_of(name))

    def constitute(self, *founders: str) -> None:
        """Constitute the chapter: the first is lead, the second facilitator and verifier."""
        ids = tuple(made(name) for name in founders)
        for name in founders:
            self.by(name, c.FounderConfirmed(tuple(one for one in ids if one != made(name))))
        until = when(self.tick + 300 * DAY)
        offices = (
            c.OfficeTerm(made("lead"), "lead", ids[0], until),
            c.OfficeTerm(made("facilitator"), "facilitator", ids[1], until),
            c.OfficeTerm(made("verifier 1"), "verifier", ids[1], until),
            c.OfficeTerm(made("verifier 2"), "verifier", ids[2], until),
        )
        self.by(founders[0], c.Constituted(ids, offices))

    def propose(self, name: str, matter: str, options: int = 0, **fields: Any) -> str:
        """A member proposes; returns the matter's id."""
        title, text = f"Title of {matter}", f"Text of {matter}, line\nby line."
        body = d.Proposed(
            made(matter),
            "en",
            len(title),
            len(text),
            options,
            self.chapter.bylaws.secrecy,
            **fields,
        )
        labels = [self.words(f"Option {number}") for number in range(options)]
        self.voice_of(name, made(matter), body, self.words(title), self.words(text), *labels)
        return made(matter)

    def argue(self, name: str, matter: str, argument: str) -> str:
        """A member argues for a proposal; returns the argument's id."""
        body = d.Argued(made(argument), matter, "pro", len(argument))
        self.voice_of(name, matter, body, self.words(argument))
        return made(argument)

    def discuss(self, matter: str, *supporters: str) -> None:
        """Let enough members support a proposal."""
        for name in supporters:
            self.voice_of(name, matter, d.Supported(matter))

    def vote(self, matter: str) -> str:
        """Let time pass until a discussed proposal is voted on; returns the election's id."""
        bylaws = self.chapter.bylaws
        self.pass_time(bylaws.discussion_time)
        self.hand_over()
        self.pass_time(max(bylaws.notice_time, bylaws.tick))
        self.hand_over()
        election = self.deliberation.proposals[matter].election
        assert election is not None
        return election

    # What an honest node does not do.

    def force(self, act: Act[Any], *drafts: Any) -> int:
        """Put an act into the record that the rules were not asked about; return its index."""
        index = len(self.entries)
        self._keep(self.procedure.accept(self.state, act, self.tick, drafts))
        self.course.settle()
        return index

    def lie(
        self,
        body: Body,
        as_: As = As.MEMBER,
        own_id: str = "",
        content: Sequence[str] = (),
        signer: str | None = None,
        at: int | None = None,
    ) -> int:
        """Write an entry that opens an act, without asking the rules; return its index."""
        return self.write_act(self.act(body, as_, own_id, content, signer), at)

    def write_act(self, act: Act[Any], at: int | None = None, part: int = 0) -> int:
        """Write the entry of an act, without asking the rules; return its index."""
        if at is None and not self.procedure.kinds[act.kind].early:
            self.due()
        moment = when(self.tick if at is None else at)
        entry: Entry[Any] = Entry(
            act.kind, moment, act.by, act.key, part, act.body, act.content, act.proof
        )
        self.entries.append(entry)
        return len(self.entries) - 1

    # The record as files.

    def erase(self) -> None:
        """Take away the content that the record calls erased."""
        for entry in self.entries:
            words = entry.body.words if isinstance(entry.body, d.WordsErased) else ()
            if isinstance(entry.body, c.DisplayNameErased):
                words = (entry.body.words,)
            for digest in words:
                self.content.pop(digest, None)

    def files(self) -> dict[str, bytes]:
        """The files of the record's bundle."""
        visibility = self.chapter.bylaws.visibility if self.chapter.versions else "chapter"
        return seal([encode(one) for one in self.entries], self.content, visibility)

    def audit(self, **options: Any) -> Report:
        """Audit the record as it is."""
        return audit_files(self.files(), **options)

    def export(self, path: Path) -> None:
        """Write the record's bundle through the writer."""
        files = self.files()
        with BundleWriter(path) as bundle:
            for name, raw in files.items():
                bundle._write(name, raw)


def refused(result: Any) -> str:
    """The code of a refusal."""
    assert isinstance(result, Refusal)
    return result.code
