"""What this worker needs of child processes."""

from collections.abc import Callable
from typing import Protocol, TypeVar, TypeVarTuple

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


class Children(Protocol):
    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        """``function(*args)`` in a child process. Raises EngineTimeout, EngineCrashed and PageTooLarge."""
