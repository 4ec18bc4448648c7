"""Content-Security-Policy under the names that Django 6 gives it, until this is Django 6: then
settings.py imports CSP from django.utils.csp and names django.middleware.csp, and this module goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "Content-Security-Policy"
# Directives to their sources; one that takes no sources is True.
Policy = Mapping[str, Sequence[str] | bool]


class CSP(StrEnum):
    NONE = "'none'"
    SELF = "'self'"


def build_policy(policy: Policy) -> str:
    told = [
        name if sources is True else f"{name} {' '.join(sources)}"
        for name, sources in policy.items()
        if sources is True or sources
    ]
    return "; ".join(told)


class ContentSecurityPolicyMiddleware:
    """Says SECURE_CSP on every answer but those that say a policy of their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # A 304 would put its policy in the place of the one that was kept with the whole answer.
        # Django's pages of DEBUG have their style inside.
        if response.status_code != 304 and not (settings.DEBUG and response.status_code >= 400):
            response.headers.setdefault(HEADER, build_policy(settings.SECURE_CSP))
        return response
