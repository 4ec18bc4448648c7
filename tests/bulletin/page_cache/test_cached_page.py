from __future__ import annotations

from bulletin.page_cache.cached_page import (
    LARGEST_SHARE,
    OVERHEAD,
    CachedPage,
    LRUStore,
)
from bulletin.page_cache.watcher import Generation


def page(size: int) -> CachedPage:
    body = bytes(size - OVERHEAD)
    return CachedPage(Generation(1, 0), 0, "home", "", [], body, None)


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    store = LRUStore(100_000)
    for name in "abcdefghij":
        store.put(name, page(10_000))
    store.get("a")
    store.put("k", page(10_000))
    assert store.get("a")
    assert not store.get("b")
    assert store.size == 100_000


def test_it_never_holds_more_than_its_limit() -> None:
    store = LRUStore(100_000)
    for number in range(200):
        store.put(number % 30, page(5_000 + 40 * number))
        assert store.size <= store.limit
        assert store.size == sum(kept.size for kept in store._pages.values())


def test_a_page_too_large_is_not_kept() -> None:
    store = LRUStore(100_000)
    store.put("a", page(100_000 // LARGEST_SHARE + 1))
    assert not len(store)
