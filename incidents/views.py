"""Pages that show incidents alone, without the posts that tell of them."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.models import Incident

PAGE = 100


def index(request: HttpRequest) -> HttpResponse:
    """Every told incident, newest first; `before` is the slug after which a page goes on."""
    public = Incident.objects.public(timezone.now())
    found = public
    if before := request.GET.get("before"):
        last = get_object_or_404(public, slug=before.replace("\0", "?"))
        found = public.filter(
            Q(started_at__lt=last.started_at) | Q(started_at=last.started_at, pk__lt=last.pk)
        )
    rows = list(found.newest_first().whole()[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    context = {"incidents": rows, "before": rows[-1].slug if more else ""}
    return TemplateResponse(request, "incidents/index.html", context)
