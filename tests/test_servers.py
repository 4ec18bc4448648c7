from __future__ import annotations

from pathlib import Path

import pytest

from tests import servers


class NeverReady(servers.Server):
    def is_ready(self) -> bool:
        self.seen = self.pid
        return False


def test_a_server_that_does_not_come_up_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "PATIENCE", 0)
    server = NeverReady(["sleep", "1000"], servers.free_port(), tmp_path / "log")
    with pytest.raises(TimeoutError):
        server.start()
    assert not Path(f"/proc/{server.seen}").exists()
