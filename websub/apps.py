"""The extra as an application."""

from __future__ import annotations

from django.apps import AppConfig


class WebsubConfig(AppConfig):
    name = "websub"
    verbose_name = "WebSub"
