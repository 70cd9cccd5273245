"""One child process: what it may use, how it is called, and how it ends.

``multiprocessing`` starts the child, and one pipe leads to it, whose other end nobody else holds: so
its death, at whatever moment, is the end of the pipe. (The pools of ``concurrent.futures`` keep that
end open, and wait for ever for a child that was killed while it answered.)
"""

import asyncio
import ctypes
import multiprocessing
import os
import pickle
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple

from common.adapters.scratch_folder import ScratchFolder
from common.errors import EngineCrashed, EngineTimeout, FleetError, PageTooLarge

_SPAWN: Final = multiprocessing.get_context("spawn")
_EXIT_LIMIT_S: Final = 1.0
_CPU_MARGIN_S: Final = 5.0
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_PR_SET_NO_NEW_PRIVS: Final = 38
_READY: Final = b"ready"
_TAKEN: Final = b"taken"

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


def _nothing() -> None: ...


@dataclass(frozen=True, slots=True)
class Routine:
    """What a child does beside its calls: before the first, and once it had none for ``rest_after_s``."""

    warm_up: Callable[[], None] = _nothing
    at_rest: Callable[[], None] = _nothing
    rest_after_s: float = 10.0


class NeverTaken(Exception):
    """The child ended before it took the call, which is not to blame."""


class OutOfMemory(PageTooLarge):
    """The call met the memory limit: its own page may be too large, or what earlier ones have left."""


class _DiedAtWork(Exception):
    """The child took the call and ended before it answered."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a child may use, and whose child it is."""

    memory_bytes: int
    parent_pid: int
    temporary_files: Path


