"""Holding on while a store or broker is away: the work is neither lost nor counted as failed."""

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential_jitter,
)

from common import logs, metrics
from common.errors import Unavailable

log = logs.get("holding")


def until_available(limit_s: float = float("inf"), *, longest_pause_s: float = 10) -> AsyncRetrying:
    """Repeat the block while it raises Unavailable, with growing pauses.

    After ``limit_s`` seconds the last Unavailable is raised.
    """
    return AsyncRetrying(
        stop=stop_after_delay(limit_s),
        retry=retry_if_exception_type(Unavailable),
        wait=wait_exponential_jitter(multiplier=0.2, max=longest_pause_s),
        before_sleep=_tell,
        reraise=True,
    )


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    metrics.HOLDS.labels(error.code if isinstance(error, Unavailable) else "").inc()
    log.warning("holding", attempt=state.attempt_number, reason=str(error))
