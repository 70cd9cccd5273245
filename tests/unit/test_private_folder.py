"""A folder is this user's alone, or it is not used."""

import os
import stat
from pathlib import Path

import pytest

from common.errors import DiskUnavailable
from common.private_folder import make_private, write_to


def test_a_new_folder_is_closed_to_others(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "b")
    make_private(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o750, 0o701])
def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    with pytest.raises(DiskUnavailable, match="chmod 700"):
        make_private(tmp_path / "open")


def test_the_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_private(tmp_path / "theirs")
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "theirs").stat().st_uid + 1)
    with pytest.raises(DiskUnavailable, match="belongs to another user"):
        make_private(tmp_path / "theirs")


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(DiskUnavailable, match="link"):
        make_private(tmp_path / "link")


def test_what_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskUnavailable, match="cannot be made"):
        make_private(tmp_path / "file" / "folder")


def test_a_file_is_written_for_this_user_and_never_through_a_link(tmp_path: Path) -> None:
    with write_to(tmp_path / "mine") as file:
        file.write(b"words")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic"):
        write_to(tmp_path / "link")
    assert (tmp_path / "mine").read_bytes() == b"words"
