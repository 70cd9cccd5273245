"""Child processes for whatever touches a foreign file: limited, killable, and replaced when they die.

Decoders and engines are native code and the files are anybody's. In a child, a crash, an endless
loop or a memory bomb costs one page and not the process that holds the connections.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar, TypeVarTuple

from common.adapters import scratch_folder
from common.adapters.child_process import ChildProcess, NeverTaken, OutOfMemory, Routine
from common.errors import EngineCrashed, EngineTimeout, EngineUnavailable, Unavailable

START_LIMIT_S: Final = 60.0
_TRIES: Final = 3
_MOST_MAPPED: Final = 0.85  # of the memory limit, between two calls
_NO_ROUTINE: Final = Routine()

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


def _nothing() -> None:
    """What a child is asked for, to see that it is there."""


class ChildPool:
    """Runs functions in children, at most ``slots`` at once, each child one function at a time.

    ``routine`` is of functions that can be imported, as are those given to ``run``: its warm-up is called
    once in each new child, so that no page pays for imports and model loading. A child is replaced after
    ``recycle_after`` calls, or once it has so much memory that a large page might lack it; where one did,
    it is tried once more in a fresh child. Its
    temporary files are in a folder of its own, and end with it.
    When the parent dies, however that happens, the kernel kills its children. A pool belongs to the
    event loop that first uses it, and children live no longer than the thread of that loop.
    """

    def __init__(
        self,
        *,
        slots: int = 1,
        memory_limit_mb: int = 1500,
        recycle_after: int = 200,
        routine: Routine = _NO_ROUTINE,
    ) -> None:
        self._slots = [_Slot(memory_limit_mb * 1024 * 1024, recycle_after, routine) for _ in range(slots)]
        self._idle: asyncio.LifoQueue[_Slot] = asyncio.LifoQueue()  # the last one used has the file open
        for slot in self._slots:
            self._idle.put_nowait(slot)

    async def start(self) -> None:
        """Returns when all children are up and warm. Raises EngineUnavailable when they cannot start."""
        await asyncio.to_thread(scratch_folder.sweep)
        try:
            await asyncio.gather(*(slot.run(_nothing, (), START_LIMIT_S) for slot in self._slots))
        except (EngineCrashed, EngineTimeout) as error:
            raise EngineUnavailable(f"The engine's processes do not start: {error.message}") from error

    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        """What ``function(*args)`` returns or raises, in a child; cancelling this kills the child.

        The time limit counts from when a child is free and warm. Raises EngineTimeout, EngineCrashed (a
        signal, or the kernel's out-of-memory killer), PageTooLarge (the memory limit was met), and
        DiskUnavailable when there is no room for a child's folder. A FleetError raised in the child arrives
        as it is; any other exception there is a bug and arrives as a RuntimeError with its traceback.
        """
        slot = await self._idle.get()
        try:
            return await slot.run(function, args, time_limit_s)
        finally:
            self._idle.put_nowait(slot)

    async def close(self) -> None:
        """Kill the children, busy or not, and wait until they are gone; there will be no others."""
        await asyncio.gather(*(slot.close() for slot in self._slots))


class _Slot:
    """One child after the other. The next one warms up as soon as one is spent, not when it is needed."""

    def __init__(self, memory_bytes: int, recycle_after: int, routine: Routine) -> None:
        self._memory_bytes = memory_bytes
        self._recycle_after = recycle_after
        self._routine = routine
        self._child: ChildProcess | None = None
        self._ends: set[asyncio.Task[int]] = set()
        self._closed = False

    async def run(self, function: Callable[[*Ts], R], args: tuple[*Ts], time_limit_s: float) -> R:
        for _ in range(_TRIES):
            is_fresh = True
            try:
                child = await self._ready_child()
                is_fresh = child.calls_answered == 0
                return await self._called(child, function, args, time_limit_s)
            except NeverTaken:
                continue
            except OutOfMemory:
                if is_fresh:
                    raise
        raise EngineCrashed("The engine's processes die as soon as they start.")

    async def close(self) -> None:
        self._closed = True
        self._discard_child()
        await asyncio.gather(*self._ends)

    async def _called(
        self, child: ChildProcess, function: Callable[[*Ts], R], args: tuple[*Ts], time_limit_s: float
    ) -> R:
        is_spoiled = False
        try:
            return await child.call(function, args, time_limit_s)
        except OutOfMemory:
            is_spoiled = True
            raise
        finally:
            if is_spoiled or child.at_work or self._is_worn(child):
                self._discard_child()
                with suppress(OSError, Unavailable):  # the next call tries again, and tells
                    self._start_child()

    def _is_worn(self, child: ChildProcess) -> bool:
        is_full = child.mapped_bytes > self._memory_bytes * _MOST_MAPPED
        return is_full or child.calls_answered >= self._recycle_after

    async def _ready_child(self) -> ChildProcess:
        try:
            child = self._child or self._start_child()
            async with asyncio.timeout(START_LIMIT_S):
                await child.ready()
        except TimeoutError:
            self._discard_child()
            raise EngineTimeout(f"The engine took longer than {START_LIMIT_S:g} s to start.") from None
        except (NeverTaken, OSError) as error:
            self._discard_child()
            raise NeverTaken from error
        return child

    def _start_child(self) -> ChildProcess:
        if self._closed:
            raise EngineUnavailable("The engine has been stopped.")
        self._child = ChildProcess(self._memory_bytes, self._routine)
        return self._child

    def _discard_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            end = asyncio.create_task(self._child.killed())
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)
            self._child = None
