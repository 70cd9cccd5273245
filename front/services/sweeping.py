"""Looking again and again for what has to be done."""

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from common.errors import Unavailable


async def sweeping(sweep: Callable[[], Awaitable[None]], pause_s: float, log: FilteringBoundLogger) -> None:
    """``sweep`` until cancelled, ``pause_s`` seconds apart; one that meets an outage is left to the next."""
    while True:
        try:
            await sweep()
        except Unavailable as error:
            log.warning("sweep_postponed", reason=error.message)
        await asyncio.sleep(pause_s)
