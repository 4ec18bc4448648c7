"""The Markdown parser: CommonMark, tables, strikethrough, footnotes, links of plain addresses.

Bounds hold its time and output to the length of a text. Without them 50,000 characters of footnote
openers take 60 s, of `http://a.b/[` 8 s, of `ftp://a.b` 4 s, and a definition makes 150 MB of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, linkify
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

MAX_FOOTNOTE_LABEL: Final = 100
MAX_ADDRESS: Final = 2_000
# Characters that the references of a text may add to its HTML.
MAX_REFERENCED: Final = 2_000_000
SCHEMES: Final = frozenset({"http", "https", "mailto"})
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WEB_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])https?$", re.IGNORECASE)
_ADDRESS = re.compile(rf"[^\s<]{{1,{MAX_ADDRESS}}}")
_BOX = re.compile(r"\[([ xX])\] (?=\S)")
# A file such as deploy.py is no site, and git@host no mailbox.
_STRICT: Final = {"fuzzy_link": False, "fuzzy_email": False}


class Parser(MarkdownIt):
    def __init__(self, renderer: Callable[..., RendererProtocol]) -> None:
        options = {"html": False, "linkify": True, "maxNesting": 30}
        super().__init__("commonmark", options, renderer_cls=renderer)
        self.enable(["table", "strikethrough", "linkify"])
        self.disable(["html_block", "html_inline"])
        self.use(footnote_plugin)
        self.linkify = _Linkify(options=_STRICT)
        self.inline.ruler.at("footnote_ref", _footnote_ref)
        self.inline.ruler.at("linkify", _web_address)
        self.core.ruler.after("inline", "boxes", _boxes)

    def parse(self, src: str, env: Any = None) -> list[Token]:
        env["references"] = _References()
        return super().parse(src, env)

    def validateLink(self, url: str) -> bool:
        scheme = _SCHEME.match(url)
        return scheme is None or scheme[1].lower() in SCHEMES


class _References(dict[str, dict[str, Any]]):
    """Definitions of links, until what they add is too long."""

    left = MAX_REFERENCED

    def get(self, label: str, default: Any = None) -> Any:
        found = super().get(label)
        if found:
            self.left -= len(found["href"]) + len(found["title"])
        return found if found and self.left >= 0 else default


class _Linkify(LinkifyIt):  # type: ignore[misc]
    """Web addresses where a rule meets "://", of MAX_ADDRESS characters at most; mail addresses
    anywhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for scheme in ("http:", "https:", "ftp:", "//"):
            self.add(scheme, None)
        self.web = LinkifyIt(**options).add("//", None)

    def match_at_start(self, text: str) -> Any:
        found = _ADDRESS.match(text)
        return self.web.match_at_start(found[0]) if found else None


def _web_address(state: StateInline, silent: bool) -> bool:
    """The stock rule searches all text so far for a scheme, and can match without advancing,
    which the parser answers with RuntimeError."""
    start = state.pos
    if _WEB_SCHEME.search(state.pending[-6:]) and linkify(state, silent) and state.pos > start:
        return True
    state.pos = start
    return False


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    start = state.pos + 2
    return "]" in state.src[start : start + MAX_FOOTNOTE_LABEL] and footnote_ref(state, silent)


def _boxes(state: StateCore) -> None:
    """Items of task lists (GFM, section 5.3) begin with a box, "[ ]" or "[x]"."""
    for item, _paragraph, inline in zip(
        state.tokens, state.tokens[1:], state.tokens[2:], strict=False
    ):
        if item.type != "list_item_open" or not inline.children:
            continue
        first = inline.children[0]
        if box := _BOX.match(first.content):
            first.content = ("☐ " if box[1] == " " else "☑ ") + first.content[box.end() :]
