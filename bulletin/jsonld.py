"""What pages say to search engines: schema.org types in JSON-LD 1.1."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from bulletin.models import Post, site_settings
from incidents import markdown
from incidents.models import Incident
from incidents.site import absolute

Data = dict[str, Any]
CONTEXT: Data = {"@context": "https://schema.org"}


def log_as(kind: str) -> Data:
    return {"@type": kind, "name": site_settings().site_name, "url": absolute(reverse("home"))}


def of_site() -> Data:
    search = absolute(reverse("search")) + "?q={words}"
    action = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": search},
        "query-input": "required name=words",
    }
    return CONTEXT | log_as("WebSite") | {"potentialAction": action}


def of_post(post: Post, image: str) -> Data:
    authors = [
        {"@type": "Person", "name": author.name} | ({"url": author.url} if author.url else {})
        for author in post.authors.all()
    ]
    return of_page("BlogPosting", post, image) | {"author": authors or log_as("Organization")}


def of_incident(incident: Incident, image: str) -> Data:
    end = incident.local_end.isoformat() if incident.local_end else ".."
    return of_page("Report", incident, image) | {
        "author": log_as("Organization"),
        # An interval of ISO 8601, open where the end is not known.
        "temporalCoverage": f"{incident.local_start.isoformat()}/{end}",
        "abstract": markdown.plain(incident.body)[:500],
    }


def of_page(kind: str, row: Post | Incident, image: str) -> Data:
    address = absolute(row.get_absolute_url())
    changed_at = max(filter(None, [row.publish_at, row.edited_at]))
    return CONTEXT | {
        "@type": kind,
        "headline": row.plain_title,
        "url": address,
        "mainEntityOfPage": address,
        "inLanguage": settings.LANGUAGE_CODE,
        "isPartOf": log_as("Blog"),
        "publisher": log_as("Organization"),
        "datePublished": row.publish_at.isoformat() if row.publish_at else "",
        "dateModified": changed_at.isoformat(),
        **({"image": image} if image else {}),
    }
