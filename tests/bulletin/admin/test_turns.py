from __future__ import annotations

import threading

import pytest
from django.db import connection

from bulletin.publishing import save_lock


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_second_save_begins_when_the_first_has_ended() -> None:
    order: list[str] = []

    def second() -> None:
        with save_lock():
            order.append("second")
        connection.close()

    other = threading.Thread(target=second)
    with save_lock():
        other.start()
        # Long enough for the other to come first, if it could.
        other.join(0.3)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
