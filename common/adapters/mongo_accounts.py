"""Accounts and the digests of their tokens in MongoDB."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.domain.account import Account, Token
from common.domain.plans import Plan, Plans

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class MongoAccountRepository:
    def __init__(self, database: Database, plans: Plans) -> None:
        self._accounts = database["accounts"]
        self._tokens = database["tokens"]
        self._secrets = database["secrets"]
        self._plans = plans

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        with store_errors():
            await self._tokens.create_index([("account_id", 1), ("revoked_at", 1)])
            await self._tokens.create_index([("revoked_at", 1)])
            await self._accounts.create_index([("partner_since", 1)], sparse=True)
            await self._accounts.create_index([("expires_at", 1)])

    async def add(self, account: Account) -> bool:
        with store_errors():
            try:
                await self._accounts.insert_one({"_id": account.id, **_facts(account)})
            except DuplicateKeyError:
                return False
        return True

    async def lodge(self, account: Account, until: datetime) -> None:
        change = {"$set": {"expires_at": until}, "$setOnInsert": _facts(account)}
        with store_errors():
            try:
                await self._accounts.update_one({"_id": account.id}, change, upsert=True)
            except DuplicateKeyError:
                return  # two were the first at once

    async def forget_visitors(self, now: datetime) -> int:
        """One guarded deletion for each, so nothing that is set aside meanwhile is lost."""
        is_forgotten = {
            "expires_at": {"$lt": now},
            "plan": self._plans.anonymous.name,
            "suspended": False,
            "books.open": {"$not": {"$gt": 0}},
            "books.top_ups": {"$not": {"$gt": 0}},
        }
        with store_errors():
            result = await self._accounts.delete_many(is_forgotten)
        return result.deleted_count

    async def get(self, account_id: str) -> Account | None:
        with store_errors():
            found = await self._accounts.find_one({"_id": account_id})
        return self._account(found) if found else None

    async def list(self) -> Sequence[Account]:
        with store_errors():
            found = await self._accounts.find().to_list(None)
        return sorted(map(self._account, found), key=lambda account: account.id)

    async def suspend(self, account_id: str, *, suspended: bool) -> None:
        with store_errors():
            await self._accounts.update_one({"_id": account_id}, {"$set": {"suspended": suspended}})

    async def partners(self) -> Sequence[Account]:
        with store_errors():
            found = await self._accounts.find({"partner_since": {"$gt": _BEFORE_ALL}}).to_list(None)
        return sorted(map(self._account, found), key=lambda account: account.id)

    async def set_partner(self, account_id: str, since: datetime | None) -> None:
        change = {"$set": {"partner_since": since}} if since else {"$unset": {"partner_since": ""}}
        with store_errors():
            await self._accounts.update_one({"_id": account_id}, change)

    async def change_plan(self, account_id: str, plan: Plan) -> None:
        with store_errors():
            await self._accounts.update_one({"_id": account_id}, {"$set": {"plan": plan.name}})

    async def shared_secret(self, proposed: str) -> str:
        with store_errors():
            try:
                await self._secrets.insert_one({"_id": "shared", "secret": proposed})
            except DuplicateKeyError:
                found = await self._secrets.find_one({"_id": "shared"}) or {}
                return str(found["secret"])
        return proposed

    async def add_token(self, token: Token) -> None:
        with store_errors():
            await self._tokens.insert_one(
                {
                    "_id": token.digest,
                    "shown": token.shown,
                    "account_id": token.account_id,
                    "created_at": token.created_at,
                    "revoked_at": token.revoked_at,
                    "last_used_at": token.last_used_at,
                }
            )

    async def token(self, digest: str) -> Token | None:
        with store_errors():
            found = await self._tokens.find_one({"_id": digest})
        return _token(found) if found else None

    async def list_tokens(self, account_id: str) -> Sequence[Token]:
        with store_errors():
            found = await self._tokens.find({"account_id": account_id}).to_list(None)
        return sorted(map(_token, found), key=lambda token: token.created_at)

    async def valid_tokens(self, account_id: str) -> Sequence[Token]:
        with store_errors():
            found = await self._tokens.find({"account_id": account_id, "revoked_at": None}).to_list(None)
        return sorted(map(_token, found), key=lambda token: token.created_at)

    async def revoke_token(self, digest: str, now: datetime) -> bool:
        valid = {"_id": digest, "revoked_at": None}
        with store_errors():
            result = await self._tokens.update_one(valid, {"$set": {"revoked_at": now}})
        return bool(result.modified_count)

    async def restore_token(self, digest: str, revoked_at: datetime) -> None:
        as_left = {"_id": digest, "revoked_at": revoked_at}
        with store_errors():
            await self._tokens.update_one(as_left, {"$set": {"revoked_at": None}})

    async def remove_token(self, digest: str) -> None:
        with store_errors():
            await self._tokens.delete_one({"_id": digest})

    async def forget_revoked(self, before: datetime) -> int:
        with store_errors():
            result = await self._tokens.delete_many({"revoked_at": {"$gt": _BEFORE_ALL, "$lt": before}})
        return int(result.deleted_count)

    async def note_use(self, token: Token, now: datetime) -> None:
        as_read = {"_id": token.digest, "last_used_at": token.last_used_at}
        with store_errors():
            await self._tokens.update_one(as_read, {"$set": {"last_used_at": now}})

    def _account(self, found: Document) -> Account:
        return Account(
            id=found["_id"],
            plan=self._plans.named(found["plan"]),
            created_at=found["created_at"],
            suspended=found["suspended"],
            partner_since=found.get("partner_since"),
        )


def _facts(account: Account) -> Document:
    facts = {"plan": account.plan.name, "created_at": account.created_at, "suspended": account.suspended}
    return facts | ({"partner_since": account.partner_since} if account.partner_since else {})


def _token(found: Document) -> Token:
    return Token(
        digest=found["_id"],
        shown=found["shown"],
        account_id=found["account_id"],
        created_at=found["created_at"],
        revoked_at=found["revoked_at"],
        last_used_at=found.get("last_used_at"),
    )
