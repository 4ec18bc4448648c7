"""One renderer: what it makes, what it never lets through, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from incidents import markdown
from incidents.heading_ids import assign_ids
from incidents.validators import validate_body
from tests.cost import lines_run
from tests.incidents.pathological import GROWING


def essay(text: str) -> str:
    return markdown.render(text, markdown.ESSAY).html


def incident(text: str, prefix: str = "") -> str:
    return markdown.render(text, markdown.INCIDENT, prefix=prefix).html


# What it makes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* ~~gone~~", "<p><strong>b</strong> <em>i</em> <s>gone</s></p>\n"),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>\n"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>\n'),
        ("a  \nb\r\nc", "<p>a<br>\nb\nc</p>\n"),
        ("---", "<hr>\n"),
        ("    code", '<pre tabindex="0"><code>code\n</code></pre>\n'),
    ],
)
def test_commonmark(text: str, html: str) -> None:
    assert incident(text) == html


def test_items_of_a_task_list_have_boxes() -> None:
    html = essay("- [ ] One *thing*\n- [x] two\n- [X] three\n- [ ]\n- [y] four\n\n[ ] five")
    for item in ("☐ One <em>thing</em>", "☑ two", "☑ three", "[y] four"):
        assert f"<li>{item}</li>" in html
    assert "<p>[ ] five</p>" in html
    assert "<li>☐ a</li>" in incident("1. [ ] a")


def test_a_table_scrolls_alone_and_its_alignment_is_a_class() -> None:
    html = incident("|a|b|\n|:-:|-:|\n|1|2|")
    assert html.startswith('<div class="scroll" tabindex="0"><table>')
    assert '<th class="align-center">a</th>' in html
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


def test_code_of_a_known_language_has_classes() -> None:
    html = incident("```python title=x\n\ndef f(): ...\n```")
    assert html.startswith('<pre tabindex="0"><code class="language-python">\n<span class="k">def')


@pytest.mark.parametrize("info", ["", "nonsense", '"onload=x', "x" * 500])
def test_code_of_an_unknown_language_is_plain(info: str) -> None:
    assert incident(f"```{info}\n<b>\n```") == '<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>\n'


def test_very_long_code_is_shown_without_colours() -> None:
    html = incident("```python\n" + "x = 1\n" * 3000 + "```")
    assert "<span" not in html
    assert html.count("x = 1") == 3000


def test_addresses_become_links_and_file_names_do_not() -> None:
    html = incident(
        "See https://a.example/x(y)?a=1&b=2. deploy.py, www.b.example, git@host.example"
    )
    assert html == (
        '<p>See <a href="https://a.example/x(y)?a=1&amp;b=2" rel="noopener">'
        "https://a.example/x(y)?a=1&amp;b=2</a>. deploy.py, www.b.example, git@host.example</p>\n"
    )


def test_an_upload_holds_its_place_and_waits() -> None:
    html = incident(f'![A "map"](/log/media/uploads/{"0" * 32}-640x480.png "t")')
    assert 'alt="A &quot;map&quot;" title="t" width="640" height="480" loading="lazy"' in html


def test_headings_of_an_essay_start_at_two_and_have_ids() -> None:
    rendered = markdown.render("# A\n## B `c` *d*\n### E\n###### F", markdown.ESSAY)
    assert rendered.html == (
        '<h2 id="a">A</h2>\n<h2 id="b-c-d">B <code>c</code> <em>d</em></h2>\n'
        '<h3 id="e">E</h3>\n<h6 id="f">F</h6>\n'
    )
    assert rendered.headings[1] == markdown.Heading("B c d", "b-c-d")


def test_headings_of_an_incident_start_at_four_and_have_no_ids() -> None:
    rendered = markdown.render("# A\n## B\n### C\n##### D", markdown.INCIDENT)
    assert rendered.html == "<h4>A</h4>\n<h4>B</h4>\n<h5>C</h5>\n<h6>D</h6>\n"
    assert rendered.headings == ()


def test_a_renamed_heading_keeps_its_id() -> None:
    before = markdown.render("## One\n## Two", markdown.ESSAY)
    after = markdown.render("## One\n## Zwei", markdown.ESSAY, fixed=before.headings)
    assert '<h2 id="two">Zwei</h2>' in after.html


def test_footnotes_of_two_bodies_share_no_id() -> None:
    text = "a[^1] b[^1] ^[inline]\n\n[^1]: note"
    ids = [re.findall(r'id="([^"]+)"', incident(text, prefix)) for prefix in ("x", "y", "")]
    assert len({name for group in ids for name in group}) == 3 * 5


def test_links_of_footnotes_lead_somewhere() -> None:
    html = incident("a[^1] b[^1] ^[inline]\n\n[^1]: note", "x")
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'id="([^"]+)"', html))


def test_rendering_twice_gives_the_same_bytes() -> None:
    text = "# A\n\n[^1] ```x``` https://a.example\n\n[^1]: n\n\n```go\nfunc f() {}\n```"
    assert essay(text) == essay(text)


# What it never lets through -----------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=x&gt;'>",
    "<form id=x><input name=body></form>",
    "<!-- --><![CDATA[x]]><?php x ?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java\x00script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x]( data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x) [y](file:///etc/passwd) [z](blob:x) [w](ftp://x)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](data:image/png;base64,AAAA)",
    '![x](y "onerror=alert(1)")',
    '![" onerror="alert(1)](x)',
    '[x](/y "\\" onclick=\\"alert(1)")',
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '```"><script>alert(1)</script>\nx\n```',
    "```python\n</code></pre><script>alert(1)</script>\n```",
    "|a|\n|:-:|\n|<img onerror=x>|",
    "[^<b>]\n\n[^<b>]: <img src=x onerror=alert(1)>",
    '# " onmouseover="alert(1)',
    "# location\n# __proto__\n# constructor",
    'https://a.example/"onclick=alert(1)',
    "https://a.example/%0Conclick=alert(1)",
    "\ud800 \udfff \ufffe \uffff \x0b &#12; &#0; &#xD800; &#x1F;",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\u202e\u2066 reversed",
    "<a id=location name=cookie>",
]
TAGS = {
    *("a", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img"),
    *("li", "ol", "p", "pre", "s", "section", "span", "strong", "sup", "table", "tbody", "td"),
    *("th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    *("alt", "class", "height", "href", "id", "loading", "rel", "src", "start", "tabindex"),
    *("title", "width"),
}


class Inspector(HTMLParser):
    """Notes each tag, attribute and address, as a browser would read them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]


