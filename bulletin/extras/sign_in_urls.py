"""The pages of allauth that the admin uses, before its own: none to sign up, none about e-mail."""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.socialaccount import views as socialaccount
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.http import HttpRequest, HttpResponseBase
from django.urls import include, path
from requests import RequestException


def answers_when_down(view: Any) -> Any:
    """The error page where the provider is down, or doesn't say what the protocol demands."""

    @wraps(view)
    def wrapper(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        try:
            return view(request, provider_id)  # type: ignore[no-any-return]
        except (RequestException, KeyError) as error:
            provider = get_adapter(request).get_provider(request, provider_id)
            return render_authentication_error(request, provider, exception=error)  # type: ignore[no-any-return]

    return wrapper


urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/refused/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/factors/", include("allauth.mfa.urls")),
    path("account/providers/", socialaccount.connections, name="socialaccount_connections"),
    path(
        "account/providers/cancelled/",
        socialaccount.login_cancelled,
        name="socialaccount_login_cancelled",
    ),
    path("account/providers/error/", socialaccount.login_error, name="socialaccount_login_error"),
    path(
        "account/<slug:provider_id>/login/",
        answers_when_down(openid_connect.login),
        name="openid_connect_login",
    ),
    path(
        "account/<slug:provider_id>/login/callback/",
        answers_when_down(openid_connect.callback),
        name="openid_connect_callback",
    ),
]
