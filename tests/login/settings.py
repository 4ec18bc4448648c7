"""The tests' settings with the extra on."""

from __future__ import annotations

import os

os.environ["LOGIN_EXTRA"] = "true"

from tests.settings import *  # noqa: F403
