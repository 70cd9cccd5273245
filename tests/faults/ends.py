"""How processes that were told to end have done so."""

from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.stack import Stack

# More than an orderly end takes, and more than one by force.
END_LIMIT_S = 75
_BY_FORCE = "(most recent call first)"
_LOG_CHARACTERS = 6_000


class Logs:
    """What the processes of a stack write from now on."""

    def __init__(self, stack: Stack) -> None:
        self._paths = {process.name: process.log for process in stack.processes()}
        self._begin = {path: _size(path) for path in self._paths.values()}

    def written(self) -> dict[str, str]:
        """By the process's name."""
        return {name: self._since_begin(path) for name, path in self._paths.items() if path.exists()}

    def _since_begin(self, path: Path) -> str:
        begin = self._begin[path]
        with path.open("rb") as log:
            log.seek(begin if begin <= _size(path) else 0)  # smaller: begun anew, the old one put aside
            return log.read().decode(errors="replace")


def check_ended(logs: Logs, processes: Sequence[psutil.Process]) -> None:
    """They are gone within their time, and by themselves: else ``logs`` say what they were doing."""
    _, alive = psutil.wait_procs(processes, timeout=END_LIMIT_S)
    written = logs.written()
    forced = [f"{name}: {log[-_LOG_CHARACTERS:]}" for name, log in written.items() if _BY_FORCE in log]
    assert not forced, "\n".join(forced)
    assert not alive, (alive, {name: log[-_LOG_CHARACTERS:] for name, log in written.items()})


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
