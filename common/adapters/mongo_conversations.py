"""Conversations in MongoDB: one document each with all its turns, written by compare-and-set."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.document.citation import Citation
from common.document.geometry import Box
from common.document.model_usage import ModelUsage
from common.domain.conversation import Answer, Conversation, Failure, Turn, TurnStatus


class MongoConversationRepository:
    def __init__(self, database: Database) -> None:
        self._conversations = database["conversations"]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet; the database itself is the last to clean up."""
        with store_errors():
            await self._conversations.create_index([("job_id", 1)])
            await self._conversations.create_index([("at_rest", 1)])
            await self._conversations.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def add(self, conversation: Conversation) -> bool:
        with store_errors():
            try:
                await self._conversations.insert_one(_document(conversation))
            except DuplicateKeyError:
                return False
        return True

    async def get(self, conversation_id: str) -> Conversation | None:
        with store_errors():
            found = await self._conversations.find_one({"_id": conversation_id})
        return _conversation(found) if found else None

    async def save(self, conversation: Conversation) -> Conversation | None:
        saved = replace(conversation, version=conversation.version + 1)
        changes = _document(saved)
        key = {"_id": changes.pop("_id"), "version": conversation.version}
        with store_errors():
            result = await self._conversations.update_one(key, {"$set": changes})
        return saved if result.matched_count else None

    async def of_job(self, job_id: str) -> Sequence[str]:
        with store_errors():
            found = await self._conversations.find({"job_id": job_id}, {"created_at": 1}).to_list(None)
        return [one["_id"] for one in sorted(found, key=lambda one: (one["created_at"], one["_id"]))]

    async def remove(self, conversation: Conversation) -> bool:
        with store_errors():
            key = {"_id": conversation.id, "version": conversation.version}
            result = await self._conversations.delete_one(key)
        return bool(result.deleted_count)

    async def turn(self, conversation_id: str, question_id: str) -> Turn | None:
        asked = {"turns": {"$elemMatch": {"question_id": question_id}}}
        with store_errors():
            found = await self._conversations.find_one({"_id": conversation_id}, asked)
        turns = found.get("turns", []) if found else []
        return _turn(turns[0]) if turns else None

    async def count_restless(self, account_id: str) -> int:
        with store_errors():
            return await self._conversations.count_documents({"at_rest": False, "account_id": account_id})

    async def restless(self) -> Mapping[str, int]:
        with store_errors():
            found = await self._conversations.find({"at_rest": False}, {"version": 1}).to_list(None)
        return {one["_id"]: one["version"] for one in found}


def _document(conversation: Conversation) -> Document:
    return {
        "_id": conversation.id,
        "version": conversation.version,
        "job_id": conversation.job_id,
        "account_id": conversation.account_id,
        "created_at": conversation.created_at,
        "expires_at": conversation.expires_at,
        "at_rest": conversation.is_at_rest,
        "turns": [{**asdict(turn), "status": turn.status.value} for turn in conversation.turns],
    }


def _conversation(found: Document) -> Conversation:
    return Conversation(
        id=found["_id"],
        job_id=found["job_id"],
        account_id=found["account_id"],
        created_at=found["created_at"],
        expires_at=found["expires_at"],
        version=found["version"],
        turns=tuple(map(_turn, found["turns"])),
    )


def _turn(found: Document) -> Turn:
    return Turn(
        **{
            **found,
            "status": TurnStatus(found["status"]),
            "answer": _answer(found["answer"]) if found["answer"] else None,
            "failure": Failure(**found["failure"]) if found["failure"] else None,
        }
    )


def _answer(found: Document) -> Answer:
    return Answer(
        content=found["content"],
        citations=tuple(map(_citation, found["citations"])),
        engine=found["engine"],
        at=found["at"],
        usage=ModelUsage(**found["usage"]) if found["usage"] else None,
    )


def _citation(found: Document) -> Citation:
    return Citation(found["page"], found["snippet"], Box(*found["bbox"]) if found["bbox"] else None)
