"""The folder where files lie while they are received and inspected."""

import tempfile
import time
from pathlib import Path
from typing import IO

_PREFIX = "upload-"
_LEFT_BEHIND_S = 24 * 3600


class Spool:
    """Makes the folder where it is missing; only this user may look into it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def new_file(self) -> IO[bytes]:
        """An empty file that is gone as soon as it is closed."""
        return tempfile.NamedTemporaryFile(dir=self._folder, prefix=_PREFIX)

    def sweep(self) -> None:
        """Remove what fronts that were killed have left behind a day ago or longer."""
        for path in self._folder.glob(_PREFIX + "*"):
            if path.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
                path.unlink(missing_ok=True)
