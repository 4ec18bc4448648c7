"""Markdown to safe HTML: CommonMark, tables, strikethrough, footnotes and autolinks; pure.

Raw HTML is text. What the renderer makes goes through an allow-list (nh3) that holds exactly
what it can make. One input gives one output, in time linear in its length.
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

from incidents.anchors import Heading as Heading
from incidents.anchors import anchor
from incidents.dialect import SCHEMES, Dialect, TooDense, with_code
from incidents.sentences import Sentence, gettext_noop

MAX_BYTES: Final = 200_000
# Colouring takes twenty times as long as the rest. A text's code is coloured up to this length in
# all, or up to a quarter of the text, each block counting as _LEAST_COLOURED at least; further code
# is shown without colours, like that of lexers that go back over hostile input.
MAX_COLOURED: Final = 5_000
_LEAST_COLOURED: Final = 200
_SLOW = {"autohotkey", "autoit", "csharp", "easytrieve", "mcschema", "nemerle", "xpp"}
ALIGNMENTS: Final = frozenset({"align-left", "align-center", "align-right"})
LANGUAGES: Final = frozenset(
    alias
    for _name, aliases, *_ in get_all_lexers(plugins=False)
    if _SLOW.isdisjoint(aliases)
    for alias in aliases
)

# What no page, feed or database takes: controls but tab and line ends, halves of a character.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# In a start tag, up to its first address; other attributes may hold any character but their quote.
_ADDRESS = re.compile(r'(<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*?\s(?:href|src)=)"([^"]*)"')
_HEADING = re.compile(r'<(h[2-6]) id="([^"]*)">(.*?)</\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# The name of a stored upload holds its width and height.
_SIZED = re.compile(r"/uploads/[0-9a-f]{32}-(\d{1,5})x(\d{1,5})\.[a-z]+$")


@dataclass(frozen=True, slots=True)
class Style:
    """How bodies of one kind are rendered: `#` and `##` become headings of level `top`, deeper
    ones follow; headings are given ids where `anchored`, none of them of `reserved`."""

    top: int
    anchored: bool
    reserved: frozenset[str] = frozenset()


# Reserved are the ids of what stands around an essay on its page.
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


def check(text: str) -> None:
    """A Sentence for the editor, where `text` is over MAX_BYTES of UTF-8 or too dense."""
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        too_long = gettext_noop(
            "This text has %(size)s bytes; %(most)s are the most that one field holds."
        )
        raise Sentence(too_long, size=f"{size:,}", most=f"{MAX_BYTES:,}")
    try:
        _DIALECT.read(printable(text), {})
    except TooDense as error:
        too_dense = gettext_noop(
            "This text has too many marks of Markdown for its length, so it would be shown as it "
            "is typed; shorten its tables and lists, or put them in a block of code."
        )
        raise Sentence(too_dense) from error


def render(
    text: str, style: Style, *, prefix: str = "", anchors: Sequence[Heading] = ()
) -> Rendered:
    """`text` as safe HTML. `prefix` keeps the footnotes of several bodies on a page apart;
    `anchors` are the headings of an earlier version, whose ids outlive an edit (see `anchor`)."""
    env: dict[str, Any] = {"coloured": max(MAX_COLOURED, len(text) // 4)}
    if prefix:
        env["docId"] = prefix
    tokens = _blocks(printable(text), env)
    texts = [words(tokens[n + 1]) for n in _openings(tokens)] if style.anchored else []
    headings = anchor(texts, anchors, style.reserved)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(2, int(token.tag[1])) - 2 + style.top)}"
    for n, heading in zip(_openings(tokens), headings, strict=False):
        tokens[n].attrSet("id", heading.id)
    html = _DIALECT.renderer.render(tokens, _DIALECT.options, env)
    return Rendered(_CLEANER.clean(printable(html)), headings)


def parse(text: str) -> list[Token]:
    """What `text` is rendered from: its blocks, with what stands in their lines as children."""
    return _blocks(printable(text), {})


def words(token: Token) -> str:
    """The text that a reader sees, the alternative of an image included."""
    if token.children is not None:
        return "".join(map(words, token.children))
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content


def printable(text: str) -> str:
    """`text` without the characters that no document can hold."""
    return _UNPRINTABLE.sub("", text)


def unmarked(html: str) -> str:
    """The text of what `render` made, which escapes all that only looks like a tag."""
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


def linked(html: str, page: str, label: str) -> str:
    """`html` with a link to itself, on `page`, after each heading that has an id; `label` is what
    the link is called, with {} for the heading's words."""

    def link(found: re.Match[str]) -> str:
        level, name, content = found.groups()
        address = f"{escape(page)}#{name}"
        told = escape(label).format(_TAG.sub("", content))
        anchor = f'<a class="anchor" href="{address}" aria-label="{told}">#</a>'
        return f'<{level} id="{name}">{content} {anchor}</{level}>'

    return _HEADING.sub(link, html)


def inline_code(title: str) -> str:
    """A title as HTML: `backticks` are code, all else is escaped."""
    return with_code(escape(printable(title)), "<code>", "</code>")


def code_free(title: str) -> str:
    """A title as plain text: without the backticks of its code."""
    return with_code(printable(title), "", "")


def absolutise(html: str, base_url: str) -> str:
    """`html`, whose attributes stand in double quotes, with every href and src made absolute
    against `base_url`, the address of its page; all else stays as it is."""

    def absolute(found: re.Match[str]) -> str:
        return f'{found[1]}"{escape(_joined(base_url, unescape(found[2])))}"'

    return _ADDRESS.sub(absolute, html)


def _blocks(text: str, env: dict[str, Any]) -> list[Token]:
    """What `text` is rendered from; one that is too dense is shown as it was typed."""
    try:
        return _DIALECT.read(text, env)
    except TooDense:
        lines = [0, text.count("\n") + 1]
        return [Token("code_block", "code", 0, content=text, map=lines, block=True)]


# The renderer -------------------------------------------------------------------------


def _openings(tokens: Sequence[Token]) -> list[int]:
    return [n for n, token in enumerate(tokens) if token.type == "heading_open"]


def _notes_open(*_: Any) -> str:
    """The plugin's is a section, which ought to have a heading."""
    return '<hr class="footnotes-sep">\n<div class="footnotes">\n<ol class="footnotes-list">\n'


class _Renderer(RendererHTML):
    """What the stock renderer lacks: colours, tables and code that scroll alone and by
    keyboard, classes for styles, images that wait and hold their place."""

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        code = tokens[idx].content
        language = (tokens[idx].info.lower().split() or [""])[0]
        if language not in LANGUAGES:
            return f'<pre tabindex="0"><code>{escape(code)}</code></pre>\n'
        env["coloured"] -= max(len(code), _LEAST_COLOURED)
        html = _coloured(code, language) if env["coloured"] >= 0 else escape(code)
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


def _coloured(code: str, language: str) -> str:
    return highlight(code, get_lexer_by_name(language, stripnl=False), _FORMATTER)


def _joined(base_url: str, address: str) -> str:
    try:
        return urljoin(base_url, address)
    except ValueError:  # brackets that hold no IPv6 address
        return address


def _dialect() -> Dialect:
    dialect = Dialect(_Renderer)
    dialect.add_render_rule("footnote_block_open", _notes_open)
    dialect.add_render_rule("footnote_block_close", lambda *_: "</ol>\n</div>\n")
    return dialect


_DIALECT: Final = _dialect()
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
