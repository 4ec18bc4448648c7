"""The page of one incident."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from bulletin import jsonld
from bulletin.grid_images import incident_box
from bulletin.http_caching import cache_public
from bulletin.models import Article
from bulletin.views.posts import bulletin_for_incident, card_url, may_read_drafts, page
from incidents.models import Incident
from incidents.site import absolute


@cache_public
def incident(request: HttpRequest, slug: str) -> HttpResponseBase:
    at = timezone.now()
    row = Incident.objects.filter(slug=slug).with_related().first()
    if row is None or not (row.is_public(at) or may_read_drafts(request)):
        raise Http404
    bulletin = bulletin_for_incident(row, at)
    card = card_url(bulletin)
    context = {
        "incident": row,
        "mini_box": incident_box(row, at),
        "bulletin": bulletin,
        "card": card,
        "jsonld": [jsonld.of_incident(row, card)],
        "articles": Article.objects.published(at).filter(incidents=row).newest_first(),
        "related": row.related.published(at).newest_first().with_related(),
        "canonical": absolute(row.get_absolute_url()),
        "draft": not row.is_public(at),
    }
    return page(request, "bulletin/incident.html", context)
