"""Pure: the addresses that a document names, and the places in it that an address can name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin
from xml.etree import ElementTree

ADDRESSES = {"action", "cite", "data", "formaction", "href", "poster", "src", "xlink:href"}
CARDS = {"og:url", "og:image", "og:image:url", "og:image:secure_url", "twitter:image"}
_CSS = re.compile(r"""(?:url\(|@import)\s*(["']?)([^"')]+)\1""")
_ALONE = re.compile(r"https?://\S+")
_IN_TEXT = re.compile(r"""https?://[^\s"'<>\\^`{|},]+""")


class Link(NamedTuple):
    element: str
    address: str


@dataclass
class Named:
    """What the document at `base` names: its links as whole addresses, and its own ids.

    `fault` says why it could not be read to its end."""

    base: str
    links: list[Link] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    fault: str = ""

    def add(self, element: str, address: str) -> None:
        self.links.append(Link(element, urljoin(self.base, address.strip())))

    def embed(self, where: str, html: str) -> None:
        """HTML inside a feed, whose ids are no places of the feed."""
        inner = named(self.base, "text/html", html)
        self.links += [Link(f"{where} {link.element}", link.address) for link in inner.links]


def named(base: str, kind: str, text: str) -> Named:
    """What `text`, of the media type `kind`, names."""
    found = Named(base)
    try:
        read(found, kind, text)
    except (ValueError, ElementTree.ParseError) as error:
        found.fault = f"is no good {kind}: {error}"
    return found


def read(found: Named, kind: str, text: str) -> None:
    if kind in ("text/html", "image/svg+xml"):
        Page(found).feed(text)
    elif kind.endswith("xml"):
        for element in ElementTree.fromstring(text).iter():
            read_xml(found, element)
    elif kind.endswith("json"):
        read_json(found, json.loads(text))
    elif kind == "text/css":
        read_css(found, text)
    else:
        read_text(found, kind, text)


class Page(HTMLParser):
    """HTML, and SVG well enough."""

    def __init__(self, found: Named) -> None:
        super().__init__()
        self.found = found
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        line = f"<{tag}> on line {self.getpos()[0]}"
        self.found.ids |= {given["id"]} if "id" in given else set()
        for name in sorted(ADDRESSES & given.keys()):
            self.found.add(f"{line}, {name}", given[name])
        for source in re.split(r",\s+", given.get("srcset", "").strip()):
            if source:
                self.found.add(f"{line}, srcset", source.split()[0])
        if tag == "meta" and CARDS & {given.get("property"), given.get("name")}:
            self.found.add(line, given.get("content", ""))
        self.inside = "json" if tag == "script" and "json" in given.get("type", "") else tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "json" and data.strip():
            read_json(self.found, json.loads(data))
        elif self.inside == "style":
            read_css(self.found, data)


def read_xml(found: Named, element: ElementTree.Element) -> None:
    name = element.tag.rpartition("}")[2]
    for attribute in sorted((ADDRESSES | {"url"}) & element.attrib.keys()):
        found.add(f"<{name} {attribute}>", element.attrib[attribute])
    text = (element.text or "").strip()
    if re.search(r"<\w[^>]*>", text):
        found.embed(f"<{name}>", text)
    elif element.get("isPermaLink") != "false" and _ALONE.fullmatch(text):
        found.add(f"<{name}>", text)


def read_json(found: Named, value: Any, key: str = "") -> None:
    if isinstance(value, dict):
        for name, one in value.items():
            read_json(found, one, name)
    elif isinstance(value, list):
        for one in value:
            read_json(found, one, key)
    elif isinstance(value, str) and key.endswith("html"):
        found.embed(f'"{key}"', value)
    elif isinstance(value, str) and _ALONE.fullmatch(value):
        found.add(f'"{key}"', value)


def read_css(found: Named, text: str) -> None:
    for match in _CSS.finditer(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        found.add(match[0], match[2])


def read_text(found: Named, kind: str, text: str) -> None:
    # A calendar folds its lines (RFC 5545, 3.1).
    for address in _IN_TEXT.findall(re.sub(r"\r\n[ \t]", "", text)):
        found.add(f"text of {kind}", address.rstrip(".,;)"))
