"""The ledger in MongoDB: rows that are added and never changed, and the books that they bear out.

Rows are unique by their ``_id``: a job's or a question's by id and kind, purchases by account and number.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.domain.books import Books, Reservation, Row
from common.domain.credits import Kind


class MongoLedger:
    def __init__(self, database: Database) -> None:
        self._accounts = database["accounts"]
        self._ledger = database["ledger"]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        with store_errors():
            await self._ledger.create_index([("account_id", 1), ("at", 1)])
            await self._ledger.create_index([("account_id", 1), ("reference", 1)])

    async def enter(self, row: Row) -> Row:
        """Store the row; returns the one that is there, which may have been another's."""
        document = _document(row)
        with store_errors():
            try:
                await self._ledger.insert_one(document)
            except DuplicateKeyError:
                found = await self._ledger.find_one({"_id": document["_id"]})
                return _row(found) if found else row
        return row

    async def top_up(self, account_id: str, reference: str) -> Row | None:
        """The purchase with that reference."""
        with store_errors():
            found = await self._ledger.find_one({"account_id": account_id, "reference": reference})
        return _row(found) if found else None

    async def books_of(self, account_id: str) -> Books | None:
        with store_errors():
            found = await self._accounts.find_one({"_id": account_id}, {"books": 1})
        return _books(found) if found else None

    async def books(self) -> AsyncIterator[Books]:
        """Those of every account, each as it is at its moment."""
        with store_errors():
            async for found in self._accounts.find({}, {"books": 1}):
                yield _books(found)

    async def rows(self, account_id: str) -> AsyncIterator[Row]:
        with store_errors():
            async for found in self._ledger.find({"account_id": account_id}):
                yield _row(found)


def reserved(reservation: Reservation) -> Document:
    """As a reservation is stored among those of its account."""
    return {
        "credits": reservation.credits,
        "period": reservation.period,
        "at": reservation.at,
        "is_job": reservation.is_job,
    }


def _books(found: Document) -> Books:
    """An account that has never had credits has no books yet."""
    stored = found.get("books", {})
    reservations = stored.get("reservations", {})
    return Books(
        account_id=found["_id"],
        balance=stored.get("balance", 0),
        bought=stored.get("bought", 0),
        top_ups=stored.get("top_ups", 0),
        changes=stored.get("changes", 0),
        jobs=stored.get("jobs", 0),
        used=stored.get("used", {}),
        reservations={id: Reservation(**one) for id, one in reservations.items()},
    )


def _document(row: Row) -> Document:
    if row.kind is Kind.TOP_UP:
        key: Document = {"_id": f"{row.account_id}:{row.kind.value}:{row.number}", "reference": row.id}
    else:
        key = {"_id": f"{row.id}:{row.kind.value}", "id": row.id, "period": row.period}
        key["pages"] = list(row.pages)
    return {
        **key,
        "kind": row.kind.value,
        "account_id": row.account_id,
        "credits": row.credits,
        "number": row.number,
        "at": row.at,
    }


def _row(found: Document) -> Row:
    at: datetime = found["at"]
    return Row(
        account_id=found["account_id"],
        id=found["reference" if "reference" in found else "id"],
        kind=Kind(found["kind"]),
        credits=found["credits"],
        period=found.get("period"),
        number=found["number"],
        pages=tuple(found.get("pages", ())),
        at=at,
    )
