"""Bad input is refused with its line, and no text makes the parser fail, or slow."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date
from types import FrameType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.importing.parser import ImportContext, ParsedBulletin, parse
from bulletin.importing.text import ImportTextError, decode
from bulletin.models.site import DEFAULT_HEADINGS
from tests.cost import no_quadratic_work

CONTEXT = ImportContext(
    regions={"GRU": "", "SYD": ""},
    services=["Queue"],
    zone=ZoneInfo("America/New_York"),
    headings=DEFAULT_HEADINGS.splitlines(),
)
ON = date(2024, 7, 6)
FRAGMENTS = [
    "July 2: ", "Feb 29: ", "February 30: ", "Jul 2-4", "January 1", ": ", "T", "Title Case", " ",
    "(15:00EST)", "(25:00)", "(2:30 AM XYZ)", "(Internal)", "(", ")", "**", "__", "*", "`", "```\n",
    "# ", "### ", "- ", "• ", "  ", "\n", "\n\n", "\r\n", "===\n", "---\n", "[", "](x)", ".", "GRU",
    "This Week In Infra\n", "Narrative\n", "for 5 minutes down", "roughly 2 hours later resolved",
    "until 16:20", "no customer impact", "\u00a0", "\u200b", "\u2028", "’", "🔥", "\u202e", "9",
]  # fmt: skip


def read(text: str) -> ParsedBulletin | None:
    with suppress(ImportTextError):
        return parse(text, ON, CONTEXT)
    return None


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    parsed = read(text)
    assert parsed is None or (parsed.date == ON and len(parsed.period) % 7 == 0)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_any_mix_of_fragments_is_parsed_or_refused(text: str) -> None:
    parsed = read(text)
    if parsed:
        assert parsed.as_json("") == parse(text, ON, CONTEXT).as_json("")
        assert all(incident.title and incident.line >= 1 for incident in parsed.incidents)


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    with suppress(ImportTextError):
        assert data.removeprefix(b"\xef\xbb\xbf") == decode(data).encode()


@given(st.dates(), st.sampled_from(["December 31", "January 1", "Feb 28", "July 2"]))
def test_any_date_of_a_bulletin_is_parsed_or_refused(on: date, day: str) -> None:
    with suppress(ImportTextError):
        parsed = parse(f"{day}: T (23:59 PST): It lasted 40 days.", on, CONTEXT)
        assert [one.title for one in parsed.incidents] == ["T"]


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"a\n\x89PNG\r\n\x1a\n\0", 4, "binary"),
        (b"a\r\nb\r\n\xff", 3, "not UTF-8"),
        ("é\n".encode("latin-1"), 1, "not UTF-8"),
        ("a\n".encode("utf-16"), 1, "binary"),
        (b"x\n" * 500_001, 500_001, "1 MB"),
    ],
)
def test_bad_bytes_are_refused_with_their_line(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(ImportTextError, match=reason) as refused:
        decode(data)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"line {line}: ")


def test_a_megabyte_is_accepted_and_a_mark_of_order_dropped() -> None:
    assert len(decode(b"x" * 1_000_000)) == 1_000_000
    assert decode(b"\xef\xbb\xbfJuly") == "July"


def test_a_control_character_is_refused_with_its_line() -> None:
    with pytest.raises(ImportTextError, match="line 2: a control character"):
        parse("a\nb\x07", ON, CONTEXT)


def work(text: str) -> int:
    """How many calls, of Python's functions and of the interpreter's own, a text costs."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "unit",
    [
        "July 2: T (15:00 EST): It was down for 5 minutes.\n",
        "July 2: T (15:00 EST): It was resolved 2 hours later. ",
        "# Heading\nText.\n",
        "It was.\nTitle Case Line\nIt is.\n",
        "July 2: ",
        "word\n",
        ".\n",
        "- item\n",
        "```\nx\n",
    ],
)
def test_doubling_a_text_at_most_doubles_its_work(unit: str) -> None:
    read(unit)
    assert work(unit * 800) <= 2.2 * work(unit * 400) + 200


@pytest.mark.parametrize("head", ["", "July 2: T (15:00 EST): ", "**July 2: T (15:00 EST):** "])
@pytest.mark.parametrize(
    "unit", ["---\n\n", "(", "[", "**", "`", "` ``", "July 2: ", "July 2: T (1", "# ", "a"]
)
def test_a_long_hostile_line_is_read(head: str, unit: str) -> None:
    text = head + unit * ((100_000 - len(head)) // len(unit))
    with no_quadratic_work():
        parsed = read(text)
    assert parsed is not None
    assert len(parsed.incidents) == bool(head)
