"""How the tests sign in and what their authenticators show."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client

PASSWORD = "a long enough password"
LOGIN, CODE = "/admin/login/", "/admin/account/factors/authenticate/"
FACTORS, SET_UP = "/admin/account/factors/", "/admin/account/factors/totp/activate/"
PAGE = "/admin/bulletin/article/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def shown(secret: str = SECRET, steps: int = 0) -> str:
    """The code that an authenticator shows, or showed or will show some `steps` of 30 s away."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def give(user: User) -> list[str]:
    """A second factor of SECRET; returns its recovery codes."""
    TOTP.activate(user, SECRET)
    return list(RecoveryCodes.activate(user).get_unused_codes())


def password(client: Client, name: str = "editor", word: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": name, "password": word, "next": PAGE}, **extra)


def by_provider(client: Client, subject: str, process: str = "login") -> Any:
    """As a browser goes there and back, and the person consents as `subject`."""
    form = {"next": PAGE, "process": process}
    there = client.post("/admin/account/sso/login/", form).headers["Location"]
    back = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=60)
    callback = urlsplit(back.headers["Location"])
    return client.get(f"{callback.path}?{callback.query}")


def is_open(client: Client) -> bool:
    return client.get(PAGE).status_code == 200
