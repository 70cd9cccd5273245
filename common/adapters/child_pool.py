"""Child processes for whatever touches a foreign file: limited, killable, and replaced when they die.

Decoders and engines are native code and the files are anybody's. In a child, a crash, an endless
loop or a memory bomb costs one page and not the process that holds the connections.
"""

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final, TypeVar, TypeVarTuple

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from common.errors import EngineCrashed, EngineTimeout, EngineUnavailable, FleetError, PageTooLarge

START_LIMIT_S: Final = 60.0
_TRIES: Final = 3
_CPU_MARGIN_S: Final = 5.0
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_PR_SET_NO_NEW_PRIVS: Final = 38

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


def _nothing() -> None:
    """What a child does to show that it is up."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a child may use, and whose child it is."""

    memory_bytes: int
    parent_pid: int


class ChildPool:
    """Runs functions in children, at most ``slots`` at once, each child one function at a time.

    ``warm_up`` (importable, as every function given to ``run``) is called once in each new child, so
    that no page pays for imports and model loading. A child is replaced after ``recycle_after`` calls.
    When the parent dies, however that happens, the kernel kills its children.
    """

    def __init__(
        self,
        *,
        slots: int = 1,
        memory_limit_mb: int = 1500,
        recycle_after: int = 200,
        warm_up: Callable[[], None] = _nothing,
    ) -> None:
        self._children = [_Child(memory_limit_mb * 1024 * 1024, recycle_after, warm_up) for _ in range(slots)]
        self._idle: asyncio.LifoQueue[_Child] = asyncio.LifoQueue()  # the last one used has the file open
        for child in self._children:
            self._idle.put_nowait(child)

    async def start(self) -> None:
        """Returns when all children are up and warm. Raises EngineUnavailable when they cannot start."""
        try:
            await asyncio.gather(*(child.run(_nothing, (), START_LIMIT_S) for child in self._children))
        except (EngineCrashed, EngineTimeout) as error:
            raise EngineUnavailable(f"The engine's processes do not start: {error.message}") from error

    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        """What ``function(*args)`` returns or raises, in a child; cancelling this kills the child.

        The time limit counts from when a child is free. Raises EngineTimeout, EngineCrashed (a signal,
        or the kernel's out-of-memory killer) and PageTooLarge (the memory limit was met). A FleetError
        raised in the child arrives as it is; any other exception there is a bug and arrives as a
        RuntimeError with its traceback.
        """
        child = await self._idle.get()
        try:
            return await child.run(function, args, time_limit_s)
        finally:
            self._idle.put_nowait(child)

    async def close(self) -> None:
        """Kill the children, busy or not, and wait until they are gone."""
        await asyncio.gather(*(child.close() for child in self._children))


class _Child:
    """One child after the other, each in a pool of its own, so that no two ever share a pipe or a lock."""

    def __init__(self, memory_bytes: int, recycle_after: int, warm_up: Callable[[], None]) -> None:
        self._memory_bytes = memory_bytes
        self._recycle_after = recycle_after
        self._warm_up = warm_up
        self._pool: ProcessPool | None = None
        self._ends: set[asyncio.Task[None]] = set()

    async def run(self, function: Callable[[*Ts], R], args: tuple[*Ts], time_limit_s: float) -> R:
        for _ in range(_TRIES):
            future = self._live_pool().schedule(
                _contained, (function, args, time_limit_s), timeout=time_limit_s
            )
            try:
                return await _outcome(future, time_limit_s)
            except BrokenProcessPool:  # the child died before it took this call, which is not to blame
                self._end()
            finally:
                if future.cancelled():
                    self._end()
        raise EngineCrashed("The engine's processes die as soon as they start.")

    async def close(self) -> None:
        self._end()
        await asyncio.gather(*self._ends)

    def _live_pool(self) -> ProcessPool:
        if self._pool is not None and not self._pool.active:
            self._end()
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                max_tasks=self._recycle_after,
                initializer=_enter,
                initargs=(_Cell(self._memory_bytes, os.getpid()), self._warm_up),
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    def _end(self) -> None:
        if self._pool is not None:
            end = asyncio.create_task(asyncio.to_thread(_stop, self._pool))
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)
            self._pool = None


async def _outcome(future: ProcessFuture[R], time_limit_s: float) -> R:
    # The pool's own time limit counts from when the child takes the call; the one here holds even
    # when no child ever comes up.
    try:
        async with asyncio.timeout(time_limit_s + START_LIMIT_S):
            return await asyncio.wrap_future(future)
    except TimeoutError:
        raise EngineTimeout(f"The engine took longer than its limit of {time_limit_s:g} s.") from None
    except ProcessExpired as error:
        raise _died(error.exitcode) from None


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _died(exit_code: int) -> FleetError:
    """``exit_code`` as in multiprocessing: minus the signal that ended the process."""
    if exit_code == -signal.SIGXCPU:
        return EngineTimeout("The engine used more processor time than its limit.")
    cause = signal.Signals(-exit_code).name if exit_code < 0 else f"exit status {exit_code}"
    return EngineCrashed(f"The engine's process died on this page ({cause}).")


# --- in the child -------------------------------------------------------------------------------


def _enter(cell: _Cell, warm_up: Callable[[], None]) -> None:
    """The first thing that a child does."""
    _die_with_parent(cell.parent_pid)
    os.setpgid(0, 0)  # a signal to the parent's group (Ctrl-C, a supervisor) leaves the page in hand alone
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # native code never returns to a Python handler
    resource.setrlimit(resource.RLIMIT_AS, (cell.memory_bytes, cell.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["OMP_THREAD_LIMIT"] = "1"  # one page, one thread
    _silence()
    warm_up()


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


def _contained(function: Callable[[*Ts], R], args: tuple[*Ts], time_limit_s: float) -> R:
    """The call itself; only exceptions that survive pickling leave it."""
    _limit_cpu(time_limit_s)
    try:
        return function(*args)
    except FleetError:
        raise
    except MemoryError:
        raise PageTooLarge("The page needs more memory than the limit allows.") from None
    except Exception:
        raise RuntimeError(traceback.format_exc()) from None


def _limit_cpu(time_limit_s: float) -> None:
    """Bounds this call, and what it starts, even if nobody is there to watch the clock."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + time_limit_s + _CPU_MARGIN_S), hard))
