"""How the tests sign in and what their authenticators show."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

PASSWORD = "a long enough password"
LOGIN, CODE = "/admin/login/", "/admin/second-factor/code/"
SET_UP, STATE = "/admin/second-factor/set-up/", "/admin/second-factor/"


def shown(key: bytes, steps: int = 0) -> str:
    """The code that an authenticator shows, or showed or will show some `steps` of 30 s away."""
    totp = TOTP(key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def give(user: User, *codes: str) -> Any:
    """A second factor with these recovery codes."""
    device = TOTPDevice.objects.create(user=user, name="authenticator")
    recovery = StaticDevice.objects.create(user=user, name="recovery codes")
    for code in codes:
        recovery.token_set.create(token=code)
    return device


def password(client: Client, name: str = "editor", word: str = PASSWORD, **extra: Any) -> Any:
    form = {"username": name, "password": word, "next": "/admin/bulletin/article/"}
    return client.post(LOGIN, form, **extra)


def is_open(client: Client) -> bool:
    return client.get("/admin/bulletin/article/").status_code == 200
