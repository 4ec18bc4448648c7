"""Who gets in with the extra [login], by which way, and what the log says of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialToken
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import signals
from django.contrib.auth.models import AnonymousUser, Group
from django.core.checks import CheckMessage, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from bulletin.models import site_settings

View = Callable[..., HttpResponseBase]

logger = logging.getLogger("bulletin.sign_in")
FACTORS: Final = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """For the staff alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        if not user.is_staff:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has neither a password nor a second factor has nothing to confirm it with."""
        has_methods = bool(self.get_reauthentication_methods(self.request.user))
        return has_methods and super().is_reauthentication_required(app=app, **kwargs)

    def get_client_ip(self, request: HttpRequest) -> str:
        try:
            return str(super().get_client_ip(request)).strip()
        except (ImproperlyConfigured, PermissionDenied):  # too few proxies, or a socket
            return str(request.META.get("REMOTE_ADDR", ""))


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People are known by the subject that the provider gives them, and by nothing else. A claim
    that the settings name makes staff of them; their membership in its group follows it."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(claimed_groups(sociallogin))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        sociallogin.email_addresses = []
        if sociallogin.is_existing:
            follow_claims(sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        user = super().save_user(request, sociallogin, form)
        follow_claims(sociallogin)
        return user


def claimed_groups(sociallogin: Any) -> set[str]:
    """The groups whose claim the provider makes of the person."""
    data = sociallogin.account.extra_data
    claims = {**data.get("id_token", {}), **data.get("userinfo", {})}
    groups = set()
    for group, claim in settings.OIDC_ROLES.items():
        if claim:
            name, value = claim
            found = claims.get(name)
            if value in (found if isinstance(found, list) else [found]):
                groups.add(group)
    return groups


def follow_claims(sociallogin: Any) -> None:
    user, groups = sociallogin.user, claimed_groups(sociallogin)
    for group, claim in settings.OIDC_ROLES.items():
        if claim:
            change = user.groups.add if group in groups else user.groups.remove
            change(Group.objects.get(name=group))
    if groups and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def get_totp_issuer(self) -> str:
        return str(site_settings().site_name)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": self.get_totp_issuer()}


class SecondFactorMiddleware(MiddlewareMixin):
    """Where all must have a second factor: who has none is anonymous to every view but those of
    allauth, and is led to its page of factors."""

    def process_view(
        self, request: HttpRequest, view: View, *_arguments: object
    ) -> HttpResponse | None:
        if view.__module__.startswith("allauth."):
            return None
        user = request.user
        is_page = request.method == "GET" and request.path_info.startswith("/admin/")
        if is_page and user.is_authenticated and not is_mfa_enabled(user, FACTORS):
            return redirect("mfa_index")
        # Lazy, since a public page that looks at the session varies by cookie.
        admitted: Any = SimpleLazyObject(
            lambda: user if is_mfa_enabled(user, FACTORS) else AnonymousUser()
        )
        request.user = admitted
        return None


def admin_context(request: HttpRequest) -> dict[str, Any]:
    """For the pages of allauth, which look like the admin's."""
    match = request.resolver_match
    is_here = match is not None and match.func.__module__.startswith("allauth.")
    return admin.site.each_context(request) if is_here else {}


# In the admin -------------------------------------------------------------------------

# Nobody is known by an address, and the provider's secrets are in the settings.
admin.site.unregister([Authenticator, EmailAddress, SocialApp, SocialToken])


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin[Any]):
    """To delete the factors of who lost them; it shows no secret."""

    fields = list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@register(Tags.security, deploy=True)
def proxies_are_counted(**kwargs: Any) -> list[CheckMessage]:
    if settings.SECURE_PROXY_SSL_HEADER is None or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    return [
        Warning(
            "A proxy is trusted for X-Forwarded-Proto, but TRUSTED_PROXIES is 0, so that all who "
            "sign in seem to come from the proxy and share one limit.",
            hint="Give the number of proxies that add to X-Forwarded-For: TRUSTED_PROXIES=1.",
            id="login.W001",
        )
    ]


# In the log ---------------------------------------------------------------------------


def log(request: HttpRequest | None, event: str, who: object) -> None:
    address = AccountAdapter(request).get_client_ip(request) if request else "no request"
    logger.info("%s: %s from %s", event, who, address)


@receiver(signals.user_logged_in)
def signed_in(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    log(request, "signed in", user)


@receiver(signals.user_logged_out)
def signed_out(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    log(request, "signed out", user)


@receiver(signals.user_login_failed)
def failed(request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Without the name, which may be a password typed in the wrong field."""
    log(request, "wrong name or password", "somebody")


@receiver(authentication_failed)
def code_failed(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    log(request, "wrong second factor", user)


@receiver(authenticator_added)
@receiver(authenticator_removed)
@receiver(authenticator_reset)
def factor_changed(request: HttpRequest, user: Any, signal: Any, **kwargs: Any) -> None:
    events = {authenticator_added: "added", authenticator_removed: "removed"}
    log(request, f"second factor {events.get(signal, 'renewed')}", user)
