"""`civic act` and `civic keys`: act in a chapter with keys that never leave this machine."""

import argparse
import base64
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from chapters.entries import Applied, Joined
from chapters.participation import ROW_COUNT
from civic.audit.tokens import add_token_commands
from civic.client.checking import NotProven, check_promise, check_receipt, entry_of
from civic.client.counts import Counts
from civic.client.making import Signer, Unmakeable, make_act, make_row, rules_of, sign_act
from civic.client.seeds import SeedError, new_seed, read_seed
from civic.client.talking import Chapter, NodeClient, NodeError, chapter_of, read_token
from civic.kernel import keys
from civic.kernel.clock import SystemClock, minute_of
from civic.kernel.record.entry import Act, As
from civic.kernel.record.proof import FILE_SUFFIX
from identity import member_keys

Say = Callable[[str], None]

_NEWCOMERS: Final = {
    "chapters.joined": (Joined, "members"),
    "chapters.applied": (Applied, "applications"),
}


def add_act_command(subparsers: Any) -> None:
    """Add `act` and `keys` to a command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "act",
        help="act in a chapter, signed on this machine",
        description=(
            "Sign an act with keys derived from your seed, hand it in, and check the receipt. KIND "
            "is the kind of the entry, such as deliberation.commented, or `row` for a reaction or "
            "a pseudonymous vote. Exits with 0 if it is proven to stand in the record (or is "
            "promised), 1 if it was refused or is not proven, 2 if it cannot be made."
        ),
    )
    parser.add_argument("node", metavar="NODE_URL", help="the node's address")
    parser.add_argument("chapter", metavar="CHAPTER", help="the chapter's id")
    parser.add_argument("kind", metavar="KIND", help="what to do")
    parser.add_argument("--token", metavar="FILE", type=Path, required=True, help="session token")
    parser.add_argument("--seed", metavar="FILE", type=Path, required=True, help="your seed")
    parser.add_argument("--matter", metavar="ID", help="the proposal that the act belongs to")
    parser.add_argument("--office", metavar="ID", help="the office in which you act")
    parser.add_argument("--invitation", metavar="SECRET", help="to join with (chapters.joined)")
    parser.add_argument("--body", metavar="JSON", default="{}", help="fields of the entry's body")
    parser.add_argument("--text", action="append", default=[], help="words, in the entry's order")
    parser.add_argument("--lang", default="en", help="the language of the words")
    parser.add_argument("--key", help="idempotency key; give the same one to repeat an act")
    parser.add_argument("--receipt", metavar="FILE", type=Path, help="where to keep the receipt")
    parser.set_defaults(run=run_act)
    own: argparse.ArgumentParser = subparsers.add_parser("keys", help="make keys of your own")
    what = own.add_subparsers(metavar="WHAT", required=True)
    new = what.add_parser("new", help="make a file with the seed of your member keys")
    new.add_argument("file", metavar="FILE", type=Path)
    new.set_defaults(run=run_new)
    add_token_commands(what)


def run_new(given: argparse.Namespace) -> int:
    """Make a seed file."""
    try:
        new_seed(given.file)
    except SeedError as error:
        return _fail(error, 2)
    _say(f"{given.file} holds the seed of your member keys. Keep a copy of it on paper:")
    _say("without it nobody can recognise you on another node, with it anybody can act as you.")
    return 0


def run_act(given: argparse.Namespace) -> int:
    """Act as the arguments say; print what was proven."""
    try:
        seed, token = read_seed(given.seed), read_token(given.token)
        body = msgspec.json.decode(given.body, type=dict[str, Any])
    except (SeedError, NodeError, msgspec.DecodeError) as error:
        return _fail(error, 2)
    node = NodeClient(given.node, token)
    try:
        if given.kind in _NEWCOMERS:
            _begin(node, given, seed)
        elif given.kind == "row":
            _row(node, given, seed, body)
        else:
            _act(node, given, seed, body)
    except Unmakeable as error:
        return _fail(error, 2)
    except (NodeError, NotProven) as error:
        return _fail(error, 1)
    finally:
        node.close()
    return 0


def _act(node: NodeClient, given: argparse.Namespace, seed: bytes, body: dict[str, Any]) -> None:
    signer, chapter = _signer(node, given, seed)
    key = given.key or secrets.token_hex(16)
    act, request = make_act(
        signer,
        given.kind,
        body,
        given.text,
        given.lang,
        matter=given.matter,
        office=given.office,
        idempotency=key,
        rules=chapter.rules,
    )
    told = node.post(f"/chapters/{given.chapter}/acts", request, key)
    _prove(node, given, chapter, act, told)


def _row(node: NodeClient, given: argparse.Namespace, seed: bytes, body: dict[str, Any]) -> None:
    fits = set(body) == {"subject", "value"} and isinstance(body["subject"], str)
    if given.matter is None or not fits:
        raise Unmakeable('A row needs --matter ID and --body \'{"subject": ID, "value": N}\'.')
    signer, chapter = _signer(node, given, seed)
    counts, subject = Counts(given.seed), body["subject"]
    path, key = f"/chapters/{given.chapter}/rows", given.key or secrets.token_hex(16)
    row = make_row(signer, given.matter, subject, counts.next(subject), body["value"])
    try:
        promise = node.post(path, row, key)
    except NodeError as error:
        last = _counted(error)
        if last is None:
            raise
        row = make_row(signer, given.matter, subject, counts.next(subject, last), body["value"])
        promise = node.post(path, row, key)
    promise_key = bytes.fromhex(node.get_json("/node")["promise_key"])
    check_promise(chapter.log_id, row, promise, promise_key)
    if given.receipt is not None:
        given.receipt.write_bytes(msgspec.json.encode(promise) + b"\n")
    _say(f"Promised and signed: the row {row['row']} will be recorded by {promise['tick']}.")


def _counted(error: NodeError) -> int | None:
    """Return the last count that the node knows where it refused a lower one, else None."""
    if not str(error.problem.get("type", "")).endswith(f"/{ROW_COUNT}"):
        return None
    last = error.problem.get("params", {}).get("last")
    return last if isinstance(last, int) else None


def _begin(node: NodeClient, given: argparse.Namespace, seed: bytes) -> None:
    """Become a member: the node makes the act, which is looked at before it is signed."""
    body_type, path = _NEWCOMERS[given.kind]
    request: dict[str, Any] = {}
    if body_type is Joined:
        if given.invitation is None:
            raise Unmakeable("Who joins needs --invitation SECRET.")
        request["invitation"] = given.invitation
    key, where = given.key or secrets.token_hex(16), f"/chapters/{given.chapter}/{path}"
    # The first answer names the log, which the member key is derived from: it is only then known.
    asked = node.post(where, {**request, "member_key": "0" * 64}, key)
    chapter = chapter_of(given.chapter, base64.b64decode(asked["founding"]))
    own = member_keys.member_key(seed, chapter.log_id)
    request["member_key"] = keys.public_key(own).hex()
    asked = node.post(where, request, key)
    codec = rules_of(asked["rules"]).codec
    act = codec.decode_act(given.kind, msgspec.json.encode(asked["act"]))
    _look_at(act, request["member_key"])
    act = sign_act(chapter.log_id, act, own)
    assert act.proof is not None
    request["signature"] = act.proof.signature
    told = node.post(where, request, key)
    _prove(node, given, chapter, act, told)


def _look_at(act: Act[Any], member_key: str) -> None:
    body = act.body
    expected = act.by.as_ is As.MEMBER and act.by.id == body.member and not act.content
    if not expected or body.member_key != member_key:
        raise NotProven("The node asks to sign something else than was asked for.")


def _signer(node: NodeClient, given: argparse.Namespace, seed: bytes) -> tuple[Signer, Chapter]:
    myself = node.get_json(f"/chapters/{given.chapter}/members/me")
    chapter = node.chapter(given.chapter, myself["log_id"])
    # Entry 0 proves the key; which rules the record goes on under by now, the node says. Wrong
    # ones make an act that it refuses.
    chapter = chapter._replace(rules=myself["rules"])
    return Signer(seed, chapter.log_id, myself["member"]), chapter


def _prove(
    node: NodeClient, given: argparse.Namespace, chapter: Chapter, act: Act[Any], told: Any
) -> None:
    index = told["index"]
    now = minute_of(SystemClock().now())
    entry = entry_of(act, bytes.fromhex(told["leaf"]), now)
    raw = node.get(f"/log/{chapter.log_id}/receipt/{index}{FILE_SUFFIX}")
    size = check_receipt(raw, index, entry, chapter.key)
    path = given.receipt or Path(f"{chapter.id[:8]}-{index}{FILE_SUFFIX}")
    path.write_bytes(raw)
    _say(f"Recorded as entry {index} at {entry.at}, id {told['id']}.")
    _say(f"Proven by the log's signature over {size} entries; the receipt is in {path}.")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


def _fail(error: Exception, status: int) -> int:
    sys.stderr.write(f"civic: {error}\n")
    return status
