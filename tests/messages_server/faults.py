"""How the server misbehaves when it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

Kind = Literal[
    # Answers with an error's status; ``status`` takes any.
    "rate_limited",
    "overloaded",
    "server_error",
    "status",
    # No answer, or half of one.
    "hang",
    "reset",
    "cut",
    "silent_end",
    "stall",
    "overloaded_midway",
    # A whole answer that ends otherwise.
    "refusal",
    "refusal_midway",
    "truncated",
    "context_exceeded",
    # A whole answer with something else in it.
    "bad_json",
    "fenced",
    "repetition",
    "empty_blocks",
    "hallucination",
    "wrong_boxes",
    "shuffled",
    "says",
    # None: for the ``pause_s`` or ``segments`` of the order alone.
    "none",
]


@dataclass(slots=True)
class Fault:
    """``times``: for how many requests, None for all. ``every``: only each n-th of those it is meant for.

    ``containing``: only for requests with this in their text or on their picture (as it is read).
    ``retry_after``: the header as it is sent. ``after_characters``: of the answer, where it breaks off.
    ``seconds``: of "hang" and "stall". ``text``: what is hallucinated, repeated, or said whatever was asked.
    ``segments``: with any kind, the text blocks of the answer and the blocks of the first document that each
    cites, without the end: ``{"text": "It is 5.", "cites": [[0, 1]]}``. ``pause_s``: between streamed events.
    """

    kind: Kind
    times: int | None = 1
    every: int = 1
    containing: str = ""
    status: int = 500
    type: str = "api_error"
    message: str = "It was ordered."
    retry_after: str | None = None
    after_characters: int = 200
    seconds: float = 3600
    text: str = ""
    segments: list[dict[str, Any]] = field(default_factory=list)
    pause_s: float = 0
    seen: int = 0

    @classmethod
    def from_json(cls, order: dict[str, Any]) -> "Fault":
        """Raises ValueError for an order that says something else."""
        if order.get("kind") not in get_args(Kind) or not order.keys() <= {
            field.name for field in fields(cls)
        }:
            raise ValueError(f"no such fault: {order}")
        return cls(**order)


class Faults:
    """The faults in force: the first that fits a request is used up by it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        with self._lock:
            self._faults = []

    @property
    def need_text(self) -> bool:
        with self._lock:
            return any(fault.containing for fault in self._faults)

    def take(self, text: Callable[[], str]) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.containing and fault.containing not in text():
                    continue
                fault.seen += 1
                if fault.seen % fault.every:
                    continue
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
