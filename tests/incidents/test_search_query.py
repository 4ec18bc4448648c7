from __future__ import annotations

import pytest

from incidents.search_query import MAX_CHARACTERS, MAX_WORDS, Term, excerpt, highlight, parse
from tests.cost import no_quadratic_work


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("Packet loss", [("packet",), ("loss", "*")]),
        ('"packet loss" gru', [("packet", "loss"), ("gru", "*")]),
        ('gru "Packet Loss"', [("gru",), ("packet", "loss")]),
        ('gru "packet loss"*', [("gru",), ("packet", "loss", "*")]),
        ("“packet loss”", [("packet", "loss")]),
        ('"unbalanced quote', [("unbalanced", "quote")]),
        ("net* loss", [("net", "*"), ("loss", "*")]),
        ("fly-proxy `eth0`", [("fly", "proxy"), ("eth0", "*")]),
        ("AND OR NOT NEAR( * : ^ -", [("and",), ("or",), ("not",), ("near", "*")]),
        ("São ÉCOLE Straße Кот", [("sao",), ("ecole",), ("straße",), ("кот", "*")]),
        ("a\0b", [("a",), ("b", "*")]),
        ("🔥", []),
        ('"" ! -- *', []),
        ("", []),
    ],
)
def test_words_are_required_phrases_stand_together_and_the_last_may_be_a_beginning(
    typed: str, terms: list[tuple[str, ...]]
) -> None:
    asked = parse(typed)
    assert asked.terms == tuple(
        Term(tuple(word for word in words if word != "*"), words[-1] == "*") for words in terms
    )
    assert not asked.cut


@pytest.mark.parametrize("typed", ["x" * 10_000, "a " * 5_000, '"' * 10_000, "é\u0301" * 5_000])
def test_a_long_question_is_cut_and_says_so(typed: str) -> None:
    asked = parse(typed)
    assert asked.cut
    assert len(asked.text) <= MAX_CHARACTERS
    assert sum(len(term.words) for term in asked.terms) <= MAX_WORDS


def test_what_matches_is_marked_whatever_its_case_and_accents() -> None:
    terms = parse('gru "sao paulo" net').terms
    assert highlight("GRU: São Paulo, são; networks <net>", terms) == [
        ("GRU", True),
        (": ", False),
        ("São Paulo", True),
        (", são; ", False),
        ("networks", True),
        (" <", False),
        ("net", True),
        (">", False),
    ]


def test_an_excerpt_shows_the_first_match_in_whole_words() -> None:
    text = "zero " * 100 + "needle " + "one " * 100
    pieces = excerpt(["nothing here", text], parse("needle").terms)
    shown = "".join(part for part, _marked in pieces)
    assert ("needle", True) in pieces
    assert 150 < len(shown) < 210
    assert set(shown.split()) == {"…", "zero", "needle", "one"}
    assert excerpt(["", "All of it."], parse("needle").terms) == [("All of it.", False)]


def test_an_excerpt_takes_linear_time() -> None:
    for text in ("a" * 200_000, "a " * 100_000, "\u0301" * 200_000):
        with no_quadratic_work():
            excerpt([text], parse('"a a a b" a-b b').terms)
