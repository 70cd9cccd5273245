"""Whose turn it is among queues of different urgency: the urgent first, but nobody starves."""

from collections.abc import Sequence

FAIR_EVERY = 8


class Turns:
    """Chooses a lane; every eighth turn goes to the least urgent lane that has work."""

    def __init__(self) -> None:
        self._taken = 0

    def choose(self, has_work: Sequence[bool]) -> int | None:
        """The position of the lane to serve next, the first being the most urgent; None without work."""
        lanes = [position for position, waiting in enumerate(has_work) if waiting]
        if not lanes:
            return None
        self._taken += 1
        return lanes[-1] if self._taken % FAIR_EVERY == 0 else lanes[0]
