"""What a reader, a crawler and a cache meet on the way to a page."""

from __future__ import annotations

import pytest

from tests.site.conftest import PREFIXES, fail_for
from tests.site.crawl import Crawl


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_link_is_broken(crawls: dict[str, Crawl], prefix: str) -> None:
    fail_for(crawls[prefix].broken())


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_answer_sets_a_cookie_or_varies_by_one(crawls: dict[str, Crawl], prefix: str) -> None:
    fail_for(crawls[prefix].not_for_all())
