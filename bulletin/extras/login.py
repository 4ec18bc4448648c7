"""The extra [login]: sign-in by django-allauth, under the addresses of the admin."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

import environ
from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from bulletin.env import require_packages, temporary_folder

# The id of the one provider, in addresses and in what links an account with a subject.
PROVIDER_ID: Final = "sso"

ALLAUTH: Final = {
    "LOGIN_URL": "account_login",
    "ACCOUNT_ADAPTER": "bulletin.extras.sign_in.AccountAdapter",
    "SOCIALACCOUNT_ADAPTER": "bulletin.extras.sign_in.ProviderAdapter",
    "MFA_ADAPTER": "bulletin.extras.sign_in.SecondFactorAdapter",
    "ACCOUNT_LOGIN_METHODS": {"username"},
    "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
    # Addresses are nothing that anybody is known by.
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_UNIQUE_EMAIL": False,
    "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    "ACCOUNT_SESSION_REMEMBER": True,
    # Who may not use the admin would be sent to and fro.
    "ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS": False,
    # Of a name ("key") five times what one address has, so that no stranger alone locks it.
    "ACCOUNT_RATE_LIMITS": {"login_failed": "10/15m/ip,50/15m/key"},
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    # Clocks of phones are off by some seconds.
    "MFA_TOTP_TOLERANCE": 1,
}


class LoginConfig(AppConfig):
    name = "bulletin.extras"
    label = "login"

    def ready(self) -> None:
        import_module("bulletin.extras.sign_in")


def extend(settings: dict[str, Any], env: environ.Env) -> None:
    require_packages("LOGIN_EXTRA", "login", "allauth", "fido2", "qrcode", "oauthlib")
    settings["INSTALLED_APPS"] += [
        "bulletin.extras.login.LoginConfig",  # first: its templates are in place of allauth's
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
        "django.contrib.humanize",
    ]
    settings["MIDDLEWARE"] += ["allauth.account.middleware.AccountMiddleware"]
    if settings["LOGIN_REQUIRE_SECOND_FACTOR"]:
        settings["MIDDLEWARE"] += ["bulletin.extras.sign_in.SecondFactorMiddleware"]
    options = settings["TEMPLATES"][0]["OPTIONS"]
    options["context_processors"] += ["bulletin.extras.sign_in.admin_context"]
    settings["EXTRA_URLS"] += ["bulletin.extras.sign_in_urls"]
    # Limits are counted in the cache, of all worker processes.
    if settings["CACHES"]["default"]["BACKEND"].endswith("LocMemCache"):
        settings["CACHES"]["default"] = {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": temporary_folder("cache"),
            "OPTIONS": {"MAX_ENTRIES": 2_000},
        }
    settings |= ALLAUTH | {
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if settings["HTTPS"] else "http",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not settings["HTTPS"],
        # Proxies before the server that add to X-Forwarded-For.
        "ALLAUTH_TRUSTED_PROXY_COUNT": env.int("TRUSTED_PROXIES", default=0),
        "OIDC_ROLES": {
            "Editors": claim(env, "OIDC_EDITORS"),
            "Writers": claim(env, "OIDC_WRITERS"),
        },
    }
    if server := env.str("OIDC_SERVER", default=""):
        settings["SOCIALACCOUNT_PROVIDERS"] = {"openid_connect": provider(env, server)}
        # A form's answer may redirect there.
        settings["SECURE_CSP"]["form-action"] += [origin(server)]


def provider(env: environ.Env, server: str) -> dict[str, Any]:
    app = {
        "provider_id": PROVIDER_ID,
        "name": env.str("OIDC_NAME", default="") or urlsplit(server).hostname,
        "client_id": env.str("OIDC_CLIENT_ID"),
        "secret": env.str("OIDC_CLIENT_SECRET"),
        "settings": {"server_url": server, "oauth_pkce_enabled": True},
    }
    return {"APPS": [app]}


def origin(server: str) -> str:
    parts = urlsplit(server)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ImproperlyConfigured(
            f"OIDC_SERVER is {server!r}; give the issuer's whole address, such as "
            "https://id.example.org/realms/staff"
        )
    return f"{parts.scheme}://{parts.netloc}"


def claim(env: environ.Env, variable: str) -> tuple[str, str] | None:
    name, equals, value = env.str(variable, default="").partition("=")
    if not equals and not name:
        return None
    if not name or not value:
        raise ImproperlyConfigured(
            f"{variable} is {name + equals + value!r}; give a claim and its value, such as "
            "groups=infra-editors"
        )
    return name, value
