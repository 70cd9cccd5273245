"""A new MongoDB becomes a replica set of one, and gets a user for each process; repeating it does no harm."""

import time
from collections.abc import Mapping
from typing import Any, Final

import pymongo
from pymongo.errors import OperationFailure

from deploy.production.processes import PROCESSES

Client = pymongo.MongoClient[dict[str, Any]]

_ALREADY_INITIALIZED: Final = 23
_START_LIMIT_S: Final = 60
_PAUSE_S: Final = 0.5


def set_up(client: Client, replica_set: str, member: str, passwords: Mapping[str, str]) -> None:
    """``member`` is ``host:port`` as clients see it; ``passwords`` by process.

    ``client`` is connected to that member directly. Raises PyMongoError.
    """
    initiate(client, replica_set, member)
    for process in PROCESSES:
        roles = [{"db": name, "role": role} for name, role in process.grants.items()]
        ensure_user(client, process.name, passwords[process.name], roles)


def initiate(client: Client, replica_set: str, member: str) -> None:
    """Returns when the member takes writes."""
    configuration = {"_id": replica_set, "members": [{"_id": 0, "host": member}]}
    try:
        client.admin.command("replSetInitiate", configuration)
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:
            raise
    deadline = time.monotonic() + _START_LIMIT_S
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > deadline:
            raise OperationFailure(f"{member} has not become the primary in {_START_LIMIT_S} s")
        time.sleep(_PAUSE_S)


def ensure_user(client: Client, name: str, password: str, roles: list[dict[str, str]]) -> None:
    """A user that is there already gets this password and these roles."""
    known = client.admin.command("usersInfo", name)["users"]
    client.admin.command("updateUser" if known else "createUser", name, pwd=password, roles=roles)
