"""The folder where files lie while they are received and inspected."""

import contextlib
import tempfile
import time
from pathlib import Path
from typing import IO

from common.private_folder import make_private

_PREFIX = "upload-"
_LEFT_BEHIND_S = 24 * 3600


class Spool:
    """Makes the folder where it is missing; only this user may look into it. Raises DiskUnavailable."""

    def __init__(self, folder: Path) -> None:
        make_private(folder)
        self._folder = folder

    def new_file(self) -> IO[bytes]:
        """An empty file that is gone as soon as it is closed."""
        return tempfile.NamedTemporaryFile(dir=self._folder, prefix=_PREFIX)

    def sweep(self) -> None:
        """Remove what fronts that were killed have left behind a day ago or longer."""
        for path in self._folder.glob(_PREFIX + "*"):
            with contextlib.suppress(FileNotFoundError):  # another front's upload, gone meanwhile
                if path.lstat().st_mtime < time.time() - _LEFT_BEHIND_S:
                    path.unlink()
