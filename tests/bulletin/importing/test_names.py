from __future__ import annotations

import pytest

from bulletin.importing.names import NameMatcher, name_pattern

REGIONS = {
    "GRU": "São Paulo, Brazil",
    "SEA": "Seattle, Washington",
    "LOS": "Lagos, Nigeria",
    "MAN": "Manchester, United Kingdom",
    "OTP": "Bucharest, Romania",
    "IST": "Istanbul, Türkiye",
}


def regions(text: str) -> list[str]:
    return NameMatcher(REGIONS, [], glued=True).regions(text)


@pytest.mark.parametrize(
    "text",
    [
        "The LOS alarm stayed on",
        "Loss of signal (LOS) on an optic in hall 2",
        "LOS was seen on both ports",
        "The MAN page of ctl",
        "Errors in MAN pages",
        "OTP codes were not delivered",
        "Logins failed from OTP timeouts",
        "It began at 10:00 IST",
        "LOS and OTP alarms",
        "A SEA OF ERRORS: THE EDGE BROKE FOR ALL CUSTOMERS",
    ],
)
def test_a_code_that_is_another_word_is_no_region(text: str) -> None:
    assert regions(text) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Slow SSH in LOS", ["LOS"]),
        ("Slow SSH in LOS and MAN: hosts were slow", ["LOS", "MAN"]),
        ("Loss between `MAN` and `LOS`.", ["MAN", "LOS"]),
        ("Packets were dropped in\n`OTP`, then again", ["OTP"]),
        ("The LOS region is back", ["LOS"]),
        ("MAN-1 rebooted", ["MAN"]),
        ("MAN lost power", ["MAN"]),
        ("GRU, MAN, and LOS packet loss", ["GRU", "MAN", "LOS"]),
        ("The GRU–LOS link", ["GRU", "LOS"]),
        ("A fibre cut in Lagos: LOS alarms, then none", ["LOS"]),
        ("IST’s switches, all in IST", ["IST"]),
        ("Customers in IST noticed", ["IST"]),
        ("SEA Outage", ["SEA"]),
        ("BGP DOWN IN SEA AND GRU FOR AN HOUR", ["SEA", "GRU"]),
        ("GRU DNS", ["GRU"]),
    ],
)
def test_a_code_where_a_text_speaks_of_a_place_is_a_region(text: str, codes: list[str]) -> None:
    assert regions(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("in GRU, `SYD` and onlyGRU\nagain", ["GRU", "SYD", "GRU"]),
        ("XGRU GRUX gru GRU1 db_GRU", []),
        ("GRU’s and GRU-2", ["GRU", "GRU"]),
    ],
)
def test_regions_are_whole_codes_which_may_be_glued(text: str, codes: list[str]) -> None:
    assert name_pattern(["GRU", "SYD"], glued=True).findall(text) == codes


def test_no_names_are_found_where_none_are_known() -> None:
    assert name_pattern([]).findall("anything") == []
