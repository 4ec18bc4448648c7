"""The static copy of the demo log, on a plain file server, where the site itself is gone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.installation import Installation
from tests.site.conftest import fail_for
from tests.site.crawl import Crawl, ask

# Nobody answers there.
SITE = "http://127.0.0.1:1/infra-log"
# Of the copy on its server: at the root, and two directories down.
PATHS = ["", "/mirror/log"]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = Installation(tmp_path_factory.mktemp("copy"), SITE_URL=SITE)
    site.fill()
    place = site.folder / "served" / "mirror" / "log"
    site.manage("export_site", str(place))
    return place


@pytest.fixture(scope="module", params=PATHS)
def copied(copy: Path, request: pytest.FixtureRequest) -> Iterator[Crawl]:
    depth = str(request.param).count("/")
    root = [copy, *copy.parents][depth]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as server:
        Thread(target=server.serve_forever).start()
        yield Crawl(f"http://127.0.0.1:{server.server_port}{request.param}")
        server.shutdown()


def test_no_link_of_the_copy_is_broken(copied: Crawl) -> None:
    fail_for(copied.broken())


def test_the_copy_has_all_that_the_site_has(copied: Crawl, crawls: dict[str, Crawl]) -> None:
    site = crawls["/infra-log"]
    plain = {one for one, answer in site.answers.items() if answer.status == 200 and "?" not in one}
    assert len(plain) > 140
    wanted = [f"{copied.root}/{site.path(one)}" for one in sorted(plain)]
    fail_for([one for one in wanted if ask(one).status != 200])


def test_readers_stay_on_the_copy_but_for_queries_and_the_site_itself(copied: Crawl) -> None:
    away = {
        link.address
        for page in copied.pages()
        for link in copied.answers[page].named.links
        if link.element.startswith("<a>") and link.address.startswith(f"{SITE}/")
    }
    plain = {address.removeprefix(f"{SITE}/") for address in away if "?" not in address}
    assert plain == {"", "incidents/", "search/", "subscribe/"}
