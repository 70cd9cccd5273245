"""Where uploads lie meanwhile: nobody looks in, and nothing stays for long."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.errors import DiskUnavailable
from front.http.spool import Spool


def test_the_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    Spool(tmp_path / "spool")
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700


def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool").chmod(0o777)
    with pytest.raises(DiskUnavailable):
        Spool(tmp_path / "spool")


def test_what_nobody_holds_any_more_is_swept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    left, foreign = tmp_path / "upload-left", tmp_path / "notes"
    for path in (left, foreign):
        path.write_bytes(b"pixels")
    with spool.new_file() as under_way:
        Spool(tmp_path).sweep()
        assert (left.exists(), foreign.exists(), Path(under_way.name).exists()) == (False, True, True)
    assert not Path(under_way.name).exists()


def test_an_upload_that_ends_during_the_sweep_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "upload-left"
    left.write_bytes(b"pixels")

    def listed(folder: Path, pattern: str) -> Iterator[Path]:
        yield folder / "upload-gone"
        yield left

    spool = Spool(tmp_path)
    with monkeypatch.context() as folder:
        folder.setattr(Path, "glob", listed)
        spool.sweep()
    assert not left.exists()
