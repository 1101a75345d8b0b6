"""A chapter made in memory by the rules alone, with a proof on every entry or on none."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from nacl.signing import SigningKey

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, TEMPLATES, Bylaws
from civic.kernel import keys
from civic.kernel.record.entry import (
    Act,
    As,
    Body,
    By,
    Proof,
    act_key,
    act_message,
    encode,
    id_of,
    key_id,
    minute,
    when,
)
from civic.kernel.record.merkle import leaf_hashes
from civic.kernel.record.note import (
    Checkpoint,
    format_vkey,
    log_id,
    log_key,
    origin,
    sign_checkpoint,
)
from civic.kernel.record.tiles import WIDTH, Tiling, bundles_of_size, encode_bundle, tile_path
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from deliberation import entries as d
from deliberation.state import of as deliberation_of
from voting import entries as v

START = minute("2026-03-02T09:00Z")
MEMBERS = 2_000
PROPOSALS = 10


def drawn(name: str) -> bytes:
    """Bytes that are the same in every run."""
    return hashlib.sha256(name.encode()).digest()


def made(name: str) -> str:
    """The id of a name."""
    return id_of(drawn(name)[:16])


class Chapter:
    """A chapter that grows in memory through the rules; people sign if they have keys."""

    def __init__(self, *, signed: bool) -> None:
        self.signed = signed
        self.key = keys.signing_key(drawn("log"))
        self.log = log_id(keys.public_key(self.key))
        self.state = DRAFT.initial(self.log)
        self.now = START
        self.raws: list[bytes] = []
        self._keys: dict[str, SigningKey] = {}

    def of(self, name: str) -> SigningKey:
        """The key of a name."""
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = keys.signing_key(drawn(name))
        return key

    def public(self, name: str) -> str | None:
        """The public key of a name, if people sign."""
        return keys.public_key(self.of(name)).hex() if self.signed else None

    def do(self, body: Body, as_: As, own: str, signer: str, content: Sequence[str] = ()) -> None:
        """One act and what follows."""
        by = By(as_, own)
        key = act_key(self.log, by, str(len(self.raws)))
        hashes = tuple(content)
        proof = None
        if self.signed:
            signing = self.of(signer)
            message = act_message(self.log, body.kind, by, key, body, hashes)
            proof = Proof(keys.public_key(signing).hex(), keys.sign(signing, message).hex())
        for group in DRAFT.due(self.state, self.now):
            self.raws.extend(map(encode, group))
        result = DRAFT.act(self.state, Act(body.kind, by, key, body, hashes, proof), self.now)
        if isinstance(result, Refusal):
            raise TypeError(f"{body.kind} was refused: {result.code}")
        self.raws.extend(map(encode, result))

    def member(self, name: str, body: Body, *content: str) -> None:
        """An act of a member."""
        self.do(body, As.MEMBER, made(name), name, content)

    def voice(self, name: str, matter: str, body: Body, *content: str) -> None:
        """An act of a member's voice."""
        secret = f"{name} {matter}"
        own = key_id(keys.public_key(self.of(secret))) if self.signed else made(secret)
        self.do(body, As.VOICE, own, secret, content)

    def grow(self, size: int) -> None:
        """Found the chapter, let people join and speak, until so many entries stand."""
        names = [f"member {number}" for number in range(MEMBERS)]
        fields = msgspec.to_builtins(TEMPLATES["town"])
        bylaws = msgspec.convert(
            fields
            | {"founders": 3, "level_propose": 0, "level_vote": 0, "vote_wait": 0}
            | {"secrecy": "roll_call", "support_share": 0, "support_least": 1000},
            Bylaws,
        )
        self.member(
            names[0],
            c.Founded(
                0,
                CHARTER_HASH,
                "town",
                bylaws,
                keys.public_key(self.key).hex(),
                "11" * 32,
                made(names[0]),
                self.public(names[0]),
            ),
            drawn("chapter").hex(),
        )
        for name in names[1:]:
            self.member(name, c.Joined(made(name), drawn(name).hex(), self.public(name)))
        founders = tuple(made(name) for name in names[:3])
        for name in names[:3]:
            self.member(name, c.FounderConfirmed(tuple(f for f in founders if f != made(name))))
        until = when(self.now + 300 * DAY)
        roles = (("lead", 0), ("verifier", 1), ("verifier", 2))
        offices = tuple(
            c.OfficeTerm(made(f"office {n}"), role, founders[n], until)  # type: ignore[arg-type]
            for role, n in roles
        )
        self.member(names[0], c.Constituted(founders, offices))
        matters = [f"proposal {number}" for number in range(PROPOSALS)]
        for name, matter in zip(names, matters, strict=False):
            body = d.Proposed(made(matter), "en", 20, 400, 0, "roll_call")
            self.voice(name, matter, body, drawn(f"t {matter}").hex(), drawn(f"x {matter}").hex())
        elections = self._to_vote(names, matters[: PROPOSALS // 2])
        number = 0
        supported = 0
        while len(self.raws) < size:
            number += 1
            if number % 1_000 == 0:
                self.now += 10
            name = names[number * 7 % MEMBERS]
            matter = matters[number % PROPOSALS]
            if number % 3 == 0:
                election = elections[number % len(elections)]
                self.member(name, v.Cast(election, number % 3 - 1))
            elif number % 3 == 1:
                comment = d.Commented(made(f"comment {number}"), made(matter), 120)
                self.voice(name, matter, comment, drawn(f"c {number}").hex())
            else:
                self._support(names, supported)
                supported += 1

    def _support(self, names: Sequence[str], number: int) -> None:
        # Nearly all support a proposal, then comes the next.
        round_, place = divmod(number, 990)
        matter = f"supported {round_}"
        if place == 0:
            body = d.Proposed(made(matter), "en", 20, 400, 0, "roll_call")
            self.voice(
                names[0], matter, body, drawn(f"t {matter}").hex(), drawn(f"x {matter}").hex()
            )
        self.voice(names[place + 1], matter, d.Supported(made(matter)))

    def _to_vote(self, names: Sequence[str], matters: Sequence[str]) -> list[str]:
        for matter in matters:
            for name in names[:1000]:
                self.voice(name, matter, d.Supported(made(matter)))
        self.now += 8 * DAY + 20
        self.member(names[0], c.DisplayNameSet(5), drawn("name").hex())
        proposals = deliberation_of(self.state).proposals
        return [proposals[made(matter)].election or "" for matter in matters]

    def files(self) -> dict[str, bytes]:
        """The bundle of the record."""
        leaves = leaf_hashes(self.raws)
        tiling = Tiling()
        files: dict[str, bytes] = {}
        for start in range(0, len(leaves), WIDTH):
            for tile, raw in tiling.extend(leaves[start : start + WIDTH]):
                files[f"log/{tile_path(*tile)}"] = raw
        for tile, raw in tiling.partials():
            files[f"log/{tile_path(*tile)}"] = raw
        for tile in bundles_of_size(len(leaves)):
            part = self.raws[tile.number * WIDTH :][: tile.width]
            files[f"log/{tile_path(*tile)}"] = encode_bundle(part)
        head = Checkpoint(origin(self.log), len(leaves), tiling.root())
        files["log/checkpoint"] = sign_checkpoint(head, self.key)
        files["log/vkey"] = format_vkey(log_key(keys.public_key(self.key))).encode() + b"\n"
        files["manifest.json"] = msgspec.json.encode(
            {
                "chapter": hashlib.sha256(self.raws[0]).hexdigest(),
                "size": len(leaves),
                "root": tiling.root().hex(),
                "visibility": "chapter",
            }
        )
        return files


class Memory:
    """Files of a bundle in memory: the disk is not measured."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Iterator[str]:
        """Return all names."""
        return iter(self._files)

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file."""
        return self._files.get(name)
