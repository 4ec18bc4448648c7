from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client

from bulletin.models import SiteSettings, Status
from tests.factories import make_article
from tests.login.signing_in import (
    CODE,
    FACTORS,
    LOGIN,
    PAGE,
    PASSWORD,
    SECRET,
    SET_UP,
    give,
    is_open,
    password,
    shown,
)

pytestmark = pytest.mark.django_db


def confirm(client: Client) -> None:
    """What changes a factor asks for the password once more."""
    assert client.post("/admin/account/confirm/", {"password": PASSWORD}).status_code == 302


def test_a_password_alone_leads_to_the_code_and_the_code_to_where_one_was_going(
    client: Client, editor: User
) -> None:
    give(editor)
    assert password(client).headers["Location"] == CODE
    assert "authenticator code" in client.get(CODE).content.decode()
    assert client.post(CODE, {"code": shown()}).headers["Location"] == PAGE
    assert is_open(client)


def test_half_signed_in_is_not_signed_in_anywhere(client: Client, editor: User) -> None:
    draft = make_article(status=Status.DRAFT, publish_at=None)
    give(editor)
    password(client)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.post("/admin/autosave/save/", {"content": "a"}).status_code == 403
    for path in ("/admin/", "/admin/jsi18n/", "/admin/password_change/", FACTORS, SET_UP, PAGE):
        assert client.get(path).status_code == 302, path


def test_public_pages_still_vary_by_nobody(client: Client, editor: User) -> None:
    give(editor)
    password(client)
    answer = client.get("/incidents/")
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_a_code_is_good_once(client: Client, editor: User, kind: str) -> None:
    codes = give(editor)
    code = shown() if kind == "totp" else codes[3]
    for opened in (True, False):
        client.logout()
        password(client)
        client.post(CODE, {"code": code})
        assert is_open(client) is opened


def test_wrong_codes_make_even_the_right_one_wait(client: Client, editor: User) -> None:
    give(editor)
    password(client)
    pages = [client.post(CODE, {"code": "000000"}).content.decode() for _ in range(20)]
    assert "Incorrect code" in pages[0]
    assert "Too many failed login attempts" in pages[-1]
    client.post(CODE, {"code": shown()})
    assert not is_open(client)


def test_setting_up_takes_the_password_again_and_gives_recovery_codes(
    staff: Client, editor: User
) -> None:
    asked = staff.get(SET_UP)
    assert asked.headers["Location"].startswith("/admin/account/confirm/")
    confirm(staff)
    page = staff.get(SET_UP).content.decode()
    secret = re.search(r'class="sign-in-secret">([A-Z2-7]+)<', page)
    assert secret
    assert "<svg" in page
    assert " style=" not in page
    staff.post(SET_UP, {"code": "000000"})
    assert not Authenticator.objects.exists()
    assert staff.post(SET_UP, {"code": shown(secret[1])}).status_code == 302
    kinds = sorted(Authenticator.objects.filter(user=editor).values_list("type", flat=True))
    assert kinds == ["recovery_codes", "totp"]


def test_a_superuser_deletes_the_factors_of_who_lost_them_and_sees_no_secret(
    staff: Client, editor: User
) -> None:
    other = User.objects.create_user("other", password=PASSWORD, is_staff=True)
    give(other)
    row = Authenticator.objects.get(type="totp")
    page = staff.get(f"/admin/mfa/authenticator/{row.pk}/change/").content.decode()
    assert SECRET not in page
    form = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    staff.post("/admin/mfa/authenticator/", form)
    client = Client()
    assert password(client, "other").headers["Location"] == PAGE


def test_what_was_typed_with_an_expired_sign_in_is_offered_after_both_steps(
    client: Client, editor: User
) -> None:
    give(editor)
    article = make_article(status=Status.DRAFT, publish_at=None)
    url = f"/admin/bulletin/article/{article.pk}/change/"
    signed_in = Client()
    signed_in.force_login(editor)
    writer = signed_in.get(url).context["typing"]["writer"]
    fields = {"_key": str(uuid.uuid4()), "_model": "bulletin.article", "_object": str(article.pk)}
    expired = fields | {"title": "Typed at the last minute", "_writer": writer}
    page = client.post(url, expired, follow=True)
    assert page.redirect_chain == [(f"{LOGIN}?next={url}", 302)]
    assert "Nothing you typed is lost" in page.content.decode()
    form = {"login": "editor", "password": PASSWORD, "next": url}
    client.post(LOGIN, form)
    assert client.post(CODE, {"code": shown()}).headers["Location"] == url
    assert "Typed at the last minute" in client.get(url).content.decode()


def test_an_authenticator_learns_the_name_that_the_admin_gave_the_site(staff: Client) -> None:
    SiteSettings.objects.create(name="The Marram Log")
    confirm(staff)
    assert "issuer=The%20Marram%20Log" in staff.get(SET_UP).context["totp_url"]


# Required of all ----------------------------------------------------------------------


@pytest.fixture
def required(settings: Any) -> None:
    middleware = "bulletin.extras.sign_in.SecondFactorMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]


@pytest.mark.usefixtures("required")
def test_who_has_none_sees_the_page_that_sets_one_up_and_nothing_else(
    client: Client, editor: User
) -> None:
    draft = make_article(status=Status.DRAFT, publish_at=None)
    password(client)
    assert client.get(PAGE).headers["Location"] == FACTORS
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.post("/admin/autosave/save/", {"content": "a"}).status_code == 403
    assert client.post("/admin/password_change/", {}).status_code == 302
    assert client.get(FACTORS).status_code == 200
    give(editor)
    assert is_open(client)


@pytest.mark.usefixtures("required")
def test_public_pages_vary_by_nobody_where_it_is_required(client: Client, editor: User) -> None:
    password(client)
    answer = client.get("/incidents/")
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies
