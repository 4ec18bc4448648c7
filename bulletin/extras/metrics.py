"""What the extra [observe] does at run time."""

from __future__ import annotations

import hmac
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import Counter

from bulletin.http_caching import no_store

CACHED_RESPONSES: Final = Counter(
    "bulletin_page_cache_responses",
    "Answers of the page cache, which Django's middleware does not see.",
    ["method", "view", "status"],
)


def count_cached_response(
    environ: dict[str, Any], view: str, status: int, size: int, seconds: float
) -> None:
    CACHED_RESPONSES.labels(environ["REQUEST_METHOD"], view, status).inc()


class MetricsMiddleware(MiddlewareMixin):
    """Answers /metrics before all that redirects or asks for the site's own Host: Prometheus calls
    each replica by its address. To everybody without the token there is nothing there."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        is_asked = request.path_info == "/metrics" and may_read(request)
        return no_store(ExportToDjangoView(request)) if is_asked else None


def may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
