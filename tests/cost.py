"""What work costs, for tests."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


def lines_run(work: Callable[[], Any]) -> int:
    """The lines of Python that `work` runs: a cost that no other process disturbs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


# Seconds of the processor: some hundred times what work in proportion takes, and a part of what
# quadratic work on the same text would.
QUADRATIC = 30


@contextmanager
def no_quadratic_work() -> Iterator[None]:
    """For work within C, such as regular expressions', whose steps can't be counted."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < QUADRATIC
