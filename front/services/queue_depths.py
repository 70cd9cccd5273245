"""How much waits already where the pages of a new job would, and for whom that is too much."""

import asyncio
from collections.abc import Callable, Mapping

from common import logs
from common.contracts.tasks import Lane, Tier
from common.contracts.topology import page_queue
from common.domain.plans import Plan
from common.errors import Overloaded, Unavailable
from common.ports import Backlog

KNOWN_FOR_S = 2.0

log = logs.get("queue_depths")


class QueueDepths:
    """Asks the broker once every two seconds at most; while it cannot be asked, the last answer counts.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, backlog: Backlog, clock: Callable[[], float]) -> None:
        self._backlog = backlog
        self._clock = clock
        self._waiting: Mapping[str, int] = {}
        self._until_s = float("-inf")
        self._asking = asyncio.Lock()

    async def check(self, plan: Plan, tier: Tier, lane: Lane) -> None:
        """Raises Overloaded where more tasks wait in the lane than the plan is served behind."""
        if plan.queue_depth_limit is not None:
            waiting = await self._now_waiting()
            _compare(waiting.get(page_queue(tier, lane), 0), plan.queue_depth_limit)

    async def check_all(self, plan: Plan) -> None:
        """Raises Overloaded where it is too much in every lane: then no file need be received."""
        if plan.queue_depth_limit is not None:
            waiting = await self._now_waiting()
            depths = [waiting.get(page_queue(tier, lane), 0) for tier in Tier for lane in plan_lanes(plan)]
            _compare(min(depths), plan.queue_depth_limit)

    async def _now_waiting(self) -> Mapping[str, int]:
        async with self._asking:
            if self._clock() >= self._until_s:
                await self._ask()
                self._until_s = self._clock() + KNOWN_FOR_S
        return self._waiting

    async def _ask(self) -> None:
        try:
            self._waiting = await self._backlog.waiting()
        except Unavailable as error:
            log.warning("depths_unknown", reason=error.message)


def plan_lanes(plan: Plan) -> tuple[Lane, Lane]:
    """Where jobs go: the short ones, and the others."""
    return Lane.EXPRESS, Lane.PRIORITY if plan.priority else Lane.BULK


def _compare(depth: int, limit: int) -> None:
    if depth > limit:
        raise Overloaded(
            f"There is more to do than can be done soon: {depth} pages wait, and new jobs of this plan are "
            f"taken while there are no more than {limit}. Send the file again in a while."
        )
