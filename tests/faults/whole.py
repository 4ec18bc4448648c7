"""Whether a database holds all that was acknowledged, and each save whole or not at all.

Reads {bulletin's key: [acknowledged tokens in order]} and, by the key "", those of incidents from
standard input as JSON; prints what is wrong, a line each. A token is `t-<editor>-<number>`.

A save writes the row, its rendered twin, a revision and what the post tells in one transaction, so
whole means: twin and newest revision say what the row says, and settling the post anew, which
derives what is told from the stored state, changes nothing.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

import django

django.setup()

from django.db import connection, transaction
from django.utils import timezone
from reversion.models import Version

from bulletin import publishing
from bulletin.models import Bulletin
from incidents.models import Incident

TOKEN = re.compile(r"t-\d+-\d+")


def tokens(text: str) -> set[str]:
    return set(TOKEN.findall(text))


def revisions(row: Bulletin | Incident) -> list[str]:
    """Newest first, as stored."""
    versions = Version.objects.get_for_object(row)
    return list(versions.values_list("serialized_data", flat=True))


def incidents(acknowledged: list[str]) -> Iterator[str]:
    ours = [one for one in Incident.objects.all() if tokens(one.title)]
    there = [one.title for one in ours]
    yield from (f"{token} is lost" for token in acknowledged if there.count(token) != 1)
    for one in ours:
        kept = revisions(one)
        if not tokens(one.title) == tokens(one.body) == tokens(one.body_html):
            yield f"{one.title}: the twin says something else"
        if not kept or json.loads(kept[0])[0]["fields"]["body"] != one.body:
            yield f"{one.title}: its newest revision says something else"


def bulletin(row: Bulletin, acknowledged: list[str]) -> Iterator[str]:
    kept = revisions(row)
    ever = tokens(" ".join(kept))
    yield from (f"{token} is lost" for token in acknowledged if token not in ever)
    # One that was stored and whose answer did not get through may be newer.
    number = max((int(one.split("-")[2]) for one in tokens(row.essay)), default=-1)
    if acknowledged and number < int(acknowledged[-1].split("-")[2]):
        yield f"{row}: has {row.essay}, {acknowledged[-1]} was acknowledged"
    if tokens(row.essay) != tokens(row.essay_html):
        yield f"{row}: the twin says something else"
    newest = json.loads(kept[0])[0]["fields"] if kept else {}
    if acknowledged and (newest["essay"], newest["status"]) != (row.essay, row.status):
        yield f"{row}: its newest revision says something else"


def telling() -> Iterator[str]:
    def told() -> list[tuple[int, object]]:
        return list(Incident.objects.order_by("pk").values_list("pk", "publish_at"))

    with transaction.atomic():
        before = told()
        for row in Bulletin.objects.all():
            publishing.sync_publication(row, timezone.now())
        if told() != before:
            yield "what posts tell does not follow from what is stored"
        transaction.set_rollback(True)


def file() -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma, well in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                found = cursor.execute(f"PRAGMA {pragma}").fetchall()
                if found != well:
                    yield f"{pragma}: {found}"


def main() -> None:
    acknowledged = json.load(sys.stdin)
    faults = [*incidents(acknowledged.pop("")), *telling(), *file()]
    for key, saved in acknowledged.items():
        faults += bulletin(Bulletin.objects.get(pk=key), saved)
    print("\n".join(faults))


main()
