"""The two pages in Django: psycopg with connections kept, Jinja, gunicorn with threads."""

import gc
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.urls import path
from psycopg.pq import Format
from sqlalchemy.engine import make_url

from bench.peers import discussed, views
from bench.peers.statements import STATEMENTS
from civic.kernel.database import PLANNED_ONCE

_HOST: Final = str(make_url(os.environ["PEER_URL"]).query["host"])

settings.configure(
    DEBUG=False,
    SECRET_KEY="measured, never used",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    USE_I18N=True,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.gzip.GZipMiddleware",
        f"{__name__}.signed_in",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "civic",
            "USER": "civic",
            "HOST": _HOST,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "server_side_binding": True,
                "prepare_threshold": 3,
                "options": " ".join(f"-c {name}={value}" for name, value in PLANNED_ONCE.items()),
            },
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "OPTIONS": {"environment": "bench.peers.environment.environment"},
        }
    ],
)


def _rows(name: str, **values: Any) -> Sequence[Any]:
    with connection.cursor() as cursor:
        # Without it rows in rows come as text.
        cursor.cursor.format = Format.BINARY
        cursor.execute(STATEMENTS[name].psycopg, values)
        rows: Sequence[Any] = cursor.fetchall()
        return rows


def signed_in(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Look up the session behind each request, as ours does instead of Django's own."""

    def answered(request: HttpRequest) -> HttpResponse:
        token = request.COOKIES.get("civic")
        request.member = None
        if token is not None:
            today = datetime.now(UTC).date()
            found = _rows(
                "session",
                hashes=[hashlib.sha256(token.encode()).digest()],
                used_since=today - timedelta(days=14),
                created_since=today - timedelta(days=90),
            )
            request.member = found[0][-1] if found else None
        return answer(request)

    return answered


def _visitor(request: HttpRequest, chapter_id: str, matter: str) -> views.Visitor | None:
    if request.member is None:
        return None
    found = _rows("own", chapter_id=chapter_id, member=request.member, matter=matter)
    return views.visitor(request.member, found[0]) if found else None


def proposals(request: HttpRequest, chapter_id: str) -> HttpResponse:
    """Show the proposals of a chapter."""
    who = _visitor(request, chapter_id, "")
    if who is None:
        return HttpResponseForbidden()
    chapter = _rows("chapter", chapter_id=chapter_id)
    if not chapter:
        raise Http404
    rows = _rows("matters", **views.matters_values(chapter[0][0]))
    view = views.proposals(request.path, who, chapter[0], rows, int(time.time()) // 60)
    return _page(request, "proposals.html", view)


def proposal(request: HttpRequest, chapter_id: str, proposal_id: str) -> HttpResponse:
    """Show a proposal."""
    who = _visitor(request, chapter_id, proposal_id)
    if who is None:
        return HttpResponseForbidden()
    matter = _rows("matter", chapter_id=chapter_id, id=proposal_id, voice=who.voice)
    if not matter:
        raise Http404
    log = matter[0][0]
    _rows("elections", log=log, matter=proposal_id, member=who.member, row=who.row)
    said = _rows("discussion", **discussed.discussion_values(log, proposal_id, who.row))
    view = discussed.proposal(request.path, who, matter[0], said, int(time.time()) // 60)
    return _page(request, "proposal.html", view)


def _page(request: HttpRequest, template: str, view: dict[str, Any]) -> HttpResponse:
    answer = render(request, template, view)
    answer["cache-control"] = "no-store"
    for name, value in views.HEADERS.items():
        answer[name] = value
    return answer


urlpatterns = [
    path("c/<str:chapter_id>/proposals", proposals),
    path("c/<str:chapter_id>/p/<str:proposal_id>", proposal),
]

django.setup()
application = WSGIHandler()


def post_worker_init(_worker: object) -> None:
    """Do what our own processes do once they are up (a hook of gunicorn)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
