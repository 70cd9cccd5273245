"""The folder where files lie while they are received and inspected."""

import contextlib
import fcntl
import tempfile
from pathlib import Path
from typing import IO

from common.private_folder import make_private

_PREFIX = "upload-"


class Spool:
    """Makes the folder where it is missing; only this user may look into it. Raises DiskUnavailable."""

    def __init__(self, folder: Path) -> None:
        make_private(folder)
        self._folder = folder

    def new_file(self) -> IO[bytes]:
        """An empty file that is gone as soon as it is closed, and locked until then."""
        while True:
            file = tempfile.NamedTemporaryFile(dir=self._folder, prefix=_PREFIX)  # noqa: SIM115
            if _lock(file) and Path(file.name).exists():
                return file
            with contextlib.suppress(FileNotFoundError):  # a sweep came between its making and its lock
                file.close()

    def sweep(self) -> None:
        """Remove what fronts that were killed have left behind: the kernel has lifted their locks."""
        for path in self._folder.glob(_PREFIX + "*"):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:  # gone meanwhile
                if _lock(file):
                    path.unlink()


def _lock(file: IO[bytes]) -> bool:
    """Whether nobody else holds the file; the lock ends when it is closed, or with the process."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
