"""Side-by-side diffs: complete, readable, and quick whatever the texts."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from bulletin import diffs
from bulletin.diffs import Row, Span

TEXTS = st.text(st.sampled_from("ab \n\t.é"), max_size=60)


def side(spans: Iterable[tuple[Span, ...] | None]) -> str:
    lines = ["".join(span.text for span in line) for line in spans if line is not None]
    return "\n".join(lines)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off_the_rows(old: str, new: str) -> None:
    rows = list(diffs.rows(old, new))
    assert side(row.old for row in rows) == old
    assert side(row.new for row in rows) == new


@given(TEXTS, TEXTS)
def test_only_what_both_texts_have_is_left_unmarked(old: str, new: str) -> None:
    for row in diffs.rows(old, new):
        left = [span.text for span in row.old or () if not span.changed]
        right = [span.text for span in row.new or () if not span.changed]
        assert "".join(left) == "".join(right)
        assert (row.kind == "same") == (row.old == row.new)


@given(TEXTS, TEXTS)
def test_folding_leaves_out_nothing_but_unchanged_lines(old: str, new: str) -> None:
    every, folded = list(diffs.rows(old, new)), diffs.compare(old, new)
    changed = [row for row in every if row.kind != "same"]
    assert [row for row in folded if row.kind not in {"same", "gap"}] == changed
    if changed:
        assert sum(row.skipped or 1 for row in folded) == len(every)


def test_the_changed_word_of_a_line_is_marked() -> None:
    (row,) = diffs.compare("We moved a rack.", "We moved two racks.")
    assert row.kind == "changed"
    assert [span.text for span in row.old or () if span.changed] == ["a rack"]
    assert [span.text for span in row.new or () if span.changed] == ["two racks"]


def test_a_line_put_between_two_is_the_only_change() -> None:
    rows = diffs.compare("one\n\ntwo\n\nthree", "one\n\nand a half\n\ntwo\n\nthree")
    assert [row.kind for row in rows].count("added") == 2
    assert {row.kind for row in rows} <= {"same", "added", "gap"}


def test_lines_that_share_nothing_are_marked_whole() -> None:
    (row,) = diffs.compare("a b c", "x y z")
    assert row == Row("changed", (Span("a b c", True),), (Span("x y z", True),))


@pytest.mark.parametrize("old", ["", "a\nb", "a\r\nb"])
def test_line_ends_of_browsers_are_no_change(old: str) -> None:
    assert diffs.compare(old, old.replace("\r\n", "\n")) == []


def test_far_lines_are_one_gap() -> None:
    old = "\n".join(map(str, range(40)))
    rows = diffs.compare(old, old.replace("20", "twenty"))
    assert [row.skipped for row in rows if row.kind == "gap"] == [18, 17]


def test_a_line_of_thousands_of_words_is_marked_whole() -> None:
    (row,) = diffs.compare("a " * diffs.MAX_WORDS, "a " * diffs.MAX_WORDS + "b")
    assert [span.changed for span in row.old or ()] == [True]


def test_the_view_names_its_sides_and_marks_words_in_its_markup() -> None:
    old = "\n".join(["We moved a <rack>.", *"abcdefgh"])
    rows = diffs.compare(old, old.replace("a <", "two <"))
    html = render_to_string("admin/bulletin/_diff.html", {"rows": rows, "old_name": "May 1"})
    assert "<del>a</del>" in html
    assert "<ins>two</ins>" in html
    assert "&lt;" in html
    assert '<th scope="col">May 1</th>' in html
    assert "… 6 unchanged lines" in html
