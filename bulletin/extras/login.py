"""The extra [login]: throttled sign-in, a second factor and an audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import environ
from django.utils.module_loading import import_string

from bulletin.env import require_packages

AXES = {
    "AXES_FAILURE_LIMIT": 5,
    "AXES_COOLOFF_TIME": timedelta(minutes=15),
    "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
    "AXES_RESET_ON_SUCCESS": True,
    "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"], "username", "ip_address"],
    "AXES_HANDLER": "login.throttle.Throttle",
    "AXES_USERNAME_CALLABLE": "login.throttle.account",
    "AXES_LOCKOUT_CALLABLE": "login.throttle.locked_out",
    "AXES_CLIENT_IP_CALLABLE": "login.addresses.throttled",
    # What an editor typed may come along with a new password; it is no business of the throttle.
    "AXES_SENSITIVE_PARAMETERS": ["username", "ip_address", "_typed"],
    # The audit log has all that these would show, and the admin none of their tables.
    "AXES_DISABLE_ACCESS_LOG": True,
    "AXES_ENABLE_ADMIN": False,
    "AXES_VERBOSE": False,
}


def extend(settings: dict[str, Any], env: environ.Env) -> None:
    require_packages("LOGIN_EXTRA", "login", "axes", "django_otp", "segno")
    apps, middleware = settings["INSTALLED_APPS"], settings["MIDDLEWARE"]
    apps[apps.index("bulletin.apps.SiteAdminConfig")] = "login.apps.GuardedAdminConfig"
    apps += ["axes", "django_otp", "django_otp.plugins.otp_totp"]
    apps += ["django_otp.plugins.otp_static", "login.apps.LoginConfig"]
    authenticated = middleware.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    middleware[authenticated:authenticated] = [
        "django_otp.middleware.OTPMiddleware",
        "login.middleware.ClosedUntilVerified",
    ]
    middleware += ["axes.middleware.AxesMiddleware"]
    # First, so that it adds to the head of every page of the admin.
    settings["TEMPLATES"][0]["DIRS"].insert(0, settings["BASE_DIR"] / "login" / "templates")
    settings |= AXES | {
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        "OTP_TOTP_ISSUER": totp_issuer,
        # Proxies before the server that add to X-Forwarded-For.
        "TRUSTED_PROXIES": env.int("TRUSTED_PROXIES", default=0),
        "AUDIT_DAYS": env.int("AUDIT_DAYS", default=400),
    }


def totp_issuer(device: object) -> str:
    return str(import_string("bulletin.models.site_settings")().site_name)
