"""The demo log behind a gunicorn of its own, with its own database, on a free port."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installation import Installation


@contextmanager
def served(prefix: str) -> Iterator[str]:
    """The address of a site that holds the demo log, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="bulletin-site-") as scratch:
        site = Installation(Path(scratch), LOG_LEVEL="ERROR")
        site.env["SITE_URL"] = site.url + prefix
        site.fill()
        with site.server:
            yield site.env["SITE_URL"]
