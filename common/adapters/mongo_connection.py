"""One connection to MongoDB through motor, with the durability that every write here has."""

import contextlib
from collections.abc import Iterator
from typing import Any

from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import DocumentTooLarge, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from common.errors import StoreRefused, StoreUnavailable

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]

SELECTION_LIMIT_MS = 5_000
REPLY_LIMIT_MS = 20_000
# BadValue, DocumentValidationFailure, and three names of "document too large"
_PERMANENT = frozenset({2, 121, 10334, 17419, 17420})


def connect(url: str, name: str, selection_limit_ms: int = SELECTION_LIMIT_MS) -> Client:
    """A client that connects when it is first used; operators see it as ``name``.

    Without a server it waits ``selection_limit_ms`` for one before it says so.
    """
    return AsyncIOMotorClient(
        url,
        appname=name,
        tz_aware=True,
        serverSelectionTimeoutMS=selection_limit_ms,
        socketTimeoutMS=REPLY_LIMIT_MS,
    )


def database(client: Client, name: str) -> Database:
    """A database whose writes are acknowledged by a majority that has them in its journal."""
    return client.get_database(name, write_concern=WriteConcern(w="majority", j=True))


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """What the driver raises becomes StoreUnavailable, or StoreRefused where trying again cannot help.

    Narrower errors are caught before it.
    """
    try:
        yield
    except (DocumentTooLarge, InvalidDocument) as error:
        raise StoreRefused() from error
    except OperationFailure as error:
        raise (StoreRefused if error.code in _PERMANENT else StoreUnavailable)() from error
    except PyMongoError as error:
        raise StoreUnavailable() from error


class MongoProbe:
    """Can the database be reached?"""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def check(self) -> None:
        with store_errors():
            await self._client.admin.command("ping")
