"""The folder where files lie while they are received and inspected."""

import contextlib
import fcntl
import tempfile
from pathlib import Path
from typing import IO

from common.domain.account import Account
from common.private_folder import make_private
from front.services.spool_room import SpoolRoom

_PREFIX = "upload-"


class SpooledFile:
    """A file that is gone as soon as it is closed, and locked until then; its bytes count in ``room``."""

    def __init__(self, file: IO[bytes], room: SpoolRoom, account: Account) -> None:
        self._file = file
        self._room = room
        self._account = account
        self._size_bytes = 0

    @property
    def path(self) -> Path:
        return Path(self._file.name)

    def write(self, data: bytes) -> None:
        """Raises TooManyUploads and Overloaded where there is no room, and OSError."""
        self._room.take(self._account, len(data))
        self._size_bytes += len(data)
        self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """May be called again."""
        given_back, self._size_bytes = self._size_bytes, 0
        self._room.give_back(self._account, given_back)
        with contextlib.suppress(OSError):  # what a full disk has not taken is tried once more
            self._file.close()


class Spool:
    """Makes the folder where it is missing; only this user may look into it. Raises DiskUnavailable.

    ``max_bytes`` for all files of this process together.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        make_private(folder)
        self._folder = folder
        self.room = SpoolRoom(max_bytes)

    def new_file(self, account: Account) -> SpooledFile:
        """An empty one. Raises OSError."""
        return SpooledFile(self._locked_file(), self.room, account)

    def _locked_file(self) -> IO[bytes]:
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
