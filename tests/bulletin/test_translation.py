"""Every word of the interface is marked for translation, and dates are the language's own.

The pages are made in a language that puts each message into «brackets», of rows whose words are
Greek: a Latin letter outside of brackets is a word that no translator would ever see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils.translation import trans_real

from bulletin import urls, words
from bulletin.desk.models import ReviewLink
from bulletin.models import Author, Notice
from bulletin.reviews import address
from incidents.models import Addendum, Incident
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
HUMAN = {"alt", "title", "aria-label", "aria-description", "placeholder", "data-copy", "label"}
# Names of formats, the zones' abbreviations, lengths as "1h30", and what computers read.
NAMES = re.compile(r"\b(Atom|RSS|JSON|Feed|CSV|Markdown|E[DS]T|UTC|(\d+[dhms])+\d*)\b")
WORD = re.compile(r"[A-Za-z]+")
SILENT = {"script", "style", "code", "template"}


class Reader(HTMLParser):
    """Collects the words of a page that stand outside of brackets."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.depth, self.silent = 0, 0
        self.bare: list[str] = []
        self.feed(page)
        assert self.depth == 0, "a message is torn"

    def read(self, text: str) -> None:
        text = NAMES.sub("", text)
        for piece in re.split("([«»])", text):
            self.depth += {"«": 1, "»": -1}.get(piece, 0)
            if not self.depth and WORD.search(piece):
                self.bare.append(" ".join(piece.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        given = {name: value or "" for name, value in attrs}
        spoken = HUMAN & set(given)
        if tag == "meta" and given.get("name") == "description":
            spoken = {"content"}
        if tag == "meta" and re.search("title$|description$|alt$", given.get("property", "")):
            spoken = {"content"}
        if tag == "input" and given.get("type") in {"submit", "button"}:
            spoken |= {"value"}
        for name in spoken & set(given):
            outside, self.depth = self.depth, 0
            self.read(given[name])
            self.depth = outside

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.read(data)


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    catalog = trans_real.catalog()
    # A context stands before its message, and no message at all is nobody's words.
    monkeypatch.setattr(catalog, "gettext", lambda text: text and f"«{bare(text)}»")
    monkeypatch.setattr(
        catalog, "ngettext", lambda one, many, n: f"«{bare(one if n == 1 else many)}»"
    )
    words._words.cache_clear()
    yield
    words._words.cache_clear()


def bare(text: str) -> str:
    return text.rpartition(trans_real.CONTEXT_SEPARATOR)[2]


@pytest.fixture
def log() -> dict[str, Any]:
    """Rows in every state that has words of its own; all of their own words are Greek."""
    Notice.objects.create(
        name="Ημερολόγιο",
        tagline="Τι χάλασε",
        body="Όλα.",
        header_links="Σελίδα https://example.org/",
        footer_links="Αρχείο /archive/",
    )
    first = make_incident(
        title="Απώλεια `κόμβου`", body="Χάθηκε.", services="Δίσκοι", scope="global"
    )
    day = datetime(2024, 7, 3, 12, tzinfo=UTC)
    states: list[dict[str, Any]] = [
        {"minutes": None},
        {"minutes": None, "precision": "ongoing", "impact": None},
        {"minutes": 90, "precision": "about", "impact": 4, "kind": "maintenance"},
        {"minutes": 3000, "impact": 0, "scope": "single_host"},
    ]
    for state in states:
        make_incident(title="Κάτι άλλο", body="Έγινε.", started_at=day, **state)
    first.related.set(Incident.objects.all()[:1])
    Incident.objects.filter(pk=first.pk).update(
        status_url="https://example.org/",
        postmortem_url="https://example.org/",
        status_posted_at=first.started_at,
    )
    Addendum.objects.create(incident=first, body="Κι άλλο.", told_at=PUBLISHED)
    words = {"essay": "Μετακινήσαμε.", "essay_heading": "Εβδομάδα"}
    week = make_bulletin(intro="Γεια.", **words)
    week.authors.add(Author.objects.create(name="Ομάδα"))
    later = dict(
        zip(
            ("date", "period_first", "period_last"),
            (date(2024, 7, d) for d in (13, 7, 13)),
            strict=True,
        )
    )
    make_bulletin(**later, **words, publish_at=PUBLISHED.replace(day=14))
    article = make_article(title="Ο διακόπτης", body="## Τι\n\nΑυτό.", incidents=[first])
    draft = make_article(slug="b", title="Το άλλο", body="Εδώ.", status="draft", publish_at=None)
    link = ReviewLink.objects.create(article=draft, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    return {"incident": first, "article": article, "draft": draft, "review": address(link)}


def simple_pages() -> list[str]:
    """The site's addresses that name nothing, whatever is behind them."""
    every = [one for one in urls.urlpatterns if isinstance(one, URLPattern)]
    return [f"/{one.pattern}" for one in every if "<" not in str(one.pattern)]


def test_every_word_that_readers_see_is_marked_for_translation(
    client: Client, log: dict[str, Any], brackets: None
) -> None:
    pages = [*simple_pages(), "/2024-07-06/", "/2024-07-13/", "/archive/2024/", "/nothing"]
    pages += [log["article"].get_absolute_url(), log["review"]]
    pages += [incident.get_absolute_url() for incident in Incident.objects.all()]
    seen = 0
    for path in pages:
        response = client.get(path)
        if response["Content-Type"].startswith("text/html"):
            seen += 1
            assert Reader(response.content.decode()).bare == [], path
    assert seen > 12
    for entry in client.get("/feed.json").json()["items"]:
        assert Reader(entry["content_html"]).bare == []
