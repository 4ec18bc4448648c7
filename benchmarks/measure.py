"""Ratios of what runs interleaved: `rounds` rounds, in each of which every candidate runs once.

A candidate is a function without arguments; it is warmed by one call, and a round repeats it until
`least` seconds of this process's time are over, so that the clock's grain does not show. A time is
CPU seconds of this process a call. Candidates of one round share its noise, so a ratio is taken
within a round, and shown are the least, the median and the most of them.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path


def times(
    candidates: Mapping[str, Callable[[], object]], *, rounds: int = 5, least: float = 0.2
) -> dict[str, list[float]]:
    """Seconds a call of each candidate, round by round."""
    for candidate in candidates.values():
        candidate()
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _round in range(rounds):
        for name, candidate in candidates.items():
            calls, begun = 0, time.process_time()
            while (taken := time.process_time() - begun) < least:
                candidate()
                calls += 1
            found[name].append(taken / calls)
    return found


def table(found: Mapping[str, list[float]], base: str, unit: float = 1e3) -> str:
    """A Markdown table: the median of each in milliseconds, and how many times `base` it takes."""
    lines = [f"| | ms | × {base}: least | median | most |", "|---|--:|--:|--:|--:|"]
    for name, taken in found.items():
        ratios = [one / other for one, other in zip(taken, found[base], strict=True)]
        cells = [f"{statistics.median(taken) * unit:.3g}"]
        cells += [f"{value:.2f}" for value in (min(ratios), statistics.median(ratios), max(ratios))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> str:
    """One line on what this runs on."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(named)} × {named[0].partition(':')[2].strip()}" if named else model
    return f"{model}, {platform.system()}, Python {sys.version.split()[0]}"
