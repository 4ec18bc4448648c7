"""What is wrong with an installation, in plain words and with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from bulletin.doctor import database, files, setup
from bulletin.doctor.findings import Finding, wrong

Check = Callable[[datetime], Iterator[Finding]]

# In order, by what they are about.
CHECKS: Final[dict[str, Check]] = {
    "settings": setup.settings_hold,
    ".env": setup.file_of_settings,
    "packages": setup.packages,
    "proxies": setup.proxies,
    "picture": setup.picture,
    "static files": files.static_files,
    "uploads": files.uploads,
    "disk": files.room,
    "cache": setup.cache,
    "database": database.reached,
    "migrations": database.migrated,
}
# Without tables these would each fail for that, after waiting for a database that is away.
OF_TABLES: Final[dict[str, Check]] = {
    "database state": database.server,
    "clocks": database.clock,
    "rules": database.constraints,
    "writes": database.writes,
    "search": database.search,
    "texts": database.texts,
    "pictures": files.pictures,
    "accounts": database.accounts,
}
NEEDED: Final = {"database", "migrations"}
ON_FAILURE: Final = {
    "static files": "manage.py collectstatic --noinput, and a restart",
    "uploads": "Let MEDIA_ROOT be a folder that this user may write, or mend S3_BUCKET.",
    "database": "See that DATABASE_URL is right and what it names is there; else restore a backup.",
}


def examine(at: datetime) -> Iterator[Finding]:
    """Every check on its own: one that fails is a finding, and the others go on."""
    for about, check in (CHECKS | OF_TABLES).items():
        findings = list(examined(about, check, at))
        yield from findings
        if about in NEEDED and any(finding.is_wrong for finding in findings):
            return


def examined(about: str, check: Check, at: datetime) -> Iterator[Finding]:
    try:
        for finding in check(at):
            yield replace(finding, about=about)
    except Exception as error:  # what is broken fails as it likes
        words = " ".join(str(error).split())
        failed = wrong(f"fails with {type(error).__name__}: {words}", ON_FAILURE.get(about, ""))
        yield replace(failed, about=about)
