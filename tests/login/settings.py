"""The tests' settings with the extras on, and a provider that is started where a test asks it."""

from __future__ import annotations

import os
import socket

with socket.create_server(("127.0.0.1", 0)) as free:
    PROVIDER_PORT = free.getsockname()[1]
os.environ["LOGIN_EXTRA"] = "true"
os.environ["OIDC_SERVER"] = f"http://127.0.0.1:{PROVIDER_PORT}"
os.environ["OIDC_CLIENT_ID"] = "bulletin"
os.environ["OIDC_CLIENT_SECRET"] = "only-for-tests"
os.environ["OIDC_NAME"] = "Marram ID"
os.environ["OIDC_EDITORS"] = "groups=infra-editors"
os.environ["OIDC_WRITERS"] = "groups=infra-writers"
os.environ["OBSERVE_EXTRA"] = "true"
os.environ["METRICS_TOKEN"] = "only-for-tests-" + "0123456789" * 2

from tests.settings import *  # noqa: F403
