"""The words of a logged line that say how bad, for whom, and whether it is over. Pure."""

from __future__ import annotations

import re

from incidents.grid.palette import IMPACTS

# Is in a line where a phrase was taken out.
CUT = "\0"
BEFORE = r"(?<![^\s(\[,;\0–—-])"
_GRADES = "|".join(IMPACTS)
IMPACT = re.compile(
    rf"""{BEFORE}(?:(?P<labelled>(?:impact|severity)\ ?[:=]?\ ?(?:{_GRADES})
    |(?:{"|".join(IMPACTS[1:])})\ (?:customer\ )?(?:impact|severity)
    |(?:no|zero|without)\ (?:customer\ |user\ )?impact(?:\ (?:on|for|to)\ (?:customers|users))?
    |(?:nobody|no\ one|no\ (?:customers|users))\ (?:(?:is|was|were)\ )?(?:affected|impacted|noticed)
    |sev(?:erity)?[-\ ]?(?P<level>[1-4]))
    |(?:{_GRADES}))(?!\w)""",
    re.I | re.X,
)
SCOPES = {"internal": "internal", "single host": "single_host", "one host": "single_host"}
SCOPES |= {"some customers": "some_customers", "partner": "partner", "regional": "region"}
SCOPES |= {"region": "region", "global": "global", "globally": "global", "all customers": "global"}
SCOPE = re.compile(
    rf"{BEFORE}(?P<labelled>scope\ ?[:=]?\ ?|(?:for|affecting|only)\ (?=some|all\ cust)"
    r"|on\ a\ (?=single))?"
    rf"(?P<scope>{'|'.join(sorted(SCOPES, key=len, reverse=True)).replace(' ', '[-_ ]')})"
    r"(?:\ only)?(?!\w)",
    re.I | re.X,
)
STATE = re.compile(
    rf"{BEFORE}(?:(?:now|all|still|since|already|it[’']s|is)\ )*"
    r"(?:(?P<ongoing>ongoing|burning|(?:until|up\ to|as\ of)\ now|so\ far)"
    r"|fixed|resolved|recovered|mitigated|over|solved|back(?:\ up)?)(?!\w)",
    re.I | re.X,
)
# Before these words a word says what something is, and nothing of the incident.
PART_OF_TITLE = re.compile(
    r"(?<!\w)(?:a|an|the|our|one|this|that|non|not|is|was|are|in|at|by|of|for|to|with|on|from|and)$",
    re.I,
)
# What says itself that there is no end, or that nobody knows it.
OPEN_END = re.compile(
    r"""\ ?(?:(?:[-–—]|to|until|till|up\ to|so\ far\ as)\ ?now|(?<=\0)\ ?onwards?
    |(?P<unknown>(?:length|duration)\ (?:is\ )?unknown|unknown\ (?:length|duration)))(?!\w)""",
    re.I | re.X,
)


def impact_of(found: re.Match[str]) -> int:
    if found["level"]:
        return 5 - int(found["level"])
    written = found[0].lower()
    return next((number for number, grade in enumerate(IMPACTS) if grade in written), 0)
