"""Replicas are replaced one after the other while readers read and an editor saves."""

from __future__ import annotations

import threading
from collections import Counter

from tests.deploy.stack import Stack
from tests.servers import wait_until


def test_nobody_notices_that_replicas_are_replaced(stack: Stack, said: list[str]) -> None:
    seen: Counter[int] = Counter()
    over = threading.Event()

    def read() -> None:
        number = 0
        while not over.is_set():
            number += 1
            # Each of its own, so that each goes through to a replica.
            seen[stack.get(f"/incidents/?year={number % 9000 + 1000}").status] += 1

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for replica in stack.replicas:
        before = set(replica.workers())
        replica.reload()
        wait_until(lambda r=replica, b=before: b.isdisjoint(r.workers()), "the old workers' end")
        replica.stop()
        replica.start()
    over.set()
    for reader in readers:
        reader.join()
    said.append(f"{sum(seen.values())} pages read while two replicas were replaced: {dict(seen)}")
    assert set(seen) == {200}
