from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from bulletin.middleware import build_policy
from tests.factories import make_bulletin, make_editor

pytestmark = pytest.mark.django_db

CORP = "Cross-Origin-Resource-Policy"


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/", "same-origin"),
        ("/2024-07-06/", "same-origin"),
        ("/feed.xml", "same-origin"),
        ("/admin/login/", "same-origin"),
        ("/healthz", "same-origin"),
        ("/2024-07-06/grid.png", "cross-origin"),
        ("/2024-07-06/grid.svg", "cross-origin"),
        ("/2024-07-06/card.png", "cross-origin"),
        ("/incidents.json", "cross-origin"),
        ("/bulletins.json", "cross-origin"),
    ],
)
def test_pictures_and_data_may_be_embedded_elsewhere_and_pages_may_not(
    client: Client, path: str, who: str
) -> None:
    make_bulletin()
    response = client.get(path)
    assert response.status_code == 200
    assert response[CORP] == who


def test_only_data_may_be_read_by_pages_of_others(client: Client) -> None:
    make_bulletin()
    allow = "Access-Control-Allow-Origin"
    assert client.get("/incidents.json")[allow] == "*"
    for path in ("/", "/feed.xml", "/admin/login/", "/2024-07-06/grid.png"):
        assert allow not in client.get(path, headers={"origin": "https://evil.example"})


def test_no_policy_takes_anything_inline() -> None:
    told = build_policy(settings.SECURE_CSP)
    assert "unsafe" not in told
    assert "data:" not in told
    assert build_policy({"sandbox": True, "img-src": [], "a": False, "b": ["x", "y"]}) == (
        "sandbox; b x y"
    )


def test_a_304_leaves_what_was_said_with_the_whole_answer(client: Client) -> None:
    name = f"{'1' * 32}-1x1.png"
    default_storage.save(f"uploads/{name}", ContentFile(b"png"))
    whole = client.get(f"/media/uploads/{name}")
    again = client.get(f"/media/uploads/{name}", headers={"if-none-match": whole["ETag"]})
    default_storage.delete(f"uploads/{name}")
    assert whole["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert whole[CORP] == "cross-origin"
    assert again.status_code == 304
    assert "Content-Security-Policy" not in again
    assert CORP not in again


def test_a_body_beyond_the_largest_form_is_refused_unread(client: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000, 50_000
    for size, status in ((110_000, 302), (110_001, 413)):
        assert client.get("/admin/", CONTENT_LENGTH=str(size)).status_code == status


def test_a_picture_that_is_too_big_is_told_of_in_json_all_the_same(client: Client) -> None:
    client.force_login(make_editor())
    response = client.post("/admin/markdownx/upload/", CONTENT_LENGTH="99999999999")
    assert response.status_code == 413
    assert "too big" in response.json()["error"]


def test_a_sign_in_never_leads_to_another_site(client: Client) -> None:
    make_editor()
    form = {"username": "editor", "password": "a long enough password", "next": "//evil.example/"}
    assert client.post("/admin/login/", form)["Location"] == "/admin/"


def test_the_admin_sets_no_cookie_but_those_of_one_host(client: Client) -> None:
    client.force_login(make_editor())
    saved = client.post("/admin/incidents/region/add/", {"code": "XYZ", "place": "Nowhere"})
    assert saved.status_code == 302
    names = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert set(client.cookies) <= names
    assert "was added successfully" in client.get(saved["Location"]).content.decode()
