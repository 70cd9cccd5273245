"""Idempotency keys in MongoDB: one document a key, written by compare-and-set on its owner and job."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.domain.claim import Claim


class MongoClaimStore:
    def __init__(self, database: Database) -> None:
        self._claims = database["claims"]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        with store_errors():
            await self._claims.create_index([("job_id", 1)])
            await self._claims.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def get(self, account_id: str, key: str) -> Claim | None:
        with store_errors():
            found = await self._claims.find_one({"_id": _id(account_id, key)})
        return _claim(found) if found else None

    async def add(self, claim: Claim) -> bool:
        with store_errors():
            try:
                await self._claims.insert_one({"_id": _id(claim.account_id, claim.key), **_fields(claim)})
            except DuplicateKeyError:
                return False
        return True

    async def save(self, claim: Claim, before: Claim) -> bool:
        unchanged = {"owner": before.owner, "job_id": before.job_id}
        return await self._update(before, unchanged, _fields(claim))

    async def renew(self, claim: Claim, held_until: datetime) -> bool:
        return await self._update(claim, {"owner": claim.owner}, {"held_until": held_until})

    async def remove(self, claim: Claim) -> None:
        with store_errors():
            await self._claims.delete_one({"_id": _id(claim.account_id, claim.key), "owner": claim.owner})

    async def forget(self, job_id: str) -> None:
        with store_errors():
            await self._claims.delete_many({"job_id": job_id})

    async def _update(self, claim: Claim, unchanged: Document, changes: Document) -> bool:
        key = {"_id": _id(claim.account_id, claim.key), **unchanged}
        with store_errors():
            result = await self._claims.update_one(key, {"$set": changes})
        return bool(result.matched_count)


def _id(account_id: str, key: str) -> str:
    """One string for both: there are blanks in neither."""
    return f"{account_id} {key}"


def _fields(claim: Claim) -> Document:
    return {
        "account_id": claim.account_id,
        "key": claim.key,
        "owner": claim.owner,
        "held_until": claim.held_until,
        "expires_at": claim.expires_at,
        "job_id": claim.job_id,
        "fingerprint": claim.fingerprint,
    }


def _claim(found: Document) -> Claim:
    return Claim(**{name: value for name, value in found.items() if name != "_id"})
