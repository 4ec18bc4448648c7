"""The regions and services that a text names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

# Codes that abbreviate something else, too: regions only where a text speaks of a place.
_ABBREVIATIONS = (
    "ACK ACL API APR ARM ARN ASN AUG AVG BER BGP BIT BOM BSD CAN CDN CLI CPU CRC CSS CSV DEC"
    " DEL DNS DSL EOF EST ETA FEB GET GIT GPU GUI HUB IDE INT ISO IST JAN JUL JUN LAN LED LOS"
    " MAC MAN MAP MAR MAX MAY MEM MIA MIN MOD MSP MTU NAT NET NFS NIC NOT NOV NUL OCT OPS OTP"
    " PAM PDF PID PIN PIP POD POP PST PUT RAM RED RPC RSA RST SAN SEC SEP SET SLA SLO SQL SSD"
    " SSH SSL SYN TAP TCP TLS TTL UDP URL UTC VIA VPN WAN"
)
AMBIGUOUS_CODES = frozenset(_ABBREVIATIONS.split())
_REACH = 40
_OPEN, _CLOSE = r"[`*_“\"'(\[]{0,3}", r"[`*_”\"')\]]{0,3}"
_PREPOSITION = re.compile(
    r"\b(?:in|at|from|to|into|near|via|between|across|outside|around|towards?|leaving|reaching)"
    rf"\s?(?:(?:the|our|all|of|both|region|site)\s){{0,2}}{_OPEN}$",
    re.I,
)
# A noun may follow an abbreviation, "in MAN pages": after a place the sentence goes on.
_GOES_ON = re.compile(
    rf"{_CLOSE}(?:\s?$|\s?[,.;:!?()\n–—/]|['’]s\b|\s(?:and|or|to|for|from|with|without|on|at|in|by"
    r"|via|of|as|but|so|only|which|that|while|when|where|then|until|since|after|before|during"
    r"|because|due|was|were|is|are|had|has|have|lost|saw|went|could|did|again|[a-z]{2,20}ed)\b)",
    re.I,
)
_PLACE = re.compile(
    rf"-?\d{{1,2}}\b|{_CLOSE}[\s-](?:regions?|data ?cent(?:er|re)s?|sites?|halls?|facilit(?:y|ies)"
    r"|locations?|metro|campus|availability"
    r"|lost (?:its|all|both|power|transit|connectivity))\b",
    re.I,
)
_JOINED = r"\s?(?:,\s?(?i:and|or)\b|[,/&–—→-]|->|\b(?i:and|or|to|plus)\b)\s?"
_CAPITALS = re.compile(r"[A-Z]{2,}")


class NameMatcher:
    """`regions` are places by code. Where `glued`, codes may follow a small letter: an extractor
    writes "theIAD"."""

    def __init__(
        self, regions: Mapping[str, str], services: Collection[str], *, glued: bool = False
    ) -> None:
        cities = {code: place.partition(",")[0] for code, place in regions.items()}
        self._codes = cities.keys()
        self._ambiguous = {code: cities[code] for code in AMBIGUOUS_CODES if cities.get(code)}
        self._regions = name_pattern(regions, glued=glued)
        self._services = name_pattern(services)
        codes = "|".join(map(re.escape, regions)) or r"(?!)"
        self._code_before = re.compile(rf"\b({codes}){_CLOSE}{_JOINED}{_OPEN}$")
        self._code_after = re.compile(rf"{_CLOSE}{_JOINED}{_OPEN}({codes})\b")

    def services(self, words: str) -> list[str]:
        return list(dict.fromkeys(self._services.findall(words)))

    def regions(self, words: str) -> list[str]:
        """Codes, each once, in the order of the text."""
        found: dict[str, None] = {}
        mentioned = {code for code, city in self._ambiguous.items() if city in words}
        for match in self._regions.finditer(words):
            code = match[0]
            if code not in found and (code in mentioned or self._is_region(match, words, found)):
                found[code] = None
        return list(found)

    def _is_region(self, match: re.Match[str], words: str, found: Collection[str]) -> bool:
        before = words[max(0, match.start() - _REACH) : match.start()]
        after = words[match.end() : match.end() + _REACH]
        if match[0] not in AMBIGUOUS_CODES and not self._is_in_capitals(before + after):
            return True
        if _PLACE.match(after) or (_PREPOSITION.search(before) and _GOES_ON.match(after)):
            return True
        neighbors = (self._code_before.search(before), self._code_after.match(after))
        return any(
            near and (near[1] in found or near[1] not in AMBIGUOUS_CODES) for near in neighbors
        )

    def _is_in_capitals(self, around: str) -> bool:
        """Where all is in capitals, any word may look like a code: "THE SEA OF ERRORS"."""
        if any(map(str.islower, around)):
            return False
        return len({*_CAPITALS.findall(around)} - self._codes) > 2


def name_pattern(names: Collection[str], glued: bool = False) -> re.Pattern[str]:
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    before = "(?<![A-Z0-9_])" if glued and words.upper() == words else r"(?<!\w)"
    return re.compile(rf"{before}(?:{words})(?!\w)" if words else r"(?!)")
