"""A session with a password and no code is anonymous."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from login import factors


class ClosedUntilVerified:
    """Comes after django-otp's middleware. Until the code is given the request's user is
    anonymous to every view there is or will be, drafts on the public pages included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.password_user = request.user
        # Lazy, since a public page that looks at the session varies by cookie.
        request.user = SimpleLazyObject(partial(admitted, request.user))
        request.auser = partial(never, request)
        return self.get_response(request)


def admitted(user: Any) -> Any:
    if user.is_authenticated and not user.is_verified() and factors.is_needed(user):
        return AnonymousUser()
    return user


async def never(request: HttpRequest) -> Any:
    """No view of this site is asynchronous; one that will be must not find a way past."""
    raise NotImplementedError("Ask request.user; request.auser would not know the second factor.")
