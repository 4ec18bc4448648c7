from __future__ import annotations

import io
import re
import uuid
from base64 import b32decode
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from bulletin.models import SiteSettings, Status
from login import factors
from tests.factories import make_article
from tests.login.signing_in import (
    CODE,
    LOGIN,
    PASSWORD,
    SET_UP,
    STATE,
    give,
    is_open,
    password,
    shown,
)

pytestmark = pytest.mark.django_db
CODES = re.compile(r"<code>([a-z2-7]{4}) ([a-z2-7]{4})</code>")


def wait(user: User) -> None:
    """Long enough for the next code after a wrong one."""
    past = timezone.now() - timedelta(days=1)
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).update(throttling_failure_timestamp=past)


def set_up(client: Client, **fields: str) -> list[str]:
    """As a person does, by the secret on the page; returns the recovery codes."""
    page = client.get(SET_UP).content.decode()
    found = re.search(r'class="sign-in-secret">([A-Z2-7 ]+)<', page)
    assert found
    key = b32decode(found[1].replace(" ", ""))
    page = client.post(SET_UP, {"code": shown(key)} | fields).content.decode()
    return ["".join(pair) for pair in CODES.findall(page)]


# Signing in ---------------------------------------------------------------------------


def test_an_account_without_a_factor_signs_in_with_its_password(
    client: Client, editor: User
) -> None:
    assert password(client).headers["Location"] == "/admin/bulletin/article/"
    assert is_open(client)


def test_a_password_alone_leads_to_the_second_step_and_the_code_to_where_one_was_going(
    client: Client, editor: User
) -> None:
    device = give(editor)
    password(client)
    asked = client.get("/admin/bulletin/article/", follow=True)
    assert asked.redirect_chain[-1][0] == f"{CODE}?next=%2Fadmin%2Fbulletin%2Farticle%2F"
    answer = client.post(CODE, {"code": shown(device.bin_key), "next": "/admin/bulletin/article/"})
    assert answer.headers["Location"] == "/admin/bulletin/article/"
    assert is_open(client)


def test_half_signed_in_is_not_signed_in_anywhere(client: Client, editor: User) -> None:
    draft = make_article(status=Status.DRAFT, publish_at=None)
    give(editor)
    password(client)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.post("/admin/autosave/save/", {"content": "a"}).status_code == 403
    for path in ("/admin/", "/admin/jsi18n/", "/admin/password_change/", "/admin/audit/", STATE):
        assert client.get(path).status_code == 302, path
    with pytest.raises(NotImplementedError):
        async_to_sync(client.get("/").wsgi_request.auser)()  # type: ignore[arg-type]


def test_a_session_that_was_open_before_is_closed_by_a_factor_set_up_in_another(
    staff: Client, editor: User
) -> None:
    elsewhere = Client()
    password(elsewhere)
    set_up(staff)
    assert is_open(staff)
    assert not is_open(elsewhere)


def test_public_pages_still_vary_by_nobody(client: Client, editor: User) -> None:
    give(editor)
    password(client)
    answer = client.get("/incidents/")
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies


def test_a_code_is_good_once(client: Client, editor: User) -> None:
    device = give(editor)
    code = shown(device.bin_key)
    for opened in (True, False):
        client.logout()
        password(client)
        client.post(CODE, {"code": code})
        assert is_open(client) is opened


def test_a_recovery_code_is_good_once_however_it_is_written(client: Client, editor: User) -> None:
    give(editor, "abcdefgh")
    for opened in (True, False):
        client.logout()
        password(client)
        client.post(CODE, {"code": " ABCD-efgh "})
        assert is_open(client) is opened


def test_a_wrong_code_makes_even_the_right_one_wait(client: Client, editor: User) -> None:
    device = give(editor, "abcdefgh")
    password(client)
    for _ in range(4):
        wait(editor)
        wrong = client.post(CODE, {"code": "000000"})
        assert "This code is wrong" in wrong.content.decode()
    answer = client.post(CODE, {"code": shown(device.bin_key)})
    assert "Too many wrong codes. Try again at" in answer.content.decode()
    assert not is_open(client)
    client.post(CODE, {"code": "abcdefgh"})
    assert is_open(client)


def test_codes_of_another_account_open_nothing(client: Client, editor: User) -> None:
    give(editor, "abcdefgh")
    other = give(User.objects.create_user("other", is_staff=True), "hgfedcba")
    password(client)
    for code in (shown(other.bin_key), "hgfedcba"):
        client.post(CODE, {"code": code})
        wait(editor)
    assert not is_open(client)


def test_the_second_step_leads_to_no_other_site(client: Client, editor: User) -> None:
    device = give(editor)
    password(client)
    form = {"code": shown(device.bin_key), "next": "https://evil.example/"}
    assert client.post(CODE, form).headers["Location"] == "/admin/"


@pytest.mark.parametrize("step", [CODE, SET_UP])
def test_one_can_go_back_and_sign_in_as_somebody_else(
    client: Client, editor: User, step: str, settings: Any
) -> None:
    settings.LOGIN_REQUIRE_SECOND_FACTOR = True
    if step == CODE:
        give(editor)
    password(client)
    assert "Sign in as somebody else" in client.get(LOGIN, follow=True).content.decode()
    assert client.post(step, {"leave": "1"}).headers["Location"] == LOGIN
    assert "Username" in client.get(LOGIN).content.decode()


# Setting up and taking away -----------------------------------------------------------


