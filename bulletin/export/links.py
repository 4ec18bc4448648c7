"""Pure: the addresses in a page, and the way from one place of a copy to another.

A place is a path within the copy, such as "2024-07-06/" or "feed.xml"; the home page is "".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from html import escape, unescape
from typing import Final

# Our pages write attributes in double quotes, and no bare "<" in any text.
_TAG: Final = re.compile(r'<[a-z](?:"[^"]*"|[^<>"])*>', re.IGNORECASE)
_ADDRESS: Final = re.compile(r'(\s(?:href|src|action)=)"([^"]*)"')
_STAYS: Final = re.compile(r'\srel="(?:canonical|external)"')
_IN_CSS: Final = re.compile(r"""url\(["']?([^"')]+)""")


def rewrite(page: str, lead: Callable[[str], str]) -> str:
    """A page of HTML or SVG with each address as `lead` has it, but for those that say in their
    rel that they lead to the site itself."""

    def led(found: re.Match[str]) -> str:
        return f'{found[1]}"{escape(lead(unescape(found[2])))}"'

    def rewritten(tag: re.Match[str]) -> str:
        return tag[0] if _STAYS.search(tag[0]) else _ADDRESS.sub(led, tag[0])

    return _TAG.sub(rewritten, page)


def in_css(sheet: str) -> list[str]:
    return _IN_CSS.findall(sheet)


def moved(feed: str, site: str, url: str) -> str:
    """A feed with whole addresses of `site` as those of `url`, but for those in a query."""
    return re.sub(rf"(?<![\w/=?&%]){re.escape(site)}/", lambda _: f"{url}/", feed)


def relative(here: str, there: str) -> str:
    """ "../archive/", for a link at the place `here` to the place `there`."""
    way = posixpath.relpath(f"/{there}", posixpath.dirname(f"/{here}"))
    return way if there and not there.endswith("/") else f"{way}/"


def file_of(place: str) -> str:
    return f"{place}index.html" if not place or place.endswith("/") else place
