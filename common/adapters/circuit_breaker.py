"""Asking a dead provider seldom: after a few failures in a row only a probe now and then is let through."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from common import logs, metrics
from common.errors import ModelDown, ModelUnavailable

_FAILURES_TO_OPEN: Final = 3
# What failed longer ago than this, and was not tried since, says nothing of an outage that lasts.
_IDLE_PROBES: Final = 4
_IDLE_S: Final = 30

log = logs.get("circuit_breaker")


class Passage:
    """One call that was let through; who neither succeeds nor fails says nothing of the provider."""

    def __init__(self, breaker: "CircuitBreaker", began_at: float) -> None:
        self._breaker = breaker
        self._began_at = began_at

    def succeeded(self) -> None:
        self._breaker.note_success()

    def failed(self, reason: str, *, for_all: bool = False) -> None:
        """``for_all``: no other call can fare better, so one failure is enough."""
        self._breaker.note_failure(reason, self._began_at, for_all=for_all)


class CircuitBreaker:
    """Of any number that ask while the provider is away, one in ``probe_s`` seconds is let through.

    ``outage_s``: from when on the others are told that it is down, and no longer to wait.
    """

    def __init__(self, probe_s: float, outage_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._probe_s = probe_s
        self._outage_s = outage_s
        self._clock = clock
        self._failures = 0
        self._is_open = False
        self._is_probing = False
        self._reason = ""
        self._since = self._failed_at = self._next_probe_at = clock()
        self._succeeded_at = float("-inf")
        metrics.MODEL_BREAKER_OPEN.set(0)

    @property
    def is_open(self) -> bool:
        return self._is_open

    def has_succeeded_since(self, moment: float) -> bool:
        return self._succeeded_at >= moment

    def check(self) -> None:
        """Raises ModelUnavailable or ModelDown where a call would not be let through."""
        if self._is_open and (self._is_probing or self._clock() < self._next_probe_at):
            raise self.refusal()

    @contextmanager
    def passing(self) -> Iterator[Passage]:
        """Around one call. Raises ModelUnavailable or ModelDown instead while the provider is away."""
        self.check()
        began_at = self._clock()
        is_probe = self._is_open
        if is_probe:
            self._is_probing = True
            self._next_probe_at = began_at + self._probe_s
        try:
            yield Passage(self, began_at)
        finally:
            if is_probe:
                self._is_probing = False

    def refusal(self) -> ModelUnavailable | ModelDown:
        """What to tell who is not let through."""
        lasted_s = self._clock() - self._since
        since = datetime.now(UTC) - timedelta(seconds=lasted_s)
        message = f"{self._reason} It has been so since {since:%Y-%m-%d %H:%M:%S} UTC."
        if lasted_s >= self._outage_s:
            return ModelDown(message)
        return ModelUnavailable(f"{message} It is tried again every {self._probe_s:g} s.")

    def note_success(self) -> None:
        self._succeeded_at = self._clock()
        self._failures = 0
        if self._is_open:
            log.info("model_is_back", after_s=round(self._succeeded_at - self._since, 1))
            self._is_open = False
            metrics.MODEL_BREAKER_OPEN.set(0)

    def note_failure(self, reason: str, began_at: float, *, for_all: bool = False) -> None:
        now = self._clock()
        if self._failures == 0 or began_at - self._failed_at > _IDLE_PROBES * self._probe_s + _IDLE_S:
            self._failures, self._since = 0, now
        self._failures += 1
        self._failed_at = now
        self._reason = reason
        if not self._is_open and (for_all or self._failures >= _FAILURES_TO_OPEN):
            log.error("model_is_away", reason=reason, failures=self._failures)
            self._is_open = True
            metrics.MODEL_BREAKER_OPEN.set(1)
        self._next_probe_at = now + self._probe_s
