"""Folders for temporary files, such as a page's image for a command: none outlives its child or its use.

A folder is locked for as long as the process that made it lives, however that ends: so one that nobody
has locked was left behind.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from common.errors import DiskUnavailable

_PREFIX: Final = "ocr-fleet-child-"


class ScratchFolder:
    """A new folder at ``path``, for this user alone."""

    def __init__(self) -> None:
        """Raises DiskUnavailable."""
        try:
            self.path, self._lock = _locked_folder()
        except OSError as error:
            raise DiskUnavailable(f"No temporary folder can be made: {error.strerror}.") from error

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what is made in this process's name, for as long as the context is open."""
    folder = ScratchFolder()
    try:
        yield folder.path
    finally:
        folder.remove()


def sweep() -> None:
    """Remove what processes that were killed have left behind."""
    for path in Path(tempfile.gettempdir()).glob(_PREFIX + "*"):
        with suppress(OSError):  # somebody else's, in use, or gone
            _remove_unused(path)


def _locked_folder() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):  # swept before it could be locked
            lock = _open(path)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return path, lock
            os.close(lock)


def _remove_unused(path: Path) -> None:
    lock = _open(path)
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(lock)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
