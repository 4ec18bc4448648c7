"""What is wrong with a set-up of the extra, reported at the start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning


def proxy_is_counted(**kwargs: Any) -> list[CheckMessage]:
    if settings.SECURE_PROXY_SSL_HEADER is None or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "A proxy is trusted for X-Forwarded-Proto, but TRUSTED_PROXIES is 0, so that all who "
            "sign in seem to come from the proxy and are throttled together.",
            hint="Give the number of proxies that add to X-Forwarded-For: TRUSTED_PROXIES=1.",
            id="login.W001",
        )
    ]
