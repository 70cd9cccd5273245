"""What the ledger in MongoDB says of each day; its rows are those of ``MongoLedger``."""

from collections.abc import Sequence
from datetime import date, datetime

from common.adapters.mongo_connection import Database, Document, store_errors
from common.domain.credits import Kind
from common.domain.usage import Usage


class MongoUsageStore:
    """Reads along the index on account and moment that the ledger has."""

    def __init__(self, database: Database) -> None:
        self._ledger = database["ledger"]

    async def by_day(self, account_id: str, since: datetime, until: datetime) -> Sequence[Usage]:
        wanted = {
            "account_id": account_id,
            "at": {"$gte": since, "$lt": until},
            "kind": {"$ne": Kind.TOP_UP.value},
        }
        day = {"$dateToString": {"date": "$at", "format": "%Y-%m-%d"}}
        grouped = {
            "_id": {"day": day, "kind": "$kind"},
            "entries": {"$sum": 1},
            "pages": {"$sum": {"$size": {"$ifNull": ["$pages", []]}}},
            "credits": {"$sum": "$credits"},
        }
        with store_errors():
            found = await self._ledger.aggregate([{"$match": wanted}, {"$group": grouped}]).to_list(None)
        return sorted(
            (_usage(account_id, group) for group in found), key=lambda usage: (usage.day, usage.kind)
        )


def _usage(account_id: str, group: Document) -> Usage:
    return Usage(
        account_id=account_id,
        day=date.fromisoformat(group["_id"]["day"]),
        kind=Kind(group["_id"]["kind"]),
        entries=group["entries"],
        pages=group["pages"],
        credits=-group["credits"],
    )