def test_setting_up_gives_ten_recovery_codes_once(staff: Client, editor: User) -> None:
    codes = set_up(staff)
    assert len(set(codes)) == 10
    assert CODES.search(staff.get(STATE).content.decode()) is None
    assert "10 recovery codes are left" in staff.get(STATE).content.decode()
    fresh = Client()
    password(fresh)
    fresh.post(CODE, {"code": codes[3]})
    assert is_open(fresh)


def test_a_secret_is_no_factor_until_its_first_code(staff: Client, editor: User) -> None:
    first = staff.get(SET_UP).content
    staff.post(SET_UP, {"code": "000000"})
    assert not factors.is_needed(editor)
    assert staff.get(SET_UP).content != first
    assert is_open(staff)


def test_a_factor_cannot_be_set_up_over_one_that_is_there(client: Client, editor: User) -> None:
    give(editor)
    password(client)
    assert client.get(SET_UP).status_code == 302
    assert client.post(SET_UP, {"code": "000000"}).status_code == 302
    assert TOTPDevice.objects.count() == 1


def test_the_picture_is_drawn_without_style_attributes(staff: Client) -> None:
    page = staff.get(SET_UP).content.decode()
    assert "<svg viewBox=" in page
    assert " style=" not in page


@pytest.mark.parametrize("action", ["renew", "remove"])
def test_changes_take_a_current_code(staff: Client, editor: User, action: str) -> None:
    codes = set_up(staff)
    staff.post(STATE, {"code": "zzzzzzzz", action: "1"})
    assert factors.authenticator(editor)
    assert factors.asked(editor, codes[0]).token_set.count() == 10


def test_new_recovery_codes_void_those_before(staff: Client, editor: User) -> None:
    old = set_up(staff)
    page = staff.post(STATE, {"code": old[0], "renew": "1"}).content.decode()
    new = ["".join(pair) for pair in CODES.findall(page)]
    assert len(new) == 10
    assert not set(old) & set(new)
    client = Client()
    password(client)
    client.post(CODE, {"code": old[1]})
    assert not is_open(client)


def test_a_removed_factor_is_gone_with_its_recovery_codes(staff: Client, editor: User) -> None:
    codes = set_up(staff)
    staff.post(STATE, {"code": codes[0], "remove": "1"})
    assert is_open(staff)
    assert not StaticDevice.objects.exists()


def test_a_locked_out_editor_is_let_in_by_a_command(client: Client, editor: User) -> None:
    give(editor, "abcdefgh")
    call_command("reset_second_factor", "editor", stdout=io.StringIO())
    password(client)
    assert is_open(client)
    for name, message in [("editor", "has no second factor"), ("nobody", "no account nobody")]:
        with pytest.raises(CommandError, match=message):
            call_command("reset_second_factor", name)


# Demanded of all ----------------------------------------------------------------------


@pytest.fixture
def demanded(settings: Any) -> None:
    settings.LOGIN_REQUIRE_SECOND_FACTOR = True


@pytest.mark.usefixtures("demanded")
def test_who_has_none_sees_the_page_that_sets_it_up_and_nothing_else(
    client: Client, editor: User
) -> None:
    password(client)
    asked = client.get("/admin/bulletin/article/", follow=True)
    assert asked.redirect_chain[-1][0] == f"{SET_UP}?next=%2Fadmin%2Fbulletin%2Farticle%2F"
    assert "sign-in-secret" in asked.content.decode()
    assert "Change password" not in asked.content.decode()
    assert len(set_up(client, next="/admin/bulletin/article/")) == 10
    assert is_open(client)


def test_a_demand_closes_sessions_that_are_open(staff: Client, settings: Any) -> None:
    assert is_open(staff)
    settings.LOGIN_REQUIRE_SECOND_FACTOR = True
    assert not is_open(staff)
    assert staff.get("/admin/", follow=True).redirect_chain[-1][0].startswith(SET_UP)


@pytest.mark.usefixtures("demanded")
def test_nobody_sets_up_anything_without_a_password(client: Client, editor: User) -> None:
    assert client.get(SET_UP, follow=True).redirect_chain[-1][0].startswith(LOGIN)
    User.objects.create_user("reader", password=PASSWORD)
    client.login(request=client.get("/").wsgi_request, username="reader", password=PASSWORD)
    assert client.get(SET_UP, follow=True).redirect_chain[-1][0].startswith(LOGIN)
    assert not TOTPDevice.objects.exists()


def test_what_was_typed_with_an_expired_login_is_kept_through_both_steps(
    client: Client, editor: User
) -> None:
    device = give(editor)
    article = make_article(status=Status.DRAFT, publish_at=None)
    page = f"/admin/bulletin/article/{article.pk}/change/"
    fields = {"_key": str(uuid.uuid4()), "_model": "bulletin.article", "_object": str(article.pk)}
    expired = client.post(page, fields | {"title": "Typed at the last minute"})
    typed = expired.context["typed"]
    form = {"username": "editor", "password": PASSWORD, "next": page, "_typed": typed}
    assert client.post(LOGIN, form).headers["Location"] == page
    client.post(CODE, {"code": shown(device.bin_key), "next": page})
    assert "Typed at the last minute" in client.get(page).content.decode()


def test_an_authenticator_learns_the_name_that_the_admin_gave_the_site(editor: User) -> None:
    device = give(editor)
    assert "issuer=The%20Infra%20Log" in device.config_url
    SiteSettings.objects.create(name="The Marram Log")
    assert "issuer=The%20Marram%20Log" in device.config_url
