"""How bad, for whom and whether it is over, in a logged line; the rest is its title. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bulletin.importing.headers import MONTH_NAMES
from bulletin.importing.line_times import (
    BEFORE,
    CUT,
    OF_TITLE,
    OPEN,
    STATUS_CODES,
    WEEKDAY,
    Phrases,
    is_bound,
    masked,
)
from bulletin.importing.text import mask_code
from incidents.durations import find_durations
from incidents.grid.palette import IMPACTS

_IMPACT = re.compile(
    rf"""{BEFORE}(?:(?P<labelled>(?:impact|severity)\ ?[:=]?\ ?(?P<of>{"|".join(IMPACTS)})
    |(?P<before>{"|".join(IMPACTS[1:])})\ (?:customer\ )?(?:impact|severity)
    |(?P<none>(?:no|zero|without)\ (?:customer\ |user\ )?impact)
    (?:\ (?:on|for|to)\ (?:customers|users))?
    |sev(?:erity)?[-\ ]?(?P<level>[1-4]))
    |(?P<bare>{"|".join(IMPACTS)}))(?!\w)""",
    re.I | re.X,
)
_SCOPES = {"internal": "internal", "single host": "single_host", "one host": "single_host"}
_SCOPES |= {"some customers": "some_customers", "partner": "partner", "regional": "region"}
_SCOPES |= {"region": "region", "global": "global", "globally": "global", "all customers": "global"}
_SCOPE = re.compile(
    rf"{BEFORE}(?P<labelled>scope\ ?[:=]?\ ?|(?:for|affecting|only)\ (?=some|all\ cust)"
    r"|on\ a\ (?=single))?"
    rf"(?P<scope>{'|'.join(map(re.escape, sorted(_SCOPES, key=len, reverse=True)))}"
    r"|single[-_]host|some_customers)(?:\ only)?(?!\w)",
    re.I | re.X,
)
_STATE = re.compile(
    rf"{BEFORE}(?:(?:now|all|still|since|already|it[’']s|is)\ )*"
    r"(?P<state>ongoing|burning|fixed|resolved|recovered|mitigated|over|solved|back(?:\ up)?"
    r"|(?:until|up\ to|as\ of)\ now|so\ far)(?!\w)",
    re.I | re.X,
)
_STILL = re.compile(r"ongoing|burning|so|until|up|as", re.I)
# Before these words a word says what something is, and nothing of the incident.
_PART_OF_TITLE = re.compile(
    r"(?<!\w)(?:a|an|the|our|one|this|that|non|not|is|was|are|in|at|by|of|for|to|with|on|from|and)$",
    re.I,
)
_UNREAD = re.compile(
    rf"""(?<![\w.:\[])(?:\d{{1,2}}:\d{{2}}(?![\w:.])|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?(?![\w/])
    |\d{{4}}-\d{{2}}-\d{{2}}(?!\w)|(?:{MONTH_NAMES})\.?\ \d{{1,2}}(?!\w)|tomorrow\b|yesterday\b
    |(?:last|next)\ (?:{WEEKDAY}|week|night)(?!\w)|\d{{1,2}}\ ?[ap]m\b)""",
    re.I | re.X,
)


def title_of(line: str) -> str:
    """What is left, without the brackets, commas and words around what was taken out."""
    line = re.sub(rf"[(\[][\s,;]*{CUT}[\s,;{CUT}]*[)\]]", CUT, line)
    line = re.sub(rf"{CUT}\.*(?=\s*(?:[,;)]|$))", CUT, line)
    line = re.sub(rf"(?:\s*[,;]?\s*(?:and\s+)?{CUT})+(?=\s*(?:[,;.]|$))", "", line)
    line = re.sub(rf"(?:\s*{CUT}\s*)+", " ", line)
    line = re.sub(r"\.(?:\s*\.)+$", "", " ".join(line.split()))
    return line.strip(" ,;:–—-").removesuffix(" (").removesuffix(".").strip()


def cut_impact(read: Phrases) -> None:
    line = masked(read)
    for found in _IMPACT.finditer(line):
        before = line[: found.start()].rstrip()
        if found["bare"] and (not _is_label(read, line, found) or _PART_OF_TITLE.search(before)):
            continue
        if read.impact is None:
            read.impact = _impact(found)
            read.cut(found.start(), found.end())
        return


def _impact(found: re.Match[str]) -> int:
    if found["none"]:
        return 0
    if found["level"]:
        return 5 - int(found["level"])
    return IMPACTS.index((found["of"] or found["before"] or found["bare"]).lower())


def _is_label(read: Phrases, line: str, found: re.Match[str]) -> bool:
    """Whether a word stands apart, or before the colon that begins a line: "Critical: …"."""
    is_first = not line[: found.start()].strip(OPEN)
    after = line[found.end() :].lstrip(" ")
    return read.is_apart(found.start(), found.end()) or (is_first and after[:1] in (":", "]", ")"))


def cut_scope(read: Phrases) -> None:
    line = masked(read)
    for found in _SCOPE.finditer(line):
        before = line[: found.start()].rstrip()
        is_guarded = _PART_OF_TITLE.search(before) and not found["labelled"]
        if read.scope or is_guarded or not (found["labelled"] or _is_label(read, line, found)):
            continue
        words = found["scope"].lower().replace("-", " ").replace("_", " ")
        read.scope = _SCOPES[words]
        read.cut(found.start(), found.end())
        return


def cut_state(read: Phrases) -> None:
    """ "fixed", "still ongoing": only where it stands apart on both sides."""
    line = masked(read)
    for found in _STATE.finditer(line):
        before = line[: found.start()].rstrip(" ")
        if before[-1:] in f",;({CUT}" and before and read.is_apart(found.start(), found.end()):
            is_on = bool(_STILL.match(found["state"]))
            read.is_ongoing |= is_on
            read.is_over |= not is_on
            read.cut(found.start(), found.end())
            return


def unread(title: str) -> Iterator[str]:
    """Phrases of the title that look like a date, a time or a length, and were not read."""
    line = mask_code(title)
    yield from (found[0] for found in _UNREAD.finditer(line))
    for mention in find_durations(line):
        written, before = line[mention.start : mention.end], line[: mention.start].rstrip()
        is_title = OF_TITLE.search(before) or is_bound(line, mention)
        if not (is_title or STATUS_CODES.fullmatch(written) or "-" in line[mention.end :][:1]):
            yield title[mention.start : mention.end]
