"""Page bodies in MongoDB, from their recognition until the document is assembled."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from common.adapters.mongo_connection import Database, store_errors
from common.document.page import Page
from common.errors import StoreRefused, StoreUnavailable
from common.ports import PageBody

_PAGE: Final = TypeAdapter(Page)
_DUPLICATE_KEY: Final = 11000
_DISCARD_AT_ONCE: Final = 500


class MongoPageRepository:
    def __init__(self, database: Database, collection: str = "pages") -> None:
        self._pages = database[collection]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet; the database itself is the last to clean up."""
        with store_errors():
            await self._pages.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def add_many(self, bodies: Sequence[PageBody], *, expires_at: datetime) -> None:
        writes = [
            InsertOne(
                {
                    "_id": _key(body.job_id, body.index),
                    "job_id": body.job_id,
                    "index": body.index,
                    "page": zlib.compress(_PAGE.dump_json(body.page), level=1),
                    "expires_at": expires_at,
                }
            )
            for body in bodies
        ]
        with store_errors():
            try:
                await self._pages.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                _only_duplicates(error)

    async def read(self, job_id: str, indexes: Sequence[int]) -> Sequence[PageBody]:
        keys = [_key(job_id, index) for index in indexes]
        with store_errors():
            found = await self._pages.find({"_id": {"$in": keys}}).to_list(None)
        bodies = (
            PageBody(job_id, one["index"], _PAGE.validate_json(zlib.decompress(one["page"]))) for one in found
        )
        return sorted(bodies, key=lambda body: body.index)

    async def discard(self, job_id: str, page_count: int) -> None:
        with store_errors():
            for start in range(0, page_count, _DISCARD_AT_ONCE):
                indexes = range(start, min(start + _DISCARD_AT_ONCE, page_count))
                keys = [_key(job_id, index) for index in indexes]
                await self._pages.delete_many({"_id": {"$in": keys}})


def _key(job_id: str, index: int) -> str:
    return f"{job_id}:{index}"


def _only_duplicates(error: BulkWriteError) -> None:
    """A page that is there already stays as it is: the first result wins."""
    if any(one["code"] != _DUPLICATE_KEY for one in error.details["writeErrors"]):
        raise StoreRefused() from error
    if error.details.get("writeConcernErrors"):
        raise StoreUnavailable() from error
