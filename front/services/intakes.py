"""Which intake queues this front reads: those of all partners, as they come and go."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from common import logs
from common.domain.account import Account
from common.errors import Unavailable
from common.ports import AccountRepository, RequestQueues
from common.runtime.ending import cancel_all
from front.services.intake import Intake

LOOK_EVERY_S: Final = 2.0
AGAIN_S: Final = 1.0

log = logs.get("intake")


class Intakes:
    def __init__(self, accounts: AccountRepository, queues: RequestQueues, intake: Intake) -> None:
        self._accounts = accounts
        self._queues = queues
        self._intake = intake
        self._reading: dict[tuple[str, datetime | None], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Read every partner's queue, until cancelled; who is made a partner anew is read anew."""
        try:
            while True:
                try:
                    await self._follow(await self._accounts.partners())
                except Unavailable as error:
                    log.warning("partners_unknown", reason=error.message)
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await cancel_all(list(self._reading.values()))

    async def _follow(self, partners: Sequence[Account]) -> None:
        wanted = {(partner.id, partner.partner_since) for partner in partners}
        gone = [self._reading.pop(one) for one in self._reading.keys() - wanted]
        await cancel_all(gone)
        for one in wanted - self._reading.keys():
            self._reading[one] = asyncio.create_task(self._read(one[0]), name=f"intake of {one[0]}")

    async def _read(self, account_id: str) -> None:
        """Take one request after the other, through whatever happens to the broker."""
        while True:
            try:
                async with self._queues.reading(account_id) as queue:
                    log.info("intake_read", account_id=account_id)
                    while True:
                        await self._intake.take(await queue.next(), account_id)
            except Unavailable as error:
                log.warning("intake_interrupted", account_id=account_id, reason=error.message)
            except Exception:  # of a library amid a reconnect: the partner is not left alone for it
                log.exception("intake_interrupted", account_id=account_id)
            await asyncio.sleep(AGAIN_S)
