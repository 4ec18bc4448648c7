"""What a bulletin's page and the feed cost when they must be made: python -m benchmarks.render

The page beside Django's empty view, which does nothing behind the same middleware, and its own
template with a context that is there; the feed beside one built by hand: the rows of the same
twenty posts in two queries, their stored HTML put together by string formatting, behind the same
middleware.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from html import escape
from typing import Any

from benchmarks import measure, scratch

SCRATCH = tempfile.TemporaryDirectory(prefix="bulletin-render-")
scratch.configure(f"sqlite:///{SCRATCH.name}/db.sqlite3")

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path, set_urlconf
from django.utils import timezone

from benchmarks.bulk_demo import BulkDemo
from bulletin import feeds
from bulletin.http_caching import cache_public
from bulletin.models import Bulletin
from bulletin.views import posts
from incidents.models import Incident
from incidents.weeks import Period

WEEKS = 520


@cache_public
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


@cache_public
def by_hand(request: HttpRequest) -> HttpResponse:
    posts = list(Bulletin.objects.published(timezone.now()).newest_first()[: feeds.NEWEST_POSTS])
    span = Period(posts[-1].period_first, posts[0].period_last)
    published = Incident.objects.published(timezone.now()).in_period(span)
    incidents = list(published.in_time_order())
    parts = []
    for post in posts:
        html = post.intro_html + "".join(
            f"<li><strong>{escape(one.title)}</strong> {one.started_at} {one.body_html}</li>"
            for one in incidents
            if one.local_date in post.period
        )
        parts.append(
            f"<entry><id>{post.uid.urn}</id><title>{escape(post.name)}</title>"
            f"<updated>{post.publish_at}</updated>"
            f'<content type="html">{escape(html + post.essay_html)}</content></entry>'
        )
    return HttpResponse(f"<feed>{''.join(parts)}</feed>", content_type="application/atom+xml")


def asking(handler: WSGIHandler, address: str, view: Any = None) -> Callable[[], object]:
    def ask() -> object:
        request = RequestFactory(SERVER_NAME="127.0.0.1").get(address)
        if view:
            request.urlconf = (path(address.lstrip("/"), view),)  # type: ignore[attr-defined]
        response = handler.get_response(request)
        set_urlconf(None)
        if response.status_code != 200:
            raise SystemExit(f"{address} answers {response.status_code}")
        return response

    return ask


def template_alone(post: Bulletin) -> Callable[[], object]:
    at = timezone.now()
    post = Bulletin.objects.with_authors().get(pk=post.pk)
    context = posts.bulletin_context(post, at)
    template = get_template("bulletin/bulletin.html")
    request = RequestFactory(SERVER_NAME="127.0.0.1").get(post.get_absolute_url())

    def render() -> object:
        return template.render(context, request)

    return render


def main() -> None:
    call_command("migrate", verbosity=0)
    BulkDemo(WEEKS, timezone.now()).write()
    handler = WSGIHandler()
    post = Bulletin.objects.by_date()[2]
    nothing = asking(handler, "/nothing/", empty)
    page, feed = asking(handler, post.get_absolute_url()), asking(handler, "/feed.xml")
    hand = asking(handler, "/by-hand/", by_hand)
    alone = template_alone(post)
    both = "empty view and template alone"
    pages = {both: lambda: (nothing(), alone()), "a bulletin": page}
    print(f"{measure.machine()}\n")
    print(measure.table(measure.times(pages), both))
    with CaptureQueriesContext(connection) as queries:
        page()
    print(f"\nThe bulletin takes {len(queries)} queries.\n")
    print(measure.table(measure.times({"by hand": hand, "the feed": feed}), "by hand"))


if __name__ == "__main__":
    main()
