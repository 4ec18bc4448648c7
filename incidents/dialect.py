"""The dialect of Markdown that is read: CommonMark, tables, strikethrough, footnotes and addresses;
pure.

The parser asks each of its rules in turn at every place. Here it asks only those that the character
there can begin, which changes what a text costs and never what it means; and what it asks is
counted, so that no text of marks alone costs many times what prose of its length does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import ParserInline, RuleFuncInlineType
from markdown_it.renderer import RendererProtocol
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_inline import (
    StateInline,
    autolink,
    emphasis,
    image,
    link,
    linkify,
    strikethrough,
)
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

MAX_FOOTNOTE_LABEL: Final = 100
SCHEMES: Final = frozenset({"http", "https", "mailto"})
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)

# Work is counted in questions of some 3 µs each where a character of prose costs 0.2 µs. A text may
# take so much a character, and so much more, for a short one may be a table of links alone.
_WORK_A_CHARACTER: Final = 0.4
_WORK_OF_A_TABLE: Final = 3_000
_BLOCK_WORK: Final = 5
_ITEM_WORK: Final = 3
_CELL_WORK: Final = 3
_SEEN_WORK: Final = 0.2
_ADDRESS_WORK: Final = 4
_ATTEMPT_WORK: Final = 2
# A reference has few characters, and writes an address of many once more.
_CHARACTERS_A_WORK: Final = 50
_CHARACTERS_READ_A_WORK: Final = 100

# The characters that a rule can begin with; a rule that isn't here is asked everywhere.
_BLOCKS: Final = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "reference": "[",
    "footnote_def": "[",
    "heading": "#",
}
_INLINES: Final = {
    "linkify": ":",
    "newline": "\n",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "image": "!",
    "autolink": "<",
    "entity": "&",
    "footnote_inline": "^",
    "footnote_ref": "[",
}
# Where text can end, for one of _INLINES or for a link's label.
_END_OF_TEXT = re.compile(
    r"[\n*_`~\[\]\\]|!(?=\[)|\^(?=\[)|&(?=[#a-zA-Z])|<(?=[a-zA-Z0-9.!#$%'*+/=?^_`{|}~-])|:(?=//)"
)


_TICKS = re.compile("`+")
_UNBROKEN = re.compile(r"[^\s<]{1,2000}")


class TooDense(Exception):
    """A text has more marks than a text of its length can have."""


class _Work:
    """What may still be asked of a text."""

    def __init__(self, text: str) -> None:
        self.left = _WORK_OF_A_TABLE + len(text) * _WORK_A_CHARACTER

    def spend(self, work: float) -> None:
        self.left -= work
        if self.left < 0:
            raise TooDense


class Dialect(MarkdownIt):
    def __init__(self, renderer: Callable[..., RendererProtocol]) -> None:
        options = {"html": False, "linkify": True, "maxNesting": 30}
        super().__init__("commonmark", options, renderer_cls=renderer)
        self.inline = _Inline()
        self.configure("commonmark", options)
        self.enable(["table", "strikethrough", "linkify"])
        self.disable(["html_block", "html_inline"])
        self.use(footnote_plugin)
        self.linkify = _Addresses(options=_STRICT)
        self.linkify.add("//", None)
        self.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
        self.inline.ruler.at("footnote_ref", _making(_short_footnote_ref))
        self.inline.ruler.at("link", _closed(_making(link)))
        self.inline.ruler.at("image", _closed(_making(image)))
        self.inline.ruler.at("emphasis", _making(emphasis.tokenize))
        self.inline.ruler.at("strikethrough", _making(strikethrough.tokenize))
        self.inline.ruler.at("autolink", _making(autolink))
        self.inline.ruler.at("linkify", _making(_address))
        self.inline.terminator_re = _END_OF_TEXT
        self.block.ruler = _by_character(self.block.ruler, _BLOCKS, _block_rule)
        self.inline.ruler = _by_character(self.inline.ruler, _INLINES, _inline_rule)

    def validateLink(self, url: str) -> bool:
        scheme = _SCHEME.match(url)
        return scheme is None or scheme[1].lower() in SCHEMES

    def read(self, text: str, env: dict[str, Any]) -> list[Token]:
        """The blocks of `text`; TooDense."""
        env["work"] = _Work(text)
        return self.parse(text, env)


class _Inline(ParserInline):
    def skipToken(self, state: StateInline) -> None:
        """Looking ahead for the end of a label goes over the same places again and again."""
        if (end := state.cache.get(state.pos)) is None:
            super().skipToken(state)
        else:
            state.pos = end
            state.env["work"].spend(_SEEN_WORK)


class _Addresses(LinkifyIt):  # type: ignore[misc]
    """Addresses in plain text: the stock patterns read on to the end of the text for a bracket."""

    def match_at_start(self, text: str) -> Any:
        found = _UNBROKEN.match(text)
        return super().match_at_start(found[0]) if found else None

    def test(self, text: str) -> bool:
        """Of all that the parser's rule for "://" leaves, a mailbox only."""
        return "mailto:" in text and bool(_MAILBOXES.test(text))

    def match(self, text: str) -> Any:
        return _MAILBOXES.match(text)


