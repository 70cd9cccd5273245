"""The processes of a stack, told by a mark that each inherits in its environment.

So nothing depends on pid files, which go stale: what a killed supervisor left behind is found, and a
foreign process that got an old pid is not touched. Source: proc(5).
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "OCR_FLEET_STACK"

_TERM_LIMIT_S = 15
_POLL_S = 0.1


def of_stack(identity: str) -> list[int]:
    """The pids of every process of ours that carries the mark ``identity``."""
    wanted = f"{MARK}={identity}".encode()
    return [pid for pid in _pids() if wanted in _environment(pid)]


def is_alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody reaped yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    state = stat.rpartition(b")")[2].split()[0]
    return state not in (b"Z", b"X")


def end_stack(identity: str) -> None:
    """End every process of the stack: politely first, by force after a while."""
    deadline = time.monotonic() + _TERM_LIMIT_S
    _signal(of_stack(identity), signal.SIGTERM)
    while of_stack(identity) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    kill_stack(identity)


def kill_stack(identity: str) -> None:
    """End every process of the stack at once; also those that others start meanwhile."""
    while found := of_stack(identity):
        _signal(found, signal.SIGKILL)
        time.sleep(_POLL_S)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal())


def _environment(pid: int) -> list[bytes]:
    """A process's environment as it started; nothing when it is gone or not ours to read."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
