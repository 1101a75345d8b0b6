"""Makes the test vectors of docs/protocol/record.md: python -m docs.protocol.make_vectors

Writes `vectors.json` and `bundle/` into docs/protocol/vectors/, or into the folder given. Nothing
in it is random: every key, salt and id is the SHA-256 of a few words.
"""

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from chapters import entries as c
from chapters.papers import make_tie, tie_message
from chapters.stewards import steward_message
from civic.kernel import keys
from civic.kernel.record import merkle, note, proof
from civic.kernel.record.boxes import promise_message
from civic.kernel.record.content import content_hash
from civic.kernel.record.entry import (
    Entry,
    act_key,
    act_message,
    due_key,
    encode,
    encode_json,
    made_id,
    minute,
    node_id,
    row_message,
    when,
)
from deliberation import entries as d
from docs.protocol.malformed import malformed
from docs.protocol.story import (
    LOG,
    LOG_PUBLIC,
    MATTER,
    SEEDS,
    START,
    Story,
    digest,
    speaker,
    tell,
    tie_of,
)
from docs.protocol.story_bundle import bundle_digest, bundle_files
from identity import seed_words
from identity.member_keys import member_key, row_key, voice_key

FOLDER: Final = Path(__file__).parent / "vectors"
NODE_KEY: Final = keys.signing_key(digest("node"))


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
                "count": 1,
                "value": 1,
                "message": row_message(LOG, election, row, 1, 1).decode(),
                "public_key": keys.public_key(row_key(SEEDS[0], LOG, MATTER)).hex(),
                "signature": keys.sign(
                    row_key(SEEDS[0], LOG, MATTER), row_message(LOG, election, row, 1, 1)
                ).hex(),
            }
        ],
        "promises": [
            {
                "message": promise_message(LOG, election, row, 1, 1, START).decode(),
                "public_key": keys.public_key(NODE_KEY).hex(),
                "signature": keys.sign(
                    NODE_KEY, promise_message(LOG, election, row, 1, 1, START)
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