# A file such as deploy.py is no site, and git@host no mailbox.
_STRICT: Final = {"fuzzy_link": False, "fuzzy_email": False}
_MAILBOXES: Final = LinkifyIt(options=_STRICT)
for _scheme in ("http:", "https:", "ftp:", "//"):
    _MAILBOXES.add(_scheme, None)


def with_code(text: str, opening: str, closing: str) -> str:
    """A line in which nothing but `backticks` means anything, with other words in their place."""
    runs = list(_TICKS.finditer(text))
    closers: list[re.Match[str] | None] = []
    latest: dict[int, re.Match[str]] = {}
    for run in reversed(runs):
        closers.append(latest.get(len(run[0])))
        latest[len(run[0])] = run
    parts: list[str] = []
    done = 0
    for run, closer in zip(runs, reversed(closers), strict=True):
        if closer and run.start() >= done:
            code = text[run.end() : closer.start()]
            parts += [text[done : run.start()], opening, code, closing]
            done = closer.end()
    return "".join([*parts, text[done:]])


# Rules by character -------------------------------------------------------------------


class _Chosen(Ruler[Any]):
    """Chains of one rule, which asks those that can begin where the state stands."""

    def __init__(self, chains: dict[str, list[Any]], active: list[str]) -> None:
        super().__init__()
        self._chains, self._active = chains, active

    def getRules(self, chainName: str = "") -> list[Any]:
        return self._chains[chainName]

    def get_active_rules(self) -> list[str]:
        return self._active


def _by_character(
    ruler: Ruler[Any],
    begins: dict[str, str],
    asking: Callable[[dict[str, list[Any]], list[Any], int], Any],
) -> _Chosen:
    names = dict(zip(ruler.getRules(), ruler.get_active_rules(), strict=True))
    chains = {}
    for chain in ("", "paragraph", "reference", "blockquote", "list"):
        rules = ruler.getRules(chain)
        anywhere = [rule for rule in rules if names[rule] not in begins]
        chosen = {
            character: [rule for rule in rules if character in begins.get(names[rule], character)]
            for character in set("".join(begins.values()))
        }
        chains[chain] = [asking(chosen, anywhere, _ITEM_WORK if chain == "list" else 1)]
    return _Chosen(chains, ruler.get_active_rules())


def _block_rule(
    chosen: dict[str, list[RuleFuncBlockType]], anywhere: list[RuleFuncBlockType], silently: int
) -> RuleFuncBlockType:
    def ask(state: StateBlock, line: int, last: int, silent: bool) -> bool:
        state.env["work"].spend(silently if silent else _BLOCK_WORK)
        start = state.bMarks[line] + state.tShift[line]
        rules = chosen.get(state.src[start : start + 1], anywhere)
        return any(rule(state, line, last, silent) for rule in rules)

    return ask


def _inline_rule(
    chosen: dict[str, list[RuleFuncInlineType]], anywhere: list[RuleFuncInlineType], work: int
) -> RuleFuncInlineType:
    def ask(state: StateInline, silent: bool) -> bool:
        state.env["work"].spend(work)
        rules = chosen.get(state.src[state.pos], anywhere)
        return any(rule(state, silent) for rule in rules)

    return ask


# Rules with a bound -------------------------------------------------------------------


def _closed(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """The rule for a bracket, asked only where it can close: it would read to the end to see."""

    def ask(state: StateInline, silent: bool) -> bool:
        last = "]" if "references" in state.env else "]("
        if state.html_terminator_last(last) <= state.pos:
            return False
        state.env["work"].spend(_ATTEMPT_WORK)
        return rule(state, silent)

    return ask


def _making(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """The rule, with what it costs to write what it makes."""

    def ask(state: StateInline, silent: bool) -> bool:
        before = len(state.tokens)
        found = rule(state, silent)
        for token in state.tokens[before:]:
            read = sum(len(str(value)) for value in token.attrs.values()) // _CHARACTERS_A_WORK
            links = bool(token.attrs or token.meta)
            state.env["work"].spend(1 + links * _ADDRESS_WORK + read)
        return found

    return ask


def _address(state: StateInline, silent: bool) -> bool:
    run = _UNBROKEN.match(state.src, state.pos)
    read = len(state.pending) + (5 * len(run[0]) if run else 0)
    state.env["work"].spend(_ATTEMPT_WORK + read // _CHARACTERS_READ_A_WORK)
    return linkify(state, silent)


def _short_footnote_ref(state: StateInline, silent: bool) -> bool:
    """The plugin's rule reads on for a bracket to the end of the text, from each of them."""
    start = state.pos + 2
    return "]" in state.src[start : start + MAX_FOOTNOTE_LABEL] and footnote_ref(state, silent)


def _bounded_table(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """A row has all the cells of the first, also those that were not written."""
    if silent or not table(state, line, last, True):
        return silent and table(state, line, last, True)
    columns = state.src.count("|", state.bMarks[line], state.eMarks[line])
    end = line
    while end < last and not state.isEmpty(end):
        end += 1
        state.env["work"].spend(_CELL_WORK * columns)
    return table(state, line, last, False)
