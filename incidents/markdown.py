"""Markdown to safe HTML: CommonMark, tables, strikethrough, footnotes and autolinks.

Raw HTML is text, and the result goes through an allow-list (nh3) of what the renderer can make.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any, Final
from urllib.parse import urljoin

import nh3
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES

from incidents.heading_ids import Heading as Heading
from incidents.heading_ids import assign_ids
from incidents.markdown_rules import SCHEMES, Parser

MAX_BYTES: Final = 200_000
# Pygments takes twenty times as long as the rest: code is highlighted up to this many characters
# of a text, or a quarter of the text, each block counting as MIN_HIGHLIGHTED at least.
MAX_HIGHLIGHTED: Final = 5_000
MIN_HIGHLIGHTED: Final = 200
# Lexers that backtrack on hostile input.
_SLOW = {"autohotkey", "autoit", "csharp", "easytrieve", "mcschema", "nemerle", "xpp"}
ALIGNMENTS: Final = frozenset({"align-left", "align-center", "align-right"})
LANGUAGES: Final = frozenset(
    alias
    for _name, aliases, *_ in get_all_lexers(plugins=False)
    if _SLOW.isdisjoint(aliases)
    for alias in aliases
)

# Invalid in XML and in databases: controls except tab and line ends, surrogates, noncharacters.
_CONTROL_CHARS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# In a start tag, up to its first address; other attributes may hold any character but their quote.
_ADDRESS = re.compile(r'(<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*?\s(?:href|src)=)"([^"]*)"')
_HEADING = re.compile(r'<(h[2-6]) id="([^"]*)">(.*?)</\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# Quadratic: a title has 300 characters at most, and the worst takes 0.8 ms.
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
# The name of a stored upload holds its width and height.
_SIZED = re.compile(r"/uploads/[0-9a-f]{32}-(\d{1,5})x(\d{1,5})\.[a-z]+$")


@dataclass(frozen=True, slots=True)
class Style:
    """How bodies of one kind are rendered: `#` and `##` become headings of level `top`, deeper
    ones follow; headings are given ids where `anchored`, none of them of `reserved`."""

    top: int
    anchored: bool
    reserved: frozenset[str] = frozenset()


# Reserved are the other ids of an essay's page.
ESSAY: Final = Style(
    top=2,
    anchored=True,
    reserved=frozenset({"main", "picture", "incidents", "late-reports-and-corrections", "earlier"}),
)
INCIDENT: Final = Style(top=4, anchored=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, and in their order the headings that have an id."""

    html: str
    headings: tuple[Heading, ...]


def render(text: str, style: Style, *, prefix: str = "", fixed: Sequence[Heading] = ()) -> Rendered:
    """`text` as safe HTML. `prefix` distinguishes the footnotes of several bodies on a page;
    `fixed` are the headings of the published version, whose ids outlive an edit."""
    env: dict[str, Any] = {"highlight": max(MAX_HIGHLIGHTED, len(text) // 4)}
    if prefix:
        env["docId"] = prefix
    tokens = _PARSER.parse(strip_control_chars(text), env)
    texts = [words(tokens[n + 1]) for n in _openings(tokens)] if style.anchored else []
    headings = assign_ids(texts, fixed, style.reserved)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(2, int(token.tag[1])) - 2 + style.top)}"
    for n, heading in zip(_openings(tokens), headings, strict=False):
        tokens[n].attrSet("id", heading.id)
    html = _PARSER.renderer.render(tokens, _PARSER.options, env)
    return Rendered(_CLEANER.clean(strip_control_chars(html)), headings)


def markdownify(text: str) -> str:
    return render(text, INCIDENT).html


def parse(text: str) -> list[Token]:
    """The block tokens of `text`, with inline tokens as children."""
    return _PARSER.parse(strip_control_chars(text), {})


def words(token: Token) -> str:
    """The text that a reader sees, the alternative of an image included."""
    if token.children is not None:
        return "".join(map(words, token.children))
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content


def strip_control_chars(text: str) -> str:
    return _CONTROL_CHARS.sub("", text)


def strip_tags(html: str) -> str:
    return unescape(_TAG.sub("", html))


def plain(text: str) -> str:
    """The words of `text` without its markup, on one line."""
    return " ".join(" ".join(map(words, parse(text))).split())


def block_lines(text: str) -> list[int]:
    """The line of `text`, from 0, on which each block begins that is an element of its own at the
    top of the HTML, in their order; the footnotes that end it have none."""
    tokens = parse(text)
    opening = (token for token in tokens if token.level == 0 and token.nesting >= 0)
    return [token.map[0] for token in opening if token.map]


