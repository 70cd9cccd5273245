"""Folders that are this user's alone, wherever they lie: in /tmp, anybody may have been there first."""

import os
import stat
from pathlib import Path
from typing import IO

from common.errors import DiskUnavailable

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(folder: Path) -> None:
    """Make the folder where it is missing.

    Raises DiskUnavailable when it cannot be made, belongs to somebody else, or is open to others.
    """
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise DiskUnavailable(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not stat.S_ISDIR(status.st_mode):
        raise DiskUnavailable(f"{folder} is a link: name the folder itself.")
    if status.st_uid != os.geteuid():
        raise DiskUnavailable(f"The folder {folder} belongs to another user: name one of your own.")
    if status.st_mode & _OTHERS:
        raise DiskUnavailable(f"The folder {folder} is open to other users: close it with chmod 700.")


def write_to(path: Path) -> IO[bytes]:
    """The file, emptied and open for writing; a link in its place is not followed."""
    return open(path, "wb", opener=_not_following)


def _not_following(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
