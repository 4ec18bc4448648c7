"""The site as an application, and its admin."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class BulletinConfig(AppConfig):
    default = True
    name = "bulletin"
    verbose_name = _("Bulletin")

    def ready(self) -> None:
        use_one_format()
        import_module("bulletin.checks")
        content_revision = import_module("bulletin.page_cache.content_revision")
        post_migrate.connect(content_revision.install_triggers, sender=self)
        register = import_module("incidents.search").register
        register(self.get_model("Article"), 2)
        register(self.get_model("Bulletin"), 3)


def use_one_format() -> None:
    """Django's English dates mix “Aug. 10, 2024, 3 p.m.” with “August 4”."""
    for locale in ("en", "en_AU", "en_CA", "en_GB", "en_IE"):
        formats: Any = import_module(f"django.conf.locale.{locale}.formats")
        formats.DATE_FORMAT = re.sub("[MN]", "F", formats.DATE_FORMAT)
        formats.TIME_FORMAT = "H:i"
        formats.DATETIME_FORMAT = f"{formats.DATE_FORMAT}, H:i T"


class SiteAdminConfig(admin_apps.AdminConfig):
    """Comes after `bulletin` in INSTALLED_APPS: to import bulletin.admin is to build the site."""

    default = False
    default_site = "bulletin.admin.admin_site.BulletinAdminSite"
