from __future__ import annotations

from io import BytesIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image
from storages.backends.s3 import S3Storage

from tests.factories import make_editor
from tests.servers import free_port

PICTURE = "0123456789abcdef0123456789abcdef-8x4.png"


def bucket(**options: object) -> S3Storage:
    return S3Storage(
        **settings.STORAGES["default"]["OPTIONS"] | {"location": uuid4().hex} | options
    )


def test_what_is_stored_is_read_back_and_another_of_its_name_takes_its_place() -> None:
    stored = bucket()
    stored.save("uploads/a.png", ContentFile(b"one"))
    assert stored.save("uploads/a.png", ContentFile(b"three")) == "uploads/a.png"
    with stored.open("uploads/a.png") as file:
        assert file.read() == b"three"
    assert stored.size("uploads/a.png") == 5
    assert stored.listdir("uploads")[1] == ["a.png"]
    stored.delete("uploads/a.png")
    assert not stored.exists("uploads/a.png")


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        bucket().open("uploads/none.png")


@pytest.mark.django_db
def test_readers_get_a_picture_of_the_bucket_from_the_site_itself(client: Client) -> None:
    default_storage.save(f"uploads/{PICTURE}", ContentFile(b"\x89PNG"))
    answer = client.get(f"/media/uploads/{PICTURE}")
    assert (answer.status_code, answer.content) == (200, b"\x89PNG")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.django_db
def test_an_upload_while_the_bucket_is_away_is_refused_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_editor())
    client.raise_request_exception = False
    away = bucket(endpoint_url=f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr("bulletin.admin.views.default_storage", away)
    picture = BytesIO()
    Image.new("1", (3, 3)).save(picture, "PNG")
    sent = {"image": ContentFile(picture.getvalue(), name="a.png")}
    answer = client.post("/admin/markdownx/upload/", sent)
    assert answer.status_code == 503
    assert "nothing was saved" in answer.json()["error"]
    assert answer.headers["Retry-After"]
