"""Static files: few, small, kept in memory, addressed by their content and cached for ever.

Scripts name each other by relative paths, so all of them lie under one hash over all of them.
"""

import gzip
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

_TYPES: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """One static file as it is served."""

    url: str
    media_type: str
    body: bytes
    packed: bytes
    """The body under gzip."""


def _load() -> dict[str, Asset]:
    folder = files("civic.kernel.web").joinpath("static")
    assets = {}
    for file in folder.iterdir():
        stem, _dot, extension = file.name.rpartition(".")
        if file.is_dir() or extension not in _TYPES:
            continue
        body = file.read_bytes()
        url = f"/static/{stem}.{hashlib.sha256(body).hexdigest()[:16]}.{extension}"
        assets[file.name] = _asset(url, _TYPES[extension], body)
    scripts = {name: file.read_bytes() for name, file in _scripts(folder.joinpath("js"), "js/")}
    whole = hashlib.sha256()
    for name in sorted(scripts):
        whole.update(f"{name} {hashlib.sha256(scripts[name]).hexdigest()}\n".encode())
    for name, body in scripts.items():
        url = f"/static/{whole.hexdigest()[:16]}/{name}"
        assets[name] = _asset(url, _TYPES["js"], body)
    return assets


def _scripts(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from _scripts(file, f"{path}{file.name}/")
        elif file.name.endswith(".js"):
            yield path + file.name, file


def _asset(url: str, media_type: str, body: bytes) -> Asset:
    return Asset(url, media_type, body, gzip.compress(body, 9, mtime=0))


_BY_NAME: Final = _load()
_BY_URL: Final = {asset.url: asset for asset in _BY_NAME.values()}


def asset_url(name: str) -> str:
    """Return the address of a static file, which names its content; scripts begin with `js/`.

    Raises KeyError for a file that is not there.
    """
    return _BY_NAME[name].url


@get("/static/{file:path}", include_in_schema=False, sync_to_thread=False)
def serve_asset(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[bytes]:
    """Serve a static file under the address of its content; any other address is not found."""
    asset = _BY_URL.get(f"/static/{file.lstrip('/')}")
    if asset is None:
        raise NotFoundException
    headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = asset.packed
    return Response(body, media_type=asset.media_type, headers=headers)
