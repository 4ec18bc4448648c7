"""Side-by-side diffs: complete, readable, and quick whatever the texts."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from bulletin import diffs
from bulletin.diffs import Row, Span

TEXTS = st.text(st.sampled_from("ab \n\t.é"), max_size=60)


def side(spans: list[Span] | None) -> list[str]:
    return [] if spans is None else ["".join(span.text for span in spans)]


@given(TEXTS, TEXTS)
def test_rows_and_gaps_are_both_texts_and_gaps_hold_nothing_that_changed(
    old: str, new: str
) -> None:
    before, after = old.split("\n") if old else [], new.split("\n") if new else []
    for row in diffs.compare(old, new):
        number = row.skipped if row.kind == "gap" else len(side(row.old))
        other = row.skipped if row.kind == "gap" else len(side(row.new))
        if row.kind == "gap":
            assert before[:number] == after[:number]
        else:
            assert (before[:number], after[:other]) == (side(row.old), side(row.new))
        before, after = before[number:], after[other:]
    assert before == after
    assert not before or old == new


@given(TEXTS, TEXTS)
def test_only_what_both_texts_have_is_left_unmarked(old: str, new: str) -> None:
    for row in diffs.compare(old, new):
        left = [span.text for span in row.old or () if not span.changed]
        right = [span.text for span in row.new or () if not span.changed]
        assert "".join(left) == "".join(right)
        assert row.kind == "gap" or (row.kind == "same") == (row.old == row.new)


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
    assert row == Row("changed", [Span("a b c", True)], [Span("x y z", True)])


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


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        (["A", "b", "c"], ["a", "b", "C"], ["A", "b", "C"]),
        (["A", "b", "c"], ["a", "B", "c"], ["A", "B", "c"]),
        (["a", "c"], ["a", "b", "C"], ["a", "C"]),
        (["x", "a", "b", "c"], ["a", "b", "c", "y"], ["x", "a", "b", "c", "y"]),
        (["A", "b", "C"], ["A", "b", "c"], ["A", "b", "C"]),
        (["A", "b", "c"], ["A!", "b", "c"], None),
        (["a", "b", "c", "x"], ["a", "b", "c", "y"], None),
        (["A", "b", "c"], ["a", "x", "b", "c"], None),
        (["a", "c"], ["a", "B", "c"], None),
        ([""], ["a", "b", "C"], None),
    ],
)
def test_edits_of_different_paragraphs_merge(
    mine: list[str], theirs: list[str], merged: list[str] | None
) -> None:
    sides = ["\n\n".join(side) for side in (["a", "b", "c"], mine, theirs)]
    assert diffs.merge_paragraphs(*sides) == (merged and "\n\n".join(merged))


@given(st.text("ab\n"), st.text("ab\n"))
def test_a_merge_with_what_was_there_before_is_the_edited_text(base: str, text: str) -> None:
    assert diffs.merge_paragraphs(base, text, base) == text
    assert diffs.merge_paragraphs(base, base, text) == text
    assert diffs.merge_paragraphs(base, text, text) == text
