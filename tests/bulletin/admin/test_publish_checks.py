from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bulletin import publish_checks
from bulletin.models import Bulletin, Post, SiteSettings, Status
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def draft(**overrides: Any) -> Bulletin:
    return make_bulletin(**{"status": Status.DRAFT, "publish_at": None} | overrides)


def sentences(post: Post, level: str = "warning", at: datetime = PUBLISHED) -> list[str]:
    return [
        f"{one.about}: {one.sentence}" + (f" ({one.line})" if one.line else "")
        for one in publish_checks.findings(post, at)
        if one.level == level
    ]


def whole(**overrides: Any) -> Any:
    return make_incident(**{"publish_at": None, "regions": "GRU"} | overrides)


def test_a_whole_week_a_quiet_one_and_one_without_an_essay_pass() -> None:
    assert publish_checks.findings(draft(essay=""), PUBLISHED) == []
    whole()
    assert publish_checks.findings(Bulletin.objects.get(), PUBLISHED) == []


def test_a_picture_without_alternative_text_is_an_error_wherever_readers_see_it() -> None:
    bare = "Look:\n\n![](/a.png) and ![ ][ref] and ![A rack](/b.png)\n\n[ref]: https://x.org/c.png"
    whole(body=bare)
    SiteSettings.objects.create(about="![](https://x.org/n.png)")
    found = sentences(draft(intro=bare, essay=f"[![](https://x.org/d.png)](/)\n\n{bare}"), "error")
    found = [sentence for sentence in found if "alternative text" in sentence]
    assert [one.split(":")[0] for one in found] == [
        *["Introduction"] * 2,
        *["Essay"] * 3,
        "About this log",
        *["Packet loss"] * 2,
    ]
    assert found[0].startswith("Introduction: The picture /a.png")
    assert found[0].endswith("(3)")
    assert sentences(make_article(body=bare, status="draft", publish_at=None), "error")[0] == (
        "Text: The picture /a.png has no alternative text. (3)"
    )


def test_a_picture_in_code_is_none() -> None:
    assert sentences(draft(essay="`![](/a.png)`\n\n    ![](/b.png)"), "error") == []


def test_an_incident_of_the_post_that_nobody_judged_is_an_error() -> None:
    unjudged = whole(impact=None)
    whole(title="Judged none", impact=0)
    whole(title="Another week", impact=None, started_at=datetime(2024, 7, 9, tzinfo=UTC))
    (finding,) = publish_checks.findings(draft(), PUBLISHED)
    assert (finding.level, finding.about) == ("error", "Packet loss")
    assert finding.link.endswith(f"/change/#incident-{unjudged.pk}-impact")
    article = make_article(incidents=[unjudged], status="draft", publish_at=None)
    assert [one.sentence for one in publish_checks.findings(article, PUBLISHED)] == [
        finding.sentence
    ]


def test_gaps_of_an_incident_are_warnings_and_errors_come_first() -> None:
    whole(title="A", regions="", minutes=None, proposed=["impact", "ended_at"])
    whole(title="B", impact=None)
    whole(title="C", minutes=None, precision="ongoing")
    assert [
        (one.level.value, one.about[-1]) for one in publish_checks.findings(draft(), PUBLISHED)
    ] == [
        ("error", "B"),
        *[("warning", "A")] * 3,
    ]
    assert "impact, ended at" in " ".join(sentences(Bulletin.objects.get()))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/archive/2024/",
        "/feed.xml",
        "/2024-07-06",
        "/2024-06-29/",
        "/2024-06-29/#racks",
        "/2024-06-29/#incidents",
        "/2024-06-29/#2024-06-25-old-news",
        "/incidents/2024-06-25-old-news/",
        "/incidents/2024-07-02-packet-loss/",
        "/articles/the-switch/#what-broke",
        "http://127.0.0.1:8000/2024-06-29/grid.png",
        "../2024-06-29/#racks",
        "#here",
        "#2024-07-02-packet-loss",
        "https://example.org/gone/",
        "http://127.0.0.1:9000/gone/",
        "mailto:ops@example.org",
    ],
)
def test_a_link_that_leads_somewhere_by_then_is_no_finding(address: str) -> None:
    whole()
    make_incident(title="Old news", started_at=datetime(2024, 6, 25, 12, tzinfo=UTC))
    week = {"period_first": date(2024, 6, 23), "period_last": date(2024, 6, 29)}
    make_bulletin(date=date(2024, 6, 29), essay="## Racks", publish_at=PUBLISHED, **week)
    make_article()
    assert publish_checks.findings(draft(essay=f"## Here\n\n[a]({address})"), PUBLISHED) == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/nowhere/", "no such page"),
        ("2024-06-29/", "no such page"),
        ("http://127.0.0.1:8000/nowhere/", "no such page"),
        ("/2024-06-29/", "can't see"),
        ("/2024-06-29/grid.png", "can't see"),
        ("/2023-01-01/", "can't see"),
        ("/archive/2023/", "can't see"),
        ("/articles/unwritten/", "can't see"),
        ("/incidents/2024-06-25-private/", "can't see"),
        ("/2024-07-13/", "can't see"),
        ("/media/uploads/" + "0" * 32 + "-1x1.png", "can't see"),
        ("/admin/", "only editors"),
        ("#elsewhere", "has no “#elsewhere”"),
        ("/articles/the-switch/#gone", "has no “#gone”"),
        ("/2024-07-06/#2024-06-25-private", "has no"),
    ],
)
def test_a_link_within_the_site_that_leads_nowhere_is_found(address: str, reason: str) -> None:
    make_incident(title="Private", started_at=datetime(2024, 6, 25, tzinfo=UTC), publish_at=None)
    week = {"period_first": date(2024, 6, 23), "period_last": date(2024, 6, 29)}
    draft(date=date(2024, 6, 29), **week)
    later = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    make_bulletin(date=date(2024, 7, 13), publish_at=PUBLISHED + 5 * HOUR, **later)
    make_article()
    level = "error" if reason == "no such page" else "warning"
    (found,) = sentences(draft(essay=f"## Here\n\n[a]({address})"), level)
    assert found.startswith(f"Essay: “{address}” is a dead link:")
    assert found.endswith("(3)")
    assert reason in found


