from __future__ import annotations

from typing import Any

from login.checks import proxy_is_counted


def test_a_proxy_that_is_trusted_and_not_counted_is_warned_of(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = 0
    assert [warning.id for warning in proxy_is_counted()] == ["login.W001"]
    settings.TRUSTED_PROXIES = 1
    assert not proxy_is_counted()
    settings.SECURE_PROXY_SSL_HEADER = None
    settings.TRUSTED_PROXIES = 0
    assert not proxy_is_counted()
