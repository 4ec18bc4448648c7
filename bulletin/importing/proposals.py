"""What an incident's text plainly says of its length, impact and kind.

A proposal is for an editor to confirm. What the text does not say stays unsaid: a duration that
may be another thing's (a timeout, a habit, the search for the cause) is no length.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from bulletin.importing.text import mask_code
from bulletin.importing.written_times import ResolvedTimes, clock, read_clock
from incidents.durations import LONGEST_MINUTES, Mention, find_durations
from incidents.time_zones import add_elapsed, zone_of

_SENTENCE = re.compile(r"[.!?…]['\"’”)\]*_]{0,4}(?=\s+[^a-z\s])|\n[ \t]*+\n|\n(?=[ \t]*+[-*+•] )")
_CLAUSE = re.compile(r"[;:—]| – |, (?:and|but|so|which|while|though|although|then)\b|\bbut\b")
# The clause around a length is what decides; no verb is further from it than this.
_CLAUSE_CHARS = 160
# No sentence that a person wrote has more; a hostile one is read no further.
_MAX_DURATIONS = 20

# What a length may be of, and how people say that something is over.
EVENTS = (
    "outage|incident|interruption|disruption|blip|downtime|degradation|unavailability|brownout"
    "|blackout|partition|stall"
)
ENDED = (
    r"(?:end(?:ed|s)?|over|back(?:\ (?:up|online))?|mitigated|restored|recovered|resolved|fixed)"
)
_BACK = (
    r"mitigat|restor|recover|healthy|returned to|back\b(?! to (?!normal|health))|reachable again"
)
_ENDS_EFFECT = re.compile(rf"\b(?:{_BACK})", re.I)
_RECOVERY = re.compile(
    rf"\b(?:{_BACK}|resol(?:ved|ution)|repaired|fixed|cleared|subsided|stabili[sz]ed|normali[sz]ed"
    r"|healed|reverted|ended\b|(?:was|were) over\b|reconnected|failed over\b|self-heal"
    r"|working again)",
    re.I,
)
_EFFECTS = (
    rf"(?:{EVENTS}|down\b|unavailab|unreachable|offline|broke(?!r)|interrupt|disrupt|degrad"
    r"|errors?\b|5xx|50\d|fail(?:ed|ing|ures?)?\b|slow|elevated|lost|loss\b|dropp(?:ed|ing)"
    r"|went (?:away|dark)|gone\b|vanish|disappear|crash|overwhelm|overload|saturat|affect|impact"
    r"|stuck|late\b|delayed|refus|reject|unable|could(?:n['’]t| not)|timed out|timeouts"
    r"|unresponsive|inaccessible|disconnected|missing|severed|cut off)"
)
_EFFECT = re.compile(rf"\b{_EFFECTS}", re.I)
_CUSTOMERS = re.compile(
    r"\b(?:customer|user|traffic|requests?\b|visitor|service (?:was|is)\b)", re.I
)
_CLEAN_UP = re.compile(
    r"\b(?:clean(?:ing|ed)?[ -]?up|root cause|backlog|backfill|follow-up|permanent|post-?mortem"
    r"|rebuil|replac|partial|partly|initial|some of|most of|first of|investigat|debug|underlying)",
    re.I,
)
_UNRELATED = re.compile(
    r"\b(?:every|each|per|past|last|next|previous|first|older than|years? and|keeps? \w+ for"
    r"|(?:timeout|ttl|interval|retention|age|delay|lag|latency) of|wait(?:ed|ing|s)? (?:for )?"
    r"|(?:cached|kept|retain|retained|stable|clean|fine|healthy|up|running|asleep|investigated"
    r"|debugged) for|(?:watched|monitor(?:ed|ing)|been|worked) (?:\w+ )?for)\s*$",
    re.I,
)
_HYPOTHETICAL = re.compile(
    r"\b(?:each|usual(?:ly)?|normally|typically|should|would|will|expect(?:ed|s)?|can(?!not|['’]t)"
    r"|could(?!n|\snot)|may|might|plan(?:ned)? (?:for|to)|scheduled for|if|unless|budget|sla|slo"
    r"|rotat|expires?|ttl|timeout is|set to|configured|alert(?:ed|s)|paged|notified|detected"
    r"|noticed|until then)\b",
    re.I,
)
_NOT_AFTER = re.compile(
    r"\s*(?:ago|old|earlier|before|prior|from now|into|window|timeout|timer|ttl|interval|delay|lag"
    r"|retention|deadline|cache|of (?:logs|data|history|work|sleep|debugging|head)|apart|behind"
    r"|ahead|of (?:the |its |a )?(?:alert|page|deploy|start|incident start)|after\b|in advance"
    r"|late\b|each\b|per\b|to\b(?!\s(?:fix|restore|recover|resolve|mitigate|repair)))",
    re.I,
)
_FILL = r"(?:\s(?:the|a total of|only|just|all of|another|in total|under))*\s*$"
_LASTED = re.compile(
    r"(?:\b(?:last(?:ed|ing|s)|spent|persist(?:ed|ing)|continued|took|total(?: time|l?ing|l?ed)?"
    rf"|duration|down|offline|unavailable|unreachable|(?:{EVENTS})(?= of| was))"
    rf"(?:\s(?:for|was|of|only for|between))?{_FILL}|:\s*$)",
    re.I,
)
_FOR = re.compile(rf"\b(?:for|over|during|across|throughout){_FILL}", re.I)
_AFTER = re.compile(rf"\b(?:after|in|within|inside){_FILL}", re.I)
_NAMED = re.compile(
    rf"(?:[ -]long)?[ -](?:\w+[ -]){{0,2}}(?:{EVENTS}|window of|period of)"
    rf"|\sof\s(?:\w+\s){{0,3}}{_EFFECTS}",
    re.I,
)
_LATER = re.compile(r"\s?(?:later|afterwards)\b", re.I)
_END_TIME = re.compile(
    rf"""\b(?:(?:from|between)\s\d{{1,2}}(?:[:.]\d{{2}})?(?:\s?[a-z.]{{1,4}})?\s?
     (?:to|until|till|and|-|–)
    |until|till|(?:{ENDED}|normal|up|online)\s(?:at|by))
    \s?(?P<about>(?:about|around|roughly|approximately)\s|[~≈]\s?)?{clock()}(?!\w|[:.]\d)""",
    re.I | re.X,
)
_ONGOING = re.compile(
    r"\b(?:incident|outage|issue|impact|disruption|degradation|this|it)\s(?:is|remains)"
    r"\s(?:still\s)?ongoing\b",
    re.I,
)

_CUSTOMER = r"(?:customers?|users?|end[- ]users?)"
_NO_IMPACT = re.compile(
    rf"\b(?:(?:no|zero|without(?: any)?|not any)\s(?:\w+\s)?{_CUSTOMER}"
    r"(?:[- ](?:facing|visible))?\simpact"
    rf"|no\simpact\s(?:on|to|for)\s(?:any\s|our\s)?{_CUSTOMER}"
    rf"|no\s{_CUSTOMER}\s(?:(?:was|were)\s)?(?:ever\s)?(?:impacted|affected|noticed)"
    rf"|{_CUSTOMER}\s(?:(?:was|were)\s(?:not|never)|weren['’]t)\s(?:impacted|affected)"
    rf"|did(?:\snot|n['’]t)\s(?:impact|affect)\s(?:any\s|our\s)?{_CUSTOMER})",
    re.I,
)
_GRADES = {"negligible": 1, "marginal": 1, "minimal": 1, "minor": 1, "partial": 2}
_GRADES |= {"major": 3, "severe": 3, "critical": 4}
_GRADED = re.compile(
    rf"\b(?P<before>{'|'.join(_GRADES)})\s{_CUSTOMER}\simpact"
    rf"|\b{_CUSTOMER}\simpact\s(?:was|is)\s(?P<after>{'|'.join(_GRADES)})\b"
    rf"|\bimpact:\s(?P<labelled>none|{'|'.join(_GRADES)})\b",
    re.I,
)
_DOUBT = re.compile(
    r"\b(?:expect|should|would|thought|believ|initial|assum|hope|might|may|supposed|if|meant"
    r"|not without|at first|until|almost|nearly|potential|risk|could|before)\w*\b",
    re.I,
)
_EXCEPT = re.compile(
    r",?\s(?:beyond|besides|apart|aside|other than|except|until|at first|before|initially)\b", re.I
)
_FALSE_ALARM = re.compile(r"(?<!not a )(?<!no )\bfalse alarm\b", re.I)
_MAINTENANCE_TITLE = re.compile(
    r"(?:(?:planned|scheduled|routine)\b|maintenance\b\s?(?::|window|of\b|on\b)"
    r"|.{0,80}\b(?:planned|scheduled) maintenance\b)",
    re.I,
)
_MAINTENANCE = re.compile(
    r"\b(?:this|it) was (?:a |our )?(?:planned|scheduled) maintenance\b", re.I
)


class _Candidate(NamedTuple):
    score: int
    minutes: float
    about: bool
    written: str


def propose_length(body: str, times: ResolvedTimes) -> ResolvedTimes:
    """`times` with the length that the body gives, if it gives one."""
    found: list[_Candidate] = []
    for sentence in _sentences(body):
        durations = islice(find_durations(sentence), _MAX_DURATIONS)
        ends = islice(_END_TIME.finditer(sentence), _MAX_DURATIONS)
        found += filter(None, (_score_duration(sentence, each) for each in durations))
        found += filter(None, (_score_end_time(sentence, each, times.start) for each in ends))
    found = [each for each in found if 0 < each.minutes <= LONGEST_MINUTES]
    if all(each.score < 0 for each in found):
        is_ongoing = bool(_ONGOING.search(body))
        return replace(times, precision="ongoing", proposed=True) if is_ongoing else times
    best = max(found, key=lambda each: each.score)
    others = {each.written: None for each in found if each.minutes != best.minutes}
    warning = f"“{best.written}” was taken as the length, not “{'”, “'.join(others)}”"
    return replace(
        times,
        end=add_elapsed(times.start, timedelta(minutes=best.minutes)),
        precision="about" if best.about else "exact",
        warnings=[*times.warnings, *([warning] if others else [])],
        proposed=True,
    )


def _sentences(body: str) -> list[str]:
    plain = mask_code(body).replace("**", "")
    return [" ".join(sentence.split()) for sentence in _SENTENCE.split(plain)]


def _score_duration(sentence: str, mention: Mention) -> _Candidate | None:
    before = sentence[max(0, mention.start - _CLAUSE_CHARS) : mention.start]
    after = sentence[mention.end : mention.end + _CLAUSE_CHARS]
    clause = _CLAUSE.split(before)[-1] + " " + _CLAUSE.split(after)[0]
    if _UNRELATED.search(before[-40:]) or _NOT_AFTER.match(after) or _HYPOTHETICAL.search(clause):
        return None
    written = sentence[mention.start : mention.end]
    is_within = written.lower().startswith("within")
    is_later = _LATER.match(after)
    if is_later or is_within or _AFTER.search(before):
        is_length = _RECOVERY.search(before if is_later else clause) or _RECOVERY.search(after[:80])
    else:
        is_length = (
            _LASTED.search(before)
            or _NAMED.match(after)
            or (_FOR.search(before) and _EFFECT.search(clause))
        )
    if not is_length:
        return None
    about = mention.duration.about or is_within
    return _Candidate(_score(clause), mention.duration.minutes, about, written)


def _score(clause: str) -> int:
    """Higher where it is more likely the time that customers felt; negative for clean-up."""
    score = 2 * bool(_ENDS_EFFECT.search(clause)) + 2 * bool(_CUSTOMERS.search(clause))
    return score + bool(_EFFECT.search(clause)) - 4 * bool(_CLEAN_UP.search(clause))


def _score_end_time(sentence: str, found: re.Match[str], start: datetime) -> _Candidate | None:
    hour, minute = read_clock(found["time"], found["half"])
    is_time = ":" in found["time"] or found["half"] or (found["zone"] and found["time"].isdecimal())
    before = sentence[max(0, found.start() - 60) : found.start()]
    if not is_time or hour > 23 or minute > 59 or _HYPOTHETICAL.search(before):
        return None
    zone = zone_of(found["zone"] or "") or start.tzinfo
    end = datetime.combine(start.astimezone(zone).date(), time(hour, minute), tzinfo=zone)
    minutes = (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 60 % (24 * 60)
    clause = sentence[max(0, found.start() - 80) : found.end() + 40]
    return _Candidate(_score(clause) + 1, minutes, bool(found["about"]), found[0])


def propose_impact(text: str) -> int | None:
    """0 to 4 where the text says one grade plainly, and no other."""
    grades = set()
    for sentence in _sentences(text):
        for found in (*_NO_IMPACT.finditer(sentence), *_GRADED.finditer(sentence)):
            before = sentence[max(0, found.start() - 60) : found.start()]
            doubted = _DOUBT.search(_CLAUSE.split(before)[-1])
            if not (doubted or _EXCEPT.match(sentence, found.end())):
                words = " ".join(filter(None, found.groupdict().values())).lower()
                grades.add(_GRADES.get(words, 0))
    return grades.pop() if len(grades) == 1 else None


def propose_kind(title: str, body: str) -> str:
    if _MAINTENANCE_TITLE.match(title) or _MAINTENANCE.search(body):
        return "maintenance"
    return "false_alarm" if _FALSE_ALARM.search(f"{title}. {body}") else "incident"
