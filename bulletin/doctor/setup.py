"""What was installed, and how it is set."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from typing import Final

from django.conf import settings
from django.core import checks

from bulletin import readiness
from bulletin.doctor.findings import Finding, ok, warning, wrong
from incidents import grid
from incidents.weeks import week_containing

_PINNED: Final = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)


def settings_hold(at: datetime) -> Iterator[Finding]:
    """Django's own checks and those of the extras; of an address by https those for deployment."""
    found = checks.run_checks(include_deployment_checks=settings.HTTPS)
    grave = [one for one in found if one.level >= checks.WARNING and not one.is_silenced()]
    for message in grave:
        say = wrong if message.level >= checks.ERROR else warning
        yield say(f"{message.msg} ({message.id})", message.hint or "")
    if not grave:
        yield ok(f"hold, for {settings.SITE_URL}")


def file_of_settings(at: datetime) -> Iterator[Finding]:
    file = settings.BASE_DIR / ".env"
    if not file.exists():
        yield ok("is not there; all is set by the environment")
    elif _is_open(file.stat()):
        words = "holds secrets, and others than its owner may read or write it"
        yield warning(words, f"chmod 600 {file}")
    else:
        yield ok("is for the site alone")


def _is_open(held: os.stat_result) -> bool:
    """A file of root's may be read by the site's group, which is how the site reads it."""
    by_group = 0 if held.st_uid == os.geteuid() else stat.S_IRGRP
    return bool(held.st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~by_group)


def packages(at: datetime) -> Iterator[Finding]:
    """Those of the lock, where they are installed: markers leave some out on some machines."""
    pinned = dict(_PINNED.findall((settings.BASE_DIR / "requirements" / "core.txt").read_text()))
    installed = {found.name.lower(): found.version for found in metadata.distributions()}
    others = [
        f"{name} {installed[name]} instead of {version}"
        for name, version in pinned.items()
        if installed.get(name, version) != version
    ]
    if others:
        yield warning(", ".join(others), "make setup")
    else:
        yield ok("are those of requirements/core.txt")


def proxies(at: datetime) -> Iterator[Finding]:
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts, or leave it empty: that of SITE_URL is always taken."
        yield warning("ALLOWED_HOSTS takes requests for any host", hint)
    elif settings.SECURE_PROXY_SSL_HEADER and not settings.HTTPS:
        words = "TRUST_FORWARDED_PROTO believes a proxy, but SITE_URL is not an https address"
        yield warning(words, "Give the https address, or take the variable away.")
    else:
        yield ok("and hosts are as SITE_URL says")


def picture(at: datetime) -> Iterator[Finding]:
    """Pillow, its FreeType and the face draw an empty week."""
    week = week_containing(at.date(), settings.FIRST_WEEKDAY)
    layout = grid.lay_out(
        [], week, grid.WIDE, at=at, period=week, first_weekday=settings.FIRST_WEEKDAY
    )
    yield ok(f"can be drawn, {len(grid.png(layout))} bytes")


def cache(at: datetime) -> Iterator[Finding]:
    where = settings.CACHES["default"]["BACKEND"].rpartition(".")[2]
    words = readiness.ask_cache()["cache"]
    if words == readiness.FINE:
        yield ok(f"keeps what it is given ({where})")
    else:
        hint = "Start Redis, or mend REDIS_URL; until then readers are served without it."
        yield warning(f"{words} ({where})", hint)
