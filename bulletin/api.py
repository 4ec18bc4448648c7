"""Published bulletins as open data, newest first, in pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from bulletin.feeds import bulletin_updated_at
from bulletin.http_caching import query_params
from bulletin.models import Bulletin
from bulletin.week import BulletinData
from incidents.exports import format_instant, to_json
from incidents.site import absolute, default_zone

PAGE = 20


@query_params("before")
def bulletins(request: HttpRequest) -> HttpResponse:
    """`before` is the date of the bulletin after which a page goes on."""
    at = timezone.now()
    found = Bulletin.objects.published(at).by_index_on_date().with_authors()
    if before := request.GET.get("before"):
        try:
            found = found.filter(date__lt=date.fromisoformat(before))
        except ValueError:
            text = "before: give a date such as 2024-07-06.\n"
            return HttpResponse(text, content_type="text/plain; charset=utf-8", status=400)
    rows = list(found[: PAGE + 1])
    data = BulletinData(rows[:PAGE], at)
    more = f"?before={rows[PAGE - 1].date}" if len(rows) > PAGE else ""
    document = {
        "results": [serialize(post, data) for post in data.bulletins],
        "next": absolute(reverse("bulletins_json")) + more if more else None,
    }
    return HttpResponse(to_json(document), content_type="application/json")


def serialize(post: Bulletin, data: BulletinData) -> dict[str, Any]:
    url = absolute(post.get_absolute_url())
    incidents = data.incidents(post)
    updated = bulletin_updated_at(post, incidents, data.at)
    return {
        "date": post.date.isoformat(),
        "period": [post.period_first.isoformat(), post.period_last.isoformat()],
        "title": post.plain_title,
        "url": url,
        "uid": str(post.uid),
        "published_at": format_instant(post.publish_at, default_zone()),
        "updated_at": format_instant(updated, default_zone()),
        "authors": [
            {"name": author.name, "url": author.url or None} for author in post.authors.all()
        ],
        "intro": post.intro,
        "essay_heading": post.essay_heading if post.shows_essay_heading else "",
        "essay": post.essay,
        "sections": [{"heading": text, "url": f"{url}#{anchor}"} for text, anchor in post.headings],
        "incidents": [incident.slug for incident in incidents],
        "picture": absolute(data.grid(post).url),
    }
