"""Headings get readable ids, and keep them."""

from __future__ import annotations

import pytest

from incidents.heading_ids import Heading, assign_ids


def ids(texts: list[str], *args: object) -> list[str]:
    return [heading.id for heading in assign_ids(texts, *args)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("What we learned", "what-we-learned"),
        ("Fly’s & Bob's proxy: v1.2", "flys-bobs-proxy-v1-2"),
        ("  --Spaces__and--  ", "spaces-and"),
        ("São Paulo — Ärger", "são-paulo-ärger"),
        ("数据库 故障", "数据库-故障"),
        ("हिन्दी", "हिन्दी"),
        ("zero\u200bwidth", "zerowidth"),
        ("!!! 🔥", "section"),
        ("", "section"),
        ("2024-07-02 connectivity", "section-2024-07-02-connectivity"),
        ("fn1", "section-fn1"),
        ("fnord", "fnord"),
        ("x" * 200, "x" * 80),
    ],
)
def test_an_id_is_made_of_the_words(text: str, slug: str) -> None:
    assert ids([text]) == [slug]


def test_ids_are_unique_even_where_a_text_looks_like_a_numbered_one() -> None:
    assert ids(["A", "A", "A-2", "A"]) == ["a", "a-2", "a-2-2", "a-3"]


def test_ids_of_the_page_are_left_alone() -> None:
    assert ids(["Grid"], (), {"grid"}) == ["grid-2"]


FIXED = (Heading("Alpha", "alpha"), Heading("Beta", "beta"), Heading("Gamma", "gamma"))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Alpha", "Beta", "Gamma"], ["alpha", "beta", "gamma"]),
        (["Alpha", "Renamed", "Gamma"], ["alpha", "beta", "gamma"]),
        (["First", "Second", "Third"], ["alpha", "beta", "gamma"]),
        (["New", "Alpha", "Beta", "Gamma"], ["new", "alpha", "beta", "gamma"]),
        (["Alpha", "Gamma"], ["alpha", "gamma"]),
        (["Gamma", "Alpha"], ["gamma", "alpha"]),
        (["Alpha", "X", "Y", "Gamma"], ["alpha", "x", "y", "gamma"]),
        (["Alpha", "Beta", "Gamma", "Delta"], ["alpha", "beta", "gamma", "delta"]),
        (["Gamma", "X", "Alpha"], ["gamma", "x", "alpha"]),
        ([], []),
    ],
)
def test_an_edit_keeps_the_ids_of_same_and_of_replaced_headings(
    texts: list[str], expected: list[str]
) -> None:
    assert ids(texts, FIXED) == expected


def test_a_new_heading_takes_no_id_that_a_renamed_one_keeps() -> None:
    renamed = assign_ids(["Alpha", "Renamed", "Gamma"], FIXED)
    texts = ["Alpha", "Renamed", "Gamma", "Beta"]
    assert ids(texts, renamed) == ["alpha", "beta", "gamma", "beta-2"]


def test_an_unedited_text_keeps_every_id_however_odd_it_is() -> None:
    first = assign_ids(["A", "A", "!", "fn1"])
    assert assign_ids([heading.text for heading in first], first) == first
