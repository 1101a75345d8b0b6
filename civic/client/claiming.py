"""`civic claim`: attach an account to the member whose seed lies on this machine."""

import argparse
import base64
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from civic.client.checking import NotProven
from civic.client.seeds import SeedError, read_seed
from civic.client.talking import NodeClient, NodeError, chapter_of, read_token
from civic.kernel import keys
from identity import member_keys, seed_words
from identity.seed_words import NoSeed


def add_claim_command(subparsers: Any) -> None:
    """Add `claim` to a command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "claim",
        help="be known again as a member on a node that has only the record",
        description=(
            "Sign, with the member key of your seed, a challenge of a node on which you have a new "
            "account, so that it knows which member of the chapter you are. Exits with 0 if it "
            "does, 1 if it refuses, 2 if there is no seed or token."
        ),
    )
    parser.add_argument("node", metavar="NODE_URL", help="the node's address")
    parser.add_argument("chapter", metavar="CHAPTER", help="the chapter's id")
    parser.add_argument("--token", metavar="FILE", type=Path, required=True, help="session token")
    seed = parser.add_mutually_exclusive_group(required=True)
    seed.add_argument("--seed", metavar="FILE", type=Path, help="your seed in hexadecimal")
    seed.add_argument("--sheet", metavar="FILE", type=Path, help="your seed as on the sheet")
    parser.set_defaults(run=run_claim)


def run_claim(given: argparse.Namespace) -> int:
    """Claim as the arguments say; print which member the account is now."""
    try:
        seed, token = _seed(given), read_token(given.token)
    except (SeedError, NodeError) as error:
        return _fail(error, 2)
    node = NodeClient(given.node, token)
    try:
        member = _claim(node, given.node, given.chapter, seed)
    except (NodeError, NotProven) as error:
        return _fail(error, 1)
    finally:
        node.close()
    sys.stdout.write(f"This node knows you as member {member} now.\n")
    return 0


def _claim(node: NodeClient, url: str, chapter_id: str, seed: bytes) -> str:
    asked = node.get_json(f"/chapters/{chapter_id}/claims")
    chapter = chapter_of(chapter_id, base64.b64decode(asked["founding"]))
    parts = urlsplit(url)
    # What was dialled, not what the node says: a signature for another node could be used there.
    message = member_keys.claim_message(
        chapter.log_id, asked["nonce"], f"{parts.scheme}://{parts.netloc}"
    )
    own = member_keys.member_key(seed, chapter.log_id)
    claim = {
        "public_key": keys.public_key(own).hex(),
        "signature": keys.sign(own, message).hex(),
    }
    member: str = node.post(f"/chapters/{chapter_id}/claims", claim, asked["nonce"])["member"]
    return member


def _seed(given: argparse.Namespace) -> bytes:
    if given.seed is not None:
        return read_seed(given.seed)
    try:
        return seed_words.read(given.sheet.read_text())
    except (OSError, UnicodeDecodeError, NoSeed) as error:
        raise SeedError(f"{given.sheet} holds no seed: {error}.") from error


def _fail(error: Exception, status: int) -> int:
    sys.stderr.write(f"civic: {error}\n")
    return status
