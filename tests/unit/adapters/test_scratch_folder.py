"""Folders for what is made and thrown away: they end with their use, however that ends."""

import tempfile
from pathlib import Path

import pytest

from common.adapters import scratch_folder
from common.adapters.scratch_folder import scratch


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_scratch_folder_is_private_and_ends_with_its_use(temporary: Path) -> None:
    with scratch() as folder:
        assert folder.parent == temporary and folder.stat().st_mode & 0o077 == 0
        (folder / "large").write_bytes(b"x")
    assert list(temporary.iterdir()) == []


def test_it_ends_with_a_failure_too(temporary: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch() as folder:
        (folder / "half").write_bytes(b"x")
        raise ZeroDivisionError
    assert list(temporary.iterdir()) == []


def test_one_that_is_in_use_is_not_swept(temporary: Path) -> None:
    with scratch() as folder:
        scratch_folder.sweep()
        assert folder.is_dir()
