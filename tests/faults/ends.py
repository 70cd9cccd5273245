"""How processes that were told to end have done so."""

from collections.abc import Sequence

import psutil

from tests.stack import Stack

# More than an orderly end takes, and more than one by force.
END_LIMIT_S = 75
_BY_FORCE = "(most recent call first)"
_LOG_CHARACTERS = 6_000


def check_ended(stack: Stack, processes: Sequence[psutil.Process]) -> None:
    """They are gone within their time, and by themselves: else their logs say what they were doing."""
    _, alive = psutil.wait_procs(processes, timeout=END_LIMIT_S)
    logs = {process.name: process.log.read_text(errors="replace") for process in stack.processes()}
    forced = [f"{name}: {log[-_LOG_CHARACTERS:]}" for name, log in logs.items() if _BY_FORCE in log]
    assert not forced, "\n".join(forced)
    assert not alive, (alive, {name: log[-_LOG_CHARACTERS:] for name, log in logs.items() if "front" in name})