def assert_harmless(html: str) -> None:
    seen = Inspector(html)
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    for address in seen.addresses:
        scheme = re.match(r"[\s\x00-\x1f]*([^/?#:]*):", address)
        assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(text: str) -> None:
    assert_harmless(essay(text))
    assert_harmless(incident(f"> - {text}", prefix="p"))


@given(st.lists(st.sampled_from([*HOSTILE, "\n\n", "> ", "- ", "`", "*", "[", "](", "<", '"'])))
def test_any_mix_of_hostile_texts_is_harmless(parts: list[str]) -> None:
    assert_harmless(essay("".join(parts)))


@given(st.text())
def test_any_text_renders(text: str) -> None:
    assert_harmless(essay(text))
    assert "\n" not in markdown.plain(text)


def test_raw_html_is_shown_as_text() -> None:
    assert incident("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"


def test_a_refused_address_stays_readable() -> None:
    assert incident("[x](javascript:1)") == "<p>[x](javascript:1)</p>\n"


# What it costs ------------------------------------------------------------------------


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_text_costs_about_twice(name: str) -> None:
    once, twice = (GROWING[name](size) for size in (300, 600))
    essay(once)  # what is compiled at first use is no cost of the text
    cost = lines_run(lambda: essay(once))
    assert lines_run(lambda: essay(twice)) <= 2.4 * cost


def test_references_stop_where_they_would_add_megabytes() -> None:
    text = f"[a]: /{'x' * 50_000}\n\n{'[a] ' * 30_000}"
    assert len(essay(text)) < 5_000_000


def test_an_address_within_an_address_renders() -> None:
    """The parser raised RuntimeError here."""
    assert "www.a.example[[" in essay("www.a.example[[http://ab/[c://")


@pytest.mark.parametrize("edit", [lambda n: f"{n}", lambda n: f"{n // 2}", lambda n: "a"])
def test_keeping_anchors_costs_in_proportion(edit: Callable[[int], str]) -> None:
    def cost(size: int) -> int:
        texts = [edit(n) for n in range(size)]
        fixed = assign_ids(texts[::-1])
        return lines_run(lambda: assign_ids(texts, fixed))

    assert cost(400) <= 2.4 * cost(200)


def test_a_body_of_200_kilobytes_is_taken_and_a_longer_one_refused() -> None:
    validate_body("é" * 100_000)
    with pytest.raises(ValidationError, match="200,001 bytes; the limit is 200,000"):
        validate_body("é" * 100_000 + "a")


# Words --------------------------------------------------------------------------------


def test_plain_text_is_one_line_without_markup() -> None:
    text = "# A `b`\n\n- [c](/x) ![d](y)\n- e  \n  f\n\n```sh\ng\n```\n[^1]\n\n[^1]: note <h>"
    assert markdown.plain(text) == "A b c d e f g note <h>"


@pytest.mark.parametrize(
    ("title", "html", "words"),
    [
        ("`flyctl` & <b>", "<code>flyctl</code> &amp; &lt;b&gt;", "flyctl & <b>"),
        ("a ``b`c`` d", "a <code>b`c</code> d", "a b`c d"),
        ("one ` alone", "one ` alone", "one ` alone"),
        ("`<script>`", "<code>&lt;script&gt;</code>", "<script>"),
        ("nul\x00 `\ud800x`", "nul <code>x</code>", "nul x"),
        ("", "", ""),
    ],
)
def test_backticks_of_a_title_are_code_or_nothing(title: str, html: str, words: str) -> None:
    assert markdown.inline_code(title) == html
    assert markdown.strip_code(title) == words


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("/x?a=1&amp;b=2", "https://log.example/x?a=1&amp;b=2"),
        ("#fn1", "https://log.example/log/2024-07-06/#fn1"),
        ("grid.png", "https://log.example/log/2024-07-06/grid.png"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("https://a.example/?q=%22", "https://a.example/?q=%22"),
        ("http://[bad", "http://[bad"),
        ("", "https://log.example/log/2024-07-06/"),
    ],
)
def test_addresses_are_made_absolute(address: str, absolute: str) -> None:
    html = f'<p title="a > href="><a class="x" href="{address}">href="/x"</a></p>'
    expected = html.replace(f'class="x" href="{address}"', f'class="x" href="{absolute}"')
    assert markdown.absolute_links(html, "https://log.example/log/2024-07-06/") == expected


