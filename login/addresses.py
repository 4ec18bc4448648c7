"""Where a request comes from, as far as it can be trusted."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client(request: HttpRequest) -> str | None:
    """The client's IP address; None where the server knows none (a socket).

    Every proxy adds the address it was called from at the end of X-Forwarded-For, and whatever
    precedes those of our own proxies is the client's own invention.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= settings.TRUSTED_PROXIES:
            address = hops[-settings.TRUSTED_PROXIES].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def throttled(request: HttpRequest) -> str | None:
    """What is counted as one address: of IPv6 the network, since a client has all of its /64."""
    address = client(request)
    if address is None or ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
