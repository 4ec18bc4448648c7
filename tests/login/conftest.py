"""Runs of their own, with the extra on (`make test`); elsewhere these tests are not collected."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tests.browser.conftest import asked, browser, context, page, profile, refused
from tests.factories import make_editor
from tests.servers import wait_until

__all__ = ["asked", "browser", "context", "page", "profile", "refused"]

if settings.SETTINGS_MODULE != "tests.login.settings":
    collect_ignore_glob = ["test_*.py"]

# By their subject.
PEOPLE = {
    "s-1": {"preferred_username": "ana", "email": "ana@example.org", "groups": ["infra-editors"]},
    "s-2": {"preferred_username": "ben", "email": "editor@example.org", "groups": "infra-writers"},
    "s-3": {"preferred_username": "cleo", "email": "editor@example.org"},
}


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


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """The address of an OpenID Connect provider that knows PEOPLE and asks for no password."""
    port = str(settings.PROVIDER_PORT)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", port]
    for subject, claims in PEOPLE.items():
        command += ["--user-claims", json.dumps({"sub": subject, **claims})]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(address), "the provider")
        yield address
    finally:
        process.kill()
        process.wait()


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/.well-known/openid-configuration", timeout=5).ok
    except requests.RequestException:
        return False
