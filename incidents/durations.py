"""The length of an incident as people write it and read it: "1h 30m", "about 2 hours". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_MINUTES = 366 * 24 * 60


class Sentence(ValueError):
    """A whole sentence for whoever typed; `values` fill the names in the English `message`."""

    def __init__(self, message: str, **values: str | int) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values


def gettext_noop(message: str) -> str:
    """Marks a message for `makemessages`; it is translated where it is shown."""
    return message


class DurationError(Sentence):
    """A sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Duration:
    """`about` says that whoever wrote the length did not measure it."""

    minutes: float
    about: bool

    def __str__(self) -> str:
        return format_duration(self.minutes, self.about)


@dataclass(frozen=True, slots=True)
class Mention:
    """A length in prose, at `text[start:end]`."""

    start: int
    end: int
    duration: Duration


_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: float(n) for n, word in enumerate(_ONES + _TEENS, 1)}
_WORDS |= {word: n * 10.0 for n, word in enumerate(_TENS, 2)} | {"a": 1.0, "an": 1.0}
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "half": 0.5, "quarter": 0.25, "three quarters": 0.75}
_VAGUE = {"couple": 2.0, "few": 3.0, "several": 5.0}
_UNITS = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 24 * 60.0, "w": 7 * 24 * 60.0}

# No quantifier here is nested or unbounded, so a scan takes time linear in the text.
_NUMBER = (
    r"(?:\d{1,6}(?:[.,]\d{1,3}(?!\d))?\ ?[½¼¾]?|[½¼¾]"
    r"|(?:an?\ )?(?:good\ )?(?:couple(?:\ of)?|few|several)"
    r"|(?:three\ quarters|(?:a\ )?quarter|half)(?:\ of)?\ an?"
    rf"|(?:{'|'.join(_TENS)})[-\ ](?:{'|'.join(_ONES)})\b"
    rf"|(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b)"
)
_UNIT = (
    r"(?P<unit>(?:second|minute|hour|day|week)s?|secs?|mins?|hrs?|wks?|[smhdw])"
    r"(?:\b|(?=\d))"
)
_PART = r"\ and\ (?:an?\ )?(?P<{}>half|quarter|three\ quarters)\b"
_TERM = (
    rf"(?P<low>{_NUMBER})(?:\ ?(?:-|–|\bto\b|\bor\b)\ ?(?P<high>{_NUMBER}))?"
    rf"(?:{_PART.format('more')})?[-\ ]?{_UNIT}(?:{_PART.format('rest')})?"
)
_ABOUT = (
    r"(?P<about>[~≈]\ ?|(?:about|around|roughly|approximately|approx\.?|circa|ca?\.|some|nearly"
    r"|almost|(?:just\ )?(?:over|under|shy\ of)|less\ than|more\ than|at\ least|at\ most|up\ to"
    r"|within|maybe|perhaps)\ )"
)
_FIRST = re.compile(rf"(?<![\w.,:/$€£#-])(?:{_ABOUT}){{0,2}}{_TERM}", re.I | re.X)
_NEXT = re.compile(rf"(?:,?\ and\ |,?\ |,)?{_TERM}", re.I | re.X)
_BARE_MINUTES = re.compile(r"([0-5]\d)(?![\w:])")
_SOME = re.compile(r"\ or\ (?:so|thereabouts|two)\b|-?ish\b|\ approx\b\.?|\ or\ more\b", re.I)
_CLOCK = re.compile(r"([~≈] ?)?(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")


def parse_duration(text: str) -> Duration:
    """The length that a person typed; DurationError where it says none, or one over a year."""
    typed = " ".join(text.casefold().split()).removesuffix(".")
    if typed.startswith(("-", "−", "–")):
        raise DurationError(gettext_noop("A length can’t be negative."))
    if clock := _CLOCK.fullmatch(typed):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups()[1:])
        duration = Duration(hours * 60 + minutes + seconds / 60, about=bool(clock[1]))
    else:
        mention = next(find_durations(typed), None)
        if mention is None or (mention.start, mention.end) != (0, len(typed)):
            unknown = gettext_noop(
                "“%(typed)s” is no length: write “40m”, “1h 30m” or “about 2 hours”."
            )
            raise DurationError(unknown, typed=text[:40])
        duration = mention.duration
    if duration.minutes > LONGEST_MINUTES:
        raise DurationError(gettext_noop("“%(typed)s” is longer than a year."), typed=text[:40])
    return duration


def format_duration(minutes: float, about: bool = False) -> str:
    """Short, as “5m”, “2h”, “1h 30m”, “1d 4h” or “≈5m”: `parse_duration` reads it back to the
    minute. Only what is under a minute is given in seconds."""
    sign = "≈" if about else ""
    if 0 < minutes < 1:
        return f"{sign}{max(1, int(minutes * 60))}s"
    hours, rest = divmod(round(minutes), 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{number}{unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "m")) if number
    ]
    return sign + (" ".join(parts) or "0m")


def find_durations(text: str) -> Iterator[Mention]:
    """Every length in `text`, in order: "an hour and 10 minutes" is one."""
    at = 0
    while match := _FIRST.search(text, at):
        at = match.end()
        terms = [match]
        while (following := _NEXT.match(text, at)) and _unit(following) < _unit(terms[-1]):
            terms.append(following)
            at = following.end()
        if all(map(_is_term, terms)):
            bare = _BARE_MINUTES.match(text, at) if _unit(terms[-1]) == _UNITS["h"] else None
            at = bare.end() if bare else at
            some = _SOME.match(text, at)
            at = some.end() if some else at
            minutes = sum(map(_minutes, terms)) + (int(bare[1]) if bare else 0)
            if some and "two" in some[0]:
                minutes += _unit(terms[-1])
            about = bool(terms[0]["about"] or some or any(map(_is_vague, terms)))
            yield Mention(match.start(), at, Duration(minutes, about))


def _is_term(term: re.Match[str]) -> bool:
    if term["low"].casefold() == "a" and term["unit"].casefold() == "second":
        return False  # "a second one"
    # "2h" and "2 h" are lengths, "a m" and "5M" are not.
    return len(term["unit"]) > 1 or (term["unit"].islower() and term["low"][0].isdecimal())


def _is_vague(term: re.Match[str]) -> bool:
    return bool(term["high"]) or any(word in term["low"].casefold() for word in _VAGUE)


def _unit(term: re.Match[str]) -> float:
    return _UNITS[term["unit"][0].lower()]


def _minutes(term: re.Match[str]) -> float:
    part = term["more"] or term["rest"]
    number = _number((term["high"] or term["low"]).casefold().replace(",", "."))
    return (number + (_FRACTIONS[part.casefold()] if part else 0)) * _unit(term)


def _number(words: str) -> float:
    for word, value in (_VAGUE | dict(reversed(_FRACTIONS.items()))).items():
        if word in words:
            whole = words.removesuffix(word).strip()
            return value + (float(whole) if whole and whole[0].isdecimal() else 0)
    if words[0].isdecimal():
        return float(words)
    return sum(_WORDS[word] for word in words.replace("-", " ").split())