def add_heading_links(html: str, page: str, label: str) -> str:
    """`html` with a link to itself, on `page`, after each heading that has an id; `label` is what
    the link is called, with {} for the heading's words."""

    def link(found: re.Match[str]) -> str:
        level, name, content = found.groups()
        address = f"{escape(page)}#{name}"
        name_of_link = escape(label).format(_TAG.sub("", content))
        anchor = f'<a class="anchor" href="{address}" aria-label="{name_of_link}">#</a>'
        return f'<{level} id="{name}">{content} {anchor}</{level}>'

    return _HEADING.sub(link, html)


def inline_code(title: str) -> str:
    """A title as HTML: `backticks` are code, all else is escaped."""
    return _CODE.sub(r"<code>\2</code>", escape(strip_control_chars(title)))


def strip_code(title: str) -> str:
    """A title as plain text: without the backticks of its code."""
    return _CODE.sub(r"\2", strip_control_chars(title))


def absolute_links(html: str, base_url: str) -> str:
    """`html`, whose attributes stand in double quotes, with every href and src made absolute
    against `base_url`, the address of its page; all else stays as it is."""

    def absolute(found: re.Match[str]) -> str:
        try:
            return f'{found[1]}"{escape(urljoin(base_url, unescape(found[2])))}"'
        except ValueError:  # brackets that hold no IPv6 address
            return found[0]

    return _ADDRESS.sub(absolute, html)


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The address of a link or image; `alt` is None for a link. `line` is the first line of its
    paragraph, from 1."""

    address: str
    line: int
    alt: str | None = None


def extract_links(text: str) -> list[LinkTarget]:
    """The links and images of `text`, in order."""
    links = []
    for block in parse(text):
        line = block.map[0] + 1 if block.map else 1
        for token in block.children or ():
            if token.type == "link_open":
                links.append(LinkTarget(str(token.attrs["href"]), line))
            elif token.type == "image":
                links.append(LinkTarget(str(token.attrs["src"]), line, words(token).strip()))
    return links


# The renderer -------------------------------------------------------------------------


def _openings(tokens: Sequence[Token]) -> list[int]:
    return [n for n, token in enumerate(tokens) if token.type == "heading_open"]


class _Renderer(RendererHTML):
    """Adds highlighting, tables and code that scroll by keyboard, classes for alignment, and lazy
    images with their size."""

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        code = tokens[idx].content
        language = (tokens[idx].info.lower().split() or [""])[0]
        if language not in LANGUAGES:
            return f'<pre tabindex="0"><code>{escape(code)}</code></pre>\n'
        env["highlight"] -= max(len(code), MIN_HIGHLIGHTED)
        if env["highlight"] >= 0:
            html = highlight(code, get_lexer_by_name(language, stripnl=False), _FORMATTER)
        else:
            html = escape(code)
        return f'<pre tabindex="0"><code class="language-{language}">{html}</code></pre>\n'

    code_block = fence

    def table_open(self, *_: Any) -> str:
        return '<div class="scroll" tabindex="0"><table>\n'

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        style = str(tokens[idx].attrs.pop("style", ""))
        if style:
            tokens[idx].attrSet("class", style.replace("text-align:", "align-"))
        return self.renderToken(tokens, idx, options, env)

    td_open = th_open

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        image = tokens[idx]
        if size := _SIZED.search(str(image.attrs["src"])):
            image.attrs |= {"width": size[1], "height": size[2]}
        image.attrs["loading"] = "lazy"
        return super().image(tokens, idx, options, env)


# Not the plugin's <section>, which would need a heading.
_FOOTNOTES: Final = (
    '<hr class="footnotes-sep">\n<div class="footnotes">\n<ol class="footnotes-list">\n'
)
_PARSER: Final = Parser(_Renderer)
_PARSER.add_render_rule("footnote_block_open", lambda *_: _FOOTNOTES)
_PARSER.add_render_rule("footnote_block_close", lambda *_: "</ol>\n</div>\n")
_FORMATTER: Final = HtmlFormatter(nowrap=True)
_CLEANER: Final = nh3.Cleaner(
    tags={
        *("h2", "h3", "h4", "h5", "h6", "p", "blockquote", "ul", "ol", "li", "hr"),
        *("div", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"),
        *("span", "a", "em", "strong", "s", "sup", "br", "img"),
    },
    attributes={
        "a": {"href", "title", "id"},
        "div": {"tabindex"},
        "img": {"src", "alt", "title", "width", "height", "loading"},
        "li": {"id"},
        "ol": {"start"},
        "pre": {"tabindex"},
        **{f"h{level}": {"id"} for level in range(2, 7)},
    },
    allowed_classes={
        "a": {"footnote-backref"},
        "code": {f"language-{language}" for language in LANGUAGES},
        "div": {"scroll", "footnotes"},
        "hr": {"footnotes-sep"},
        "li": {"footnote-item"},
        "ol": {"footnotes-list"},
        "span": set(STANDARD_TYPES.values()) - {""},
        "sup": {"footnote-ref"},
        "td": ALIGNMENTS,
        "th": ALIGNMENTS,
    },
    url_schemes=set(SCHEMES),
    link_rel="noopener",
)
