from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from incidents.grid.describe import alt_text, rows
from incidents.grid.layout import NARROW, WIDE
from incidents.grid.strings import Strings
from incidents.weeks import Period
from tests.incidents.grid.facts import PERIOD, make_entry, picture_of, usual_week


def test_the_alternative_counts_weeks_and_names_the_longest_and_the_highest() -> None:
    entries = usual_week()
    assert alt_text(picture_of(entries, WIDE)) == (
        "Incidents of Jun 23–Jul 6. Jun 23–29: 3 incidents. Jun 30–Jul 6: 6 incidents."
        " Longest: Connectivity lost, about 4h. Highest impact: major, Connectivity lost."
    )


def test_a_quiet_fortnight_has_an_alternative() -> None:
    told = alt_text(picture_of([make_entry(minutes=None, impact=None)], WIDE))
    assert told == "Incidents of Jun 23–Jul 6. Jun 23–29: no incidents. Jun 30–Jul 6: 1 incident."


def test_a_long_title_is_told_whole_or_not_at_all() -> None:
    told = alt_text(picture_of([make_entry(title="x" * 200, minutes=60)], WIDE))
    assert "x" * 200 in told or "xx" not in told
    assert "Jul 2, 15:00" in told


@given(st.text(max_size=300), st.integers(0, 40))
def test_the_alternative_is_under_300_characters(title: str, extra: int) -> None:
    window = Period(date(2024, 6, 2), PERIOD.last)
    entries = [make_entry(title=title, slug=str(n)) for n in range(extra + 1)]
    assert 0 < len(alt_text(picture_of(entries, WIDE, window=window))) < 300


def test_rows_are_the_incidents_of_the_picture_in_time_order() -> None:
    table = rows(picture_of(usual_week()[::-1], NARROW))
    assert [entry.day.day for entry, _length, _impact in table] == [25, 27, 28, 1, 2, 2, 3, 4, 5]
    entry, length, impact = table[5]
    assert (entry.start_time, length, impact) == ("15:00", "about 5m", "major")
    assert table[2][1] == "length unknown"


def test_words_are_the_sites() -> None:
    german = Strings(
        months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", *["?"] * 5),
        day="{day}. {month}",
        days_of_month="{first}.–{last}. {month}",
        count=lambda number: f"{number} Vorfälle",
        week="{days}: {count}.",
        full_cell="ganzes Feld: {}",
    )
    layout = picture_of(usual_week(), WIDE, strings=german)
    assert "30. Juni–6. Juli: 6 Vorfälle." in alt_text(layout)
    assert "ganzes Feld: 8h" in [line for text in layout.texts for line in text.lines]
