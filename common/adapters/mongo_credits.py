"""Credits in MongoDB: guarded updates of one account document, and a ledger with a row for each job and kind.

There are no transactions. A reservation is one update that matches only an account that has enough and
has none for that id yet. A settlement writes its rows first and then makes one update that matches only
while the reservation is there; a purchase does the same, and its update matches only if it is the next one.
Each may be repeated after a crash or a lost reply. Every update counts ``changes``, by which whoever reads
the books knows which rows belong to them (``common.domain.books``).
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from common.adapters.mongo_connection import Database, Document, store_errors
from common.adapters.mongo_ledger import MongoLedger, reserved
from common.domain.account import Account
from common.domain.books import Books, Reservation, Row
from common.domain.credits import Kind, Settlement, Statement
from common.domain.plans import Allowance
from common.errors import NotFound


class MongoCreditStore:
    """Works on the documents of ``MongoAccountRepository``, under ``books``."""

    def __init__(self, database: Database) -> None:
        self._accounts = database["accounts"]
        self._ledger = MongoLedger(database)

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        await self._ledger.prepare()
        with store_errors():
            await self._accounts.create_index([("books.open", 1)])

    async def reserve(
        self, account: Account, id: str, credits: int, now: datetime, *, is_job: bool = False
    ) -> None:
        if not credits and not is_job:
            return
        allowance = account.plan.allowance
        if allowance is None:
            await self._reserve_bought(account, id, Reservation(credits, None, now, is_job))
        else:
            period = allowance.period.key(now)
            await self._reserve_allowed(account, id, allowance, Reservation(credits, period, now, is_job))

    async def settle(self, settlement: Settlement) -> None:
        books = await self._ledger.books_of(settlement.account_id) or Books(settlement.account_id)
        reservation = books.reservations.get(settlement.id)
        rows = [await self._ledger.enter(row) for row in _charges(settlement, books, reservation)]
        if reservation is None:
            return
        back = reservation.credits + sum(row.credits for row in rows)
        purse, sign = _purse(reservation)
        await self._change(
            {"_id": settlement.account_id, _path(settlement.id): {"$exists": True}},
            {"$unset": {_path(settlement.id): ""}},
            {purse: -sign * back, "books.open": -1, "books.jobs": -int(reservation.is_job)},
        )

    async def top_up(self, account_id: str, credits: int, reference: str, now: datetime) -> bool:
        """Purchases are numbered in their order, and the account knows how many it has counted: so one that
        somebody wrote and could not count any more is counted by whoever comes next.
        """
        while True:
            books = await self._books(account_id)
            known = await self._ledger.top_up(account_id, reference)
            if known and known.is_in(books):
                return False
            number = books.top_ups + 1
            new = Row(account_id, reference, Kind.TOP_UP, credits, None, number, (), now)
            row = known or await self._ledger.enter(new)
            await self._count(row)
            if row.id == reference:
                return True

    async def statement(self, account: Account, now: datetime) -> Statement:
        """An account that is not stored yet has used nothing."""
        books = await self._ledger.books_of(account.id) or Books(account.id)
        return _statement(books, account.plan.allowance, now)

    async def open_since(self, before: datetime) -> AsyncIterator[tuple[str, str, datetime]]:
        with store_errors():
            async for found in self._accounts.find({"books.open": {"$gt": 0}}, {"books.reservations": 1}):
                for id, one in found["books"]["reservations"].items():
                    if one["at"] < before:
                        yield found["_id"], id, one["at"]

    # --- reserving ---

    async def _reserve_bought(self, account: Account, id: str, wanted: Reservation) -> None:
        guard = {"books.balance": {"$gte": wanted.credits}} if wanted.credits else {}
        while not await self._set_aside(account, id, wanted, guard):
            books = await self._books(account.id)
            if id in books.reservations:
                return
            _check_jobs(account, books, wanted)
            if books.balance < wanted.credits:
                raise _statement(books, None, wanted.at).refusal(wanted.credits)

    async def _reserve_allowed(
        self, account: Account, id: str, allowance: Allowance, wanted: Reservation
    ) -> None:
        """Each period counts by itself, so neither clocks that differ nor another plan can mix them up."""
        period = wanted.period or ""
        room = {"$lte": allowance.credits - wanted.credits}
        guard = {f"books.used.{period}": room} if wanted.credits else {}
        while not await self._set_aside(account, id, wanted, guard):
            books = await self._books(account.id)
            if id in books.reservations:
                return
            _check_jobs(account, books, wanted)
            if wanted.credits > max(0, allowance.credits - books.used.get(period, 0)):
                raise _statement(books, allowance, wanted.at).refusal(wanted.credits)
            if period not in books.used:
                await self._open_period(books, period)

    async def _set_aside(
        self, account: Account, id: str, wanted: Reservation, guard: Mapping[str, Any]
    ) -> bool:
        """Credits and a place among the account's jobs in one update: so both hold exactly, however many
        replicas ask at once.
        """
        purse, sign = _purse(wanted)
        place = {"books.jobs": {"$not": {"$gte": account.plan.max_active_jobs}}} if wanted.is_job else {}
        return await self._change(
            {"_id": account.id, _path(id): {"$exists": False}, **place, **guard},
            {"$set": {_path(id): reserved(wanted)}},
            {purse: sign * wanted.credits, "books.open": 1, "books.jobs": int(wanted.is_job)},
        )

    async def _open_period(self, books: Books, period: str) -> None:
        """Nothing is used of it yet; those long gone are forgotten, if the books are still as they were."""
        forgotten = {f"books.used.{old}": "" for old in books.obsolete(period)}
        await self._change(
            {"_id": books.account_id, "books.changes": books.changes or None},
            {"$set": {f"books.used.{period}": 0}, **({"$unset": forgotten} if forgotten else {})},
            {},
        )

    # --- counting ---

    async def _count(self, row: Row) -> None:
        """Add the purchase to the account, if it is the next one."""
        await self._change(
            {"_id": row.account_id, "books.top_ups": row.number - 1 or None},
            {"$set": {"books.top_ups": row.number}},
            {"books.balance": row.credits, "books.bought": row.credits},
        )

    async def _change(self, key: Document, change: Document, increments: Mapping[str, int]) -> bool:
        """Whether the books were as ``key`` says; every change of them is counted."""
        with store_errors():
            result = await self._accounts.update_one(
                key, {**change, "$inc": {**increments, "books.changes": 1}}
            )
        return bool(result.matched_count)

    async def _books(self, account_id: str) -> Books:
        """Raises NotFound: credits belong to an account."""
        books = await self._ledger.books_of(account_id)
        if books is None:
            raise NotFound(f"There is no account {account_id!r}.")
        return books


def _check_jobs(account: Account, books: Books, wanted: Reservation) -> None:
    if wanted.is_job:
        account.plan.check_active_jobs(books.jobs)


def _path(id: str) -> str:
    return f"books.reservations.{id}"


def _purse(reservation: Reservation) -> tuple[str, int]:
    """Where reserved credits come from, and whether that goes up or down when they are."""
    return ("books.balance", -1) if reservation.period is None else (f"books.used.{reservation.period}", 1)


def _charges(settlement: Settlement, books: Books, reservation: Reservation | None) -> list[Row]:
    """What nothing was reserved for costs nothing: it never began, or was settled before."""
    return [
        Row(
            account_id=settlement.account_id,
            id=settlement.id,
            kind=charge.kind,
            credits=-charge.credits if reservation else 0,
            period=reservation.period if reservation else None,
            number=books.changes,
            pages=charge.pages,
            at=settlement.at,
        )
        for charge in settlement.charges
    ]


def _statement(books: Books, allowance: Allowance | None, now: datetime) -> Statement:
    if allowance is None:
        used = books.bought - books.balance
        return Statement(used=used, cap=books.bought, balance=books.balance, jobs=books.jobs)
    return Statement(
        used=books.used.get(allowance.period.key(now), 0),
        cap=allowance.credits,
        resets_at=allowance.period.ends_at(now),
        jobs=books.jobs,
    )
