from __future__ import annotations

from bulletin.ready.pages import OVERHEAD, Form, Page
from bulletin.ready.store import LARGEST, Store


def page(size: int) -> Page:
    body = bytes(size - OVERHEAD)
    return Page(None, 0, "home", Form("", [], [], (body,)), None)


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    store = Store(100_000)
    for name in "abcdefghij":
        store.put(name, page(10_000))
    store.get("a")
    store.put("k", page(10_000))
    assert store.get("a")
    assert not store.get("b")
    assert store.size == 100_000


def test_it_never_holds_more_than_its_limit() -> None:
    store = Store(100_000)
    for number in range(200):
        store.put(number % 30, page(5_000 + 40 * number))
        assert store.size <= store.limit
        assert store.size == sum(kept.size for kept in store._pages.values())


def test_a_page_too_large_is_not_kept() -> None:
    store = Store(100_000)
    store.put("a", page(100_000 // LARGEST + 1))
    assert not len(store)


def test_nothing_is_left_of_what_is_cleared() -> None:
    store = Store(100_000)
    store.put("a", page(9_000))
    store.clear()
    assert (len(store), store.size, store.get("a")) == (0, 0, None)
