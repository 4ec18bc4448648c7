"""Texts that cost parsers of Markdown too much, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Callable

GROWING: dict[str, Callable[[int], str]] = {
    "open brackets": lambda n: "[" * n,
    "images": lambda n: "![" * n,
    "open links": lambda n: "[a](b" * n,
    "empty links": lambda n: "[](" * n,
    "quotes": lambda n: ">" * n,
    "quoted lines": lambda n: "> > > a\n" * n,
    "lists on a line": lambda n: "- " * n,
    "nested lists": lambda n: "".join("  " * (i % 9) + "- a\n" for i in range(n)),
    "emphasis": lambda n: "*a **b " * n,
    "closing emphasis": lambda n: "*a " * n + "a* " * n,
    "strikes": lambda n: "~~a" * n,
    "table rows": lambda n: "|a|b|\n|-|-|\n" + "|x|y|\n" * n,
    "table columns": lambda n: "|" + "a|" * n + "\n|" + "-|" * n,
    "tables": lambda n: "a|b\n-|-\n" * n,
    "addresses": lambda n: "*a* https://a.example " * n,
    "a long address": lambda n: "https://a.example/" + "a(" * n,
    "schemes": lambda n: "http://" * n,
    "autolinks": lambda n: "<http://a" * n,
    "open footnotes": lambda n: "[^a]: x\n\n" + "[^" * n,
    "open footnotes in words": lambda n: "[^a]: x\n\n" + "[^abc" * n,
    "footnotes": lambda n: "".join(f"[^{i}]: x\n\n[^{i}]\n\n" for i in range(n)),
    "inline footnotes": lambda n: "^[" * n + "]" * n,
    "footnotes in footnotes": lambda n: "[^a]: " * n,
    "backticks": lambda n: "".join("`" * i + " " for i in range(int(n**0.5) * 2)),
    "definitions": lambda n: "".join(f"[{i}]: x\n[{i}]\n\n" for i in range(n)),
    "entities": lambda n: "&#" * n,
    "same headings": lambda n: "# a\n" * n,
    "other headings": lambda n: "".join(f"# a {i}\n" for i in range(n)),
    "underlined headings": lambda n: "a\n-\n" * n,
    "paragraph lines": lambda n: "a\n" * n,
    "brackets in an address": lambda n: "http://a.b/[" * n,
    "schemes that are none": lambda n: "ftp://a.b " * n,
    "links": lambda n: "[a](b) " * n,
    "nested pictures": lambda n: "![" * n + "](a)" * n,
    "brackets and stars": lambda n: "[*" * n,
    "emphasis of three": lambda n: "a***b**c*" * n,
    "mixed marks": lambda n: "*a_ **x* _y__ ~~z " * n,
    "a long definition": lambda n: "[a]: /" + "x" * 3 * n + "\n\n" + "[a] " * n,
    "nested footnotes": lambda n: ("^[" * 25 + "a" + "]" * 25 + " ") * (n // 20),
    "empty items": lambda n: "-\n" * n,
    "lists of one": lambda n: "- a\n* b\n" * n,
    "lazy quotes": lambda n: ">" * 50 + "a\n" * n,
    "cells not written": lambda n: "|" + "a|" * n + "\n|" + "-|" * n + "\n" + "|x\n" * n,
    "deep indentation": lambda n: (" " * 500 + "a\n") * (n // 10),
    "long fences": lambda n: "`" * n + "\nx\n" + "`" * (n - 1),
    "tags": lambda n: "<a b=c " * n,
    "line ends of CR and LF": lambda n: "a\r\n\r\n" * n,
    "code": lambda n: "```python\nx\n```\n" * n,
}


def of_length(make: Callable[[int], str], length: int) -> str:
    """About so many characters of a text that grows."""
    size = 64
    while len(make(2 * size)) <= length:
        size *= 2
    return make(max(size, int(size * length / len(make(size)))))


def prose(length: int) -> str:
    """Paragraphs of plain sentences."""
    paragraph = "The router of this region lost packets while we moved its traffic away. " * 5
    return (f"{paragraph}\n\n" * (length // len(paragraph) + 1))[:length]
