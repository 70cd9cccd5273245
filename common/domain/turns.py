"""Whose turn it is among queues of different urgency: the urgent first, but nobody starves."""

from collections.abc import Sequence

FAIR_EVERY = 8


class Turns:
    """Chooses a lane; every eighth turn goes to one of the less urgent lanes that have work, each in turn."""

    def __init__(self) -> None:
        self._taken = 0
        self._fair_turns = 0

    def choose(self, has_work: Sequence[bool]) -> int | None:
        """The position of the lane to serve next, the first being the most urgent; None without work."""
        lanes = [position for position, waiting in enumerate(has_work) if waiting]
        if not lanes:
            return None
        self._taken += 1
        first, *others = lanes
        if not others or self._taken % FAIR_EVERY:
            return first
        self._fair_turns += 1
        return others[self._fair_turns % len(others)]
