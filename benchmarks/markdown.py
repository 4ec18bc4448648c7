"""Markdown and import: python -m benchmarks.markdown

Ours, with its highlighting and sanitising, beside Python-Markdown and cmarkgfm, which sanitise
nothing; then how many times prose of its length each pathological text costs, and twice the text.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import cmarkgfm
import markdown

from benchmarks.measure import machine, table, times
from bulletin.importing.parser import ImportContext, parse
from incidents import markdown as renderer
from tests.incidents.pathological import GROWING, of_length, prose

ROOT = Path(__file__).resolve().parents[1]
LENGTH = 50_000
# Python-Markdown takes minutes for some of the long ones.
SHORT = {"Python-Markdown": 4_000}
CONTEXT = ImportContext(
    regions={"GRU": "", "SYD": ""}, services=[], zone=ZoneInfo("America/New_York")
)
ITEM = "July 2: Queue down (15:00 EST): It was down for 5 minutes in GRU.\n\n"
RENDERERS: dict[str, Callable[[str], object]] = {
    "ours": lambda text: renderer.render(text, renderer.ESSAY),
    "Python-Markdown": lambda text: markdown.markdown(
        text, extensions=["tables", "footnotes", "fenced_code"]
    ),
    "cmarkgfm": cmarkgfm.github_flavored_markdown_to_html,
}


def seconds(render: Callable[[str], object], text: str) -> float:
    """The least of three, or the first where it is long."""
    taken = []
    while len(taken) < 3 and sum(taken) < 1:
        begun = time.process_time()
        render(text)
        taken.append(time.process_time() - begun)
    return max(min(taken), 1e-4)


def growth(name: str, make: Callable[[int], str]) -> str:
    """Times prose, and times half the text."""
    render, length = RENDERERS[name], SHORT.get(name, LENGTH)
    try:
        half, whole = (seconds(render, of_length(make, size)) for size in (length // 2, length))
    except RecursionError:
        return "fails | fails"
    return f"{whole / seconds(render, prose(length)):.1f} | {whole / half:.1f}"


def main() -> None:
    print(machine(), "\n")
    samples = ROOT / "tests/bulletin/importing/samples"
    week = "\n\n".join(path.read_text() for path in sorted(samples.glob("md-*.md")))
    text = week * (LENGTH // len(week) + 1)
    print(f"Bulletins as teams write them, {len(text):,} characters\n")
    found = times({name: lambda run=run: run(text) for name, run in RENDERERS.items()})
    print(table(found, "ours"), "\n")
    heads = " | ".join(f"{name}: × prose | × half" for name in RENDERERS)
    lengths = f"{LENGTH:,} characters (Python-Markdown: 4,000) of"
    print(f"| {lengths} | {heads} |\n|---|{'--:|--:|' * len(RENDERERS)}")
    for name, make in GROWING.items():
        cells = " | ".join(growth(renderer, make) for renderer in RENDERERS)
        print(f"| {name} | {cells} |", flush=True)
    halves = [
        seconds(lambda text: parse(text, date(2024, 7, 6), CONTEXT), ITEM * n) for n in (500, 1000)
    ]
    print(f"\nImport of 1,000 items: × 500 items {halves[1] / halves[0]:.2f}")


if __name__ == "__main__":
    main()
