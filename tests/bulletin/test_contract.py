"""Which addresses any cache may keep, and which nobody may: each takes a side here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import get_resolver, resolve

from bulletin.http_caching import SHARED
from bulletin.models import Status
from tests.bulletin.admin.test_access import routes
from tests.bulletin.test_pages import PUBLIC
from tests.factories import make_bulletin, make_editor

pytestmark = pytest.mark.django_db

ADMIN = {"admin/", "admin/autosave/", "admin/markdownx/markdownify/", "admin/markdownx/upload/"}
UPLOAD = f"/media/uploads/{'0' * 32}-1x1.png"
# Redirects that may lead elsewhere tomorrow, and what never changes under its name.
ALSO_PUBLIC = ["/favicon.ico", "/apple-touch-icon.png", "/2024-07-06/grid.0123.png", UPLOAD]
PRIVATE = ["/healthz", "/readyz", "/review/forged/"]


def test_every_address_is_public_or_private() -> None:
    told = {resolve(path.partition("?")[0]).route for path in PUBLIC + ALSO_PUBLIC + PRIVATE}
    known = {str(one.pattern) for one in get_resolver().url_patterns}
    assert known - told == ADMIN, "is a new address public or private?"


def test_redirects_of_pictures_may_be_shared_for_a_minute(client: Client) -> None:
    make_bulletin()
    for path in ALSO_PUBLIC[:3]:
        response = client.get(path)
        assert response.status_code == 302
        assert response["Cache-Control"] == SHARED
        assert not response.cookies
        # On the page of somebody's feed reader.
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


def assert_private(response: Any) -> None:
    assert "no-store" in response["Cache-Control"], response
    assert "public" not in response["Cache-Control"], response


@pytest.mark.parametrize("path", PRIVATE)
def test_what_is_for_machines_and_reviewers_is_kept_by_nobody(client: Client, path: str) -> None:
    assert_private(client.get(path))


@pytest.mark.parametrize("signed_in", [False, True])
def test_nothing_of_the_admin_is_kept_by_anybody(client: Client, signed_in: bool) -> None:
    if signed_in:
        client.force_login(make_editor())
    paths = {re.sub("<[^>]*>", "1", route) for route in routes().values() if "(" not in route}
    assert len(paths) > 50
    for path in paths:
        assert_private(client.get(f"/{path}"))


def test_a_draft_and_its_pictures_are_kept_by_nobody(client: Client) -> None:
    make_bulletin(status=Status.DRAFT, publish_at=None)
    client.force_login(make_editor())
    for name in ("", "grid.svg", "grid.png", "card.png", "grid.0123.png"):
        response = client.get(f"/2024-07-06/{name}")
        assert response.status_code in (200, 302)
        assert_private(response)
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def broken(*args: Any, **kwargs: Any) -> Any:
    raise PermissionError("the disk is gone")


def forged(client: Client) -> Any:
    return Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})


def crash(client: Client) -> Any:
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bulletin.views.posts.bulletin_context", broken)
        return client.get("/2024-07-06/")


def without_storage(client: Client) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default_storage, "open", broken)
        return client.get(UPLOAD)


ERRORS: dict[str, Any] = {
    "400 host": lambda client: client.get("/", headers={"host": "evil.example"}),
    "403 csrf": forged,
    "404": lambda client: client.get("/nothing/"),
    "405": lambda client: client.post("/"),
    "405 trace": lambda client: client.generic("TRACE", "/"),
    "413": lambda client: client.get("/admin/", CONTENT_LENGTH="99999999999"),
    "500": crash,
    "503 uploads": without_storage,
    "301 slash": lambda client: client.get("/2024-07-06"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_no_error_is_kept_by_anybody_and_all_say_the_same_of_safety(
    client: Client, kind: str
) -> None:
    make_bulletin()
    response = ERRORS[kind](client)
    assert response.status_code == int(kind[:3])
    assert_private(response)
    assert not response.cookies or kind == "403 csrf"
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "etag" not in response
