from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as project
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import make_account
from tests.login.signing_in import (
    CODE,
    FACTORS,
    LOGIN,
    PAGE,
    by_provider,
    give,
    is_open,
    password,
    shown,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def groups(name: str) -> list[str]:
    return list(User.objects.get(username=name).groups.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("subject", "name", "group"), [("s-1", "ana", "Editors"), ("s-2", "ben", "Writers")]
)
def test_a_claim_makes_staff_with_its_role(
    client: Client, subject: str, name: str, group: str
) -> None:
    assert by_provider(client, subject).headers["Location"] == PAGE
    assert is_open(client)
    assert groups(name) == [group]
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)


def test_who_has_no_claim_gets_no_account(client: Client) -> None:
    page = by_provider(client, "s-3")
    assert "You have no account here" in page.content.decode()
    assert not User.objects.exists()
    assert not is_open(client)


def test_nobody_is_matched_by_a_name_or_an_address(client: Client) -> None:
    local = make_account("ben")
    User.objects.filter(pk=local.pk).update(email="editor@example.org")
    by_provider(client, "s-2")
    assert SocialAccount.objects.get().user != local
    assert groups("ben") == []


def test_the_subject_finds_the_account_again_and_its_role_follows_the_claim(
    client: Client,
) -> None:
    user = make_account("Ana M", "Writers")
    SocialAccount.objects.create(user=user, provider="sso", uid="s-1")
    by_provider(client, "s-1")
    assert is_open(client)
    assert groups("Ana M") == ["Editors"]
    assert User.objects.count() == 1


def test_an_account_that_was_made_staff_by_hand_needs_no_claim(client: Client) -> None:
    user = make_account("cleo")
    SocialAccount.objects.create(user=user, provider="sso", uid="s-3")
    by_provider(client, "s-3")
    assert client.get("/admin/").status_code == 200
    User.objects.update(is_staff=False)
    client.logout()
    assert by_provider(client, "s-3").headers["Location"] == "/admin/account/refused/"
    assert client.get("/admin/").status_code == 302


def test_an_editor_connects_and_disconnects_the_account_at_the_provider(
    staff: Client, editor: User
) -> None:
    staff.post("/admin/account/confirm/", {"password": "a long enough password"})
    by_provider(staff, "s-3", process="connect")
    assert SocialAccount.objects.get().user == editor
    connections = "/admin/account/providers/"
    assert "Marram ID" in staff.get(connections).content.decode()
    staff.post(connections, {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()


def test_a_second_factor_is_asked_of_who_comes_from_the_provider(client: Client) -> None:
    user = make_account("ana", "Editors")
    SocialAccount.objects.create(user=user, provider="sso", uid="s-1")
    give(user)
    assert by_provider(client, "s-1").headers["Location"] == CODE
    assert not is_open(client)
    client.post(CODE, {"code": shown()})
    assert is_open(client)


def test_who_has_no_password_sets_up_a_second_factor_all_the_same(client: Client) -> None:
    by_provider(client, "s-1")
    assert client.get(f"{FACTORS}totp/activate/").status_code == 200


@pytest.mark.parametrize("path", ["", "?code=a", "?code=a&state=b", "?error=access_denied"])
def test_an_answer_that_nobody_asked_for_opens_nothing(client: Client, path: str) -> None:
    page = client.get(f"/admin/account/sso/login/callback/{path}")
    assert page.status_code in (302, 401)
    assert not is_open(client)


def test_who_cancels_at_the_provider_is_told_so(client: Client) -> None:
    there = client.post("/admin/account/sso/login/").headers["Location"]
    query = {"error": "access_denied", "state": parse_qs(urlsplit(there).query)["state"][0]}
    page = client.get("/admin/account/sso/login/callback/", query, follow=True)
    assert "You cancelled at the provider" in page.content.decode()


def test_a_visit_to_the_providers_address_signs_nobody_in(client: Client) -> None:
    assert client.get("/admin/account/sso/login/").status_code == 200
    assert client.get("/admin/account/other/login/").status_code == 404


@pytest.mark.parametrize("answer", ["down", "broken", "empty"])
def test_a_local_account_gets_in_while_the_provider_is_down(
    client: Client, editor: User, answer: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def ask(self: Any, method: str, url: str, **options: Any) -> requests.Response:
        if answer == "down":
            raise requests.ConnectionError
        response = requests.Response()
        response.status_code, response._content = 200, b"{}" if answer == "empty" else b"<html>"
        return response

    monkeypatch.setattr(requests.Session, "request", ask)
    page = client.post("/admin/account/sso/login/")
    assert page.status_code == 401
    assert "Marram ID did not answer, or refused" in page.content.decode()
    password(client)
    assert is_open(client)


def test_a_provider_that_dies_between_the_two_steps_is_no_error_of_ours(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = client.post("/admin/account/sso/login/").headers["Location"]
    back = requests.post(there, data={"sub": "s-1"}, allow_redirects=False, timeout=60)
    query = back.headers["Location"].partition("?")[2]

    def down(*words: Any, **options: Any) -> requests.Response:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", down)
    assert client.get(f"/admin/account/sso/login/callback/?{query}").status_code == 401
    assert not is_open(client)


def test_the_policy_lets_forms_lead_to_the_provider_and_nowhere_else(
    client: Client, provider: str
) -> None:
    policy = client.get(LOGIN).headers["Content-Security-Policy"]
    assert f"form-action 'self' {provider};" in policy
    assert policy.count(provider) == 1
    assert project.SECURE_CSP["script-src"] == ["'self'"]
