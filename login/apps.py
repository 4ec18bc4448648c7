"""The extra as an application, and the admin with its guarded site."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from login.checks import proxy_is_counted


class LoginConfig(AppConfig):
    name = "login"
    verbose_name = _("signing in")

    def ready(self) -> None:
        register(proxy_is_counted, Tags.security, deploy=True)


class GuardedAdminConfig(AdminConfig):
    default_site = "login.site.GuardedSite"
