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
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import URLPattern
from django.utils.formats import get_format
from django.utils.translation import override, trans_real

from bulletin import grid_words as words
from bulletin import urls
from bulletin.models import Author, Bulletin, SiteSettings
from bulletin.review import address
from bulletin.templatetags import bulletin_tags
from incidents.forms import LengthField
from incidents.models import Addendum, Incident, Region
from incidents.validators import validate_body
from incidents.weeks import Period
from tests.factories import PUBLISHED, make_article, make_bulletin, make_editor, make_incident

pytestmark = pytest.mark.django_db
HUMAN = {"alt", "title", "aria-label", "aria-description", "placeholder", "data-copy", "label"}
# Names of formats, zones and regions, lengths as "1h 30m", addresses; Django marks no alt="Search".
NAMES = re.compile(
    r"\b(Atom|RSS|JSON Feed|JSON|CSV|E[DS]T|GRU|The Infra Log|(\d+[dhms])+\d*|\d+-\d+-\d+-incident)"
    r"\b"
    r"|https:\S+|/archive/|^Search$"
)
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
    SiteSettings.objects.create(
        name="Ημερολόγιο",
        tagline="Τι χάλασε",
        about="Όλα.",
        header_links="Σελίδα https://example.org/",
        footer_links="Αρχείο /archive/",
        import_headings="Νέα",
    )
    Region.objects.exclude(code="GRU").delete()
    Region.objects.update(place="Σάο Πάολο")
    first = make_incident(
        title="Απώλεια `κόμβου`", body="Χάθηκε.", services="Δίσκοι", regions="GRU", scope="global"
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
    Addendum.objects.create(incident=first, body="Κι άλλο.", publish_at=PUBLISHED)
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
    link = address(draft, datetime(2100, 1, 1, tzinfo=UTC))
    return {"incident": first, "article": article, "draft": draft, "review": link}


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


JUNE = Period(date(2024, 6, 30), date(2024, 7, 6))


@pytest.mark.parametrize(
    ("language", "week", "days", "period"),
    [
        ("en-us", "Jul 7–13", "Jun 30–Jul 6, 2024", "June 30–July 6, 2024"),
        ("en-gb", "7–13 Jul", "30 Jun–6 Jul 2024", "30 June–6 July 2024"),
        ("de", "7.–13. Jul", "30. Jun–6. Jul 2024", "30. Juni–6. Juli 2024"),
        ("fr", "7–13 jul", "30 jui–6 jul 2024", "30 juin–6 juillet 2024"),
        ("ja", "7月7–13日", "2024年6月30日–7月6日", "2024年6月30日–7月6日"),
        ("ko", "7월 7–13일", "2024년 6월 30일–7월 6일", "2024년 6월 30일–7월 6일"),
        ("ar", "7–13 يوليو", "30 يونيو–6 يوليو، 2024", "30 يونيو–6 يوليو، 2024"),
        ("he", "7–13 ביול", "30 ביונ–6 ביול 2024", "30 ביוני–6 ביולי 2024"),
        ("pt-br", "7–13 de Jul", "30 de Jun–6 de Jul de 2024", "30 de Junho–6 de Julho de 2024"),
    ],
)
def test_dates_stand_as_the_language_writes_them(
    language: str, week: str, days: str, period: str
) -> None:
    with override(language):
        grid_words = words.words()
        assert grid_words.dates(Period(date(2024, 7, 7), date(2024, 7, 13))) == week
        assert grid_words.dates_and_year(JUNE) == days
        assert bulletin_tags.period(JUNE) == period


def test_dates_of_every_language_have_their_parts_in_the_grid() -> None:
    for language, _name in settings.LANGUAGES:
        day = words.as_pattern(get_format("MONTH_DAY_FORMAT", language))
        whole = words.as_pattern(get_format("DATE_FORMAT", language))
        assert {part for part in ("{day}", "{month}") if part in day} == {"{day}", "{month}"}
        assert "{year}" in whole
        assert "\\" not in day + whole


@pytest.mark.parametrize(
    ("language", "html"),
    [("ar", '<html lang="ar" dir="rtl">'), ("de", '<html lang="de" dir="ltr">')],
)
def test_a_page_says_its_language_and_its_direction(
    client: Client, settings: Any, language: str, html: str
) -> None:
    settings.LANGUAGE_CODE = language
    with override(language):
        assert html in client.get("/archive/").content.decode()


def test_every_word_of_the_admin_is_marked_for_translation(
    client: Client, log: dict[str, Any], brackets: None
) -> None:
    client.force_login(make_editor("Άννα"))
    pages = ["/admin/", "/admin/bulletin/bulletin/import/"]
    for row in (log["incident"], log["draft"], Bulletin.objects.by_date()[1]):
        page = f"/admin/{row._meta.label_lower.replace('.', '/')}/"
        pages += [page, f"{page}add/", f"{page}deleted/"]
        pages += [f"{page}{row.pk}/{name}/" for name in ("change", "history")]
    pages += ["/admin/bulletin/sitesettings/1/change/", "/admin/incidents/region/"]
    pages += [f"/admin/bulletin/article/{log['draft'].pk}/review/"]
    found = {path: Reader(client.get(path).content.decode()).bare for path in pages}
    assert {path: bare for path, bare in found.items() if bare} == {}


@pytest.mark.parametrize(
    ("check", "typed", "sentence"),
    [
        (LengthField().clean, "-2h", "«A length can’t be negative.»"),
        (LengthField().clean, "99999h", "«“99999h” is longer than a year.»"),
        (validate_body, "a" * 200_001, "«This text has 200,001 bytes; the limit is"),
    ],
)
def test_sentences_of_rooms_without_django_are_translated_where_they_are_shown(
    brackets: None, check: Any, typed: str, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        check(typed)