class ChildProcess:
    """A child and the one thread that talks with it; everything else happens on the event loop's thread.

    To that thread the child's life is tied: the kernel kills a child when the thread that started it ends
    (PR_SET_PDEATHSIG), so it has to be one that outlives the child.
    """

    def __init__(self, memory_bytes: int, routine: Routine) -> None:
        """Returns at once, while the child warms up.

        Raises OSError where no process can be started, and DiskUnavailable.
        """
        self._scratch = ScratchFolder()
        cell = _Cell(memory_bytes, os.getpid(), self._scratch.path)
        self._pipe, theirs = _SPAWN.Pipe()
        with theirs:
            self._process = _SPAWN.Process(target=_serve, args=(theirs, cell, routine), daemon=True)
            try:
                self._process.start()
            except BaseException:
                self._scratch.remove()
                raise
        self._exit_code: int | None = None
        self._gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._process.sentinel, self._reap)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="child")
        self._greeting = self._thread.submit(self._greeted)
        self.calls_answered = 0
        self.at_work = False  # and for ever, when a call was broken off

    async def ready(self) -> None:
        """Returns when the child is warm. Raises NeverTaken where it ended before."""
        if not await asyncio.shield(asyncio.wrap_future(self._greeting)):
            raise NeverTaken

    async def call(self, function: Callable[[*Ts], R], args: tuple[*Ts], time_limit_s: float) -> R:
        """Raises what ChildPool.run does, or NeverTaken; a child that is then still at work is spoiled."""
        self.at_work = True
        if self._gone.is_set():
            raise NeverTaken
        order = (function, args, time_limit_s)
        loop = asyncio.get_running_loop()
        answer: tuple[Exception | None, R]
        try:
            async with asyncio.timeout(time_limit_s):
                answer = await loop.run_in_executor(self._thread, self._exchange, order)
        except TimeoutError:
            await self.killed()
            raise EngineTimeout(f"The engine took longer than its limit of {time_limit_s:g} s.") from None
        except _DiedAtWork:
            raise _cause_of_death(await self._ended()) from None
        self.at_work = False
        self.calls_answered += 1
        error, result = answer
        if error is not None:
            raise error
        return result

    @property
    def mapped_bytes(self) -> int:
        """The address space that it has now, which the limit is on; 0 once it is gone. Source: proc(5)."""
        try:
            size = Path(f"/proc/{self._process.pid}/statm").read_text().split()[0]
        except (OSError, ValueError):
            return 0
        return int(size) * resource.getpagesize()

    def kill(self) -> None:
        """The child, and what it started."""
        if self._exit_code is None:
            assert self._process.pid is not None
            with suppress(ProcessLookupError):  # it has not come as far as to lead a group
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()

    async def killed(self) -> int:
        """Returns when the child is gone: its exit status, or minus the signal that ended it."""
        self.kill()
        await self._gone.wait()
        assert self._exit_code is not None
        return self._exit_code

    async def _ended(self) -> int:
        """The same for a child that seems to end by itself, which it is given the time for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_LIMIT_S):
                await self._gone.wait()
        return await self.killed()

    def _reap(self) -> None:
        """Called when the child has ended, for whatever reason."""
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self.kill()  # what it started
        self._process.join()
        self._exit_code = self._process.exitcode
        self._process.close()
        self._scratch.remove()
        self._thread.submit(self._pipe.close)
        self._thread.shutdown(wait=False)
        self._gone.set()

    # --- in the thread ---

    def _greeted(self) -> bool:
        try:
            return self._pipe.recv_bytes() == _READY
        except (EOFError, OSError):
            return False

    def _exchange(self, order: tuple[object, ...]) -> Any:
        """What the call raised (or None), and what it returned."""
        packed = pickle.dumps(order)
        try:
            self._pipe.send_bytes(packed)
            self._pipe.recv_bytes()
        except (EOFError, OSError):
            raise NeverTaken from None
        try:
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError):
            raise _DiedAtWork from None
        return pickle.loads(answer)


def _cause_of_death(exit_code: int) -> FleetError:
    if exit_code == -signal.SIGXCPU:
        return EngineTimeout("The engine used more processor time than its limit.")
    cause = signal.Signals(-exit_code).name if exit_code < 0 else f"exit status {exit_code}"
    return EngineCrashed(f"The engine's process died on this page ({cause}).")


# --- in the child -------------------------------------------------------------------------------


def _serve(pipe: Connection, cell: _Cell, routine: Routine) -> None:
    """All that a child ever does. It ends by being killed, at the latest with its parent."""
    _enter(cell)
    routine.warm_up()
    pipe.send_bytes(_READY)
    while True:
        while not pipe.poll(routine.rest_after_s):
            routine.at_rest()
        order = pipe.recv_bytes()
        pipe.send_bytes(_TAKEN)
        pipe.send_bytes(_answer(order))


def _enter(cell: _Cell) -> None:
    _die_with_parent(cell.parent_pid)
    os.setpgid(0, 0)  # a signal to the parent's group (Ctrl-C, a supervisor) leaves the page in hand alone
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # native code never returns to a Python handler
    resource.setrlimit(resource.RLIMIT_AS, (cell.memory_bytes, cell.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["OMP_THREAD_LIMIT"] = "1"  # one page, one thread
    os.umask(0o077)
    tempfile.tempdir = os.environ["TMPDIR"] = str(cell.temporary_files)
    _silence()


def _die_with_parent(parent_pid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_PDEATHSIG, signal.SIGKILL), (_PR_SET_NO_NEW_PRIVS, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent_pid:  # it died before the kernel was told
        os._exit(1)


def _silence() -> None:
    """Native libraries print what they think of a file; nobody reads it, so it must not fill a pipe."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    os.close(null)


def _answer(order: bytes) -> bytes:
    """The call itself; only exceptions that survive pickling leave it."""
    try:
        function, args, time_limit_s = pickle.loads(order)
        _limit_cpu(time_limit_s)
        return pickle.dumps((None, function(*args)))
    except FleetError as error:
        return pickle.dumps((error, None))
    except MemoryError:
        return pickle.dumps((OutOfMemory("The page needs more memory than the limit allows."), None))
    except Exception:
        return pickle.dumps((RuntimeError(traceback.format_exc()), None))


def _limit_cpu(time_limit_s: float) -> None:
    """Bounds this call, and what it starts, even if nobody is there to watch the clock."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + time_limit_s + _CPU_MARGIN_S), hard))
