"""What search engines are told of a page: schema.org types in JSON-LD 1.1."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from bulletin.models import Author, Post, site_settings
from incidents import markup
from incidents.addresses import absolute
from incidents.models import Incident

Data = dict[str, Any]


def of_site() -> Data:
    """The log as a whole, and where to search it."""
    target = absolute(reverse("search")) + "?q={words}"
    return {
        "@context": "https://schema.org",
        **_log_as("WebSite"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": target},
            "query-input": "required name=words",
        },
    }


def of_post(post: Post, image: str) -> Data:
    """A bulletin or an article; `image` is the address of its card."""
    authors = [_author(one) for one in post.authors.all()]
    return _page(post, image) | {
        "@type": "BlogPosting",
        "author": authors or _log_as("Organization"),
        "datePublished": _instant(post.publish_at),
        "dateModified": _instant(max(filter(None, [post.publish_at, post.edited_at]))),
    }


def of_incident(incident: Incident, image: str) -> Data:
    ends = incident.local_end.isoformat() if incident.local_end else ".."
    return _page(incident, image) | {
        "@type": "Report",
        "author": _log_as("Organization"),
        "datePublished": _instant(incident.publish_at),
        "dateModified": _instant(max(filter(None, [incident.publish_at, incident.edited_at]))),
        # An interval of ISO 8601, open where the end is not known.
        "temporalCoverage": f"{incident.local_start.isoformat()}/{ends}",
        "abstract": markup.plain(incident.body)[:500],
    }


def _page(row: Post | Incident, image: str) -> Data:
    address = absolute(row.get_absolute_url())
    page = {
        "@context": "https://schema.org",
        "headline": row.plain_title,
        "url": address,
        "mainEntityOfPage": address,
        "inLanguage": settings.LANGUAGE_CODE,
        "isPartOf": _log_as("Blog"),
        "publisher": _log_as("Organization"),
    }
    return page | ({"image": image} if image else {})


def _author(author: Author) -> Data:
    who = {"@type": "Person", "name": author.name}
    return who | ({"url": author.url} if author.url else {})


def _log_as(kind: str) -> Data:
    return {"@type": kind, "name": site_settings().site_name, "url": absolute(reverse("home"))}


def _instant(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
