"""Runs of their own, with the extras on (`make test`); elsewhere these tests are not collected."""

from __future__ import annotations

from django.conf import settings

if settings.SETTINGS_MODULE != "tests.login.settings":
    collect_ignore_glob = ["test_*.py"]
