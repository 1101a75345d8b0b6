"""A record read from a node over HTTP, as a source for audits."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx
import msgspec

from civic.audit.tokens import Token
from civic.kernel.record.bundle import BundleError, Manifest
from civic.kernel.record.entry import Hash
from civic.kernel.record.merkle import HASH_BYTES
from civic.kernel.record.tiles import (
    ENTRIES,
    WIDTH,
    Tile,
    TileError,
    bundles_of_size,
    decode_bundle,
    encode_bundle,
    tile_path,
)

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 8
"""Requests under way at the same time."""
TRIES: Final = 4
"""How often a request is made before a node counts as out of reach."""
_MOST: Final = 20_000_000
"""Largest answer in bytes; a full bundle of the largest entries has less than 17 MB."""

_ADDRESS: Final = re.compile(r"(https?://[^/?#]+(?:/[^?#]*?)?)/(c|log)/([0-9a-f]{64})/?")


class _Log(msgspec.Struct):
    log_id: Hash


class NodeSource:
    """The record behind `https://host/c/<chapter id>` or `https://host/log/<log id>`."""

    complete = False

    def __init__(
        self,
        address: str,
        token: Token | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise BundleError(
                "the address of a record ends in /c/ and a chapter's id or /log/ and a log's id"
            )
        self._base, kind, own = match.groups()
        self._pause = pause
        self._token = token
        self._client = httpx.Client(
            transport=transport,
            timeout=30,
            limits=httpx.Limits(max_connections=AT_ONCE),
        )
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self.chapter = own if kind == "c" else None
        """The chapter's id, if the address names one."""
        self._log = own if kind == "log" else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def checkpoint(self) -> bytes | None:
        """Return the signed checkpoint."""
        return self._get(f"{self._prefix()}/checkpoint")

    def vkey(self) -> str | None:
        """Return the log's key as it says, `name+id+base64`."""
        raw = self._get(f"{self._prefix()}/vkey")
        try:
            return None if raw is None else raw.decode("ascii").removesuffix("\n")
        except UnicodeDecodeError as error:
            raise BundleError("the key of the log is not text") from error

    def manifest(self) -> Manifest | None:
        """Return None: a node has no manifest."""
        return None

    def bundles(self, size: int) -> Iterator[bytes | None]:
        """Return the entry bundles of a log of `size`, in order."""
        return self._ordered(self._bundle, bundles_of_size(size))

    def tiles(self, tiles: Iterable[Tile]) -> Iterator[bytes | None]:
        """Return hash tiles, in the order asked for."""
        return self._ordered(self._tile, tiles)

    def content(self, digests: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Return content by hash, with the hash."""
        prefix = self._prefix()

        def one(digest: str) -> tuple[str, bytes | None]:
            return digest, self._get(f"{prefix}/content/{digest}")

        return self._ordered(one, digests)

    def content_names(self) -> Iterable[str]:
        """Return nothing: a node does not list its content."""
        return ()

    def foreign(self, size: int) -> Iterator[str]:
        """Return nothing: a node does not list its files."""
        return iter(())

    def _prefix(self) -> str:
        if self._log is None:
            raw = self._get(f"{self._base}/c/{self.chapter}/log")
            if raw is None:
                raise BundleError("the node does not know this chapter")
            try:
                self._log = msgspec.json.decode(raw, type=_Log).log_id
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BundleError("the node does not say which log the chapter has") from error
        return f"{self._base}/log/{self._log}"

    def _bundle(self, tile: Tile) -> bytes | None:
        raw = self._get(f"{self._prefix()}/{tile_path(*tile)}")
        if raw is not None or tile.width == WIDTH:
            return raw
        # A partial one may be gone once the full one exists.
        full = self._get(f"{self._prefix()}/{tile_path(ENTRIES, tile.number)}")
        try:
            return None if full is None else encode_bundle(decode_bundle(full)[: tile.width])
        except TileError as error:
            raise BundleError(f"the node gives a broken bundle: {error}") from error

    def _tile(self, tile: Tile) -> bytes | None:
        raw = self._get(f"{self._prefix()}/{tile_path(*tile)}")
        if raw is not None or tile.width == WIDTH:
            return raw
        full = self._get(f"{self._prefix()}/{tile_path(tile.level, tile.number)}")
        return None if full is None else full[: tile.width * HASH_BYTES]

    def _ordered(self, get: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        running: deque[Future[R]] = deque()
        for item in items:
            running.append(self._pool.submit(get, item))
            if len(running) >= 2 * AT_ONCE:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()

    def _get(self, address: str) -> bytes | None:
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                self._pause(0.25 * 2**attempt)
            try:
                # A proof is made for each request, and again when it is repeated.
                headers = {} if self._token is None else self._token.headers(address)
                with self._client.stream("GET", address, headers=headers) as answer:
                    if answer.status_code in (404, 410):
                        return None
                    if answer.status_code < 500 and answer.status_code != 429:
                        return self._body(answer, address)
                    reason = f"it answers {answer.status_code}"
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
            except (ValueError, httpx.InvalidURL) as error:
                raise BundleError(f"{address} is no address: {error}") from error
        raise BundleError(f"the node cannot be reached: {reason}")

    def _body(self, answer: httpx.Response, address: str) -> bytes:
        if answer.status_code in (401, 403):
            raise BundleError(
                "the record is not open to everyone: give a token of a member, or one "
                "that a lead gave you for a key (and look at the clock of this machine)"
            )
        if answer.status_code != 200:
            raise BundleError(f"the node answers {answer.status_code} for {address}")
        parts: list[bytes] = []
        length = 0
        for part in answer.iter_bytes():
            length += len(part)
            if length > _MOST:
                raise BundleError(f"the node gives more than {_MOST} bytes for {address}")
            parts.append(part)
        return b"".join(parts)
