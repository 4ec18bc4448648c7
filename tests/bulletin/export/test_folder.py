"""What a directory keeps, whenever a run ends."""

from __future__ import annotations

from errno import ENOSPC
from pathlib import Path

import pytest

from bulletin.export import folder as room
from bulletin.export.folder import LIST, Outcome, Refused, opened


def export(root: Path, **files: str) -> Outcome:
    with opened(root) as folder:
        for name, content in files.items():
            folder.put(f"{name}/index.html", content.encode())
        return folder.settle()


def held(root: Path) -> dict[str, str]:
    """Without the list of files."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name != LIST)
    return {str(path.relative_to(root)): path.read_text() for path in files}


def test_a_run_writes_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    assert export(tmp_path, a="1", b="1", c="1") == (3, 0, 0)
    assert export(tmp_path, a="1", b="2") == (1, 1, 1)
    assert held(tmp_path) == {"a/index.html": "1", "b/index.html": "2"}
    assert not (tmp_path / "c").exists()


def test_what_did_not_change_keeps_its_time_and_so_does_the_list(tmp_path: Path) -> None:
    export(tmp_path, a="1")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert export(tmp_path, a="1") == (0, 1, 0)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_damaged_file_is_mended(tmp_path: Path) -> None:
    export(tmp_path, a="1")
    (tmp_path / "a/index.html").write_text("")
    assert export(tmp_path, a="1").wrote == 1


@pytest.mark.parametrize("name", ["notes.txt", ".export/notes.txt", "a/index.html"])
def test_a_directory_of_something_else_is_refused_untouched(tmp_path: Path, name: str) -> None:
    (tmp_path / "more.txt").write_text("mine")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(Refused, match="holds files of something else"):
        export(tmp_path, a="1")
    assert held(tmp_path) == {name: "mine", "more.txt": "mine"}


def test_files_that_somebody_added_to_a_copy_stay(tmp_path: Path) -> None:
    export(tmp_path, a="1", b="1")
    (tmp_path / "b/CNAME").write_text("mine")
    assert export(tmp_path, a="1").removed == 1
    assert held(tmp_path) == {"a/index.html": "1", "b/CNAME": "mine"}


def test_a_file_in_the_way_that_no_export_wrote_is_not_written_over(tmp_path: Path) -> None:
    export(tmp_path, a="1")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/index.html").write_text("mine")
    with pytest.raises(Refused, match=r"b/index\.html was not written by an export"):
        export(tmp_path, a="2", b="2")
    assert held(tmp_path) == {"a/index.html": "1", "b/index.html": "mine"}


def test_a_run_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(tmp_path, a="1")

    def full(path: Path, content: bytes) -> None:
        if content == b"3":
            raise OSError(ENOSPC, "No space left on device")
        genuine(path, content)

    genuine = room.write
    monkeypatch.setattr(room, "write", full)
    with pytest.raises(OSError, match="No space"):
        export(tmp_path, a="2", b="3")
    assert held(tmp_path) == {"a/index.html": "1"}


@pytest.mark.parametrize("moves", range(6))
def test_a_run_killed_at_any_move_leaves_whole_files_that_the_next_one_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    export(tmp_path, a="1", gone="1")
    left = iter(range(moves))

    def place(staged: Path, path: Path) -> None:
        next(left)
        genuine(staged, path)

    genuine = room.place
    monkeypatch.setattr(room, "place", place)
    try:
        export(tmp_path, a="2", b="2", c="2")
    except StopIteration:
        assert moves < 5
    monkeypatch.undo()
    assert set(held(tmp_path).values()) <= {"1", "2"}
    export(tmp_path, a="3")
    assert held(tmp_path) == {"a/index.html": "3"}


def test_what_others_lead_to_is_put_in_place_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[str] = []
    genuine = room.place
    monkeypatch.setattr(room, "place", lambda a, b: placed.append(b.name) or genuine(a, b))
    with opened(tmp_path) as folder:
        for name in ("feed.xml", "index.html", "grid.png"):
            folder.put(name, b"1")
        folder.settle()
    assert placed == [LIST, "grid.png", "index.html", "feed.xml"]


@pytest.mark.parametrize("listed", ['["../mine.txt"]', '["/tmp/mine.txt"]', "[", "5"])
def test_a_list_that_is_none_of_ours_is_refused(tmp_path: Path, listed: str) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    root = tmp_path / "copy"
    root.mkdir()
    (root / LIST).write_text(listed)
    with pytest.raises(Refused):
        export(root)
    assert mine.exists()


def test_two_runs_at_once_are_one(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(Refused, match="Another export"):
        export(tmp_path, a="1")


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    path.write_text("mine")
    with pytest.raises(Refused, match="is a file"):
        export(path, a="1")
