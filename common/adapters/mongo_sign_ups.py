"""How many accounts each network has made, in MongoDB."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, store_errors


class MongoSignUpStore:
    """A small document for each key, which the database removes when it expires."""

    def __init__(self, database: Database) -> None:
        self._counts = database["sign_ups"]

    async def prepare(self) -> None:
        """Make the index that is not there yet."""
        with store_errors():
            await self._counts.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def count(self, key: str, limit: int, *, expires_at: datetime) -> bool:
        """A document that has reached the limit does not match, and cannot be inserted beside itself."""
        below = {"_id": key, "count": {"$lt": limit}}
        one_more = {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": expires_at}}
        while True:
            with store_errors():
                try:
                    await self._counts.update_one(below, one_more, upsert=True)
                except DuplicateKeyError:
                    if not await self._counts.find_one(below):
                        return False
                    continue  # two were the first at once
            return True
