"""The tests' settings with the extras on."""

from __future__ import annotations

import os

os.environ["LOGIN_EXTRA"] = "true"
os.environ["OBSERVE_EXTRA"] = "true"
os.environ["METRICS_TOKEN"] = "only-for-tests-" + "0123456789" * 2

from tests.settings import *  # noqa: F403
