"""The books in MongoDB: guarded updates of one account document, and a ledger with a row for each job.

There are no transactions: a reservation is one update that matches only an account that has enough
and has none for the job yet; a settlement writes its ledger row first and then makes one update
that matches only while the reservation is still there. Each may be repeated after a crash.
"""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.domain.account import Account
from common.domain.credits import Settlement, Statement
from common.domain.plans import Allowance
from common.errors import NotFound


class MongoCreditStore:
    """Works on the documents of ``MongoAccountRepository``; an account without credits has no field yet."""

    def __init__(self, database: Database) -> None:
        self._accounts = database["accounts"]
        self._ledger = database["ledger"]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        with store_errors():
            await self._ledger.create_index([("account_id", 1), ("at", 1)])

    async def reserve(self, account: Account, job_id: str, credits: int, now: datetime) -> None:
        with store_errors():
            if account.plan.allowance is None:
                await self._reserve_bought(account.id, job_id, credits)
            else:
                await self._reserve_allowed(account.id, account.plan.allowance, job_id, credits, now)

    async def settle(self, settlement: Settlement) -> None:
        with store_errors():
            row = await self._write_row(
                {
                    "_id": f"{settlement.job_id}:settlement",
                    "kind": "settlement",
                    "job_id": settlement.job_id,
                    "account_id": settlement.account_id,
                    "reserved": settlement.reserved,
                    "credits": -settlement.charged,
                    "pages": list(settlement.pages),
                    "at": settlement.at,
                }
            )
            while not await self._give_back(settlement, settlement.reserved + row["credits"]):
                pass

    async def top_up(self, account_id: str, credits: int, reference: str, now: datetime) -> bool:
        """The row is written with the account's next update still open, which is repeated with it."""
        with store_errors():
            await self._write_row(
                {
                    "_id": f"{account_id}:top-up:{reference}",
                    "kind": "top-up",
                    "account_id": account_id,
                    "credits": credits,
                    "at": now,
                }
            )
            result = await self._accounts.update_one(
                {"_id": account_id, "top_ups": {"$ne": reference}},
                {"$inc": {"balance": credits}, "$push": {"top_ups": reference}},
            )
        return bool(result.matched_count)

    async def statement(self, account: Account, now: datetime) -> Statement:
        with store_errors():
            found = await self._accounts.find_one({"_id": account.id}) or {}
        allowance = account.plan.allowance
        if allowance is None:
            return Statement(balance=found.get("balance", 0))
        return _standing(found, allowance, now)

    # --- reserving ---

    async def _reserve_bought(self, account_id: str, job_id: str, credits: int) -> None:
        result = await self._accounts.update_one(
            {"_id": account_id, "balance": {"$gte": credits}, _path(job_id): {"$exists": False}},
            {"$inc": {"balance": -credits}, "$set": {_path(job_id): {"credits": credits}}},
        )
        if result.matched_count:
            return
        found = await self._account(account_id)
        if job_id not in found.get("reservations", {}):
            raise Statement(balance=found.get("balance", 0)).refusal(credits)

    async def _reserve_allowed(
        self, account_id: str, allowance: Allowance, job_id: str, credits: int, now: datetime
    ) -> None:
        period = allowance.period.key(now)
        while True:
            result = await self._accounts.update_one(
                {
                    "_id": account_id,
                    "period": period,
                    "used": {"$lte": allowance.credits - credits},
                    _path(job_id): {"$exists": False},
                },
                {
                    "$inc": {"used": credits},
                    "$set": {_path(job_id): {"credits": credits, "period": period}},
                },
            )
            if result.matched_count:
                return
            found = await self._account(account_id)
            if job_id in found.get("reservations", {}):
                return
            stored = found.get("period")
            if stored == period:
                raise _standing(found, allowance, now).refusal(credits)
            if stored is None or stored < period:
                await self._accounts.update_one(
                    {"_id": account_id, "period": stored}, {"$set": {"period": period, "used": 0}}
                )
            else:  # a replica whose clock is ahead has opened the next period already
                period = stored

    # --- settling ---

    async def _give_back(self, settlement: Settlement, credits: int) -> bool:
        """Whether the reservation is gone; False when the account changed meanwhile."""
        found = await self._account(settlement.account_id)
        reservation = found.get("reservations", {}).get(settlement.job_id)
        if reservation is None:
            return True
        still_there: Document = {"_id": settlement.account_id, _path(settlement.job_id): {"$exists": True}}
        removed: Document = {"$unset": {_path(settlement.job_id): ""}}
        if "period" not in reservation:
            change = {**removed, "$inc": {"balance": credits}}
        elif reservation["period"] == found["period"]:
            still_there["period"] = found["period"]
            change = {**removed, "$inc": {"used": -credits}}
        else:
            change = removed  # that allowance has gone with its period
        result = await self._accounts.update_one(still_there, change)
        return bool(result.matched_count)

    async def _write_row(self, row: Document) -> Document:
        """The ledger's row of that id: this one, or the one that was first."""
        try:
            await self._ledger.insert_one(row)
        except DuplicateKeyError:
            return await self._ledger.find_one({"_id": row["_id"]}) or row
        return row

    async def _account(self, account_id: str) -> Document:
        """Raises NotFound: credits belong to an account."""
        found = await self._accounts.find_one({"_id": account_id})
        if found is None:
            raise NotFound(f"There is no account {account_id!r}.")
        return found


def _path(job_id: str) -> str:
    return f"reservations.{job_id}"


def _standing(account: Document, allowance: Allowance, now: datetime) -> Statement:
    is_current = account.get("period", "") >= allowance.period.key(now)
    return Statement(
        used=account.get("used", 0) if is_current else 0,
        cap=allowance.credits,
        resets_at=allowance.period.ends_at(now),
    )
