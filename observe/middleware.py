"""Measures what passes, and answers whoever may read the figures."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bulletin.http_caching import no_store
from observe import meters
from observe.log import Log


class Measured:
    """Before all that redirects or asks for the site's own Host: Prometheus calls each replica by
    its address. To everybody without the token there is nothing at /metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/metrics" and may_read(request):
            return metrics()
        begun = time.perf_counter()
        with meters.IN_FLIGHT.track_inprogress():
            response = self.get_response(request)
        view = meters.view_of(request)
        meters.REQUESTS.labels(meters.method_of(request), view, response.status_code).inc()
        meters.DURATION.labels(view).observe(time.perf_counter() - begun)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        meters.count(exception)


def may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(given.encode(), expected.encode())


def metrics() -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(meters.of_all_workers())
    registry.register(Log(timezone.now()))
    text = generate_latest(registry)
    return no_store(HttpResponse(text, content_type=CONTENT_TYPE_LATEST))
