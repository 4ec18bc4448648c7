"""Uploading is for editors; pictures are for everybody."""

from __future__ import annotations

import io
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import clear_script_prefix, set_script_prefix
from PIL import Image

from bulletin.uploads import read_picture
from incidents import markdown
from tests.factories import make_account

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/markdownx/upload/"


@pytest.fixture(autouse=True)
def empty_storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    if settings.STORAGES["default"].get("OPTIONS"):  # a bucket, which all tests share
        stored = deepcopy(settings.STORAGES)
        stored["default"]["OPTIONS"]["location"] = uuid4().hex
        settings.STORAGES = stored


def stored_names() -> list[str]:
    try:
        return default_storage.listdir("uploads")[1]
    except FileNotFoundError:
        return []


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(make_account("editor", "Writers"))
    return client


@pytest.fixture
def prefix() -> Iterator[str]:
    set_script_prefix("/infra-log/")
    yield "/infra-log"
    clear_script_prefix()


def photo(size: tuple[int, int] = (8, 4)) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, "JPEG")
    return SimpleUploadedFile("../../evil.html", buffer.getvalue(), "text/html")


def send(client: Client, content: bytes, name: str = "x.png", kind: str = "image/png") -> Any:
    return client.post(UPLOAD, {"image": SimpleUploadedFile(name, content, kind)})


# Who may ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["anonymous", "reader", "clerk", "gone"])
def test_others_than_editors_are_refused_in_json(kind: str) -> None:
    client = Client()
    if kind != "anonymous":
        client.force_login(
            User.objects.create_user("u", is_staff=kind != "reader", is_active=kind != "gone")
        )
    response = client.post(UPLOAD, {"image": photo()})
    assert response.status_code == 403
    assert response.headers["Cache-Control"] == "private, no-store"
    assert not stored_names()
    if kind != "gone":
        assert response.json() == {"error": "Sign in as an editor first."}


def test_a_forged_request_is_refused(editor: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies
    response = strict.post(UPLOAD, {"image": photo()})
    assert response.status_code == 403
    assert not stored_names()


def test_the_token_in_a_header_is_enough(editor: Client, settings: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies
    token = "a" * 32
    strict.cookies[settings.CSRF_COOKIE_NAME] = token
    headers = {"X-CSRFToken": token}
    response = strict.post(UPLOAD, {"image": photo()}, headers=headers)
    assert response.json()["width"] == 8


def test_only_post_is_answered(editor: Client) -> None:
    assert editor.get(UPLOAD).status_code == 405


# Upload -------------------------------------------------------------------------------


def test_an_upload_is_stored_once_under_a_name_of_our_own(editor: Client) -> None:
    answers = [editor.post(UPLOAD, {"image": photo()}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["width"], answers[0]["height"]) == (8, 4)
    assert [f"/media/uploads/{name}" for name in stored_names()] == [answers[0]["url"]]
    assert answers[0]["url"].endswith("-8x4.jpg")


def test_an_upload_that_a_crash_cut_short_is_written_again(editor: Client) -> None:
    whole = read_picture(photo())
    default_storage.save(f"uploads/{whole.name}", ContentFile(whole.data[:10]))
    url = editor.post(UPLOAD, {"image": photo()}).json()["url"]
    assert editor.get(url).content == whole.data


def test_the_renderer_knows_the_size_of_an_upload(editor: Client) -> None:
    url = editor.post(UPLOAD, {"image": photo()}).json()["url"]
    assert 'width="8" height="4"' in markdown.render(f"![a]({url})", markdown.INCIDENT).html


def test_addresses_of_uploads_are_under_the_prefix(editor: Client, prefix: str) -> None:
    response = editor.post(UPLOAD, {"image": photo()}, SCRIPT_NAME=prefix)
    assert response.json()["url"].startswith("/infra-log/media/uploads/")


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"<!doctype html><script>alert(1)</script>", "photo.png", "image/png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing.svg", "image/svg+xml"),
        (b"", "empty.png", "image/png"),
        (b"\xff\xd8\xff\xe0", "broken.jpg", "image/jpeg"),
    ],
)
def test_what_is_no_picture_is_refused(
    content: bytes, name: str, kind: str, editor: Client
) -> None:
    response = send(editor, content, name, kind)
    assert response.status_code == 400
    assert "PNG, JPEG, WebP or GIF" in response.json()["error"]
    assert not stored_names()


@pytest.mark.parametrize("fields", [{}, {"image": "text"}, {"other": photo()}])
def test_a_form_without_a_file_is_refused(fields: dict[str, Any], editor: Client) -> None:
    response = editor.post(UPLOAD, fields)
    assert response.status_code == 400
    assert response.json() == {"error": "Choose a picture first."}


def test_a_file_that_is_too_big_is_refused(editor: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 500
    for content in (bytes(501), bytes(20_000)):
        response = send(editor, content)
        assert response.status_code == 413
        assert response.json() == {"error": "This file is too big; 0.0005 MB are the most."}


# Pictures for everybody ---------------------------------------------------------------


@pytest.fixture
def address(editor: Client) -> str:
    return str(editor.post(UPLOAD, {"image": photo()}).json()["url"])


def test_a_stored_picture_is_public_immutable_and_inert(address: str, client: Client) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in response.headers
    assert not response.cookies
    assert Image.open(io.BytesIO(response.content)).size == (8, 4)


def test_a_picture_that_is_known_is_not_sent_again(address: str, client: Client) -> None:
    etag = client.get(address).headers["ETag"]
    response = client.get(address, headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize(
    "name",
    [
        "nothing.png",
        f"{'0' * 32}-1x1.png",
        f"{'0' * 32}-1x1.html",
        f"{'0' * 32}-1x1.png%0A",
        "..%2F..%2Fdb.sqlite3",
        "",
    ],
)
def test_all_else_is_not_found(name: str, client: Client) -> None:
    assert client.get(f"/media/uploads/{name}").status_code == 404


def test_other_files_of_the_storage_are_not_served(client: Client) -> None:
    default_storage.save("uploads/page.html", ContentFile(b"<script>"))
    default_storage.save("secret.png", ContentFile(b"x"))
    assert client.get("/media/uploads/page.html").status_code == 404
    assert client.get("/media/secret.png").status_code == 404
