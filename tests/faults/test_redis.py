"""Redis is gone, or takes connections and never answers: slower, never wrong, never down."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests import servers
from tests.faults.people import ask, readers
from tests.faults.site import Site, running

# Seconds that the cache may cost a picture more than drawing it does.
COST = 1.3


@contextmanager
def mute(port: int) -> Iterator[None]:
    """A server that takes connections and says nothing."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port), reuse_port=False) as listener:
        listener.settimeout(0.2)
        done = threading.Event()

        def take() -> None:
            while not done.is_set():
                try:
                    taken.append(listener.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            for one in taken:
                one.close()


def pictures(site: Site) -> list[str]:
    """Addresses of all that is drawn."""
    days = site.shell(
        "from bulletin.models import Bulletin\n"
        "from django.utils import timezone\n"
        "print(*Bulletin.objects.published(timezone.now()).values_list('date', flat=True))"
    ).split()
    return [f"/{day}/{name}.png" for day in days for name in ("grid", "card")]


def look(site: Site, paths: list[str]) -> tuple[list[bytes], list[float]]:
    answers = [ask(site.server.port, "GET", path) for path in paths]
    assert {one.status for one in answers} == {200}
    return [one.body for one in answers], [one.seconds for one in answers]


def test_pictures_are_drawn_while_redis_is_gone_or_mute(tmp_path: Path, said: list[str]) -> None:
    with servers.redis(tmp_path) as redis:
        url = f"redis://127.0.0.1:{redis.port}/0"
        with running(tmp_path, REDIS_URL=url) as site:
            paths = pictures(site)
            first, drawn = look(site, paths)
            again, kept = look(site, paths)
            with readers(site.server.port, [*paths, "/", "/feed.xml"]) as seen:
                servers.wait_until(lambda: len(seen.answers) > 200, "readers")
                redis.stop(servers.KILL)
                killed_at = len(seen.answers)
                servers.wait_until(lambda: len(seen.answers) > killed_at + 200, "readers")
            gone, without = look(site, paths)
            with mute(redis.port):
                hung, waited = look(site, paths)
            redis.start()
            back, after = look(site, paths)
    figures = {
        "drawn": drawn, "from Redis": kept, "Redis gone": without, "mute": waited, "back": after,
    }  # fmt: skip
    said.append(
        f"Redis, {len(paths)} pictures, median and longest: "
        + ", ".join(
            f"{name} {median(one) * 1000:.0f}/{max(one) * 1000:.0f} ms"
            for name, one in figures.items()
        )
        + f"; killed under load: {seen.figures()}"
    )
    assert first == again == gone == hung == back
    assert set(seen.statuses()) == {200}
    assert median(waited) < median(drawn) + COST
