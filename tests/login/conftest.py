"""Runs of their own, with the extra on (`make test`); elsewhere these tests are not collected."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tests.browser.conftest import asked, browser, context, page, profile, refused
from tests.factories import make_editor

__all__ = ["asked", "browser", "context", "page", "profile", "refused"]

if settings.SETTINGS_MODULE != "tests.login.settings":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def editor(db: Any) -> User:
    return make_editor()


@pytest.fixture
def staff(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client
