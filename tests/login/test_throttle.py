from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bulletin.models import Article
from login.addresses import client as address
from login.addresses import throttled
from tests.factories import make_editor
from tests.login.signing_in import is_open, password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor")]


def fail(client: Client, times: int, name: str = "editor", **extra: Any) -> Any:
    for _ in range(times):
        answer = password(client, name, "wrong", **extra)
    return answer


def test_the_fifth_wrong_password_locks_out_even_the_right_one(client: Client) -> None:
    assert fail(client, 4).status_code == 200
    locked = fail(client, 1)
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    until = timezone.localtime(AccessAttempt.objects.get().attempt_time + timedelta(minutes=15))
    assert f"<strong>{until:%H:%M %Z}</strong>" in locked.content.decode()
    assert password(client).status_code == 429
    assert not is_open(client)


def test_a_lock_ends_after_a_quarter_of_an_hour_whatever_is_tried_meanwhile(client: Client) -> None:
    fail(client, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14, seconds=50))
    cache.clear()
    assert 9 <= int(fail(client, 1).headers["Retry-After"]) <= 10
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    cache.clear()
    assert password(client).status_code == 302
    assert is_open(client)


def test_who_hammers_at_a_closed_door_is_not_counted_anew(client: Client) -> None:
    fail(client, 5)
    with CaptureQueriesContext(connection) as asked:
        assert fail(client, 3).status_code == 429
    assert sum("SUM(" in query["sql"] for query in asked) == 0


def test_a_good_login_forgets_the_failures_before_it(client: Client) -> None:
    fail(client, 4)
    password(client)
    assert fail(client, 4).status_code == 200


def test_no_spelling_of_a_name_and_no_other_browser_gives_more_tries(client: Client) -> None:
    for name, browser in [("editor", "a"), ("Editor", "b"), ("EDITOR", "c"), ("editor ", "d")]:
        assert fail(client, 1, name, headers={"User-Agent": browser}).status_code == 200
    assert fail(client, 1, "eDitor").status_code == 429


def test_a_stranger_elsewhere_keeps_nobody_out(client: Client) -> None:
    fail(client, 20, REMOTE_ADDR="198.51.100.7")
    assert password(client).status_code == 302


def test_an_account_tried_from_many_addresses_is_locked(client: Client) -> None:
    for number in range(24):
        assert fail(client, 1, REMOTE_ADDR=f"198.51.100.{number}").status_code == 200
    assert fail(client, 1, REMOTE_ADDR="198.51.100.99").status_code == 429
    assert password(client).status_code == 429


def test_an_address_that_tries_many_accounts_is_locked(client: Client) -> None:
    for number in range(24):
        assert fail(client, 1, f"name{number}").status_code == 200
    assert fail(client, 1, "another").status_code == 429
    assert password(client).status_code == 429
    assert password(client, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_an_account_of_ones_own_doesnt_wash_off_what_was_tried_on_another(client: Client) -> None:
    make_editor("mallory")
    fail(client, 4)
    password(client, "mallory")
    assert fail(client, 1).status_code == 429


def test_what_comes_along_with_a_wrong_password_is_not_kept(client: Client) -> None:
    form = {"username": "editor", "password": "hunter22", "_typed": '{"essay": ["A new rack."]}'}
    client.post("/admin/login/", form)
    kept = AccessAttempt.objects.get().post_data
    assert "rack" not in kept
    assert "hunter22" not in kept


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "nonsense", None),
    ],
)
def test_an_address_is_what_our_own_proxies_wrote(
    proxies: int, forwarded: str, found: str | None, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert address(request) == found


def test_a_network_of_ipv6_is_one_client() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2:3:4:5:6")
    assert throttled(request) == "2001:db8:1:2::"


def test_no_model_of_the_libraries_is_in_the_admin(staff: Client, editor: User) -> None:
    page = staff.get("/admin/").content.decode()
    assert Article._meta.verbose_name_plural.lower() in page.lower()
    assert "/admin/axes/" not in page
    assert "/admin/otp_" not in page
