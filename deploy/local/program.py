"""A program of the stack, as the supervisor is to run it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Program:
    """``rank``: low ones start first and stop last. ``ports``: names of what it listens on."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    rank: int
    stop_wait_s: int
    ports: tuple[str, ...] = ()
