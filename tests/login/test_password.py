from __future__ import annotations

import logging
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings as project
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from bulletin.extras.sign_in import proxies_are_counted
from tests.factories import make_editor
from tests.login.signing_in import LOGIN, PAGE, PASSWORD, is_open, password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor")]
TOO_MANY = "Too many failed login attempts"


def fail(client: Client, times: int, name: str = "editor", **extra: Any) -> str:
    for _ in range(times):
        page = password(client, name, "wrong", **extra).content.decode()
    return page


def test_a_password_opens_the_page_that_one_was_going_to(client: Client) -> None:
    assert client.get(PAGE).headers["Location"] == f"{LOGIN}?next={PAGE}"
    assert password(client).headers["Location"] == PAGE
    assert is_open(client)


def test_a_sign_in_leads_to_no_other_site(client: Client) -> None:
    form = {"login": "editor", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(LOGIN, form).headers["Location"] == "/admin/"


def test_the_address_of_the_admins_login_has_the_same_limits_and_no_other_form(
    client: Client,
) -> None:
    assert reverse("admin:login") == reverse("account_login") == LOGIN
    answer = client.post(LOGIN, {"username": "editor", "password": PASSWORD, "next": PAGE})
    assert answer.status_code == 200
    assert not is_open(client)


def test_who_is_not_staff_gets_nowhere(client: Client) -> None:
    User.objects.create_user("reader", password=PASSWORD)
    assert password(client, "reader").headers["Location"] == "/admin/account/refused/"
    assert "has no access" in client.get("/admin/account/refused/").content.decode()
    assert not is_open(client)


def test_a_session_whose_account_lost_its_role_is_asked_who_it_is(client: Client) -> None:
    password(client)
    User.objects.update(is_staff=False)
    page = client.get(PAGE, follow=True)
    assert page.redirect_chain == [(f"{LOGIN}?next={PAGE}", 302)]
    assert "You are signed in as editor, who may not see that page" in page.content.decode()


@pytest.mark.parametrize("name", ["account_signup", "socialaccount_signup", "account_email"])
def test_nobody_signs_up_or_is_known_by_an_address(client: Client, name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
    for path in ("signup/", "account/signup/", "account/password/reset/"):
        assert client.get(f"/admin/{path}", follow=True).redirect_chain[-1][0].startswith(LOGIN)


def test_ten_wrong_passwords_of_an_address_lock_it_and_no_other(client: Client) -> None:
    assert TOO_MANY not in fail(client, 10)
    assert TOO_MANY in fail(client, 1)
    assert TOO_MANY in password(client).content.decode()
    assert password(client, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_an_account_tried_from_many_addresses_is_locked_however_it_is_spelt(
    client: Client,
) -> None:
    for number in range(50):
        name = "editor" if number % 2 else "EDITOR"
        assert TOO_MANY not in fail(client, 1, name, REMOTE_ADDR=f"198.51.100.{number}")
    assert TOO_MANY in password(client, REMOTE_ADDR="198.51.100.99").content.decode()


def test_an_account_of_ones_own_does_not_wash_off_what_was_tried(client: Client) -> None:
    make_editor("mallory")
    fail(client, 9)
    password(client, "mallory")
    client.logout()
    fail(client, 1)
    assert TOO_MANY in fail(client, 1)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_an_address_is_what_our_own_proxies_wrote(
    proxies: int, forwarded: str, found: str, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert get_adapter(request).get_client_ip(request) == found


def test_a_server_on_a_socket_counts_all_together(client: Client) -> None:
    assert password(client, REMOTE_ADDR="").status_code == 302


def test_a_proxy_that_is_trusted_and_not_counted_is_warned_of(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert [warning.id for warning in proxies_are_counted()] == ["login.W001"]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert not proxies_are_counted()


def test_the_log_says_who_came_from_where_and_no_word_that_was_typed(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bulletin.sign_in")
    password(client, word="hunter22")
    password(client, "hunter23")
    password(client)
    client.post("/admin/logout/")
    lines = [line.getMessage() for line in caplog.records if line.name == "bulletin.sign_in"]
    assert lines == [
        *["wrong name or password: somebody from 127.0.0.1"],
        *["wrong name or password: somebody from 127.0.0.1"],
        *["signed in: editor from 127.0.0.1", "signed out: editor from 127.0.0.1"],
    ]


def test_no_secret_of_the_libraries_is_in_the_admin(staff: Client) -> None:
    page = staff.get("/admin/").content.decode()
    assert "/admin/mfa/authenticator/" in page
    for path in ("account/emailaddress/", "socialaccount/socialapp/", "socialaccount/socialtoken/"):
        assert f"/admin/{path}" not in page


def test_limits_are_counted_by_all_worker_processes() -> None:
    assert project.CACHES["default"]["BACKEND"].endswith("FileBasedCache")
