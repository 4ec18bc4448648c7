"""The feeds against their specifications, on logs that would break them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from bulletin.models import Author
from incidents.models import Addendum
from tests.bulletin import feed_rules
from tests.bulletin.feed_rules import ATOM, CREATOR
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
FORMATS: dict[str, Any] = {
    "/feed.xml": feed_rules.atom,
    "/rss.xml": feed_rules.rss,
    "/feed.json": feed_rules.json_feed,
}
# A control, the end of CDATA, markup, an emoji, text that runs from the right, overrides.
HOSTILE = "]]> <b>\x07&amp; 🔥 \u202eمرحبا\u202c \ufffe & 'x' \"y\""
BODY = f"""{HOSTILE}

![a > b](/media/uploads/x.png "t>\\"{HOSTILE}") <script>alert(1)</script> [up](../x?a=1&b="2">)
<https://example.org/?a=1&b=2> [^1]

| a | b |
|---|--:|
| `]]>` | ~~c~~ |

```python
print("]]>")
```

[^1]: A note with [a link](#there).
"""


def check(client: Client) -> dict[str, list[str]]:
    """Each feed keeps its rules; returns the ids in it."""
    return {path: rules(client.get(path).content, SITE + path) for path, rules in FORMATS.items()}


def test_a_log_without_posts_has_valid_feeds(client: Client) -> None:
    assert set(map(len, check(client).values())) == {0}


def test_hostile_text_has_valid_feeds(client: Client) -> None:
    incident = make_incident(title=f"`code` {HOSTILE}", body=BODY, services=HOSTILE)
    Addendum.objects.create(incident=incident, body=BODY, publish_at=PUBLISHED + timedelta(hours=1))
    make_incident(title="Of another week", started_at=PUBLISHED - timedelta(days=30), body=BODY)
    whole = make_bulletin(intro=BODY, essay=f"# {HOSTILE}\n\n{BODY}", title=HOSTILE)
    whole.authors.add(
        Author.objects.create(name=HOSTILE, url="https://example.org/é?a=1&b=2"),
        Author.objects.create(name="Ana"),
    )
    article = make_article(title=HOSTILE, body=BODY, incidents=[incident])
    bare = make_article(slug="bare", title="Bare", body="", publish_at=PUBLISHED - timedelta(1))
    posts = sorted([whole, article], key=lambda post: post.uid, reverse=True)
    for ids in check(client).values():
        assert ids == [post.uid.urn for post in (*posts, bare)]


def test_a_bulletin_without_essay_and_the_newest_twenty_of_many_are_valid(client: Client) -> None:
    make_bulletin(essay="")
    for number in range(24):
        hour = PUBLISHED - timedelta(hours=number)
        make_article(slug=f"a-{number}", title=f"No {number}", publish_at=hour)
    for ids in check(client).values():
        assert len(ids) == 20


def test_the_three_feeds_tell_the_same_of_authors_pictures_and_dates(client: Client) -> None:
    bulletin = make_bulletin(essay="")
    authors = [Author.objects.create(name=name) for name in ("Ana", "Ben")]
    bulletin.authors.add(*authors)
    incident = make_incident()
    added = PUBLISHED + timedelta(hours=3)
    Addendum.objects.create(incident=incident, body="Two.", publish_at=added)
    entry = ElementTree.fromstring(client.get("/feed.xml").content).find(f"{ATOM}entry")
    item = ElementTree.fromstring(client.get("/rss.xml").content).find("channel/item")
    (row,) = json.loads(client.get("/feed.json").content)["items"]
    assert entry is not None
    assert item is not None
    names = [author["name"] for author in row["authors"]]
    assert [one.text for one in entry.findall(f"{ATOM}author/{ATOM}name")] == names
    assert [one.text for one in item.findall(CREATOR)] == names == ["Ana", "Ben"]
    updated = entry.findtext(f"{ATOM}updated")
    assert item.findtext(f"{ATOM}updated") == row["date_modified"] == updated
    assert f'<li><p><strong><a href="{SITE}{incident.get_absolute_url()}">' in row["content_html"]
    (picture,) = feed_rules.Content(row["content_html"]).images
    assert picture["alt"]
    assert client.get(str(picture["src"]).removeprefix(SITE))["Content-Type"] == "image/png"
