"""The second factor of an account: an authenticator's codes (TOTP, RFC 6238), and ten recovery
codes for the day when the phone is gone.

A factor is there once its first code was right.
"""

from __future__ import annotations

import re
from base64 import b32encode
from datetime import datetime
from typing import Any, Final, cast

import django_otp
import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from login import audit
from login.models import Kind

RECOVERY_CODES: Final = 10
DIGITS: Final = 6

# django-otp has no types.
Device = Any


def authenticator(user: User) -> Device | None:
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).first()


def recovery(user: User) -> Device | None:
    return StaticDevice.objects.devices_for_user(user, confirmed=True).first()


def is_needed(user: User) -> bool:
    """Whether the password alone doesn't open the admin for `user`."""
    return bool(settings.LOGIN_REQUIRE_SECOND_FACTOR or authenticator(user))


def half_signed_in(request: HttpRequest) -> User | None:
    """The editor whose password was right and whose second factor is still to come."""
    known = cast(User, request.password_user)  # type: ignore[attr-defined]  # by the middleware
    is_editor = known.is_authenticated and known.is_active and known.is_staff
    return known if is_editor and not request.user.is_authenticated else None


# Codes --------------------------------------------------------------------------------


def plain(typed: str) -> str:
    """A code as it is stored, however it was grouped."""
    return re.sub(r"[\s-]", "", typed).lower()


def asked(user: User, code: str) -> Device | None:
    """The device that `code` seems to come from. Trying each would count against all of them."""
    return authenticator(user) if len(code) == DIGITS else recovery(user)


def is_right(device: Device, code: str) -> bool:
    """A right one is used up, and a wrong one makes the next wait."""
    return django_otp.verify_token(device.user, device.persistent_id, code) is not None


def admit(request: HttpRequest, device: Device) -> None:
    """Open the admin to the session."""
    request.user = device.user
    request.session.cycle_key()
    django_otp.login(request, device)


def sign_in(request: HttpRequest, device: Device, at: datetime) -> None:
    admit(request, device)
    kind = Kind.FACTOR_USED if isinstance(device, TOTPDevice) else Kind.CODE_USED
    audit.record(kind, device.user.get_username(), at, request)


# Making and taking away ---------------------------------------------------------------


def begin(user: User) -> Device:
    """A secret that is new each time, so that only who sets it up now sees it."""
    unconfirmed(user).delete()
    return TOTPDevice.objects.create(user=user, confirmed=False, name="authenticator")


def unconfirmed(user: User) -> Any:
    return TOTPDevice.objects.devices_for_user(user, confirmed=False)


def confirm(request: HttpRequest, device: Device, at: datetime) -> list[str]:
    """The factor counts from here on, in this session too; returns its recovery codes."""
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    admit(request, device)
    audit.record(Kind.FACTOR_SET_UP, device.user.get_username(), at, request)
    return make_recovery_codes(request, device.user, at)


@transaction.atomic
def make_recovery_codes(request: HttpRequest, user: User, at: datetime) -> list[str]:
    """New ones; those before are void. They can't be shown again."""
    device = recovery(user) or StaticDevice.objects.create(user=user, name="recovery codes")
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    audit.record(Kind.CODES_MADE, user.get_username(), at, request)
    return codes


@transaction.atomic
def remove(user: User, at: datetime, request: HttpRequest | None = None) -> bool:
    """Authenticator and recovery codes; returns whether there were any."""
    devices = [TOTPDevice.objects.filter(user=user), StaticDevice.objects.filter(user=user)]
    removed = sum(rows.delete()[0] for rows in devices)
    if removed:
        audit.record(Kind.FACTOR_REMOVED, user.get_username(), at, request)
    return bool(removed)


# For the page on which an authenticator learns the secret --------------------------------


def secret(device: Device) -> str:
    """In groups of four, as it is typed where no camera is."""
    text = b32encode(device.bin_key).decode()
    return " ".join(re.findall(".{4}", text))


def qr_code(device: Device) -> str:
    """An SVG for the page; it holds squares and no text of anybody's."""
    return segno.make(device.config_url, error="m").svg_inline(light="#fff", omitsize=True)
