"""Holding on while a store or broker is away: the work is neither lost nor counted as failed."""

from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from common import logs
from common.errors import Unavailable

log = logs.get("holding")


def until_available() -> AsyncRetrying:
    """Repeat the block for as long as it raises Unavailable, with growing pauses of up to 10 s."""
    return AsyncRetrying(
        retry=retry_if_exception_type(Unavailable),
        wait=wait_exponential_jitter(multiplier=0.2, max=10),
        before_sleep=lambda state: log.warning(
            "holding",
            attempt=state.attempt_number,
            reason=str(state.outcome.exception()) if state.outcome else None,
        ),
        reraise=True,
    )
