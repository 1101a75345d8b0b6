"""Static files: few, small, kept in memory, addressed by their content and cached for ever."""

import gzip
import hashlib
from importlib.resources import files
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
    assets = {}
    for file in files("civic.kernel.web").joinpath("static").iterdir():
        stem, _dot, extension = file.name.rpartition(".")
        if extension not in _TYPES:
            continue
        body = file.read_bytes()
        url = f"/static/{stem}.{hashlib.sha256(body).hexdigest()[:16]}.{extension}"
        assets[file.name] = Asset(url, _TYPES[extension], body, gzip.compress(body, 9, mtime=0))
    return assets


_BY_NAME: Final = _load()
_BY_URL: Final = {asset.url: asset for asset in _BY_NAME.values()}


def asset_url(name: str) -> str:
    """Return the address of a static file, which names its content.

    Raises KeyError for a file that is not there.
    """
    return _BY_NAME[name].url


@get("/static/{file:str}", include_in_schema=False, sync_to_thread=False)
def serve_asset(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[bytes]:
    """Serve a static file under the address of its content; any other address is not found."""
    asset = _BY_URL.get(f"/static/{file}")
    if asset is None:
        raise NotFoundException
    headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = asset.packed
    return Response(body, media_type=asset.media_type, headers=headers)
