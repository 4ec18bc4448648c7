"""The site as it is run, in a folder of its own, asked from without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import installation, servers
from tests.faults.people import Answer, ask

PASSWORD = "only-for-this-run"


class Site(installation.Installation):
    """One gunicorn; `port` stays the same when it is started again."""

    def __init__(self, folder: Path, **variables: str) -> None:
        # Cached pages would hide from readers what stands beneath.
        chosen = {"LOG_LEVEL": "ERROR", "WEB_CONCURRENCY": "2", "PAGE_CACHE_MAX_BYTES": "0"}
        super().__init__(folder, **chosen | variables)

    def get(self, path: str) -> Answer:
        return ask(self.server.port, "GET", path)

    def make_editors(self, *names: str) -> None:
        self.shell(
            "from django.contrib.auth import get_user_model as m\n"
            f"for name in {names}: m().objects.create_superuser(name, password='{PASSWORD}')"
        )

    def back(self, path: str = "/") -> float:
        """Seconds until a public page is a 200."""

        def answers() -> bool:
            try:
                return self.get(path).status == 200
            except OSError:
                return False

        return servers.wait_until(answers, f"{self.url}{path}")


@contextmanager
def running(folder: Path, *, demo: bool = True, **variables: str) -> Iterator[Site]:
    site = Site(folder, **variables)
    site.fill(demo=demo)
    with site.server:
        yield site
