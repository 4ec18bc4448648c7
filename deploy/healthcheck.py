"""Status 0 while the server of this container answers, by its own name; a probe for orchestrators.

It asks /healthz and not /readyz: a server without its database still has pages to give, and a
restart would not bring the database back.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def answers(address: str, port: int) -> bool:
    site = urlsplit(address)
    server = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        server.request("GET", f"{site.path.rstrip('/')}/healthz", headers={"Host": site.netloc})
        return server.getresponse().status == 200
    except OSError:
        return False
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(0 if answers(os.environ["SITE_URL"], int(os.environ.get("PORT", "8000"))) else 1)