def test_a_link_to_what_is_published_before_it_is_alive_by_then() -> None:
    later = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    make_bulletin(date=date(2024, 7, 13), publish_at=PUBLISHED + 5 * HOUR, **later)
    post = draft(essay="[a](/2024-07-13/)")
    assert sentences(post, at=PUBLISHED + 4 * HOUR)
    assert not sentences(post, at=PUBLISHED + 5 * HOUR)


def test_under_a_prefix_the_sites_own_paths_have_it(settings: Any) -> None:
    settings.SITE_URL, settings.PREFIX = "http://127.0.0.1:8000/log", "/log"
    settings.STATIC_URL = "/log/static/"
    post = draft(essay="[a](/log/archive/) [b](/archive/) [c](/wiki/) [d](/log/wiki/) [e](/logs/)")
    assert [one.split("“")[1].split("”")[0] for one in sentences(post, "error")] == [
        "/archive/",
        "/log/wiki/",
    ]


def test_a_secret_is_a_warning_that_shows_little_of_it() -> None:
    whole(body="Fine.\n\npassword=" + "Zq81mXw72LpTr", title="T")
    (found,) = sentences(draft())
    assert found == "T: It looks like a secret (password): “Zq81…”. (3)"


def test_the_number_of_queries_does_not_grow() -> None:
    post = draft(essay="[a](/2024-06-29/) [b](#x) [c](/incidents/x/) [d](/articles/x/)")
    counts = []
    for turn in range(2):
        for n in range(1 + 6 * turn):
            whole(title=f"{turn} {n}", body=f"[a](/2024-06-{n + 10}/#a) [b](/incidents/{n}/)")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            publish_checks.findings(post, PUBLISHED)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"intro": "A draft, numbers will change."}, "draft"),
        ({"intro": "TODO: a summary."}, "TODO"),
        ({"essay": "We moved a rack.\n\n**Draft:** more."}, "Draft"),
        ({"essay": "TBD"}, "TBD"),
        ({"essay": "We drafted a plan; the RFC is a draft."}, ""),
        ({"intro": "A drafty hall."}, ""),
    ],
)
def test_a_text_that_calls_itself_a_draft_is_a_warning(texts: dict[str, str], said: str) -> None:
    found = sentences(draft(**texts))
    assert [sentence.split("“")[1].split("”")[0].strip("* ") for sentence in found] == (
        [said] if said else []
    )


def test_a_period_whose_last_day_has_not_come_is_a_warning() -> None:
    post = draft()
    assert sentences(post, at=datetime(2024, 7, 6, 3, 59, tzinfo=UTC)) == [
        "Period: Its last day, July 6, 2024, has not come by then."
    ]
    assert sentences(post, at=datetime(2024, 7, 6, 4, tzinfo=UTC)) == []


def test_an_incident_by_itself_is_checked_too() -> None:
    incident = whole(impact=None, body="[a](/nowhere/)")
    found = publish_checks.findings(incident, PUBLISHED)
    assert {finding.level.value for finding in found} == {"error"}
    assert [finding.link.split("#")[1] for finding in found] == ["id_impact", "id_body"]
