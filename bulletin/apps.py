"""The site as an application; the admin shows its name."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class BulletinConfig(AppConfig):
    name = "bulletin"
    verbose_name = _("Bulletin")

    def ready(self) -> None:
        import_module("bulletin.checks")
        content_revision = import_module("bulletin.page_cache.content_revision")
        post_migrate.connect(content_revision.install_triggers, sender=self)