def test_pictures_are_made_absolute_and_nothing_else_changes() -> None:
    html = essay('"a" > b & c\n\n![x > "y"](/m.png)\n\n```html\n<a href="/x">\n```')
    absolute = markdown.absolute_links(html, "https://log.example/p/")
    assert absolute == html.replace('src="/m.png"', 'src="https://log.example/m.png"')


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One\nline.\n\nTwo.", [0, 3]),
        ("\n\n# A\ntext\n***\n- a\n\n  b\n- c\n\n> q", [2, 3, 4, 5, 10]),
        ("| a |\n|---|\n| b |\n\n    code\n\n[a]: /x\n\n[a]", [0, 4, 8]),
        ("A[^1]\n\n[^1]: note\n\nB", [0, 4]),
        ("", []),
    ],
)
def test_each_block_is_known_by_its_line(text: str, lines: list[int]) -> None:
    assert markdown.block_lines(text) == lines


BLOCKS = [
    *("# H", "P\nq", "- a\n- b", "1. x\n\n   y", "> q\n\n> r", "```\nx\n\ny\n```", "    c"),
    *("| a |\n|---|\n| b |", "***", "T\n===", "n[^n]", "[^n]: note", "[r]: /x", "![i](/i.png)"),
]


@given(st.lists(st.sampled_from(BLOCKS), max_size=8).map("\n\n".join))
def test_there_is_a_line_for_each_element_at_the_top(text: str) -> None:
    html = re.sub(r"<(hr|img)\b([^>]*)>", r"<\1\2/>", markdown.render(text, markdown.ESSAY).html)
    top = ElementTree.fromstring(f"<body>{html}</body>")
    blocks = [one for one in top if not one.get("class", "").startswith("footnotes")]
    lines = markdown.block_lines(text)
    assert len(lines) == len(blocks)
    assert lines == sorted(set(lines))
